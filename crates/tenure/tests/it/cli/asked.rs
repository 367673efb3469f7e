//! `approvals`, `approve`, `deny`: who is asked, who may answer, and what follows.

use super::acme::{Acme, OUTSIDER, OWNERS, TUESDAY, WEDNESDAY};

/// The owners are known, and an outsider comes: the manager, Ola Müller, is asked.
fn asked() -> (Acme, String) {
    let acme = Acme::begun();
    acme.feed(&[OWNERS, OUTSIDER]);
    acme.tenure(&["run", "--now", TUESDAY]).ends(4).says("1 request waits for an answer: `tenure approvals`");
    let (requests, code) = acme.json(&["approvals", "--now", TUESDAY]);
    assert_eq!((requests["approvals"].as_array().unwrap().len(), code), (1, Some(4)));
    assert_eq!(requests["approvals"][0]["asked"][0][0], "Ola Müller");
    let id = requests["approvals"][0]["id"].as_str().unwrap().to_owned();
    (acme, id)
}

#[test]
fn those_who_wait_are_told_for_whom() {
    let (acme, id) = asked();
    insta::assert_snapshot!("approvals", acme.tenure(&["approvals", "--now", TUESDAY]).shown());
    insta::assert_snapshot!(
        "explain_waits",
        acme.tenure(&["explain", "1003", "directory:engineering", "--now", TUESDAY]).shown()
    );
    acme.tenure(&["explain", "1003", "--now", TUESDAY])
        .ends(0)
        .says("directory:account (waits for approval)")
        .says("Ola Müller, asked 2026-01-13T09:00:00Z, before 2026-01-15T09:00:00Z");
    let (explained, _) = acme.json(&["explain", "1003", "directory:engineering", "--now", TUESDAY]);
    assert_eq!(
        (explained["waits_for"][0]["request"].as_str(), explained["waits_for"][0]["asked"][0].as_str()),
        (Some(&*id), Some("Ola Müller"))
    );
    acme.tenure(&["approvals", "--mine", "--now", TUESDAY]).ends(0).says("no request waits for your answer");
    acme.tenure_as("1002", &["approvals", "--mine", "--now", TUESDAY]).ends(4).says(&id[id.len() - 8..]);
}

#[test]
fn the_manager_says_yes() {
    let (acme, id) = asked();
    acme.tenure(&["approve", &id, "--now", TUESDAY]).fails(1, "A002").says("not an approver of this request");
    acme.tenure_as("1003", &["approve", &id, "--now", TUESDAY])
        .fails(1, "A002")
        .says("it is about their own identity");
    let approved =
        acme.tenure_as("1002", &["approve", &id, "--comment", "known and needed", "--now", TUESDAY]);
    insta::assert_snapshot!("approve", approved.shown());
    acme.tenure(&["explain", "1003", "directory:account", "--now", TUESDAY])
        .says("has directory:account (ordered)")
        .says_no("waits");
    acme.tenure_as("1002", &["deny", &id, "--now", TUESDAY]).fails(1, "A003").says("answered already");
    acme.tenure(&["approvals", "--now", TUESDAY]).ends(0).says("no request for approval is open");
}

#[test]
fn the_manager_says_no() {
    let (acme, id) = asked();
    acme.tenure_as("1002", &["deny", &id, "--now", TUESDAY])
        .says("denied: nothing is granted for Þórður Jónsson");
    acme.tenure(&["run", "--now", WEDNESDAY]).says_no("waits for an answer");
    insta::assert_snapshot!(
        "explain_refused",
        acme.tenure(&["explain", "1003", "directory:account", "--now", WEDNESDAY]).shown()
    );
}

#[test]
fn silence_is_no() {
    let (acme, _) = asked();
    acme.tenure(&["run", "--now", "2026-01-16T09:00:00Z"]).ends(4);
    let (explained, _) =
        acme.json(&["explain", "1003", "directory:account", "--now", "2026-01-16T09:00:00Z"]);
    assert_ne!(explained["held"], "ordered", "{explained:#}");
}
