//! What cannot be done says what happened, to what, and what to do, with its code.

use super::acme::{Acme, MONDAY, Ran, TUESDAY};
use rustix::fs::{FlockOperation, flock};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn whom_and_what_nobody_knows() {
    let acme = Acme::begun();
    let mut shown = String::new();
    for arguments in [
        &["explain", "nobody"][..],
        &["explain", "r"],
        &["explain", "1001", "no entitlement"],
        &["cutoff", "nobody", "--reason", "x"],
        &["case", "nobody"],
        &["case", "--label", "jioner"],
        &["case", "--done", "7"],
        &["case", "--done", "01a20647-caec-7d60-8625-4a90f900fe91"],
        &["approve", "7"],
        &["deny", "01a20647-caec-7d60-8625-4a90f900fe91"],
        &["release", "7"],
        &["release", "01a20647-caec-7d60-8625-4a90f900fe91", "--list"],
        &["release", "01a20647-caec-7d60-8625-4a90f900fe91"],
        &["correlate", "7"],
        &["correlate", "01a20647-caec-7d60-8625-4a90f900fe91", "--new"],
        &["correlate", "--split", "1001", "1001"],
        &["scan", "no system"],
        &["scan", "nothing"],
    ] {
        let ran: Ran = acme.tenure(arguments).fails(1, "A00").says("help: ");
        shown.push_str(&format!("tenure {}\n{}\n", arguments.join(" "), ran.shown()));
    }
    insta::assert_snapshot!("unknown", shown);
}

#[test]
fn dates_that_are_none() {
    let acme = Acme::begun();
    acme.tenure(&["run", "--now", "2026-13-01"])
        .ends(2)
        .says("write date, time and zone, as in 2026-06-04T15:30:00Z");
    acme.tenure(&["run", "--now", "2026-01-13T09:00:00"]).ends(2).says("write date, time and zone");
    acme.tenure(&["run", "--for", "soon"]).ends(2).says("as in 30s, 5m or 1h30m");
    acme.tenure(&["run", "--now", "2026-01-01T00:00:00Z"])
        .fails(1, "A003")
        .says(&format!("is before {MONDAY}"));
    acme.tenure(&["run", "--now", "2026-01-13T10:00:00+01:00"]).ends(4);
}

#[test]
fn folders_that_are_none() {
    let acme = Acme::nothing();
    acme.tenure(&["run"]).fails(3, "C001").says("tenure.toml cannot be read").says("init");
    let mut command = acme.command(&["case"]);
    let nowhere = acme.path("nowhere");
    command.arg("-C").arg(&nowhere);
    let ran = Ran::new(command.output().unwrap(), &nowhere);
    assert!(ran.code == Some(2) || ran.code == Some(3), "{}", ran.shown());
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tenure"));
    command.arg("case").arg("-C").arg(&nowhere);
    Ran::new(command.output().unwrap(), &nowhere).fails(3, "C001").says("there is no folder");
    let fresh = Acme::new();
    fresh.tenure(&["run"]).fails(1, "C007").says("`tenure apply`");
    fs::write(fresh.path("state-is-a-file"), "").unwrap();
    fresh.edit("tenure.toml", "state/tenure.db", "state-is-a-file/tenure.db");
    fresh.tenure(&["apply"]).fails(1, "C005").says("[storage]");
}

#[test]
fn keys_that_are_missing_or_wrong() {
    let acme = Acme::begun();
    let key = acme.path("keys/key-encryption.key");
    let right = fs::read_to_string(&key).unwrap();
    fs::remove_file(&key).unwrap();
    acme.tenure(&["case"]).fails(3, "C003").says("keys/key-encryption.key").says("comes only from its copy");
    fs::write(&key, "").unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    acme.tenure(&["case"]).fails(3, "C003").says("it is empty");
    fs::write(&key, "not a key\n").unwrap();
    acme.tenure(&["case"]).fails(3, "C006");
    // 32 other bytes.
    fs::write(&key, format!("{}=\n", "A".repeat(43))).unwrap();
    acme.tenure(&["case"]).fails(1, "L001");
    fs::write(&key, right).unwrap();
    acme.tenure(&["case"]).ends(4);
}

#[test]
fn a_database_that_another_process_has() {
    let acme = Acme::begun();
    let lock = fs::OpenOptions::new().write(true).open(acme.path("state/tenure.db.lock")).unwrap();
    fs::write(acme.path("state/tenure.db.lock"), "4242\n").unwrap();
    flock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
    for arguments in [&["run"][..], &["plan"], &["apply"], &["cutoff", "1002", "--lift"]] {
        acme.tenure(arguments)
            .fails(1, "S001")
            .says("state/tenure.db is in use by another process (process id 4242)")
            .says("help: two processes never write one database");
    }
    // Reading waits for no other process, and what needs no database goes on. A cut-off is in `beside.rs`.
    for (arguments, code) in [
        (&["check"][..], 0),
        (&["case"], 4),
        (&["explain", "1001"], 0),
        (&["approvals"], 0),
        (&["cutoff"], 0),
        (&["ledger", "verify"], 0),
        (&["doctor"], 4),
    ] {
        acme.tenure(arguments).ends(code).says_no("S001");
    }
    drop(lock);
    acme.tenure(&["run", "--now", TUESDAY]).ends(4);
}
