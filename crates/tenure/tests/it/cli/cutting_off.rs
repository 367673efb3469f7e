//! `cutoff`, also where the folder is broken: what is active counts, and nothing stands in the way.

use super::acme::{Acme, OUTSIDER, OWNERS, TUESDAY, WEDNESDAY};

#[test]
fn it_works_with_a_broken_file_in_the_folder() {
    let acme = Acme::begun();
    acme.break_policy();
    for refused in [&["check"][..], &["plan"], &["apply"]] {
        acme.tenure(refused).fails(3, "C002").says("policy/access.toml").says("did you mean `department`?");
    }
    acme.write("systems/unknown.toml", "this is no TOML");
    // Nor are they bothered with what is wrong with files that they do not read.
    let quiet = |arguments: &[&str], code| {
        let ran = acme.tenure(arguments).ends(code);
        assert!(ran.stderr.is_empty(), "{}", ran.shown());
    };
    quiet(&["case", "--now", TUESDAY], 4);
    acme.feed(&[OWNERS, OUTSIDER]);
    quiet(&["run", "--now", TUESDAY], 4);
    quiet(&["approvals", "--now", TUESDAY], 4);
    quiet(&["explain", "1002", "--now", TUESDAY], 0);
    quiet(&["cutoff", "1002", "--reason", "a test", "--now", TUESDAY], 4);
    quiet(&["ledger", "verify"], 0);
    quiet(&["correlate"], 0);
    quiet(&["release"], 0);
}

#[test]
fn an_error_in_tenure_toml_itself_is_shown() {
    let acme = Acme::begun();
    acme.edit("tenure.toml", "[keys]", "[kees]");
    insta::assert_snapshot!(
        "settings_mistake",
        acme.tenure(&["cutoff", "1002", "--reason", "a test"]).shown()
    );
}

#[test]
fn it_ends_everything_and_says_what_is_left_to_do_by_hand() {
    let acme = Acme::begun();
    let task = acme.task_of("1002");
    acme.tenure_as("ola", &["case", "--done", &task, "--now", TUESDAY]).ends(4);
    acme.tenure(&["case", "--attest", &task, "--now", TUESDAY]).ends(0);
    acme.tenure(&["cutoff", "1002"]).fails(1, "A002").says("--reason");
    insta::assert_snapshot!(
        "cutoff",
        acme.tenure(&["cutoff", "1002", "--reason", "a key was found", "--now", TUESDAY]).shown()
    );
    acme.tenure(&["cutoff", "1002", "--reason", "again", "--now", TUESDAY])
        .fails(1, "A003")
        .says("cut off already");
    acme.tenure(&["explain", "1002", "--now", TUESDAY])
        .ends(0)
        .says("and cut off (as of 2026-01-13T09:00:00Z)");
    acme.tenure(&["case", "1002", "--now", TUESDAY])
        .ends(4)
        .says("to be there, and not usable; to lose directory:account");

    acme.tenure(&["cutoff", "1002", "--lift", "--now", WEDNESDAY])
        .fails(1, "A002")
        .says("lifted by somebody else");
    acme.tenure_as("ola", &["cutoff", "1002", "--lift", "--now", WEDNESDAY]).fails(1, "A002");
    acme.feed(&[OWNERS, "1004,Ida,Dahl,employee,Security,1001,2024-02-01,\n"]);
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(4);
    acme.edit("tenure.toml", "thor = \"1003\"", "thor = \"1003\"\nida = \"1004\"");
    acme.tenure(&["apply", "--now", WEDNESDAY]).ends(0);
    acme.tenure_as("ida", &["cutoff", "1002", "--lift", "--now", WEDNESDAY])
        .ends(4)
        .says("the cut-off is lifted for Ola Müller");
}

#[test]
fn json_says_the_same() {
    let acme = Acme::begun();
    let (cut, code) = acme.json(&["cutoff", "Ola Müller", "--reason", "a test", "--now", TUESDAY]);
    assert_eq!(code, Some(4), "{cut:#}");
    assert!(cut["by_hand"].is_array() && cut["steps"].is_array() && cut["open"].is_array(), "{cut:#}");
}
