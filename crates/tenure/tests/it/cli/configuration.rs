//! A configuration that widens control waits for a second person, who neither wrote it nor gains by it.

use super::acme::{Acme, MONDAY, TUESDAY, WEDNESDAY};

/// The hash by which the configuration that waits is confirmed.
fn waiting(acme: &Acme, at: &str) -> String {
    let (proposed, code) = acme.json(&["apply", "--yes", "--now", at]);
    assert_eq!((proposed["waits"].as_bool(), code), (Some(true), Some(4)), "{proposed:#}");
    proposed["set_up"].as_str().unwrap().to_owned()
}

#[test]
fn a_brake_that_opens_and_a_rule_that_goes_wait_together() {
    let acme = Acme::begun();
    acme.edit("sources/hr.toml", "percent = 5", "percent = 100");
    acme.edit("policy/access.toml", "[[approval]]", "[[watch]]");
    acme.edit("policy/access.toml", "by     = [\"manager\"]\nwithin = \"2 days\"\n", "");
    acme.edit("policy/access.toml", "change in [\"joiner\", \"rehire\", \"conversion\"] && ", "");
    acme.tenure(&["apply", "--yes", "--now", TUESDAY])
        .ends(4)
        .says("waits for a second person, because it widens control")
        .says("source hr: brake.percent: 5 -> 100")
        .says("policy: approval[outside workers need their manager].by")
        .says("tenure apply --confirm");
    let hash = waiting(&acme, TUESDAY);
    acme.tenure(&["run", "--now", TUESDAY]).ends(4).says("a configuration waits for a second person");
    acme.tenure(&["doctor"]).ends(7).says("waits since 2026-01-13T09:00:00Z for a second person");
    // Refused: its author, a person who is not in the escalation group, and a wrong hash.
    acme.tenure(&["apply", "--confirm", &hash, "--now", TUESDAY]).fails(1, "A002").says("may not confirm");
    acme.tenure_as("1002", &["apply", "--confirm", "0000000000", "--now", TUESDAY]).fails(1, "A001");
    acme.tenure(&["explain", "1001", "--now", TUESDAY]).ends(0);
    acme.tenure_as("1002", &["apply", "--confirm", &hash[..12], "--now", TUESDAY]).ends(0).says("is active");
    acme.tenure(&["apply", "--yes", "--now", TUESDAY]).ends(0).says("is active already");
    acme.tenure_as("1002", &["apply", "--confirm", &hash, "--now", TUESDAY]).fails(1, "A001");
    acme.tenure(&["ledger", "verify"]).ends(0);
}

#[test]
fn who_gains_does_not_confirm_and_what_narrows_waits_for_no_person() {
    let acme = Acme::begun();
    acme.edit("tenure.toml", "security = [\"1001\", \"1002\"]", "security = [\"1001\", \"1002\"]\nteam = []");
    acme.tenure(&["apply", "--yes", "--now", MONDAY]).ends(0).says("is active");
    acme.edit("tenure.toml", "team = []", "team = [\"1002\"]");
    let hash = waiting(&acme, TUESDAY);
    // The only other member of the escalation group gains by it: for a day the two wait for a third.
    acme.tenure_as("1002", &["apply", "--confirm", &hash, "--now", TUESDAY])
        .fails(1, "A002")
        .says("no second person is available");
    acme.tenure(&["apply", "--confirm", &hash, "--now", WEDNESDAY])
        .ends(0)
        .says("confirmed by one person alone, as an exception until");
    acme.tenure(&["doctor"]).says("was confirmed by one person alone, as an exception");
    acme.edit("sources/hr.toml", "percent = 5", "percent = 3");
    acme.edit("tenure.toml", "team = [\"1002\"]", "team = []");
    acme.tenure(&["apply", "--yes", "--now", WEDNESDAY]).ends(0).says("is active");
}

#[test]
fn what_waits_is_taken_back_replaced_and_overtaken() {
    let acme = Acme::begun();
    acme.edit("sources/hr.toml", "percent = 5", "percent = 50");
    let first = waiting(&acme, MONDAY);
    acme.edit("sources/hr.toml", "percent = 50", "percent = 5");
    acme.tenure(&["apply", "--yes", "--now", MONDAY]).ends(0).says("is withdrawn");
    acme.tenure_as("1002", &["apply", "--confirm", &first, "--now", MONDAY]).fails(1, "A001");
    acme.edit("sources/hr.toml", "percent = 5", "percent = 60");
    let second = waiting(&acme, MONDAY);
    acme.edit("sources/hr.toml", "percent = 60", "percent = 4");
    acme.tenure(&["apply", "--yes", "--now", MONDAY]).ends(0).says("is active");
    acme.tenure_as("1002", &["apply", "--confirm", &second, "--now", MONDAY]).fails(1, "A001");
}
