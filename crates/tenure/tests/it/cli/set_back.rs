//! Cut-offs outlive a database that is set back: they are kept outside it, and ordered again before it is served.

use super::acme::{Acme, MONDAY, OUTSIDER, OWNERS, TUESDAY, WEDNESDAY};
use std::fs;

/// A person who joins after the backup was made, and begins at once.
const NEW: &str = "1004,Ida,Dahl,employee,IT,,2025-01-01,\n";
const KEPT: &str = "state/checkpoints/cut-offs";
const REOPEN: [&str; 6] = ["ledger", "reopen", "--reason", "a disk failed", "--now", WEDNESDAY];

fn back_up(acme: &Acme) {
    fs::copy(acme.path("state/tenure.db"), acme.path("state/copy.db")).unwrap();
}

fn set_back(acme: &Acme) {
    fs::copy(acme.path("state/copy.db"), acme.path("state/tenure.db")).unwrap();
}

/// What `explain` says of an identity on Wednesday.
fn explained(acme: &Acme, person: &str) -> String {
    acme.tenure(&["explain", person, "--now", WEDNESDAY]).ends(0).stdout
}

/// Ida's account is there, and usable: its owner says so.
fn with_an_account() -> Acme {
    let acme = Acme::begun();
    acme.feed(&[OWNERS, NEW]);
    acme.tenure(&["run", "--now", MONDAY]).ends(4);
    let task = acme.task_of("1004");
    acme.tenure_as("1002", &["case", "--done", &task, "--now", MONDAY]).ends(4);
    acme.tenure(&["case", "--attest", &task, "--seen", "I looked", "--now", MONDAY]).ends(0);
    acme
}

#[test]
fn a_cut_off_outlives_it_and_is_attested_as_unusable() {
    let acme = with_an_account();
    back_up(&acme);
    acme.tenure(&["cutoff", "1004", "--reason", "a stolen laptop", "--now", TUESDAY]).ends(4);
    set_back(&acme);
    acme.tenure(&["run", "--now", WEDNESDAY]).fails(1, "L001");
    let (reopened, code) = acme.json(&REOPEN);
    assert_eq!((&reopened["cut_off_again"], code), (&1.into(), Some(0)), "{reopened:#}");
    let shown = explained(&acme, "1004");
    assert!(shown.contains("cut off since 2026-01-13") && shown.contains("a stolen laptop"), "{shown}");

    // The account is disabled again, and no feed or pass brings it back.
    let task = acme.task_of("1004");
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(4);
    acme.tenure(&["case", "1004", "--now", WEDNESDAY]).ends(4).says("disable");
    acme.tenure_as("1002", &["case", "--done", &task, "--now", WEDNESDAY]).ends(4);
    acme.tenure(&["case", "--attest", &task, "--seen", "I looked", "--now", WEDNESDAY]);
    acme.tenure(&["case", "1004", "--now", WEDNESDAY]).says("attested");
    // Its issuer stays the same, also where another person reopened the ledger.
    acme.tenure(&["cutoff", "1004", "--lift", "--now", WEDNESDAY])
        .fails(1, "A002")
        .says("they are the issuer of the cut-off");
    // The evidence says where it came from.
    let kept = reopened["kept"].as_u64().unwrap();
    let from = (kept..kept + 8).find_map(|index| {
        let ran = acme.tenure(&["ledger", "show", &index.to_string()]);
        ran.stdout.contains("kept_outside").then_some(ran.stdout)
    });
    let from = from.expect("an entry that says so");
    assert!(from.contains("\"line\": 1") && from.contains("case.decided"), "{from}");
    // Once is enough.
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(4).says_no("ordered again");
}

#[test]
fn what_is_kept_outside_names_nobody() {
    let acme = Acme::begun();
    acme.tenure(&["cutoff", "1002", "--reason", "a stolen laptop", "--now", TUESDAY]).ends(4);
    acme.tenure(&["cutoff", "--account", "directory:ghost", "--reason", "a find", "--now", TUESDAY]).ends(0);
    let text = fs::read_to_string(acme.path(KEPT)).unwrap();
    assert_eq!(text.lines().count(), 2, "{text}");
    for personal in ["Müller", "laptop", "directory", "worker_number"] {
        assert!(!text.to_lowercase().contains(&personal.to_lowercase()), "{personal} in {text}");
    }
    // Changed, it is no cut-off of another person: it is damage, which hides no other line.
    let first: Vec<&str> = text.lines().next().unwrap().split(' ').collect();
    let last: Vec<&str> = text.lines().last().unwrap().split(' ').collect();
    acme.write(KEPT, &format!("{text}1 {} {} {}\n", last[1].replace('0', "f"), first[2], last[3]));
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(7).says("error L006").says("line 3 of the cut-offs");
    // Put back, it stays damage until a member of the escalation group says that it was looked into.
    acme.write(KEPT, &text);
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(7).says("error L006");
    acme.tenure(&["ledger", "repaired", "--reason", "put back", "--now", WEDNESDAY]).ends(0);
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(7).says_no("L006");
}

#[test]
fn somebody_whom_the_backup_does_not_know_is_cut_off_when_they_come() {
    let acme = Acme::begun();
    back_up(&acme);
    acme.feed(&[OWNERS, NEW]);
    acme.tenure(&["run", "--now", TUESDAY]).ends(4);
    acme.tenure(&["cutoff", "1004", "--reason", "a false name", "--now", TUESDAY]).ends(4);
    acme.tenure(&["cutoff", "--account", "directory:ghost", "--reason", "a find", "--now", TUESDAY]).ends(0);
    set_back(&acme);
    acme.tenure(&REOPEN).ends(0);
    acme.tenure(&["cutoff", "--now", WEDNESDAY])
        .says("directory:ghost")
        .says("=1004: cut off as soon as it appears");
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(4);
    let shown = explained(&acme, "1004");
    assert!(shown.contains("a false name"), "{shown}");
}

#[test]
fn what_was_lifted_since_is_not_ordered_again() {
    let acme = Acme::begun();
    acme.feed(&[OWNERS, NEW, OUTSIDER]);
    acme.edit("tenure.toml", "[\"1001\", \"1002\"]", "[\"1001\", \"1002\", \"1004\"]");
    acme.applied(MONDAY);
    acme.tenure(&["run", "--now", MONDAY]).ends(4);
    back_up(&acme);
    acme.tenure(&["cutoff", "1002", "--reason", "a mistake", "--now", TUESDAY]).ends(4);
    acme.tenure_as("1004", &["cutoff", "1002", "--lift", "--now", TUESDAY]).ends(4);
    acme.tenure(&["cutoff", "1003", "--reason", "a theft", "--now", TUESDAY]);
    set_back(&acme);
    let (reopened, _) = acme.json(&REOPEN);
    assert_eq!(reopened["cut_off_again"], 1, "{reopened:#}");
    assert!(!explained(&acme, "1002").contains("cut off since"));
    assert!(explained(&acme, "1003").contains("cut off since"));

    // A lifting that the database does not know lifts nothing: it was set back to where the cut-off is.
    acme.tenure(&["cutoff", "1002", "--reason", "a theft", "--now", WEDNESDAY]).ends(4);
    back_up(&acme);
    acme.tenure_as("1004", &["cutoff", "1002", "--lift", "--now", WEDNESDAY]).ends(4);
    set_back(&acme);
    acme.tenure(&REOPEN).ends(0).says_no("ordered again");
    assert!(explained(&acme, "1002").contains("cut off since"));
}

#[test]
fn a_database_that_is_served_again_before_its_head_was_written_knows_them_too() {
    let acme = Acme::begun();
    back_up(&acme);
    fs::copy(acme.path("state/checkpoints/checkpoint"), acme.path("kept.checkpoint")).unwrap();
    acme.tenure(&["cutoff", "1002", "--reason", "a theft", "--now", TUESDAY]).ends(4);
    // The process ended between the commit and the checkpoint, and then the disk failed.
    set_back(&acme);
    fs::copy(acme.path("kept.checkpoint"), acme.path("state/checkpoints/checkpoint")).unwrap();
    acme.tenure(&["run", "--now", WEDNESDAY])
        .ends(7)
        .says("1 cut-off that the database did not know: ordered again");
    assert!(explained(&acme, "1002").contains("cut off since"));
}
