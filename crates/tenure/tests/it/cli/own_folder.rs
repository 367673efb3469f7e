//! A database belongs to a folder: another one that names it supplies no feed, and an export replaces nothing that Tenure rests on.

use super::acme::{Acme, HEADER, MONDAY, OUTSIDER, OWNERS, Ran, TUESDAY};
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

const CHECKPOINT: &str = "state/checkpoints/checkpoint";
const STRANGER: &str = "1099,Xia,Xu,employee,IT,1001,2024-01-08,\n";

/// A live organisation: the two owners, and one more person.
fn live() -> Acme {
    let acme = Acme::nothing();
    acme.tenure(&["init", "--organisation", "Acme"]).ends(0);
    acme.feed(&[OWNERS, OUTSIDER]);
    acme.tenure(&["apply"]).ends(0);
    acme.tenure(&["run"]).ends(4);
    acme
}

/// A folder of a user's own that names the database, the checkpoints and the key of another one, and has its own feed.
fn folder_of_ones_own(acme: &Acme) -> Acme {
    let own = Acme::nothing();
    for part in ["sources", "systems", "policy", "feeds"] {
        fs::create_dir(own.path(part)).unwrap();
        for file in fs::read_dir(acme.path(part)).unwrap().map(|f| f.unwrap()) {
            fs::copy(file.path(), own.path(part).join(file.file_name())).unwrap();
        }
    }
    let text = fs::read_to_string(acme.path("tenure.toml")).unwrap();
    let root = acme.path("").display().to_string();
    let root = root.trim_end_matches('/');
    let text = text
        .replace("\"state/", &format!("\"{root}/state/"))
        .replace("file:keys/", &format!("file:{root}/keys/"));
    own.write("tenure.toml", &text);
    own.feed(&[OWNERS, OUTSIDER, STRANGER]);
    own
}

/// The program in a folder that is none of these.
fn tenure_in(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
    Ran::new(command.arg("-C").arg(folder).args(arguments).output().unwrap(), folder)
}

#[test]
fn a_folder_of_ones_own_that_names_the_database_supplies_no_feed() {
    let acme = live();
    let own = folder_of_ones_own(&acme);
    let outside = fs::read_to_string(acme.path(CHECKPOINT)).unwrap();
    for command in [
        &["run"][..],
        &["plan"],
        &["apply"],
        &["scan"],
        &["doctor"],
        &["approvals"],
        &["identity", "list"],
        &["ledger", "verify"],
        &["cutoff", "1003", "--reason", "x"],
        &["ledger", "reopen", "--moved", "--reason", "mine now"],
    ] {
        let root = acme.path("").canonicalize().unwrap();
        own.tenure(command).fails(1, "C014").says(&format!("belongs to the folder {}", root.display()));
    }
    // The same by a link to the database, and from a path with a link to the folder itself all is well.
    fs::create_dir(own.path("state")).unwrap();
    symlink(acme.path("state/tenure.db"), own.path("state/tenure.db")).unwrap();
    own.edit("tenure.toml", &acme.path("state/tenure.db").display().to_string(), "state/tenure.db");
    own.tenure(&["run"]).fails(1, "C014");
    assert_eq!(fs::read_to_string(acme.path(CHECKPOINT)).unwrap(), outside);
    acme.tenure(&["explain", "1099"]).fails(1, "A001");
    let link = own.path("link");
    symlink(acme.path(""), &link).unwrap();
    tenure_in(&link, &["explain", "1001"]).ends(0);
}

#[test]
fn a_folder_that_was_moved_says_so_first_and_a_cut_off_does_not_wait_for_it() {
    let (acme, moved, disk) = (Acme::nothing(), Acme::nothing(), Acme::nothing());
    acme.tenure(&["init", "--organisation", "Acme"]).ends(0);
    let database = disk.path("tenure.db").display().to_string();
    acme.edit("tenure.toml", "state/tenure.db", &database);
    acme.feed(&[OWNERS, OUTSIDER]);
    acme.tenure(&["apply"]).ends(0);
    acme.tenure(&["run"]).ends(4);
    fs::rename(acme.path(""), moved.path("at")).unwrap();
    let at = moved.path("at");
    let here = |arguments: &[&str]| tenure_in(&at, arguments);
    here(&["run"]).fails(1, "C014").says("ledger reopen --moved");
    here(&["cutoff", "1003", "--reason", "a stolen laptop"]).ends(4).says("error C014");
    here(&["ledger", "reopen", "--moved", "--reason", " "]).fails(1, "A002");
    here(&["ledger", "reopen", "--moved", "--reason", "another disk"]).ends(0).says("from now on");
    here(&["run"]).ends(4).says_no("C014");
    here(&["explain", "1003"]).ends(0).says("cut off since");
    here(&["doctor"]).says_no("wrong evidence");
}

#[test]
fn an_export_replaces_nothing_that_tenure_rests_on() {
    let acme = Acme::begun();
    let outside = fs::read_to_string(acme.path(CHECKPOINT)).unwrap();
    symlink(acme.path("state/checkpoints"), acme.path("link")).unwrap();
    for place in [
        "state/checkpoints",
        "state/checkpoints/new",
        "link",
        "link/new",
        "state",
        "keys",
        "feeds",
        "policy",
        "sources/x",
        "",
        "x/../keys",
    ] {
        let to = acme.path(place);
        acme.tenure(&["ledger", "export", to.to_str().unwrap()]).fails(3, "L007").says("holds");
    }
    assert!(!acme.path("keys/tile").exists() && !acme.path("feeds/checkpoint").exists());
    assert_eq!(fs::read_to_string(acme.path(CHECKPOINT)).unwrap(), outside);

    // Within a folder of its own, nothing is written through a link.
    let files = acme.path("published").display().to_string();
    acme.tenure(&["ledger", "export", &files]).ends(0);
    fs::remove_dir_all(acme.path("published/tile")).unwrap();
    symlink(acme.path("keys"), acme.path("published/tile")).unwrap();
    acme.tenure(&["ledger", "export", &files]).says("a symbolic link is in the place of its folder");
    assert_eq!(fs::read_dir(acme.path("keys")).unwrap().count(), 1);
    // A checkpoint of another ledger stays as it is.
    let other = Acme::begun();
    let theirs = other.path("published");
    other.tenure(&["ledger", "export", theirs.to_str().unwrap()]).ends(0);
    acme.tenure(&["ledger", "export", theirs.to_str().unwrap()])
        .fails(3, "L007")
        .says("was not signed by this ledger");
}

#[test]
fn a_database_that_was_set_back_is_exported_only_where_it_hides_nothing() {
    let acme = Acme::begun();
    let files = acme.path("published").display().to_string();
    fs::copy(acme.path("state/tenure.db"), acme.path("copy.db")).unwrap();
    acme.tenure(&["cutoff", "1002", "--reason", "a test", "--now", TUESDAY]).ends(4);
    acme.tenure(&["ledger", "export", &files]).ends(0);
    fs::copy(acme.path("copy.db"), acme.path("state/tenure.db")).unwrap();
    let outside = fs::read_to_string(acme.path(CHECKPOINT)).unwrap();
    let to = acme.path("state/checkpoints");
    acme.tenure(&["ledger", "export", to.to_str().unwrap()]).fails(3, "L007");
    acme.tenure(&["ledger", "export", &files]).fails(3, "L007").says("and the database has");
    let new = acme.path("new").display().to_string();
    acme.tenure(&["ledger", "export", &new]).ends(4).says("error L001").says("what the database has");
    assert_eq!(fs::read_to_string(acme.path(CHECKPOINT)).unwrap(), outside);
    acme.tenure(&["run", "--now", TUESDAY]).fails(1, "L001");
}

#[test]
fn a_live_clock_that_ran_ahead_is_set_back() {
    let acme = live();
    ahead(&acme.path("state/tenure.db"), 30 * 24 * 60 * 60 * 1_000_000);
    acme.tenure(&["doctor"]).ends(7).says("is behind business time");
    acme.tenure(&["ledger", "reopen", "--clock", "--reason", "the clock was wrong"]).ends(0).says("it was ");
    acme.tenure(&["doctor"]).says_no("is behind business time").says_no("wrong evidence");
    acme.tenure(&["ledger", "reopen", "--clock", "--reason", "again"]).fails(1, "A003").says("not ahead");
    acme.tenure(&["run"]).ends(4).says_no("jumped");
}

/// Business time is so many microseconds later, as after a pass by a wrong clock.
fn ahead(database: &Path, microseconds: i64) {
    let database = Connection::open(database).unwrap();
    let changed = database.execute("UPDATE business_time SET at = at + ?1", [microseconds]).unwrap();
    assert_eq!(changed, 1);
}

#[test]
fn a_name_that_was_freed_behind_tenure_is_seen() {
    let acme = Acme::begun();
    acme.tenure(&["doctor", "--now", MONDAY]).says_no("was changed outside Tenure");
    let database = Connection::open(acme.path("state/tenure.db")).unwrap();
    let freed = database.execute("DELETE FROM identifier WHERE name = 'user_name'", []).unwrap();
    assert!(freed > 0);
    drop(database);
    acme.tenure(&["doctor", "--now", MONDAY]).ends(7).says("it was changed outside Tenure");
}

#[test]
fn cut_offs_that_were_taken_away_are_missed_also_in_an_older_database() {
    let kept = "state/checkpoints/cut-offs";
    let acme = Acme::begun();
    acme.write("feeds/hr.csv", &format!("{HEADER}{OWNERS}{OUTSIDER}"));
    acme.tenure(&["run", "--now", MONDAY]).ends(4);
    assert!(acme.path(kept).exists());
    fs::copy(acme.path("state/tenure.db"), acme.path("copy.db")).unwrap();
    acme.tenure(&["cutoff", "1003", "--reason", "a theft", "--now", TUESDAY]).ends(4);
    fs::remove_file(acme.path(kept)).unwrap();
    fs::copy(acme.path("copy.db"), acme.path("state/tenure.db")).unwrap();
    acme.tenure(&["doctor", "--now", TUESDAY]).ends(7).says("wrong cut-offs outside");
    acme.tenure(&["ledger", "reopen", "--reason", "a disk failed", "--now", TUESDAY])
        .says("error L006: the cut-offs outside the database are missing");
    // Nothing is given until a member of the escalation group has dealt with it.
    acme.tenure(&["run", "--now", TUESDAY])
        .ends(7)
        .says("error L006: the cut-offs outside the database are missing");
    acme.tenure(&["ledger", "repaired", "--reason", "1003 is cut off again", "--now", TUESDAY]).ends(0);
    acme.tenure(&["run", "--now", TUESDAY]).says_no("error L006");
    // Taken away once more, it is missed once more.
    fs::remove_file(acme.path(kept)).unwrap();
    acme.tenure(&["run", "--now", TUESDAY]).ends(7).says("error L006");
}

#[test]
fn a_cut_off_is_accepted_where_a_key_is_missing_from_the_database() {
    let acme = Acme::begun();
    acme.feed(&[OWNERS, OUTSIDER]);
    acme.tenure(&["run", "--now", MONDAY]).ends(4);
    fs::copy(acme.path("state/tenure.db"), acme.path("copy.db")).unwrap();
    let database = Connection::open(acme.path("state/tenure.db")).unwrap();
    assert_eq!(
        database.execute("DELETE FROM note WHERE name IN ('common key', 'signing key')", []).unwrap(),
        2
    );
    drop(database);
    acme.tenure(&["run", "--now", TUESDAY]).fails(1, "L001");
    acme.tenure(&["cutoff", "1003", "--reason", "a theft", "--now", TUESDAY])
        .ends(4)
        .says("error L001")
        .says("the cut-off is accepted");
    // With the key again, it is carried out.
    fs::copy(acme.path("copy.db"), acme.path("state/tenure.db")).unwrap();
    acme.tenure(&["run", "--now", TUESDAY]).ends(4);
    acme.tenure(&["explain", "1003", "--now", TUESDAY]).ends(0).says("cut off since");
}
