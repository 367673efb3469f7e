//! `ledger`: verified in the database, exported, proved and checked from files alone, and changed behind its back.

use super::acme::{Acme, TUESDAY};
use std::fs;

/// An exported ledger: the organisation, the folder of the files, the public key.
fn exported() -> (Acme, String, String) {
    let acme = Acme::begun();
    let files = acme.path("proofs").display().to_string();
    let (exported, code) = acme.json(&["ledger", "export", &files]);
    assert_eq!(code, Some(0));
    let key = exported["key"].as_str().unwrap().to_owned();
    (acme, files, key)
}

#[test]
fn it_verifies_and_is_exported() {
    let (acme, files, key) = exported();
    insta::assert_snapshot!("ledger_verify", acme.tenure(&["ledger", "verify"]).shown());
    let (verified, code) = acme.json(&["ledger", "verify"]);
    assert_eq!(
        (&verified["entries"], verified["outside"] == verified["entries"], code),
        (&verified["signed"], true, Some(0))
    );
    assert_eq!(acme.tenure(&["ledger", "key"]).ends(0).stdout.trim(), key);
    acme.tenure(&["ledger", "export", &files])
        .ends(0)
        .says(&format!("tenure ledger check --files {files} --key '{key}'"));
}

#[test]
fn anybody_checks_it_with_the_key_and_the_files() {
    let (acme, files, key) = exported();
    // Not in a configuration folder, and without one.
    let elsewhere = Acme::nothing();
    elsewhere
        .tenure(&["ledger", "check", "--files", &files, "--key", &key])
        .ends(0)
        .says("the log verifies: ");
    let proof = elsewhere.tenure(&["ledger", "prove", "2", "--files", &files, "--key", &key]).ends(0);
    elsewhere.write("entry.proof", &proof.stdout);
    let proof = elsewhere.path("entry.proof").display().to_string();
    elsewhere.tenure(&["ledger", "check", "--proof", &proof, "--key", &key]).ends(0).says("entry 2 (");

    let old = elsewhere.path("old").display().to_string();
    fs::copy(format!("{files}/checkpoint"), &old).unwrap();
    acme.tenure(&["cutoff", "1002", "--reason", "a test", "--now", TUESDAY]).ends(4);
    acme.tenure(&["ledger", "export", &files]).ends(0);
    let grown =
        elsewhere.tenure(&["ledger", "check", "--files", &files, "--key", &key, "--old", &old]).ends(0);
    grown.says("it only grew: from ");
}

#[test]
fn what_was_changed_does_not_verify() {
    let (_acme, files, key) = exported();
    let elsewhere = Acme::nothing();
    let check =
        |files: &str, key: &str| elsewhere.tenure(&["ledger", "check", "--files", files, "--key", key]);
    let entries = format!("{files}/tile/entries/000.p");
    let partial = fs::read_dir(&entries).unwrap().next().unwrap().unwrap().path();
    let text = fs::read(&partial).unwrap();
    fs::write(
        &partial,
        String::from_utf8_lossy(&text).replacen("\"role\":\"tenure\"", "\"role\":\"nobody\"", 1),
    )
    .unwrap();
    check(&files, &key).fails(3, "L005").says("what to do: keep the files as they are");
    fs::write(&partial, text).unwrap();
    check(&files, &key).ends(0);

    check(&files, "no-key").fails(3, "L004").says("`tenure ledger key` prints it");
    let (_other, _, other) = exported();
    check(&files, &other).fails(3, "L005");
    check("/nowhere/at/all", &key).fails(3, "L005");
    elsewhere.tenure(&["ledger", "check", "--key", &key]).ends(2).says("--files");
    elsewhere.tenure(&["ledger", "check", "--key", &key, "--proof", "nothing"]).fails(3, "L003");
    elsewhere.tenure(&["ledger", "prove", "9999", "--files", &files, "--key", &key]).fails(3, "L005");
}

#[test]
fn an_entry_is_shown_with_what_it_stands_for() {
    let acme = Acme::begun();
    let shown: serde_json::Value =
        serde_json::from_str(&acme.tenure(&["ledger", "show", "3"]).ends(0).stdout).unwrap();
    assert_eq!(
        (shown["index"].as_u64(), shown["entry"]["commitment"].is_string()),
        (Some(3), true),
        "{shown:#}"
    );
    assert!(
        !shown["entry"].to_string().contains("Astrid") && !shown["entry"].to_string().contains("Ola"),
        "{shown:#}"
    );
    acme.tenure(&["ledger", "show", "9999"]).fails(1, "A001").says("tenure ledger verify");
}

#[test]
fn a_database_that_was_set_back_is_noticed() {
    let acme = Acme::begun();
    let copy = acme.path("state/copy.db");
    fs::copy(acme.path("state/tenure.db"), &copy).unwrap();
    acme.tenure(&["cutoff", "1002", "--reason", "a test", "--now", TUESDAY]).ends(4);
    fs::copy(&copy, acme.path("state/tenure.db")).unwrap();
    let verified = acme.tenure(&["ledger", "verify"]);
    insta::assert_snapshot!("ledger_set_back", verified.shown());
    assert_ne!(verified.code, Some(0));
}
