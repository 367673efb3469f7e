//! `ledger`: verified in the database, exported, proved and checked from files alone, and changed directly in the database.

use super::acme::{Acme, OWNERS, TUESDAY};
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
    check(&files, &key).fails(3, "L005").says("help: keep the files as they are");
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

/// An organisation whose database was set back behind its last checkpoint outside. Returns what was exported before:
/// the files after the set-back entries were there, and their key.
fn set_back() -> (Acme, String, String) {
    let (acme, files, key) = exported();
    let copy = acme.path("state/copy.db");
    fs::copy(acme.path("state/tenure.db"), &copy).unwrap();
    fs::copy(format!("{files}/checkpoint"), acme.path("kept.checkpoint")).unwrap();
    acme.tenure(&["cutoff", "1002", "--reason", "a test", "--now", TUESDAY]).ends(4);
    acme.tenure(&["ledger", "export", &files]).ends(0);
    fs::copy(acme.path("state/checkpoints/checkpoint"), acme.path("lost.checkpoint")).unwrap();
    fs::copy(&copy, acme.path("state/tenure.db")).unwrap();
    (acme, files, key)
}

#[test]
fn a_database_that_was_set_back_is_not_served() {
    let (acme, _, _) = set_back();
    let outside = fs::read_to_string(acme.path("state/checkpoints/checkpoint")).unwrap();
    let verified = acme.tenure(&["ledger", "verify"]);
    insta::assert_snapshot!("ledger_set_back", verified.shown());
    for refused in [
        &["run", "--now", TUESDAY][..],
        &["plan", "--now", TUESDAY],
        &["case"],
        &["explain", "1001"],
        &["scan"],
        &["approvals"],
        &["identity", "list"],
        &["release"],
        &["correlate"],
    ] {
        acme.tenure(refused)
            .fails(1, "L001")
            .says("error L001: the database was restored to an earlier state: ")
            .says("ledger reopen");
    }
    // A cut-off is accepted, and carried out once the ledger goes on.
    acme.tenure(&["cutoff", "1002", "--reason", "a test", "--now", TUESDAY])
        .ends(4)
        .says("error L001: the database was restored to an earlier state: ")
        .says("the cut-off is accepted");
    acme.edit("policy/access.toml", "department == \"Engineering\"", "department == \"Security\"");
    acme.tenure(&["apply"]).fails(1, "L001");
    acme.tenure(&["check"]).ends(0);
    acme.tenure(&["ledger", "key"]).ends(0);
    acme.tenure(&["ledger", "show", "1"]).ends(0);
    acme.tenure(&["doctor"]).ends(7).says("wrong ledger: the database was restored to an earlier state: ");
    assert_eq!(fs::read_to_string(acme.path("state/checkpoints/checkpoint")).unwrap(), outside);
    // One that belongs to another database is not overwritten either.
    let (_other, files, _) = exported();
    fs::copy(format!("{files}/checkpoint"), acme.path("state/checkpoints/checkpoint")).unwrap();
    acme.tenure(&["run"]).fails(1, "L001").says("was not signed by this database");
    acme.tenure(&["ledger", "reopen", "--reason", "a test"])
        .fails(1, "L001")
        .says("was not signed by this database");
    fs::remove_file(acme.path("state/checkpoints/checkpoint")).unwrap();
    acme.tenure(&["run", "--now", TUESDAY])
        .fails(1, "L001")
        .says("the checkpoint outside the database is missing");
}

#[test]
fn its_ledger_goes_on_under_a_new_origin() {
    let (acme, old_files, old_key) = set_back();
    acme.tenure(&["ledger", "reopen"]).ends(2).says("--reason");
    acme.tenure(&["ledger", "reopen", "--reason", " "]).fails(1, "A002").says("a reason is missing");
    let (reopened, code) = acme.json(&["ledger", "reopen", "--reason", "a disk failed", "--now", TUESDAY]);
    let kept = reopened["kept"].as_u64().unwrap();
    assert_eq!(
        (
            reopened["origin"].as_str(),
            reopened["old"]["origin"].as_str(),
            reopened["old"]["key"].as_str(),
            code
        ),
        (Some("acme/tenure/2"), Some("acme/tenure"), Some(&*old_key), Some(0)),
        "{reopened:#}"
    );
    let shown = acme.tenure(&["ledger", "show", &kept.to_string()]).ends(0).stdout;
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["entry"]["kind"], "ledger.reopened");
    assert_eq!(shown["entry"]["continues"]["origin"], "acme/tenure");
    assert_eq!(shown["entry"]["continues"]["size"], reopened["old"]["size"]);
    assert_eq!(
        (&shown["opening"]["reason"], shown["opening"]["actor"].is_object()),
        (&"a disk failed".into(), true)
    );

    // It is served again, and a second time there is nothing to do.
    acme.tenure(&["ledger", "reopen", "--reason", "again"]).fails(1, "A003").says("not behind");
    acme.tenure(&["run", "--now", TUESDAY]).ends(7);
    acme.tenure(&["cutoff", "1002", "--reason", "a test", "--now", TUESDAY])
        .fails(1, "A003")
        .says("cut off already");
    acme.tenure(&["cutoff", "1001", "--reason", "a test", "--now", TUESDAY]);
    acme.tenure(&["ledger", "verify"]).ends(0).says("the checkpoint outside the database covers");

    // Both parts can be verified from files.
    let files = acme.path("proofs-2").display().to_string();
    acme.tenure(&["ledger", "export", &files]).ends(0);
    let key = acme.tenure(&["ledger", "key"]).ends(0).stdout.trim().to_owned();
    assert!(key.starts_with("acme/tenure/2+"), "{key}");
    let elsewhere = Acme::nothing();
    elsewhere.tenure(&["ledger", "check", "--files", &old_files, "--key", &old_key]).ends(0);
    let check = |old: &str| {
        let old = acme.path(old).display().to_string();
        elsewhere.tenure(&[
            "ledger",
            "check",
            "--files",
            &files,
            "--key",
            &key,
            "--old",
            &old,
            "--old-key",
            &old_key,
        ])
    };
    check("kept.checkpoint")
        .ends(0)
        .says(&format!("entry {kept} states that this log continues acme/tenure, which had "))
        .says(&format!("of that checkpoint of acme/tenure are in it, before entry {kept}"));
    check("lost.checkpoint").ends(0).says(&format!("is the head that entry {kept} names"));
    elsewhere.tenure(&["ledger", "check", "--files", &files, "--key", &old_key]).fails(3, "L005");

    // Set back behind the new origin, it is noticed as well, and counts on.
    fs::copy(acme.path("state/copy.db"), acme.path("state/tenure.db")).unwrap();
    acme.tenure(&["case"]).fails(1, "L001").says("its successor");
    acme.tenure(&["ledger", "reopen", "--reason", "again"])
        .ends(0)
        .says("the ledger continues as acme/tenure/3");
    acme.tenure(&["ledger", "verify"]).ends(0);
}

#[test]
fn a_database_that_went_another_way_is_noticed() {
    let (acme, _, _) = set_back();
    let outside = acme.path("state/checkpoints/checkpoint");
    let signed = fs::read(&outside).unwrap();
    fs::copy(acme.path("kept.checkpoint"), &outside).unwrap();
    for day in [TUESDAY, "2026-01-20T09:00:00Z"] {
        acme.feed(&[OWNERS, "1009,Mia,Lund,employee,Engineering,1001,2025-01-01,\n"]);
        acme.tenure(&["run", "--now", day]).ends(7);
        acme.tenure(&["cutoff", "1009", "--reason", "a test", "--now", day]);
        acme.tenure(&["cutoff", "1002", "--reason", "a test", "--now", day]);
    }
    fs::write(&outside, signed).unwrap();
    acme.tenure(&["case"]).fails(1, "L001").says("restored to an earlier state and then changed");
    acme.tenure(&["ledger", "reopen", "--reason", "found"]).ends(0);
    acme.tenure(&["case"]).ends(4);
}

#[test]
fn the_population_of_a_period_is_proved_by_files_alone() {
    let acme = Acme::begun();
    acme.edit("sources/hr.toml", "mode             = \"snapshot\"", "every = \"1 day\"\nmode = \"snapshot\"");
    acme.applied(TUESDAY);
    acme.feed(&[OWNERS, "1004,Bo,Berg,employee,Law,1001,soon,\n"]);
    acme.tenure(&["run", "--now", TUESDAY]);
    let now = "2026-01-16T09:00:00Z";
    acme.tenure(&["run", "--now", now]);
    let files = acme.path("proofs").display().to_string();
    let population = format!("{files}/population.jsonl");
    let from = "2026-01-01T00:00:00Z";
    acme.tenure(&["ledger", "population", "--from", now, "--to", from, "--files", &files, "--now", now])
        .fails(1, "A003");
    let (written, code) =
        acme.json(&["ledger", "population", "--from", from, "--files", &files, "--now", now]);
    assert_eq!(code, Some(0), "{written:#}");
    let key = written["key"].as_str().unwrap();
    let elsewhere = Acme::nothing();
    let check = |more: &[&str]| {
        elsewhere
            .tenure(&[&["ledger", "check", "--population", &population, "--key", key][..], more].concat())
    };
    check(&[]).ends(0).says("--files shows whether a run was left out");
    check(&["--files", &files])
        .ends(0)
        .says("no run was left out")
        .says("hr: 3 rows in, 2 taken, 1 in quarantine, 0 missing, SHA-256 ")
        .says("gap: hr was silent from 2026-01-13T09:00:00Z to 2026-01-16T09:00:00Z");

    // A run that is left out, and one that says something else, are noticed.
    let text = fs::read_to_string(&population).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    fs::write(&population, lines[..lines.len() - 1].join("\n")).unwrap();
    check(&["--files", &files]).fails(3, "L005").says("a run was left out");
    let (first, last) = (lines[0], lines[lines.len() - 1]);
    // A letter of the opening, in base64.
    let at = last.len() - 12;
    let other = if &last[at..=at] == "A" { "B" } else { "A" };
    let changed = format!("{}{other}{}", &last[..at], &last[at + 1..]);
    assert_ne!(changed, last);
    fs::write(&population, [first, &changed].join("\n")).unwrap();
    check(&[]).fails(3, "L005").says("it does not verify");
}
