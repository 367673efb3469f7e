//! `request`, `exception`, `override`, `delegate`: what people decide about access, who may, and what the program says.

use super::acme::{Acme, OUTSIDER, OWNERS, TUESDAY, WEDNESDAY};

const RIGHT: &str = "directory:engineering";

#[test]
fn access_is_asked_for_agreed_to_and_ended() {
    let acme = Acme::begun();
    let ask = ["request", "add", RIGHT, "--for", "1002", "--reason", "the new site"];
    let until = ["--until", "2026-03-31", "--now", TUESDAY];
    acme.tenure_as("1002", &[&ask[..], &["--now", TUESDAY]].concat()).fails(1, "A003").says("--until DATE");
    acme.tenure_as("1002", &[&ask[..], &until].concat())
        .ends(4)
        .says("request directory:engineering (waits)")
        .says("requested by Ola Müller: the new site")
        .says("`tenure approvals` shows who is asked");
    acme.tenure_as("1002", &[&ask[..], &until].concat()).fails(1, "A003").says("requested already");
    let (requests, _) = acme.json(&["approvals", "--now", TUESDAY]);
    assert_eq!(requests["approvals"][0]["rule"], "request directory:engineering");
    assert_eq!(requests["approvals"][0]["asked"][0][0], "Astrid Berg");
    let id = requests["approvals"][0]["id"].as_str().unwrap().to_owned();
    acme.tenure_as("1002", &["approve", &id, "--now", TUESDAY])
        .fails(1, "A002")
        .says("it is about their own identity");
    acme.tenure(&["approve", &id, "--now", TUESDAY]).says("approved: access granted to");
    acme.tenure(&["explain", "1002", RIGHT, "--now", TUESDAY])
        .ends(0)
        .says("because of request \"directory:engineering\" until 2026-03-31")
        .says("individual decision: request directory:engineering (given), until 2026-03-31T22:00:00Z");
    acme.tenure_as("1002", &["request", "list", "--now", TUESDAY]).ends(0).says("(given)");
    acme.tenure_as("1002", &["request", "list", "--all", "--now", TUESDAY]).ends(0).says("(given)");
    acme.tenure_as("1002", &["request", "end", RIGHT, "--for", "1002", "--now", WEDNESDAY]).says("revoke");
    acme.tenure(&["request", "list", "--for", "1002", "--now", WEDNESDAY])
        .ends(0)
        .says("no individual decision is stored for this identity");
    acme.tenure(&["ledger", "verify"]).ends(0);
}

#[test]
fn emergencies_exceptions_values_and_standing_in_say_what_is_missing() {
    let acme = Acme::begun();
    acme.feed(&[OWNERS, OUTSIDER]);
    acme.tenure(&["run", "--now", TUESDAY]).ends(4);
    let emergency = |user: &str, lasts: &str| {
        let right = ["request", "emergency", RIGHT, "--for", "1002", "--lasts", lasts];
        acme.tenure_as(user, &[&right[..], &["--reason", "it burns", "--now", TUESDAY]].concat())
    };
    emergency("1002", "1h").fails(1, "A002").says("it is about their own identity");
    emergency("1003", "1h").fails(1, "A002").says("the owner of the entitlement");
    emergency("1001", "9h").fails(1, "A003").says("at most 480 minutes");
    emergency("1001", "1h").says("emergency directory:engineering (given), until 2026-01-13T10:00:00Z");
    let exception = ["exception", "add", RIGHT, "--for", "1002", "--reason", "r", "--instead", "a log"];
    acme.tenure(&[&exception[..], &["--until", "2026-12-31", "--now", TUESDAY]].concat())
        .fails(1, "A003")
        .says("too far");
    acme.tenure(&[&exception[..], &["--until", "2026-02-28", "--now", TUESDAY]].concat())
        .says("compensating control: a log");
    let set = |what: &str| {
        let set = ["override", "set", what, "--for", "1002", "--until", "2026-02-28", "--reason", "late"];
        acme.tenure(&[&set[..], &["--now", TUESDAY]].concat())
    };
    set("departmnt=Sales").fails(1, "A003").says("the policy does not declare the attribute `departmnt`");
    set("department=Sales").says("department = Sales set by hand until");
    acme.tenure(&["explain", "1002", "--now", TUESDAY]).ends(0).says("department = Sales (set by hand)");
    let stand_in = ["delegate", "--to", "1002", "--until", "2026-01-31", "--now", TUESDAY];
    acme.tenure(&stand_in).says("Ola Müller is a delegate until").says("has not accepted yet");
    acme.tenure_as("1003", &["delegate", "--accept", "1001", "--now", TUESDAY])
        .fails(1, "A002")
        .says("Astrid Berg did not name you as a delegate");
    acme.tenure_as("1002", &["approvals", "--mine", "--now", TUESDAY])
        .ends(4)
        .says("Astrid Berg (1001) asks you");
    acme.tenure_as("1002", &["delegate", "--accept", "1001", "--now", TUESDAY])
        .says_no("has not accepted yet");
    acme.tenure_as("1002", &stand_in).fails(1, "A003").says("you cannot be your own delegate");
    acme.tenure(&["delegate", "--to", "1002", "--end", "--now", TUESDAY]).says("Astrid Berg");
    acme.tenure(&["ledger", "verify"]).ends(0);
}
