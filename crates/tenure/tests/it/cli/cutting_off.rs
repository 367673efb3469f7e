//! `cutoff`, also where the folder is broken: the active configuration counts, and nothing blocks a cut-off.

use super::acme::{Acme, MONDAY, OUTSIDER, OWNERS, Ran, TUESDAY, WEDNESDAY};
use std::process::Command;

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
    acme.edit("tenure.toml", "[\"1001\", \"1002\"]", "[\"1001\", \"1002\", \"1004\"]");
    acme.applied(MONDAY);
    let task = acme.task_of("1002");
    acme.tenure_as("1002", &["case", "--done", &task, "--now", TUESDAY]).ends(4);
    acme.tenure(&["case", "--attest", &task, "--seen", "I looked", "--now", TUESDAY]).ends(0);
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
        .says("remove directory:account; ")
        .says("assigned to ");

    acme.tenure(&["cutoff", "1002", "--lift", "--now", WEDNESDAY])
        .fails(1, "A002")
        .says("they are the issuer of the cut-off");
    acme.tenure_as("1002", &["cutoff", "1002", "--lift", "--now", WEDNESDAY]).fails(1, "A002");
    acme.feed(&[OWNERS, "1004,Ida,Dahl,employee,Security,,2024-02-01,\n"]);
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(7);
    acme.tenure_as("1004", &["cutoff", "1002", "--lift", "--now", WEDNESDAY])
        .ends(4)
        .says("the cut-off is lifted for Ola Müller");
}

#[test]
fn json_says_the_same() {
    let acme = Acme::begun();
    let (cut, code) = acme.json(&["cutoff", "1002", "--reason", "a test", "--now", TUESDAY]);
    assert_eq!(code, Some(4), "{cut:#}");
    assert!(cut["by_hand"].is_array() && cut["steps"].is_array() && cut["open"].is_array(), "{cut:#}");
}

#[test]
fn what_is_late_is_shown_however_many_cases_are_newer() {
    let acme = Acme::begun();
    let ida = "1004,Ida,Dahl,employee,Security,1001,2024-02-01,\n";
    acme.feed(&[OWNERS, ida]);
    acme.tenure(&["run", "--now", MONDAY]).ends(4);
    for person in ["1002", "1004"] {
        let task = acme.task_of(person);
        acme.tenure_as("1002", &["case", "--done", &task, "--now", MONDAY]).ends(4);
        acme.tenure(&["case", "--attest", &task, "--seen", "I looked", "--now", MONDAY]).ends(0);
    }
    acme.tenure(&["cutoff", "1002", "--reason", "a key was found", "--now", TUESDAY]).ends(4);
    acme.tenure(&["cutoff", "1004", "--reason", "so was hers", "--now", "2026-01-13T10:00:00Z"]).ends(4);
    acme.feed(&[OWNERS, ida, OUTSIDER]);
    acme.tenure(&["run", "--now", "2026-01-13T12:00:00Z"]).ends(7);

    let late = ["case", "--overdue", "--now", "2026-01-13T12:00:00Z", "--limit"];
    acme.tenure(&[&late[..], &["2"]].concat()).ends(7).says("cut-off Ola Müller").says("cut-off Ida Dahl");
    let cut = acme.tenure(&[&late[..], &["1"]].concat()).ends(7).says("cut-off Ola Müller");
    assert!(!cut.stdout.contains("Ida Dahl"), "{}", cut.shown());
    cut.says("there are more: the same with --after ");
    let (shown, _) = acme.json(&[&late[..], &["1"]].concat());
    assert_eq!((shown["overdue"].as_array().map(Vec::len), shown["all"].as_u64()), (Some(1), Some(2)));
}

/// The program where no file may grow any more: as on a full disk, whatever user runs it.
fn on_a_full_disk(acme: &Acme, arguments: &[&str]) -> Ran {
    let program = acme.command(arguments);
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"]);
    shell.arg(program.get_program()).args(program.get_args()).env_remove("NO_COLOR");
    Ran::new(shell.output().unwrap(), &acme.path(""))
}

#[test]
fn on_a_full_disk_it_says_that_it_is_not_done() {
    let acme = Acme::begun();
    let order = ["cutoff", "1002", "--reason", "a key was found", "--now", TUESDAY];
    on_a_full_disk(&acme, &order)
        .fails(1, "")
        .says("1002 is NOT cut off, and the order is kept nowhere")
        .says("give the same command again")
        .says_no("all the same")
        .says_no("where it can be");
    acme.tenure(&["explain", "1002", "--now", TUESDAY]).ends(0).says_no("cut off");
    on_a_full_disk(&acme, &["doctor", "--now", TUESDAY])
        .ends(7)
        .says("cannot be written")
        .says("checkpoints");
    acme.tenure(&["doctor", "--now", TUESDAY]).says_no("cannot be written");
    acme.tenure(&order).ends(4).says("cut off:");
}

#[test]
fn an_order_for_a_blank_name_is_refused() {
    let acme = Acme::begun();
    for blank in ["", " "] {
        acme.tenure(&["cutoff", "--key", &format!("worker_number={blank}"), "--reason", "x"])
            .says_no("ordered");
        acme.tenure(&["cutoff", "--name", blank, "--reason", "x", "--now", TUESDAY]).says_no("ordered");
    }
    acme.tenure(&["cutoff", "--now", TUESDAY]).says("no identity is cut off, and no order waits");
}
