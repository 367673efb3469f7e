//! Outputs that answer the question people have: why may Y do Z and who agreed, what is asked of me, what would happen, what is open.

use super::acme::{Acme, MONDAY, OUTSIDER, OWNERS, TUESDAY, WEDNESDAY};

const RIGHT: &str = "directory:engineering";
const THURSDAY: &str = "2026-01-15T09:00:00Z";

/// An id as people read it.
fn short(id: &str) -> &str {
    &id[id.len() - 8..]
}

/// The owners are known, and an outsider comes: the manager, Ola Müller, is asked.
fn asked() -> (Acme, String) {
    let acme = Acme::begun();
    acme.feed(&[OWNERS, OUTSIDER]);
    acme.tenure(&["run", "--now", TUESDAY]).ends(4);
    let (requests, _) = acme.json(&["approvals", "--now", TUESDAY]);
    let id = requests["approvals"][0]["id"].as_str().unwrap().to_owned();
    (acme, id)
}

#[test]
fn explain_says_who_agreed_when_and_why() {
    let (acme, id) = asked();
    acme.tenure_as("1002", &["approve", &id, "--comment", "known and needed", "--now", WEDNESDAY])
        .says("access granted to Þórður Jónsson")
        .says("directory:engineering: granted, not confirmed yet");
    let why = acme.tenure(&["explain", "1003", RIGHT, "--now", WEDNESDAY]).ends(0);
    why.says("approved under rule `outside workers need their manager` at 2026-01-14T09:00:00Z by Ola Müller (\"known and needed\")")
        .says("decided 2026-01-14T09:00:00Z (entry ")
        .says("not confirmed");
    acme.tenure(&["explain", "1003", "--now", WEDNESDAY])
        .ends(0)
        .says("by Ola Müller (\"known and needed\")")
        .says("in directory: enabled, not confirmed: a manual task is open")
        .says("never read");
    let (json, _) = acme.json(&["explain", "1003", "--now", WEDNESDAY]);
    let grants = json["grants"].as_array().unwrap();
    let grant = grants.iter().find(|g| g["entitlement"] == RIGHT).unwrap();
    assert_eq!(grant["answers"][0]["by"][0]["name"], "Ola Müller", "{json:#}");
    assert_eq!(json["accounts"][0]["state"], "not confirmed", "{json:#}");
}

#[test]
fn explain_says_who_denied_it() {
    let (acme, id) = asked();
    acme.tenure_as("1002", &["deny", &id, "--comment", "not on my team", "--now", WEDNESDAY])
        .says("denied: nothing is granted for Þórður Jónsson")
        .says("directory:engineering: not held");
    acme.tenure(&["explain", "1003", RIGHT, "--now", THURSDAY])
        .ends(0)
        .says("does not get directory:engineering")
        .says("denied under rule `outside workers need their manager` at 2026-01-14T09:00:00Z by Ola Müller (\"not on my team\")");
}

#[test]
fn the_past_is_told_from_evidence_alone() {
    let (acme, id) = asked();
    acme.tenure_as("1002", &["approve", &id, "--comment", "needed", "--now", WEDNESDAY]).ends(4);
    let at = |instant: &str| acme.tenure(&["explain", "1003", RIGHT, "--at", instant, "--now", THURSDAY]);
    at("2026-01-13T12:00:00Z")
        .ends(0)
        .says("did not have directory:engineering at 2026-01-13T12:00:00Z: it waited");
    at("2026-01-14T12:00:00Z")
        .ends(0)
        .says("should have had directory:engineering at 2026-01-14T12:00:00Z; that it was there is not confirmed")
        .says("because of baseline \"engineers\"")
        .says("by Ola Müller (\"needed\")")
        .says("nothing is left out")
        .says("made in a replay");
    at("2026-01-01T00:00:00Z").ends(0).says("cannot be proved").says("is not provable");
    acme.tenure(&["explain", "1003", "--at", "2027-01-01T00:00:00Z", "--now", THURSDAY])
        .fails(1, "A003")
        .says("after 2026-01-15T09:00:00Z");
    // The work is done, and another person attests it.
    let task = acme.task_of("1003");
    acme.tenure_as("1002", &["case", "--done", &task, "--now", THURSDAY]).ends(4);
    at(THURSDAY).says("claimed by the system or its owner, not read back");
    acme.tenure(&["case", "--attest", &task, "--seen", "I looked", "--now", THURSDAY]);
    at(THURSDAY)
        .says("had directory:engineering at 2026-01-15T09:00:00Z")
        .says("attested 2026-01-15T09:00:00Z");
    // The past stays what it was.
    at("2026-01-13T12:00:00Z").says("it waited");
    let (json, _) = acme.json(&["explain", "1003", "--at", "2026-01-14T12:00:00Z", "--now", THURSDAY]);
    assert_eq!(
        (&json["evidence"]["complete"], &json["evidence"]["erased"]),
        (&true.into(), &0.into()),
        "{json:#}"
    );
}

#[test]
fn a_card_has_what_an_approver_needs() {
    let (acme, id) = asked();
    acme.tenure_as("1002", &["approvals", "--mine", "--now", TUESDAY])
        .ends(4)
        .says("Þórður Jónsson (1003)")
        .says("access     engineering in directory, risk")
        .says("baseline \"engineers\" (`department == \"Engineering\"`), no end date")
        .says("asked by   the record 1003 of source hr")
        .says("missing    manager (Ola Müller)")
        .says("deadline   2026-01-15T09:00:00Z; without an answer it is denied: access is not granted")
        .says("conflict   none with a separation rule")
        .says(&format!("tenure approve {} --comment", short(&id)))
        .says(&format!("tenure deny {} --comment", short(&id)));
    let (json, _) = acme.json(&["approvals", "--now", TUESDAY]);
    assert_eq!(json["approvals"][0]["access"].as_array().map(Vec::len), Some(2), "{json:#}");
    assert!(
        json["approvals"][0]["without_an_answer"].as_str().is_some_and(|s| s.starts_with("it is denied")),
        "{json:#}"
    );
}

#[test]
fn a_card_counts_peers() {
    let acme = Acme::begun();
    let second = "1005,Nils,Nes,employee,Engineering,1002,2026-01-05,\n";
    acme.feed(&[OWNERS, second]);
    acme.tenure(&["run", "--now", TUESDAY]).ends(4);
    acme.feed(&[OWNERS, second, OUTSIDER]);
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(4);
    acme.tenure(&["approvals", "--now", WEDNESDAY])
        .ends(4)
        .says("1 of 1 other active identities with department Engineering holds it");
}

#[test]
fn a_case_says_what_it_waits_for_and_the_next_command() {
    let (acme, id) = asked();
    acme.tenure(&["case", "1003", "--now", TUESDAY])
        .ends(4)
        .says("deadline: none: no access is to be removed")
        .says("waits for: approval under rule `outside workers need their manager` by Ola Müller")
        .says(&format!("next: tenure approve {}", short(&id)));
    acme.tenure_as("1002", &["approve", &id, "--now", TUESDAY]).ends(4);
    let task = acme.task_of("1003");
    acme.tenure(&["case", "1003", "--now", TUESDAY])
        .says("waits for: a manual task in directory, assigned to")
        .says(&format!("next: tenure case --done {}", short(&task)));
    acme.tenure_as("1002", &["case", "--done", &task, "--now", TUESDAY]).ends(4);
    acme.tenure(&["case", "--attest", &task, "--seen", "I looked", "--now", TUESDAY]);
    // The access ends, and the work for that is not done for a month.
    let ended = "1003,Þórður,Jónsson,contractor,Engineering,1002,2026-01-05,2026-01-13\n";
    acme.feed(&[OWNERS, ended]);
    acme.tenure(&["run", "--now", WEDNESDAY]);
    acme.tenure(&["case", "1003", "--now", "2026-02-16T09:00:00Z"]).ends(4).says("late by ").says("days");
    let (json, _) = acme.json(&["case", "1003", "--now", "2026-02-16T09:00:00Z"]);
    let open = json["cases"].as_array().unwrap().iter().find(|c| c["state"] == "open").unwrap();
    assert!(open["needs"]["late_seconds"].as_i64().is_some_and(|s| s > 86_400), "{json:#}");
}

#[test]
fn a_plan_names_accounts_and_totals_gains_and_losses() {
    let acme = Acme::begun();
    acme.feed(&[OWNERS, OUTSIDER]);
    acme.tenure(&["plan", "--now", TUESDAY])
        .ends(6)
        .says("gains, losses and changes by system: directory +")
        .says("Þórður Jónsson (1003) (joiner)")
        .says("  + create account `")
        .says("  + grant directory:engineering");
    let (json, _) = acme.json(&["plan", "--now", TUESDAY]);
    assert_eq!(json["totals"]["directory"]["losses"], 0, "{json:#}");
    assert!(json["totals"]["directory"]["gains"].as_u64() > Some(2), "{json:#}");
}

/// A change of the policy that widens nothing: one rule less.
fn narrower(acme: &Acme) {
    acme.edit("policy/access.toml", "department == \"Engineering\"", "department == \"Nowhere\"");
}

#[test]
fn apply_does_nothing_without_a_yes_where_no_person_can_be_asked() {
    let acme = Acme::begun();
    narrower(&acme);
    acme.tenure(&["apply", "--now", TUESDAY]).fails(2, "A010").says("--plan FILE");
    acme.tenure(&["plan", "--no-feeds", "--now", TUESDAY]).says_no("is active already");
    acme.tenure(&["apply", "--yes", "--now", TUESDAY]).ends(0).says("is active");
    // Nothing changes, so there is nothing to ask.
    acme.tenure(&["apply", "--now", TUESDAY]).ends(0).says("is active already");
}

#[test]
fn apply_does_what_was_planned_and_no_more() {
    let acme = Acme::begun();
    narrower(&acme);
    let file = acme.path("plan.json").display().to_string();
    let out = |now: &str| acme.tenure(&["plan", "--out", &file, "--now", now]);
    let apply = |now: &str| acme.tenure(&["apply", "--plan", &file, "--now", now]);
    out(TUESDAY).says("written: ");
    // The feed brings a person: steps were added.
    acme.feed(&[OWNERS, OUTSIDER]);
    apply(TUESDAY).fails(1, "A003").says("steps were added since the plan was made: Þórður Jónsson: ");
    out(TUESDAY).ends(6);
    // Fewer steps are fine.
    acme.feed(&[OWNERS]);
    apply(TUESDAY).ends(0).says("is active");
    // The plan is over the configuration that was active before.
    acme.edit("policy/access.toml", "department == \"Nowhere\"", "department == \"Nowhere at all\"");
    apply(WEDNESDAY).fails(1, "A003").says("another configuration became active since the plan was made");
    out(WEDNESDAY);
    acme.edit("policy/access.toml", "Nowhere at all", "Nowhere ever");
    apply(WEDNESDAY).fails(1, "A003").says("the plan is of configuration");
    // Nothing would change, and the plan is of something else.
    acme.edit("policy/access.toml", "Nowhere ever", "Nowhere");
    apply(WEDNESDAY).fails(1, "A003").says("the plan is of configuration");
    acme.write("plan.json", "{}");
    apply(WEDNESDAY).fails(3, "C016");
    // A plan is written over a plan at most.
    out(WEDNESDAY).fails(1, "C011").says("is not a plan: it is not overwritten");
}

#[test]
fn what_cannot_be_taken_back_is_not_done_unasked() {
    let acme = Acme::nothing();
    acme.tenure(&["init", "--organisation", "Acme"]).ends(0);
    acme.feed(&[OWNERS, OUTSIDER]);
    // Nothing is active yet: nothing can be lost.
    acme.tenure(&["apply"]).ends(0);
    acme.tenure(&["run"]).ends(4);
    acme.tenure(&["erase", "1003", "--reason", "x"]).fails(2, "A010").says("erase it");
    acme.tenure(&["correlate", "--merge", "1003", "1002"]).fails(2, "A010").says("merge them");
    acme.tenure(&["explain", "1003"]).ends(0);
    // A cut-off from a script is never asked about.
    acme.tenure(&["cutoff", "1003", "--reason", "a theft"]).ends(4).says("cut off: Þórður Jónsson");
    acme.tenure(&["cutoff", "1003", "--reason", "a theft", "--yes"]).says_no("A010");
}

#[test]
fn erased_entries_are_said_to_be_erased() {
    let leaver = "1004,Zora,Quittenbaum,employee,Law,1001,2025-01-05,2026-01-12\n";
    let acme = Acme::new();
    acme.feed(&[OWNERS, leaver]);
    acme.tenure(&["apply", "--now", MONDAY]).ends(0);
    acme.tenure(&["run", "--now", MONDAY]).ends(4);
    let (explained, _) = acme.json(&["explain", "1004", "--now", MONDAY]);
    let id = explained["id"].as_str().unwrap().to_owned();
    acme.feed(&[OWNERS]);
    acme.tenure(&["run", "--now", WEDNESDAY]);
    let task = acme.task_of("1004");
    acme.tenure_as("1002", &["case", "--done", &task, "--now", WEDNESDAY]);
    acme.tenure(&["case", "--attest", &task, "--seen", "I looked", "--now", WEDNESDAY]);
    let erased = acme.tenure(&["erase", "1004", "--reason", "a request", "--now", THURSDAY]);
    assert_eq!(erased.code, Some(0), "{}", erased.shown());
    acme.tenure(&["explain", &id, "--at", WEDNESDAY, "--now", THURSDAY])
        .ends(0)
        .says("erased: what was decided there is not known")
        .says_no("Quittenbaum");
}
