//! Every command on a live database: the other tests of the command line state their time and their actor, in a replay.

use super::acme::{Acme, OUTSIDER, OWNERS};
use std::collections::BTreeSet;

/// Commands that read, with arguments and the code with which each ends in the small organisation.
const READING: &[(&[&str], i32)] = &[
    (&["check"], 0),
    (&["check", "--connect"], 0),
    (&["plan"], 0),
    (&["plan", "--no-feeds", "--all"], 0),
    (&["plan", "--json"], 0),
    (&["explain", "1003"], 0),
    (&["explain", "1003", "directory:engineering"], 0),
    // The one system is worked by hand.
    (&["scan"], 4),
    (&["adopt", "directory"], 1),
    (&["correlate"], 0),
    (&["release"], 0),
    (&["approvals"], 4),
    (&["request", "list"], 0),
    (&["request", "list", "--all"], 0),
    (&["hold", "list"], 0),
    (&["erase"], 0),
    (&["identity", "list"], 0),
    (&["identity", "show", "nightly"], 1),
    (&["case"], 4),
    (&["case", "--all"], 4),
    (&["case", "--overdue"], 0),
    (&["case", "1003"], 4),
    (&["ledger", "verify"], 0),
    (&["ledger", "key"], 0),
    (&["ledger", "show", "0"], 0),
    (&["findings"], 0),
    (&["findings", "--mine"], 0),
    (&["people"], 0),
    (&["holders", "directory:engineering"], 0),
    (&["entitlements"], 0),
    (&["exceptions"], 0),
    (&["reviews"], 0),
    (&["quarantine"], 0),
    (&["tasks"], 4),
    (&["accounts"], 0),
    (&["history", "1001"], 0),
    (&["doctor"], 4),
];

/// Commands that decide or write: each is tried below, in an order of its own.
const DECIDING: &[&str] = &[
    "apply",
    "run",
    "approve",
    "deny",
    "request add",
    "request extend",
    "request end",
    "request keep",
    "request emergency",
    "request seen",
    "request rename",
    "exception add",
    "exception end",
    "delegate",
    "override set",
    "override end",
    "cutoff",
    "hold set",
    "hold lift",
    "activate",
    "identity add",
    "identity change",
    "identity end",
    "ledger export",
    "ledger pack",
    "ledger population",
    "ledger prove",
    "ledger check",
    "ledger repaired",
    "ledger reopen",
    "findings acknowledge",
    "findings dismiss",
];

/// Commands without a database, or with one of their own.
const APART: &[&str] = &["init", "demo", "completions", "man"];

fn live() -> Acme {
    let acme = Acme::nothing();
    acme.tenure(&["init", "--organisation", "Acme"]).ends(0);
    acme.feed(&[OWNERS, OUTSIDER]);
    // Before there is a database, and before anything is active.
    acme.tenure(&["plan"]).ends(6).says("3 people would change");
    acme.tenure(&["apply"]).ends(0);
    acme.tenure(&["plan"]).ends(6).says("3 people would change");
    acme.tenure(&["run"]).ends(4);
    acme
}

#[test]
fn each_command_that_reads_works_on_a_live_database() {
    let acme = live();
    for (arguments, code) in READING {
        let ran = acme.tenure(arguments);
        assert_eq!(ran.code, Some(*code), "{arguments:?}: {}", ran.shown());
        ran.says_no("error C0").says_no("error S0").says_no("error L0").says_no("is a replay");
    }
}

/// A day in a week: a live database has no other time than the clock's.
#[expect(clippy::disallowed_methods, reason = "a live database takes the time of the machine")]
fn in_a_week() -> String {
    let then = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(7 * 24);
    then.to_string()[..10].to_owned()
}

#[test]
fn each_command_that_decides_works_on_a_live_database() {
    let acme = live();
    let (what, until) = ("directory:engineering", in_a_week());
    let (for_ola, for_third, and) = (["--for", "1002"], ["--for", "1003"], ["--reason", "x"]);
    let dated = ["--until", &*until];
    let to = |name: &str| acme.path(name).display().to_string();
    let (files, pack) = (to("published"), to("pack"));
    let period = ["--from", "2026-01-01T00:00:00Z"];
    let key = acme.tenure(&["ledger", "key"]).ends(0).stdout.trim().to_owned();
    let signed = ["--key", &*key];
    let exception = [&["exception", "add", what][..], &for_ola, &dated, &and, &["--instead", "y"]].concat();
    let emergency = [&["request", "emergency", what][..], &for_ola, &["--lasts", "1h"], &and].concat();
    let done: &[(Vec<&str>, i32)] = &[
        ([&["request", "add", what][..], &for_ola, &dated, &and].concat(), 4),
        ([&["request", "end", what][..], &for_ola].concat(), 4),
        (emergency, 4),
        (exception, 4),
        ([&["exception", "end", what][..], &for_ola].concat(), 4),
        ([&["delegate", "--to", "1002"][..], &dated, &and].concat(), 4),
        (vec!["delegate", "--to", "1002", "--end"], 4),
        ([&["override", "set", "department=IT"][..], &for_third, &dated, &and].concat(), 4),
        ([&["override", "end", "department"][..], &for_third].concat(), 4),
        ([&["hold", "set", "1003", "--class", "legal"][..], &and].concat(), 0),
        (vec!["hold", "lift", "1003", "--class", "legal"], 0),
        ([&["cutoff", "1003"][..], &and].concat(), 4),
        (vec!["run"], 7),
        (vec!["ledger", "export", &files], 0),
        ([&["ledger", "prove", "0", "--files", &files][..], &signed].concat(), 0),
        ([&["ledger", "check", "--files", &files][..], &signed].concat(), 0),
        (vec!["ledger", "pack", &pack, "--person", "1003"], 0),
        ([&["ledger", "check", "--pack", &pack][..], &signed].concat(), 0),
        ([&["ledger", "population", "--files", &files][..], &period].concat(), 0),
        (vec!["doctor"], 7),
        (vec!["plan"], 0),
    ];
    for (arguments, code) in done {
        let ran = acme.tenure(arguments);
        assert_eq!(ran.code, Some(*code), "{arguments:?}: {}", ran.shown());
    }
    // What there is nothing for says so, and not that the database is another one.
    for arguments in [
        [&["request", "extend", what][..], &for_third, &and].concat(),
        [&["request", "keep", what][..], &for_third].concat(),
        [&["request", "seen", what][..], &for_third].concat(),
        [&["request", "rename"][..], &for_third].concat(),
        vec!["identity", "add", "service", "nightly", "--owner", "1002", "--purpose", "x", "--until", &until],
        vec!["identity", "change", "nightly", "--purpose", "x"],
        vec!["identity", "end", "nightly"],
        vec!["approve", "x"],
        vec!["deny", "x"],
        vec!["activate"],
        [&["findings", "acknowledge", "x"][..], &dated, &and].concat(),
        [&["findings", "dismiss", "x"][..], &and].concat(),
        [&["ledger", "repaired"][..], &and].concat(),
        [&["ledger", "reopen"][..], &and].concat(),
        [&["ledger", "reopen", "--clock"][..], &and].concat(),
        [&["ledger", "reopen", "--moved"][..], &and].concat(),
        [&["erase", "1003", "--yes"][..], &and].concat(),
    ] {
        acme.tenure(&arguments).ends(1).says("error A00");
    }
}

#[test]
fn a_plan_of_another_folder_and_of_another_feed_works_on_a_live_database() {
    let acme = live();
    acme.write(
        "feeds/next.csv",
        &std::fs::read_to_string(acme.path("feeds/hr.csv")).unwrap().replace("IT", "Sales"),
    );
    let feed = format!("hr={}", acme.path("feeds/next.csv").display());
    acme.tenure(&["plan", "--feed", &feed]).ends(6).says("1 mover");
    acme.edit(
        "policy/access.toml",
        "department == \"Engineering\"",
        "department in [\"Engineering\", \"IT\"]",
    );
    acme.tenure(&["plan"]).ends(6).says("Ola Müller").says("grant directory:engineering");
    // Nothing of it stays: neither the copy, nor what was decided on it.
    let left = std::fs::read_dir(acme.path("state")).unwrap().map(|f| f.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().starts_with("plan-")));
    acme.tenure(&["explain", "1002", "directory:engineering"])
        .says_no("gets directory")
        .says_no("should have")
        .says_no(" holds directory");
}

/// The commands that `--help` lists, with their own, each as one path.
fn leaves(acme: &Acme, path: &[&str], all: &mut BTreeSet<String>) {
    let help = acme.tenure(&[path, &["--help"]].concat()).ends(0).stdout;
    let listed = help.lines().skip_while(|l| *l != "Commands:").skip(1).take_while(|l| !l.is_empty());
    let names: Vec<&str> = listed
        .filter(|l| !l.starts_with("   "))
        .filter_map(|l| l.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    if names.is_empty() {
        all.insert(path.join(" "));
    }
    for name in names {
        leaves(acme, &[path, &[name]].concat(), all);
    }
}

#[test]
fn no_command_is_left_out() {
    let mut there = BTreeSet::new();
    leaves(&Acme::nothing(), &[], &mut there);
    let reading = |path: &str| READING.iter().any(|(arguments, _)| arguments.join(" ").starts_with(path));
    let left: Vec<&String> = there
        .iter()
        .filter(|p| !reading(p) && !DECIDING.contains(&&***p) && !APART.contains(&&***p))
        .collect();
    assert!(left.is_empty(), "try each on a live database: {left:?}");
}
