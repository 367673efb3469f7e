//! What cannot be read is reported and kept apart: cut-offs and removals go on, and nothing gives access until a member of the
//! escalation group has dealt with it.

use super::acme::{Acme, MONDAY, OUTSIDER, OWNERS, TUESDAY, WEDNESDAY};
use super::service::organisation;
use rustix::fs::{CWD, Mode, mkfifoat};
use std::fs;

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
    acme.tenure(&["run", "--now", TUESDAY]).ends(4).says("error L006");
    assert_eq!(service.state().active_count(), 8, "who left is disabled, and who came has no account");
    acme.tenure(&["case", "1200", "--now", TUESDAY]).ends(4).says("converge directory is tried from");
    acme.tenure(&["doctor", "--now", TUESDAY]).ends(4).says("wrong damage: line 1");

    acme.tenure_as("1102", &["ledger", "repaired", "--reason", "so what", "--now", TUESDAY]).fails(1, "A002");
    acme.tenure(&["ledger", "repaired", "--reason", "a test wrote it", "--now", TUESDAY])
        .ends(0)
        .says("dealt with: line 1");
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
    acme.tenure(&["run", "--now", TUESDAY]).ends(4).says("error L006").says("checkpoint");
    assert_eq!(
        fs::read_to_string(acme.path(CHECKPOINT)).unwrap(),
        "",
        "it is evidence until it is dealt with"
    );
    acme.tenure(&["ledger", "repaired", "--reason", "a full disk", "--now", TUESDAY]).ends(0);
    acme.tenure(&["ledger", "verify"]).ends(0);
    acme.tenure(&["run", "--now", TUESDAY]).ends(4).says_no("L006");
}

#[test]
fn a_pipe_or_nothing_in_place_of_the_checkpoint_keeps_no_cut_off_back() {
    let acme = Acme::begun();
    let kept = acme.path("kept.checkpoint");
    fs::rename(acme.path(CHECKPOINT), &kept).unwrap();
    let cut_off = ["cutoff", "1002", "--reason", "a theft", "--now", TUESDAY];
    mkfifoat(CWD, acme.path(CHECKPOINT), Mode::RWXU).unwrap();
    acme.tenure(&cut_off)
        .ends(4)
        .says("error L002")
        .says("not a regular file")
        .says("the cut-off is accepted");
    fs::remove_file(acme.path(CHECKPOINT)).unwrap();
    acme.tenure(&["run", "--now", TUESDAY]).fails(1, "L001");
    // Put back, the next pass carries it out.
    fs::rename(&kept, acme.path(CHECKPOINT)).unwrap();
    acme.tenure(&["run", "--now", TUESDAY]).ends(4).says("ordered again");
    acme.tenure(&["cutoff", "--now", TUESDAY]).says("Ola Müller (1002): cut off since");
}

#[test]
fn one_changed_byte_of_the_stored_configuration_is_said_clearly() {
    let acme = Acme::begun();
    change_database(&acme, "3 days before start", "4 days before start");
    // The folder's own files are what was made active: their hash shows it.
    acme.tenure(&["run", "--now", TUESDAY]).ends(4).says("error L006").says("stored configuration");
    acme.feed(&[OWNERS, OUTSIDER]);
    let file = acme.path("policy/access.toml");
    fs::write(&file, format!("{}\n# another one\n", fs::read_to_string(&file).unwrap())).unwrap();
    acme.tenure(&["run", "--now", WEDNESDAY]).fails(3, "C013");
    acme.tenure(&["case", "--now", WEDNESDAY]).ends(4);
    acme.tenure(&["cutoff", "1002", "--reason", "a theft", "--now", WEDNESDAY]).ends(4).says("cut off: Ola");
    // Another configuration mends it.
    acme.tenure(&["apply", "--now", WEDNESDAY]).ends(0);
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(4).says("hr: 3 rows");
}
