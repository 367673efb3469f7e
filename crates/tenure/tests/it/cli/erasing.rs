//! `hold` and `erase`: what keeps an identity's data, and that nothing is left in any file while old proofs still verify.

use super::acme::{Acme, MONDAY, OWNERS, TUESDAY, WEDNESDAY};
use std::fs;
use std::path::Path;

const THURSDAY: &str = "2026-01-15T09:00:00Z";
const FRIDAY: &str = "2026-01-16T09:00:00Z";
const LATER: &str = "2026-03-02T09:00:00Z";

/// A person whose name appears nowhere else.
const QUINCE: &str = "1004,Zora,Quittenbaum,employee,Law,1001,2025-01-05,\n";
const QUINCE_LEAVES: &str = "1004,Zora,Quittenbaum,employee,Law,1001,2025-01-05,2026-01-13\n";
const ANOTHER: &str = "1005,Zora,Quittenbaum,employee,Law,1001,2026-03-02,\n";
/// Her names, as they stand anywhere.
const NAMES: [&str; 3] = ["Quittenbaum", "quittenbaum", "zquitten"];

/// A person joined and left, and all manual work about her is done.
fn left() -> Acme {
    let acme = Acme::new();
    acme.feed(&[OWNERS, QUINCE]);
    acme.applied(MONDAY);
    acme.tenure(&["run", "--now", MONDAY]).ends(4);
    by_hand(&acme, MONDAY);
    acme.feed(&[OWNERS, QUINCE_LEAVES]);
    acme.tenure(&["run", "--now", TUESDAY]).ends(4);
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(4);
    by_hand(&acme, WEDNESDAY);
    acme
}

fn by_hand(acme: &Acme, now: &str) {
    let task = acme.task_of("1004");
    acme.tenure_as("1002", &["case", "--done", &task, "--now", now]).ends(4);
    acme.tenure(&["case", "--attest", &task, "--seen", "I looked", "--now", now]);
}

/// Which of her names appear in any file of the database and of what is published.
fn found(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        if entry.is_dir() {
            found.extend(self::found(&entry));
            continue;
        }
        let bytes = fs::read(&entry).unwrap();
        let has = |name: &&&str| bytes.windows(name.len()).any(|w| w == name.as_bytes());
        found.extend(NAMES.iter().filter(has).map(|name| format!("{name} in {}", entry.display())));
    }
    found
}

/// The entries of the ledger that are about her, as they are shown.
fn entries(acme: &Acme) -> Vec<u64> {
    let (verified, _) = acme.json(&["ledger", "verify"]);
    let about = |index: &u64| {
        let shown = acme.tenure(&["ledger", "show", &index.to_string()]).ends(0).stdout;
        shown.contains("Quittenbaum")
    };
    (0..verified["entries"].as_u64().unwrap()).filter(about).collect()
}

#[test]
fn a_hold_is_set_listed_and_lifted_and_keeps_from_erasure() {
    let acme = left();
    acme.tenure(&["hold", "list", "--now", WEDNESDAY]).ends(0).says("no hold is in force");
    acme.tenure(&["hold", "set", "1004", "--class", "tax", "--reason", "x"]).ends(2).says("legal or hr");
    acme.tenure_as("1004", &["hold", "set", "1004", "--class", "legal", "--reason", "x", "--now", WEDNESDAY])
        .fails(1, "A002");
    acme.tenure(&["hold", "set", "1004", "--class", "legal", "--reason", "a dispute", "--now", WEDNESDAY])
        .ends(0)
        .says("legal hold set for Zora Quittenbaum: accounts and data are kept while it is in force");
    acme.tenure(&["hold", "list", "--now", WEDNESDAY])
        .ends(0)
        .says("Zora Quittenbaum (1004): legal hold: a dispute");
    acme.tenure(&["explain", "1004", "--now", WEDNESDAY]).ends(0).says("legal hold: a dispute");
    acme.feed(&[OWNERS]);
    acme.tenure(&["run", "--now", THURSDAY]);
    acme.tenure(&["erase", "1004", "--reason", "she asked", "--now", THURSDAY])
        .fails(1, "A003")
        .says("is held (legal)");
    acme.tenure(&["hold", "lift", "1004", "--class", "legal", "--now", THURSDAY])
        .ends(0)
        .says("legal hold lifted for Zora Quittenbaum");
    acme.tenure(&["erase", "1004", "--now", THURSDAY]).fails(1, "A003").says("[retention] has no `erase`");
}

#[test]
fn the_retention_time_lists_whom_it_lets_go() {
    let acme = left();
    let policy = "edition = 1\n[retention]\nerase = \"30 days after departure\"\n";
    acme.write("policy/retention.toml", policy);
    acme.feed(&[OWNERS]);
    acme.applied(THURSDAY);
    acme.tenure(&["run", "--now", THURSDAY]);
    acme.tenure(&["erase", "--now", THURSDAY]).ends(0).says("no identity is past the retention period");
    acme.tenure(&["erase", "1004", "--now", THURSDAY])
        .fails(1, "A003")
        .says("is kept until 2026-02-13T23:00:00Z");
    acme.tenure(&["erase", "--now", LATER])
        .ends(0)
        .says("Zora Quittenbaum (1004): since 2026-02-13T23:00:00Z");
    acme.tenure(&["erase", "1004", "--now", LATER]).ends(0).says("1 name is never issued again");
    acme.tenure(&["erase", "--now", LATER]).ends(0).says("no identity is past the retention period");
}

#[test]
fn nothing_is_left_in_any_file_and_old_proofs_still_verify() {
    let acme = left();
    let state = acme.path("state");
    assert!(!found(&state).is_empty(), "the names are there before, or this test shows nothing");
    let files = acme.path("proofs").display().to_string();
    let (exported, _) = acme.json(&["ledger", "export", &files]);
    let key = exported["key"].as_str().unwrap().to_owned();
    let about = entries(&acme);
    assert!(about.len() >= 3, "her entries can be opened before: {about:?}");
    let number = about[0].to_string();
    let proof = acme.tenure(&["ledger", "prove", &number, "--files", &files, "--key", &key]).ends(0);
    acme.write("old.proof", &proof.stdout);

    acme.feed(&[OWNERS]);
    acme.tenure(&["run", "--now", THURSDAY]);
    acme.tenure(&["erase", "1004", "--reason", "she asked for it", "--now", FRIDAY])
        .ends(0)
        .says("1 record of sources, the key and every opening are gone");

    assert_eq!(found(&state), Vec::<String>::new());
    assert_eq!(entries(&acme), Vec::<u64>::new());
    acme.tenure(&["ledger", "show", &number]).ends(0).says("\"commitment\"");
    acme.tenure(&["ledger", "verify"]).ends(0);
    acme.tenure(&["ledger", "export", &files]).ends(0);
    acme.tenure(&["ledger", "check", "--files", &files, "--key", &key]).ends(0);
    assert_eq!(found(Path::new(&files)), Vec::<String>::new());
    let proof = acme.path("old.proof").display().to_string();
    acme.tenure(&["ledger", "check", "--proof", &proof, "--key", &key]).ends(0);
    acme.tenure(&["explain", "1004", "--now", FRIDAY]).fails(1, "A001");

    // Her name is not issued again: the next one counts up.
    acme.feed(&[OWNERS, ANOTHER]);
    acme.tenure(&["run", "--now", LATER]);
    acme.tenure(&["explain", "1005", "--now", LATER]).says("user_name: zquitten2");
}
