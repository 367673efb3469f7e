//! A database is live or a replay: made so, said by its first entry, never changed.

use super::acme::{Acme, MONDAY};

#[test]
fn a_live_database_has_the_clocks_time_and_the_logins_actor() {
    let acme = Acme::nothing();
    acme.tenure(&["init", "--organisation", "Acme"]).ends(0);
    acme.tenure(&["plan", "--now", "2030-01-01T00:00:00Z"]).ends(6);
    acme.tenure(&["apply", "--now", "2030-01-01T00:00:00Z"]).fails(1, "A002").says("init --replay");
    acme.tenure(&["apply"]).ends(0);
    for arguments in [&["run"][..], &["explain", "1001"], &["doctor"], &["cutoff", "1003", "--reason", "x"]] {
        let stated = [arguments, &["--now", "2099-01-01T00:00:00Z"]].concat();
        acme.tenure(&stated).fails(1, "A002").says("init --replay");
    }
    acme.tenure(&["run"]).ends(4).says_no("a replay");
    acme.tenure(&["--as", "1002", "approvals"])
        .fails(1, "A002")
        .says("acting as another identity is not allowed here");
    acme.tenure(&["ledger", "reopen", "--clock", "--reason", "x"]).fails(1, "A003").says("not ahead");
    let (verified, _) = acme.json(&["ledger", "verify"]);
    assert_eq!(verified["database"], "live");
    let (first, _) = acme.json(&["ledger", "show", "0"]);
    assert_eq!(first["entry"]["kind"], "database.live");
    acme.tenure(&["init", "--replay"]).fails(1, "C010").says("never changes");
}

#[test]
fn a_replay_says_so_in_its_outputs_and_in_what_leaves_it() {
    let acme = Acme::begun();
    acme.tenure(&["run", "--now", MONDAY]).ends(4).says("replay database: times and actors are stated");
    acme.tenure(&["doctor", "--now", MONDAY]).says("database: replay");
    let (first, _) = acme.json(&["ledger", "show", "0"]);
    assert_eq!(first["entry"]["kind"], "database.replay");
    let (key, _) = acme.json(&["ledger", "key"]);
    let files = acme.path("published").display().to_string();
    acme.tenure(&["ledger", "export", &files]).ends(0);
    acme.tenure(&["ledger", "check", "--files", &files, "--key", key["key"].as_str().unwrap()])
        .ends(0)
        .says("replay database: times and actors are stated");
    acme.tenure(&["init", "--replay"]).fails(1, "C010").says("never changes");
}
