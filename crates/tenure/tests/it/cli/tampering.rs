//! An attacker who can write the database, and has no key, changes it behind Tenure: it is noticed, and nothing of it is signed.

use super::acme::{Acme, MONDAY, OUTSIDER, OWNERS, TUESDAY, WEDNESDAY};
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use tenure_ledger::leaf_hash;

const OUTSIDE: &str = "state/checkpoints/checkpoint";

/// Writes the database as its file allows, without Tenure.
fn behind(acme: &Acme, sql: &str) {
    let database = Connection::open(acme.path("state/tenure.db")).unwrap();
    database.execute_batch(sql).unwrap();
}

fn mode(acme: &Acme, path: &str) -> u32 {
    fs::metadata(acme.path(path)).unwrap().permissions().mode() & 0o777
}

/// Changes an entry and the hash that is stored of it, so that both fit.
fn change_entry(acme: &Acme, number: i64) {
    let database = Connection::open(acme.path("state/tenure.db")).unwrap();
    let entry: Vec<u8> =
        database.query_row("SELECT entry FROM leaf WHERE number = ?1", [number], |row| row.get(0)).unwrap();
    let text = String::from_utf8(entry).unwrap();
    let forged = text.replacen("\"at\":\"2026", "\"at\":\"2025", 1);
    assert_ne!(text, forged);
    let hash = leaf_hash(forged.as_bytes()).0;
    let sql = "UPDATE leaf SET entry = ?2, hash = ?3 WHERE number = ?1";
    database.execute(sql, (number, forged.as_bytes(), hash)).unwrap();
}

#[test]
fn an_entry_that_was_changed_is_never_signed() {
    let acme = Acme::begun();
    let signed = fs::read(acme.path(OUTSIDE)).unwrap();
    change_entry(&acme, 2);
    acme.tenure(&["run", "--now", TUESDAY]).fails(1, "L001").says("was changed outside Tenure");
    // A cut-off is accepted whatever else is broken, and kept outside until the database can be opened.
    acme.tenure(&["cutoff", "1002", "--reason", "a test", "--now", TUESDAY])
        .ends(4)
        .says("the cut-off is accepted");
    acme.tenure(&["ledger", "verify"]).fails(1, "L001");
    acme.tenure(&["doctor", "--now", TUESDAY]).ends(7).says("wrong ledger: ");
    assert_eq!(fs::read(acme.path(OUTSIDE)).unwrap(), signed, "nothing was signed over it");
}

#[test]
fn an_entry_after_the_last_checkpoint_is_signed_as_it_was_written_only() {
    let acme = Acme::begun();
    let kept = fs::read(acme.path(OUTSIDE)).unwrap();
    let sizes = "SELECT max(size) FROM checkpoint";
    let size: i64 = Connection::open(acme.path("state/tenure.db"))
        .unwrap()
        .query_row(sizes, [], |row| row.get(0))
        .unwrap();
    acme.feed(&[OWNERS, "1004,Ida,Dahl,employee,IT,1001,2025-01-01,\n"]);
    acme.tenure(&["run", "--now", MONDAY]).ends(4);
    // As if the process had ended before it signed: the head is what was signed before.
    behind(&acme, &format!("DELETE FROM checkpoint WHERE size > {size}"));
    fs::write(acme.path(OUTSIDE), kept).unwrap();
    let database = Connection::open(acme.path("state/tenure.db")).unwrap();
    database
        .execute(
            "UPDATE leaf SET entry = CAST(replace(entry, 'tenure', 'person') AS BLOB) WHERE number = ?1",
            [size],
        )
        .unwrap();
    drop(database);
    acme.tenure(&["run", "--now", TUESDAY])
        .ends(1)
        .says("error L001")
        .says("was changed: it does not hash to its leaf");
}

#[test]
fn every_stored_checkpoint_is_compared() {
    let acme = Acme::begun();
    acme.tenure(&["ledger", "verify"]).ends(0);
    behind(
        &acme,
        "UPDATE checkpoint SET text = (SELECT text FROM checkpoint ORDER BY size DESC LIMIT 1)
                   WHERE size = (SELECT min(size) FROM checkpoint)",
    );
    acme.tenure(&["ledger", "verify"]).fails(1, "L001").says("the checkpoint that is stored for ");
}

#[test]
fn without_the_checkpoint_outside_nothing_is_decided() {
    let acme = Acme::begun();
    fs::copy(acme.path("state/tenure.db"), acme.path("state/copy.db")).unwrap();
    acme.tenure(&["cutoff", "1002", "--reason", "a stolen laptop", "--now", TUESDAY]).ends(4);
    fs::copy(acme.path("state/copy.db"), acme.path("state/tenure.db")).unwrap();
    fs::remove_file(acme.path(OUTSIDE)).unwrap();
    for command in [&["run", "--now", WEDNESDAY][..], &["scan"], &["case"]] {
        acme.tenure(command).fails(1, "L001").says("the checkpoint outside the database is missing");
    }
    acme.tenure(&["doctor"]).ends(7).says("wrong ledger: the checkpoint outside the database is missing");
    acme.tenure(&["ledger", "reopen", "--reason", "the disk is gone", "--now", WEDNESDAY])
        .ends(0)
        .says("the ledger continues as acme/tenure/2");
    acme.tenure(&["explain", "1002", "--now", WEDNESDAY]).ends(0).says("cut off");
    // Once it is there again it is needed again.
    fs::remove_file(acme.path(OUTSIDE)).unwrap();
    acme.tenure(&["case"]).fails(1, "L001").says("is missing");
}

#[test]
fn a_row_does_not_say_that_a_checkpoint_is_superseded() {
    let acme = Acme::begun();
    fs::copy(acme.path("state/tenure.db"), acme.path("state/copy.db")).unwrap();
    acme.tenure(&["cutoff", "1002", "--reason", "a stolen laptop", "--now", TUESDAY]).ends(4);
    fs::copy(acme.path("state/copy.db"), acme.path("state/tenure.db")).unwrap();
    let outside = fs::read(acme.path(OUTSIDE)).unwrap();
    let database = Connection::open(acme.path("state/tenure.db")).unwrap();
    let sql = "INSERT OR REPLACE INTO note (name, value) VALUES ('superseded checkpoint', CAST(?1 AS BLOB))";
    let stated = serde_json::json!({ "v": 1, "d": String::from_utf8_lossy(&outside) }).to_string();
    database.execute(sql, [&stated]).unwrap();
    drop(database);
    acme.tenure(&["run", "--now", WEDNESDAY])
        .fails(1, "L001")
        .says("the database was restored to an earlier state");
    assert_eq!(fs::read(acme.path(OUTSIDE)).unwrap(), outside);
}

#[test]
fn no_new_keys_are_made_over_a_ledger() {
    for note in ["common key", "signing key"] {
        let acme = Acme::begun();
        let key = acme.tenure(&["ledger", "key"]).ends(0).stdout;
        behind(&acme, &format!("DELETE FROM note WHERE name = '{note}'"));
        for command in [&["ledger", "verify"][..], &["ledger", "key"], &["run", "--now", TUESDAY]] {
            let refused = acme.tenure(command).fails(1, "L001").says("no new keys are made over a ledger");
            assert!(!refused.stdout.contains(key.trim()));
        }
    }
    let acme = Acme::begun();
    behind(&acme, "DELETE FROM note");
    acme.tenure(&["ledger", "verify"]).fails(1, "L001").says("no new keys are made over a ledger");
}

#[test]
fn only_the_user_of_tenure_reads_what_it_keeps() {
    let acme = Acme::begun();
    acme.tenure(&["cutoff", "1002", "--reason", "a test", "--now", TUESDAY]).ends(4);
    for (path, right) in [
        ("state", 0o700),
        ("state/tenure.db", 0o600),
        ("state/tenure.db.lock", 0o600),
        ("state/checkpoints", 0o700),
        (OUTSIDE, 0o600),
        ("state/checkpoints/cut-offs", 0o600),
        ("keys", 0o700),
        ("keys/key-encryption.key", 0o600),
    ] {
        assert_eq!(mode(&acme, path), right, "{path}");
    }
    // One that was made for all to read is closed.
    fs::set_permissions(acme.path("state/tenure.db"), fs::Permissions::from_mode(0o644)).unwrap();
    acme.tenure(&["case"]);
    assert_eq!(mode(&acme, "state/tenure.db"), 0o600);
    // A rehearsal leaves nothing, and makes its copy beside the database.
    acme.tenure(&["plan", "--now", TUESDAY]).ends(0);
    let left: Vec<_> = fs::read_dir(acme.path("state")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("plan-")), "{left:?}");
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let acme = Acme::begun();
    for mode in [0o644, 0o640, 0o604] {
        fs::set_permissions(acme.path("keys/key-encryption.key"), fs::Permissions::from_mode(mode)).unwrap();
        acme.tenure(&["case"]).fails(3, "C003").says(&format!("has the mode {mode:o}"));
    }
    fs::set_permissions(acme.path("keys/key-encryption.key"), fs::Permissions::from_mode(0o400)).unwrap();
    acme.tenure(&["case"]).ends(4);
}

/// What `doctor` finds wrong with the evidence.
fn examined(acme: &Acme) -> Vec<String> {
    let (checks, _) = acme.json(&["doctor", "--now", WEDNESDAY]);
    let of_evidence =
        checks.as_array().unwrap().iter().filter(|c| c["check"] == "evidence" && c["ok"] == false);
    of_evidence.map(|c| c["says"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_decided_is_compared_with_its_last_entry() {
    let acme = Acme::begun();
    acme.feed(&[OWNERS, OUTSIDER]);
    acme.tenure(&["run", "--now", MONDAY]).ends(4);
    acme.tenure(&["cutoff", "1002", "--reason", "a stolen laptop", "--now", TUESDAY]).ends(4);
    acme.tenure(&["doctor", "--now", TUESDAY]).says("ok    evidence: ");
    assert_eq!(examined(&acme), Vec::<String>::new());
    fs::copy(acme.path("state/tenure.db"), acme.path("state/copy.db")).unwrap();
    let cut = "(SELECT body FROM identity WHERE title LIKE 'Ola %')";
    for (what, sql) in [
        ("a grant that is said to be held", "UPDATE \"grant\" SET holding = 'held'".to_owned()),
        (
            "a reason of a grant",
            "UPDATE \"grant\" SET justifications = CAST(replace(justifications, 'baseline', 'request') AS BLOB)".to_owned(),
        ),
        ("a grant that is gone", "DELETE FROM \"grant\"".to_owned()),
        ("an account", "UPDATE account SET state = 'enabled', confirmed = generation".to_owned()),
        ("an account's own id", "UPDATE account SET external_id = hex(randomblob(8))".to_owned()),
        (
            "a decision in the body of an identity",
            format!(
                "UPDATE identity_body SET body = CAST(replace(body, 'stolen laptop', 'stolen tablet') AS BLOB) WHERE number = {cut}"
            ),
        ),
        ("when an identity is settled again", "UPDATE identity SET next = NULL, phase = 'departed' WHERE title LIKE 'Ola %'".to_owned()),
        ("whose record it is", "UPDATE record SET identity = (SELECT min(id) FROM identity)".to_owned()),
        ("an answer", "UPDATE approval SET deadline = NULL".to_owned()),
        ("a fact", "UPDATE fact SET state = 'confirmed'".to_owned()),
        ("a case", "UPDATE lifecycle_case SET state = 'closed'".to_owned()),
        ("the configuration", "UPDATE set_up SET by = 'nobody'".to_owned()),
        ("which configuration is active", "UPDATE set_up SET active = 0".to_owned()),
        ("an opening that is gone", "UPDATE leaf SET opening = NULL WHERE number = 3".to_owned()),
        (
            "an opening that was changed",
            "UPDATE leaf SET opening = (SELECT opening FROM leaf WHERE number = 2) WHERE number = 3"
                .to_owned(),
        ),
        (
            "the key of an identity",
            "UPDATE identity_body SET person_key = (SELECT max(person_key) FROM identity_body)".to_owned(),
        ),
        (
            "an order to cut off",
            "INSERT INTO cut_off_order (id, body) VALUES (randomblob(16), x'00')".to_owned(),
        ),
        (
            "a change that was held",
            "INSERT INTO held_change VALUES (randomblob(16), 'source hr', 'x', 'x', 0, 0, 1, 'x', x'00', 1)"
                .to_owned(),
        ),
    ] {
        fs::copy(acme.path("state/copy.db"), acme.path("state/tenure.db")).unwrap();
        let database = Connection::open(acme.path("state/tenure.db")).unwrap();
        assert_ne!(database.execute(&sql, []).unwrap(), 0, "{what}: nothing was changed");
        drop(database);
        if what.contains("is active") {
            // Then the last one that was active is taken, and nothing is given until it is dealt with.
            acme.tenure(&["run", "--now", TUESDAY])
                .ends(7)
                .says("which configuration is active cannot be read: the last one is used");
            continue;
        }
        assert_ne!(examined(&acme), Vec::<String>::new(), "{what}");
    }
}

#[test]
fn what_was_changed_is_not_washed_clean_by_the_next_decision() {
    let acme = Acme::begun();
    behind(&acme, "UPDATE account SET external_id = hex(randomblob(8))");
    acme.tenure(&["cutoff", "1002", "--reason", "a stolen laptop", "--now", TUESDAY]).ends(4);
    let wrong = examined(&acme);
    assert!(wrong.iter().any(|w| w.contains("was changed outside Tenure, before entry ")), "{wrong:?}");
}

#[test]
fn an_entry_that_another_program_appends_is_not_signed() {
    let acme = Acme::begun();
    // A copy of the last one: each of its parts is genuine, and its place is not.
    behind(
        &acme,
        "INSERT INTO leaf SELECT number + 1, hash, entry, inner, links, stamp, identity, opening FROM leaf
         ORDER BY number DESC LIMIT 1",
    );
    // A cut-off is carried out all the same; nothing is signed.
    acme.tenure(&["cutoff", "1002", "--reason", "a test", "--now", TUESDAY])
        .ends(4)
        .says("error L001")
        .says("was not written by Tenure");
    acme.tenure(&["ledger", "verify"]).fails(1, "L001");
}

#[test]
fn every_opening_says_what_it_is_about_and_its_place() {
    let acme = Acme::begun();
    acme.tenure(&["cutoff", "1002", "--reason", "a test", "--now", TUESDAY]).ends(4);
    let (entries, _) = acme.json(&["ledger", "verify"]);
    let all: Vec<serde_json::Value> = (0..entries["entries"].as_u64().unwrap())
        .map(|n| {
            serde_json::from_str(&acme.tenure(&["ledger", "show", &n.to_string()]).ends(0).stdout).unwrap()
        })
        .collect();
    let cut = all.iter().rfind(|e| e["entry"]["kind"] == "case.decided").unwrap();
    let case = &cut["entry"]["case"];
    assert_eq!(&cut["opening"]["about"]["case"], case, "{cut:#}");
    let method = cut["opening"]["actor"]["method"].as_str().unwrap();
    assert!(["login uid", "real uid"].contains(&method), "{cut:#}");
    assert_eq!(cut["opening"]["about"]["account"], "directory", "{cut:#}");
    let before = cut["links"]["identity"]["previous"].as_u64().unwrap();
    assert!(before < cut["index"].as_u64().unwrap(), "{cut:#}");
    let of_case: Vec<_> = all.iter().filter(|e| &e["entry"]["case"] == case).collect();
    let numbers: Vec<_> = of_case.iter().map(|e| e["links"]["case"]["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=u64::try_from(of_case.len()).unwrap()).collect::<Vec<_>>());
}

/// Takes the decision with this reason out of a stored body, wherever it is in it.
fn forget(value: &mut serde_json::Value, reason: &str) -> bool {
    match value {
        serde_json::Value::Object(fields) => {
            let of_it = |v: &serde_json::Value| {
                v.as_object().is_some_and(|o| o.values().any(|text| text.as_str() == Some(reason)))
            };
            let Some(key) = fields.iter().find(|(_, v)| of_it(v)).map(|(key, _)| key.clone()) else {
                return fields.values_mut().filter_map(|inner| forget(inner, reason).then_some(())).count()
                    > 0;
            };
            fields.remove(&key).is_some()
        }
        serde_json::Value::Array(items) => {
            items.iter_mut().filter_map(|inner| forget(inner, reason).then_some(())).count() > 0
        }
        _ => false,
    }
}

/// Takes the cut-off out of what is stored of each identity.
fn forget_cut_offs(acme: &Acme) {
    let database = Connection::open(acme.path("state/tenure.db")).unwrap();
    let mut query = database.prepare("SELECT number, body FROM identity_body").unwrap();
    let bodies: Vec<(i64, Vec<u8>)> =
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    let mut forgotten = 0;
    for (number, body) in bodies {
        let mut body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        if forget(&mut body, "a stolen laptop") {
            forgotten += 1;
            let sql = "UPDATE identity_body SET body = ?2 WHERE number = ?1";
            database.execute(sql, (number, serde_json::to_vec(&body).unwrap())).unwrap();
        }
    }
    assert_eq!(forgotten, 1);
}

#[test]
fn a_cut_off_that_was_taken_out_of_the_database_is_ordered_again() {
    let acme = Acme::begun();
    acme.tenure(&["cutoff", "1002", "--reason", "a stolen laptop", "--now", TUESDAY]).ends(4);
    acme.tenure(&["run", "--now", TUESDAY]).ends(7);
    forget_cut_offs(&acme);
    assert!(examined(&acme).iter().any(|w| w.contains("changed outside Tenure")));
    acme.tenure(&["run", "--now", WEDNESDAY]).says("ordered again");
    acme.tenure(&["explain", "1002", "--now", WEDNESDAY]).ends(0).says("cut off");
    // It was washed clean by that decision, and the evidence still says so.
    assert!(examined(&acme).iter().any(|w| w.contains("was changed outside Tenure, before entry ")));
}

#[test]
fn notes_about_configurations_that_were_changed_are_found() {
    let acme = Acme::begun();
    acme.edit("policy/access.toml", "[[baseline]]", "[[baseline]]\nname = \"b\"\nwhen = 'family_name == \"Berg\"'\ngrant = [\"directory:engineering\"]\n\n[[baseline]]");
    acme.applied(MONDAY);
    acme.edit(
        "tenure.toml",
        "security = [\"1001\", \"1002\"]",
        "security = [\"1001\", \"1002\"]\nmore = [\"1001\"]",
    );
    let (waits, _) = acme.json(&["apply", "--yes", "--now", MONDAY]);
    acme.tenure(&["doctor", "--now", MONDAY]).says_no("was changed outside Tenure");
    for note in ["authors of access", "earlier brakes", "waiting configuration"] {
        let database = Connection::open(acme.path("state/tenure.db")).unwrap();
        let read = "SELECT value FROM note WHERE name = ?1";
        let kept: Vec<u8> = database.query_row(read, [note], |row| row.get(0)).unwrap();
        let put = |value: &[u8]| {
            database.execute("UPDATE note SET value = ?2 WHERE name = ?1", (note, value)).unwrap()
        };
        assert_eq!(put(b"{\"v\":1,\"parts\":{}}"), 1);
        acme.tenure(&["doctor", "--now", MONDAY])
            .ends(7)
            .says(&format!("{note}: the stored value is not the one of entry"));
        // When the stored author differs from the sealed one, no confirmation is accepted.
        if note.starts_with("waiting") {
            let hash = waits["set_up"].as_str().unwrap();
            acme.tenure_as("1002", &["apply", "--confirm", hash, "--now", MONDAY]).fails(1, "A001");
        }
        put(&kept);
        acme.tenure(&["doctor", "--now", MONDAY]).says_no("was changed outside Tenure");
    }
}
