//! What cannot be read is reported and kept apart: cut-offs and removals go on, and nothing gives access until a member of the
//! escalation group has dealt with it.

use super::acme::{Acme, MONDAY, OUTSIDER, OWNERS, TUESDAY, WEDNESDAY};
use super::service::organisation;
use rusqlite::Connection;
use rustix::fs::{CWD, Mode, mkfifoat};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

const KEPT: &str = "state/checkpoints/cut-offs";
const CHECKPOINT: &str = "state/checkpoints/checkpoint";
const DATABASE: &str = "state/tenure.db";

/// Puts other bytes, as many, in the place of some in the database: what a failing disk or an intruder does.
fn change_database(acme: &Acme, from: &str, to: &str) {
    assert_eq!(from.len(), to.len());
    let mut bytes = fs::read(acme.path(DATABASE)).unwrap();
    let mut found = 0;
    for at in 0..bytes.len().saturating_sub(from.len()) {
        if bytes[at..].starts_with(from.as_bytes()) {
            bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
            found += 1;
        }
    }
    assert!(found > 0, "the database has no {from:?}");
    fs::write(acme.path(DATABASE), bytes).unwrap();
}

/// What is found in the place of a file.
const INSTEAD: [&str; 5] = ["nothing", "an empty file", "a folder", "a pipe", "an endless device"];

/// Puts something else in the place of a file.
fn put_instead(path: &Path, what: &str) {
    fs::remove_file(path).unwrap();
    match what {
        "nothing" => {}
        "an empty file" => fs::write(path, "").unwrap(),
        "a folder" => fs::create_dir(path).unwrap(),
        "a pipe" => mkfifoat(CWD, path, Mode::RWXU).unwrap(),
        _ => symlink("/dev/zero", path).unwrap(),
    }
}

/// The two owners and one more person, one of whom is cut off.
fn with_one_cut_off() -> Acme {
    let acme = Acme::begun();
    acme.feed(&[OWNERS, "1005,Dan,Dahl,employee,IT,1001,2024-01-08,\n"]);
    acme.tenure(&["run", "--now", MONDAY]).ends(4);
    acme.tenure(&["cutoff", "1002", "--reason", "a theft", "--now", MONDAY]).ends(4);
    acme
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_gives_access_until_it_is_dealt_with_and_removals_go_on() {
    let (acme, service) = organisation("enforce").await;
    acme.tenure(&["run", "--now", MONDAY]).ends(0);
    assert_eq!(service.state().active_count(), 10);
    acme.write(KEPT, "this is no line\n");
    acme.tenure(&["cutoff", "1101", "--reason", "a key was found", "--now", TUESDAY])
        .ends(0)
        .says("error L006")
        .says("line 1")
        .says("everything was read back");
    assert_eq!(service.state().active_count(), 9);
    let feed = fs::read_to_string(acme.path("feeds/hr.csv")).unwrap();
    let left = feed.replace(
        "1108,Given8,Family8,employee,Engineering,1002,2025-01-01,\n",
        "1108,Given8,Family8,employee,Engineering,1002,2025-01-01,2026-01-12\n1200,New,Comer,employee,IT,1001,2025-01-13,\n",
    );
    assert_ne!(feed, left);
    acme.write("feeds/hr.csv", &left);
    acme.tenure(&["run", "--now", TUESDAY]).ends(7).says("error L006");
    assert_eq!(service.state().active_count(), 8, "who left is disabled, and who came has no account");
    acme.tenure(&["case", "1200", "--now", TUESDAY]).ends(4).says("work in directory: scheduled for ");
    acme.tenure(&["doctor", "--now", TUESDAY]).ends(7).says("wrong damage: line 1");

    acme.tenure_as("1102", &["ledger", "repaired", "--reason", "so what", "--now", TUESDAY]).fails(1, "A002");
    acme.tenure(&["ledger", "repaired", "--reason", "a test wrote it", "--now", TUESDAY])
        .ends(0)
        .says("recorded as dealt with: line 1");
    let (cases, _) = acme.json(&["case", "1200", "--now", TUESDAY]);
    let task = cases["cases"][0]["tasks"][0]["id"].as_str().unwrap().to_owned();
    acme.tenure(&["case", "--again", &task, "--now", TUESDAY]).ends(0).says_no("L006");
    assert_eq!(service.state().active_count(), 9);
    service.stop().await;
}

#[test]
fn an_empty_checkpoint_keeps_no_cut_off_back() {
    let acme = Acme::begun();
    acme.write(CHECKPOINT, "");
    acme.tenure(&["cutoff", "1002", "--reason", "a theft", "--now", TUESDAY]).ends(4).says("cut off: Ola");
    acme.tenure(&["run", "--now", TUESDAY]).ends(7).says("error L006").says("checkpoint");
    assert_eq!(
        fs::read_to_string(acme.path(CHECKPOINT)).unwrap(),
        "",
        "it is evidence until it is dealt with"
    );
    acme.tenure(&["ledger", "repaired", "--reason", "a full disk", "--now", TUESDAY]).ends(0);
    acme.tenure(&["ledger", "verify"]).ends(0);
    acme.tenure(&["run", "--now", TUESDAY]).ends(7).says_no("L006");
}

#[test]
fn whatever_stands_in_the_place_of_the_checkpoint_keeps_no_cut_off_back() {
    for what in INSTEAD {
        let acme = Acme::begun();
        let kept = acme.path("kept.checkpoint");
        fs::copy(acme.path(CHECKPOINT), &kept).unwrap();
        put_instead(&acme.path(CHECKPOINT), what);
        let cut_off = acme.tenure(&["cutoff", "1002", "--reason", "a theft", "--now", TUESDAY]).ends(4);
        if what == "nothing" {
            // It proves that the database is not an older one: without it nothing is decided, and the order is kept.
            cut_off.says("error L001").says("the cut-off is accepted");
            acme.tenure(&["run", "--now", TUESDAY]).fails(1, "L001");
            fs::rename(&kept, acme.path(CHECKPOINT)).unwrap();
            acme.tenure(&["run", "--now", TUESDAY]).ends(7).says("ordered again");
            acme.tenure(&["cutoff", "--now", TUESDAY]).says("Ola Müller (1002): cut off since");
            continue;
        }
        cut_off.says("error L006").says("cut off: Ola");
        acme.tenure(&["run", "--now", TUESDAY]).ends(7).says("error L006").says("nothing is created");
        fs::remove_file(acme.path(CHECKPOINT)).or_else(|_| fs::remove_dir(acme.path(CHECKPOINT))).unwrap();
        fs::rename(&kept, acme.path(CHECKPOINT)).unwrap();
        acme.tenure(&["ledger", "repaired", "--reason", "put back", "--now", TUESDAY]).ends(0);
        acme.tenure(&["run", "--now", TUESDAY]).ends(7).says_no("L006");
        acme.tenure(&["ledger", "verify"]).ends(0);
    }
}

#[test]
fn whatever_stands_in_the_place_of_the_lines_outside_keeps_no_cut_off_back() {
    for what in INSTEAD {
        let acme = with_one_cut_off();
        put_instead(&acme.path(KEPT), what);
        acme.tenure(&["cutoff", "1005", "--reason", "a theft", "--now", TUESDAY])
            .ends(4)
            .says("error L006")
            .says("cut off: Dan Dahl");
        // What is lost of it is damage, in each pass: nothing gives access until it is dealt with.
        acme.tenure(&["run", "--now", TUESDAY]).ends(7).says("error L006").says("nothing is created");
        acme.tenure(&["explain", "1005", "--now", TUESDAY]).ends(0).says("cut off since");
        acme.tenure(&["doctor", "--now", TUESDAY]).ends(7).says("wrong damage");
    }
}

#[test]
fn a_key_that_cannot_be_read_is_said_and_waited_for_by_no_command() {
    for what in INSTEAD {
        let acme = Acme::begun();
        put_instead(&acme.path("keys/key-encryption.key"), what);
        for command in [&["run"][..], &["cutoff", "1002", "--reason", "a theft"]] {
            let ran = acme.tenure(&[command, &["--now", TUESDAY]].concat());
            assert!(matches!(ran.code, Some(1 | 3)), "{what}: {}", ran.shown());
            ran.says("error ").says("help:").says("key");
        }
    }
}

#[test]
fn an_outbox_that_takes_nothing_keeps_no_cut_off_back() {
    for what in ["an empty file", "a pipe", "an endless device"] {
        let acme = Acme::begun();
        fs::remove_dir_all(acme.path("outbox")).ok();
        acme.write("outbox", "");
        put_instead(&acme.path("outbox"), what);
        acme.tenure(&["cutoff", "1002", "--reason", "a theft", "--now", TUESDAY])
            .ends(4)
            .says("cut off: Ola");
        acme.tenure(&["run", "--now", TUESDAY]).ends(7);
    }
}

#[test]
fn a_task_that_was_lost_is_given_again() {
    let acme = Acme::begun();
    let lost = acme.task_of("1002");
    Connection::open(acme.path(DATABASE)).unwrap().execute("DELETE FROM task", []).unwrap();
    acme.tenure(&["run", "--now", TUESDAY]).ends(4);
    assert_ne!(acme.task_of("1002"), lost);
    let (explained, _) = acme.json(&["ledger", "verify"]);
    let entries = explained["entries"].as_u64().unwrap();
    let given =
        |at: &u64| acme.tenure(&["ledger", "show", &at.to_string()]).stdout.contains("task.given-again");
    assert_eq!((0..entries).filter(given).count(), 2);
    // Once is enough.
    let again = acme.task_of("1002");
    acme.tenure(&["run", "--now", TUESDAY]).ends(4);
    assert_eq!(acme.task_of("1002"), again);
}

#[test]
fn one_changed_byte_of_the_stored_configuration_is_said_clearly() {
    let acme = Acme::begun();
    change_database(&acme, "3 days before start", "4 days before start");
    // The folder's own files are what was made active: their hash shows it.
    acme.tenure(&["run", "--now", TUESDAY]).ends(7).says("error L006").says("stored configuration");
    acme.feed(&[OWNERS, OUTSIDER]);
    let file = acme.path("policy/access.toml");
    fs::write(&file, format!("{}\n# another one\n", fs::read_to_string(&file).unwrap())).unwrap();
    acme.tenure(&["run", "--now", WEDNESDAY]).fails(3, "C013");
    acme.tenure(&["case", "--now", WEDNESDAY]).ends(4);
    acme.tenure(&["cutoff", "1002", "--reason", "a theft", "--now", WEDNESDAY]).ends(4).says("cut off: Ola");
    // Another configuration repairs it.
    acme.tenure(&["apply", "--yes", "--now", WEDNESDAY]).ends(0);
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(7).says("hr: 3 rows").says_no("L006");
    acme.tenure(&["doctor", "--now", WEDNESDAY]).says_no("wrong damage");
}
