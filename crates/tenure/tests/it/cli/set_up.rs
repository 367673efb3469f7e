//! `init`, `check`, `plan`, `apply`, `completions`: from an empty folder to an active configuration.

use super::acme::{Acme, HEADER, MONDAY, OWNERS, TUESDAY};
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn init_makes_a_folder_that_loads() {
    let acme = Acme::nothing();
    insta::assert_snapshot!("init", acme.tenure(&["init", "--organisation", "Acme"]).shown());
    let mode = fs::metadata(acme.path("keys/key-encryption.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "only its owner reads the key");
    insta::assert_snapshot!("check", acme.tenure(&["check"]).shown());
    let (check, code) = acme.json(&["check"]);
    assert_eq!(
        (check["systems"][0].as_str(), check["errors"].as_array().map(Vec::len), code),
        (Some("directory"), Some(0), Some(0))
    );
    acme.tenure(&["init"]).fails(1, "C010").says("help: choose another folder");
}

#[test]
fn init_keeps_what_a_repository_ignores_already() {
    let acme = Acme::nothing();
    acme.write(".gitignore", "*.swp\nkeys/");
    acme.tenure(&["init", "--organisation", "\"A\\\n[\""]).ends(0);
    assert_eq!(fs::read_to_string(acme.path(".gitignore")).unwrap(), "*.swp\nkeys/\nstate/\n");
    acme.tenure(&["check"]).ends(0);
}

#[test]
fn a_mistake_is_shown_where_it_is() {
    let acme = Acme::new();
    acme.break_policy();
    insta::assert_snapshot!("check_mistake", acme.tenure(&["check"]).shown());
    let (check, code) = acme.json(&["check"]);
    assert_eq!(code, Some(3));
    assert!(
        check["errors"][0].as_str().unwrap().starts_with("policy/access.toml:12:10: error P022"),
        "{check:#}"
    );
}

#[test]
fn a_plan_says_who_would_change_and_changes_nothing() {
    let acme = Acme::new();
    insta::assert_snapshot!("plan_first", acme.tenure(&["plan", "--now", MONDAY]).shown());
    let (plan, code) = acme.json(&["plan", "--now", MONDAY]);
    assert_eq!((plan["labels"]["joiner"].as_u64(), code), (Some(3), Some(6)));
    assert_eq!(plan["people"].as_array().unwrap().len(), 3);

    insta::assert_snapshot!("apply", acme.tenure(&["apply", "--now", MONDAY]).shown());
    acme.tenure(&["run", "--now", MONDAY]).ends(4);
    insta::assert_snapshot!("plan_nothing", acme.tenure(&["plan", "--now", TUESDAY]).shown());
    acme.tenure(&["apply", "--yes", "--now", TUESDAY]).ends(0).says("is active already");
    let (applied, code) = acme.json(&["apply", "--yes", "--now", TUESDAY]);
    assert_eq!((applied["changed"].as_bool(), code), (Some(false), Some(0)));

    // A changed policy and a changed feed, planned before `apply`.
    acme.edit("policy/access.toml", "department == \"Engineering\"", "department == \"Security\"");
    acme.feed(&[OWNERS]);
    insta::assert_snapshot!("plan_policy", acme.tenure(&["plan", "--now", TUESDAY, "--no-feeds"]).shown());
    let before = acme.json(&["check"]).0["hash"].clone();
    let (applied, code) = acme.json(&["apply", "--yes", "--settle", "--now", TUESDAY]);
    assert_eq!((&applied["set_up"], applied["changed"].as_bool(), code), (&before, Some(true), Some(0)));
    assert!(applied["labels"].is_object(), "{applied:#}");
}

#[test]
fn a_plan_lists_twenty_and_says_how_many_more() {
    let acme = Acme::new();
    let rows: Vec<String> =
        (0..30).map(|n| format!("{},Given{n:02},Family,employee,IT,1001,2025-01-01,\n", 2000 + n)).collect();
    acme.feed(&[OWNERS, &rows.concat()]);
    let ran = acme.tenure(&["plan", "--now", MONDAY]).ends(6).says("32 people would change: 32 joiner");
    let ran = ran.says("… and 12 more: --all lists all of them").says_no("Given25");
    assert_eq!(ran.stdout.matches(" Family (20").count(), 19, "by name: {}", ran.shown());
    acme.tenure(&["plan", "--all", "--now", MONDAY]).ends(6).says("Given25").says_no(" more: ");
}

#[test]
fn another_folders_policy_is_tried_on_this_ones_people() {
    let (acme, other) = (Acme::begun(), Acme::new());
    other.edit(
        "policy/access.toml",
        "'department == \"Engineering\"'",
        "'department in [\"Engineering\", \"Security\"]'",
    );
    let folder = other.path("");
    let arguments = ["plan", "--policy", folder.to_str().unwrap(), "--now", TUESDAY];
    acme.tenure(&arguments).ends(6).says("1 person would change").says("grant directory:engineering");
    acme.tenure(&["plan", "--now", TUESDAY]).ends(0).says("no identity would change");
}

#[test]
fn another_file_is_tried_instead_of_a_feed() {
    let acme = Acme::begun();
    let later = acme.path("later.csv");
    let (file, rows) = (
        later.display().to_string(),
        "1001,Astrid,Berg,employee,Engineering,,2024-01-08,\n\
         1002,Ola,Müller,employee,IT,1001,2024-02-01,\n",
    );
    fs::write(&later, format!("{HEADER}{rows}")).unwrap();
    let feed = format!("hr={file}");
    acme.tenure(&["plan", "--feed", &feed, "--now", TUESDAY])
        .ends(6)
        .says("1 person would change: 1 mover")
        .says("grant directory:engineering");
    // The source's own file and the database are as they were.
    acme.tenure(&["plan", "--now", TUESDAY]).ends(0).says("no identity would change");
    fs::write(&later, format!("{HEADER}1001,\"Astrid")).unwrap();
    acme.tenure(&["plan", "--feed", &feed, "--now", TUESDAY])
        .ends(3)
        .says("hr: the feed would be refused:")
        .says("later.csv");
    fs::remove_file(&later).unwrap();
    acme.tenure(&["plan", "--feed", &feed, "--now", TUESDAY]).ends(3).says("later.csv");
    acme.tenure(&["plan", "--feed", &feed, "--feed", &feed, "--now", TUESDAY])
        .fails(1, "A003")
        .says("`hr` is given two files");
    acme.tenure(&["plan", "--feed", "vendors=x.csv"]).fails(1, "A001").says("the configuration has hr");
    acme.tenure(&["plan", "--feed", "hr"]).ends(2).says("write a name and a value");
    acme.tenure(&["plan", "--feed", &feed, "--no-feeds"]).ends(2).says("cannot be used with");
}

#[test]
fn shells_complete_every_command() {
    for (shell, word) in
        [("bash", "-F _tenure_complete tenure"), ("zsh", "#compdef tenure"), ("fish", "--command tenure")]
    {
        let acme = Acme::nothing();
        acme.tenure(&["completions", shell]).ends(0).says(word);
        // The script asks the program.
        let mut asks = std::process::Command::new(env!("CARGO_BIN_EXE_tenure"));
        asks.args(["--", "tenure", ""]).env("COMPLETE", shell).env("_CLAP_COMPLETE_INDEX", "1");
        let answer = String::from_utf8(asks.output().unwrap().stdout).unwrap();
        for command in ["cutoff", "correlate", "approvals", "ledger", "release", "doctor"] {
            assert!(answer.contains(command), "{shell}: no {command} in {answer}");
        }
    }
}

#[test]
fn output_that_is_no_terminal_has_no_colours() {
    let acme = Acme::begun();
    acme.break_policy();
    for arguments in [&["check"][..], &["case"], &["doctor"], &["cutoff", "nobody"]] {
        acme.tenure(arguments).says_no("\x1b[");
    }
}

#[test]
fn a_bundle_has_a_version_and_explain_shows_the_way_through_bundles() {
    let acme = Acme::begun();
    let bundles = |version: u32, what: &str| {
        acme.write(
            "policy/bundles.toml",
            &format!(
                "edition = 1\nowner = \"group:security\"\n\
                 bundle = [{{ name = \"inner\", version = {version}, entitlements = [\"directory:{what}\"] }},\n\
                 {{ name = \"outer\", entitlements = [\"bundle:inner\"] }}]\n\
                 [[baseline]]\nname = \"all that\"\nwhen = 'department == \"IT\"'\ngrant = [\"bundle:outer\"]\n"
            ),
        );
    };
    bundles(1, "engineering");
    // Who owns a new bundle says who is asked about it: that waits for a second person.
    acme.applied(MONDAY);
    acme.tenure(&["run", "--now", MONDAY]);
    acme.tenure(&["explain", "1002", "directory:engineering", "--now", MONDAY])
        .ends(0)
        .says("through the bundle inner (version 1) ← outer (version 1)");
    bundles(1, "account");
    acme.tenure(&["apply", "--yes", "--now", MONDAY])
        .fails(3, "C012")
        .says("write version = 2 in its [[bundle]]");
    bundles(2, "account");
    acme.tenure(&["apply", "--yes", "--now", MONDAY]).ends(0);
}

#[test]
fn what_a_narrowed_rule_takes_away_after_a_handover_is_counted_when_the_rule_is_narrowed() {
    let acme = Acme::new();
    let rows: Vec<String> = (0..10)
        .map(|n| format!("{},Given{n:02},Family,employee,Engineering,1001,2025-01-01,\n", 2000 + n))
        .collect();
    acme.feed(&[OWNERS, &rows.concat()]);
    let handover =
        "\n[[handover]]\nname = \"finish\"\nkeep = [\"directory:engineering\"]\nfor = \"5 days\"\n";
    acme.edit("policy/access.toml", "\n[[approval]]", &format!("{handover}\n[[approval]]"));
    acme.edit("systems/directory.toml", "account_name", "brake = { percent = 20, count = 3 }\naccount_name");
    acme.edit("systems/directory.toml", "\"observe\"", "\"enforce\"");
    acme.tenure(&["apply", "--yes", "--now", MONDAY]).ends(0);
    acme.tenure(&["run", "--now", MONDAY]).ends(4);
    acme.edit("policy/access.toml", "department == \"Engineering\"", "department == \"Research\"");
    acme.tenure(&["plan", "--now", TUESDAY]).ends(6).says("configuration: the brake would hold: 10 of ");
    acme.tenure(&["apply", "--yes", "--now", TUESDAY]).ends(0);
    acme.tenure(&["run", "--now", TUESDAY]).ends(5);
    let (held, _) = acme.json(&["release"]);
    let held = held.to_string();
    assert!(held.contains("configuration") && held.contains("to last longer"), "{held}");
    // A week later nothing was lost, and it is held still.
    acme.tenure(&["run", "--now", "2026-01-20T09:00:00Z"]).ends(5);
    acme.tenure(&["explain", "2003", "--now", "2026-01-20T09:00:00Z"]).says("directory:engineering");
}

#[test]
fn a_plan_that_loosens_a_brake_knows_that_the_stricter_one_holds_for_a_day() {
    let acme = Acme::new();
    let rows = |department: &str| -> String {
        let row = |n| format!("{},Given{n:02},Family,employee,{department},1001,2025-01-01,\n", 2000 + n);
        (0..10).map(row).collect()
    };
    acme.feed(&[OWNERS, &rows("Engineering")]);
    acme.tenure(&["apply", "--yes", "--now", MONDAY]).ends(0);
    acme.tenure(&["run", "--now", MONDAY]).ends(4);
    acme.feed(&[OWNERS, &rows("")]);
    acme.edit("sources/hr.toml", "percent = 5\ncount   = 3", "percent = 100\ncount   = 900");
    acme.tenure(&["plan", "--now", TUESDAY]).ends(6).says("hr: the brake would hold: 10 of ");
}
