//! What a person without a role tries, to become who decides: each is refused, and what it was to bring about is not so.

use super::acme::{Acme, MONDAY, OUTSIDER, OWNERS, TUESDAY, WEDNESDAY};
use serde_json::Value;

const EVE: &str = "1004,Eve,Ek,employee,Sales,1002,2024-03-01,\n";
const DAN: &str = "1005,Dan,Dahl,employee,Engineering,1002,2024-03-01,\n";
const GUS: &str = "1006,Gus,Gran,contractor,Sales,1002,2024-03-01,2026-12-31\n";

/// Astrid Berg (1001) and Ola Müller (1002) are the escalation group; Eve, Dan and Gus have no role.
fn organisation() -> Acme {
    let acme = Acme::begun();
    acme.feed(&[OWNERS, OUTSIDER, EVE, DAN, GUS]);
    acme.tenure(&["run", "--now", MONDAY]).ends(4);
    acme
}

/// A person does something on Tuesday.
fn as_on_tuesday(acme: &Acme, person: &str, arguments: &[&str]) -> super::acme::Ran {
    acme.tenure_as(person, &[arguments, &["--now", TUESDAY]].concat())
}

fn groups(acme: &Acme, person: &str) -> Value {
    acme.json(&["explain", person, "--now", TUESDAY]).0
}

#[test]
fn no_one_becomes_an_administrator_by_a_merge_or_two_people_by_a_split() {
    let acme = organisation();
    let before = groups(&acme, "1004");
    for (from, into) in [("1001", "1004"), ("1004", "1001"), ("1005", "1004"), ("1004", "1005")] {
        as_on_tuesday(&acme, "1004", &["correlate", "--merge", from, into])
            .fails(1, "A002")
            .says("it is about their own identity");
    }
    for (from, into) in [("1001", "1005"), ("1006", "1005")] {
        as_on_tuesday(&acme, "1004", &["correlate", "--merge", from, into]).fails(1, "A002");
    }
    as_on_tuesday(&acme, "1004", &["correlate", "--split", "1004", "hr:1004"]).fails(1, "A002");
    // Who answers for the source does not part their own record either.
    as_on_tuesday(&acme, "1002", &["correlate", "--split", "1002", "hr:1002"])
        .fails(1, "A002")
        .says("it is about their own identity");
    assert_eq!(groups(&acme, "1004"), before);
}

#[test]
fn who_merges_or_sets_a_value_is_the_requester_of_what_is_gained() {
    let acme = organisation();
    acme.edit(
        "policy/access.toml",
        "change in [\"joiner\", \"rehire\", \"conversion\"] && engagement.type != \"employee\"",
        "department == \"Engineering\"",
    );
    acme.applied(MONDAY);
    acme.tenure(&["run", "--now", MONDAY]);
    let asked = |person: &str| -> Vec<Value> {
        let (requests, _) = acme.json(&["approvals", "--now", TUESDAY]);
        let all = requests["approvals"].as_array().unwrap().iter();
        all.filter(|r| r["person"].as_str().is_some_and(|p| p.contains(person))).cloned().collect()
    };
    // Ola answers for the source through `group:security`, and is Eve's manager.
    let set = [
        "override",
        "set",
        "department=Engineering",
        "--for",
        "1004",
        "--until",
        "2026-02-28",
        "--reason",
        "late",
    ];
    as_on_tuesday(&acme, "1002", &set).ends(4);
    let waits = asked("Eve");
    assert_eq!(waits.len(), 1, "{:#}", acme.json(&["approvals", "--now", TUESDAY]).0);
    let id = waits[0]["id"].as_str().unwrap().to_owned();
    as_on_tuesday(&acme, "1002", &["approve", &id]).fails(1, "A002");
    acme.tenure(&["run", "--now", WEDNESDAY]);
    acme.tenure_as("1002", &["approve", &id, "--now", WEDNESDAY]).fails(1, "A002");
    acme.tenure(&["approve", &id, "--now", WEDNESDAY]).says("approved: access granted to");
}

#[test]
fn manual_work_is_not_done_or_attested_by_who_has_no_role_in_it() {
    let acme = organisation();
    let task = acme.task_of("1005");
    for person in ["1003", "1004", "1005", "1006"] {
        as_on_tuesday(&acme, person, &["case", "--done", &task]).fails(1, "A002");
        as_on_tuesday(&acme, person, &["case", "--attest", &task, "--seen", "I looked"]).fails(1, "A002");
    }
    as_on_tuesday(&acme, "1002", &["case", "--done", &task]).ends(4);
    // When another person reports it done again, the work stays with its first performer.
    as_on_tuesday(&acme, "1004", &["case", "--done", &task]).fails(1, "A002");
    as_on_tuesday(&acme, "1002", &["case", "--attest", &task, "--seen", "I looked"])
        .fails(1, "A002")
        .says("a performer of the work");
    assert_ne!(as_on_tuesday(&acme, "1001", &["case", "--attest", &task]).code, Some(0), "with nothing seen");
    as_on_tuesday(&acme, "1001", &["case", "--attest", &task, "--seen", "I looked"]).ends(0);
}

#[test]
fn a_delegation_that_is_not_accepted_takes_no_seat_from_a_question() {
    let acme = organisation();
    let rule = "\n[[approval]]\nname = \"both\"\nwhen = \'department == \"Sales\"\'\nby = [\"manager\", \"entitlement_owner\"]\n\
                within = \"9 days\"\n";
    let access = std::fs::read_to_string(acme.path("policy/access.toml")).unwrap();
    acme.write("policy/access.toml", &format!("{access}{rule}"));
    acme.applied(MONDAY);
    let ask = [
        "request",
        "add",
        "directory:engineering",
        "--for",
        "1004",
        "--until",
        "2026-03-31",
        "--reason",
        "a project",
    ];
    as_on_tuesday(&acme, "1004", &ask).ends(4);
    as_on_tuesday(&acme, "1004", &["delegate", "--to", "1002", "--until", "2026-01-31"]);
    let (requests, _) = acme.json(&["approvals", "--now", TUESDAY]);
    let mine = |r: &&Value| r["rule"] == "both" && r["person"].as_str().is_some_and(|p| p.contains("Eve"));
    let id = requests["approvals"].as_array().unwrap().iter().find(mine).unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    as_on_tuesday(&acme, "1001", &["approve", &id]).says_no("access granted to");
    as_on_tuesday(&acme, "1002", &["approve", &id]).says("access granted to");
}

#[test]
fn a_configuration_that_makes_its_author_an_administrator_waits_for_who_gains_nothing() {
    let acme = organisation();
    acme.edit("tenure.toml", "security = [\"1001\", \"1002\"]", "security = [\"1001\", \"1002\", \"1004\"]");
    let proposed = as_on_tuesday(&acme, "1004", &["apply", "--yes", "--json"]);
    let proposed = proposed.data();
    assert_eq!(proposed["waits"], true, "{proposed:#}");
    let hash = proposed["set_up"].as_str().unwrap();
    as_on_tuesday(&acme, "1004", &["apply", "--confirm", hash]).fails(1, "A002");
    as_on_tuesday(&acme, "1004", &["ledger", "reopen", "--reason", "x"]).fails(1, "A002");
    as_on_tuesday(&acme, "1002", &["apply", "--confirm", hash]).ends(0);
    // A member of the escalation group confirms none of their own, either.
    acme.edit("tenure.toml", "\"1002\", \"1004\"]", "\"1002\", \"1004\", \"1005\"]");
    let proposed = as_on_tuesday(&acme, "1002", &["apply", "--yes", "--json"]);
    let proposed = proposed.data();
    let hash = proposed["set_up"].as_str().unwrap();
    as_on_tuesday(&acme, "1002", &["apply", "--confirm", hash]).fails(1, "A002");
    as_on_tuesday(&acme, "1001", &["apply", "--confirm", hash]).ends(0);
}

#[test]
fn who_has_no_role_cuts_off_one_other_by_an_exact_key_and_no_administrator() {
    let acme = organisation();
    let cut = |by: &str, whom: &str| as_on_tuesday(&acme, by, &["cutoff", whom, "--reason", "odd"]);
    cut("1006", "1001").fails(1, "A002");
    as_on_tuesday(&acme, "1006", &["cutoff", "1004", "--reason", "odd", "--review", "9990-01-01T00:00:00Z"]);
    cut("1006", "Da").ends(2);
    cut("1006", "1005").ends(4);
    cut("1006", "1003").fails(1, "A002").says("one cut-off in force");
    as_on_tuesday(&acme, "1004", &["cutoff", "1005", "--lift"]).fails(1, "A002");
    acme.tenure(&["run", "--now", TUESDAY]).ends(7);
    acme.tenure(&["explain", "1004", "--now", TUESDAY]).ends(0).says_no("cut off");
}

#[test]
fn one_person_twice_is_no_group_of_two() {
    let acme = Acme::new();
    acme.edit("tenure.toml", "security = [\"1001\", \"1002\"]", "security = [\"1001\", \" 1001\"]");
    acme.tenure(&["check"]).ends(3).says("two");
    acme.tenure(&["apply", "--yes", "--now", MONDAY]).fails(3, "C002");
}

/// The questions about a person: the rule that asks, and who is asked.
fn questions(acme: &Acme, person: &str, at: &str) -> Vec<(String, String)> {
    let (requests, _) = acme.json(&["approvals", "--now", at]);
    let about = |r: &&Value| r["person"].as_str().is_some_and(|p| p.contains(person));
    let all = requests["approvals"].as_array().unwrap().iter().filter(about);
    all.map(|r| (r["id"].as_str().unwrap().to_owned(), r["rule"].as_str().unwrap().to_owned())).collect()
}

fn add_to_policy(acme: &Acme, rule: &str) {
    let access = std::fs::read_to_string(acme.path("policy/access.toml")).unwrap();
    acme.write("policy/access.toml", &format!("{access}\n{rule}"));
}

#[test]
fn what_the_author_of_a_configuration_gains_by_it_is_asked_about() {
    let acme = organisation();
    let rule = "[[baseline]]\nname = \"sellers\"\nwhen = 'department == \"Sales\"'\ngrant = [\"directory:engineering\"]\n";
    add_to_policy(&acme, rule);
    as_on_tuesday(&acme, "1004", &["plan", "--all"]).says("waits for approval `self-granted sellers`");
    as_on_tuesday(&acme, "1004", &["apply", "--yes"]).ends(0).says("is active");
    // A later pass, begun by another person.
    acme.tenure(&["run", "--now", WEDNESDAY]);
    let asked = questions(&acme, "Eve", WEDNESDAY);
    let [(id, rule)] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(rule, "self-granted sellers");
    assert_eq!(questions(&acme, "Ola", WEDNESDAY), [], "no other identity is asked about by it");
    acme.tenure_as("1004", &["approve", id, "--now", WEDNESDAY]).fails(1, "A002");
    acme.tenure(&["approve", id, "--now", WEDNESDAY]).says("approved: access granted to");
}

#[test]
fn a_mapping_by_which_its_author_gains_is_asked_about() {
    let acme = organisation();
    acme.edit(
        "sources/hr.toml",
        "department  = \"department\"",
        "department  = { cel = 'row.number == \"1004\" ? \"Engineering\" : row.department' }",
    );
    // An expression may keep a value as it is: it waits for a second person, who looks at what it widens.
    as_on_tuesday(&acme, "1004", &["apply", "--yes"]).ends(4).says("source hr: map.department");
    let (waits, _) = acme.json(&["apply", "--yes", "--as", "1004", "--now", TUESDAY]);
    let hash = waits["set_up"].as_str().unwrap();
    as_on_tuesday(&acme, "1002", &["apply", "--confirm", hash]).ends(0);
    acme.tenure(&["run", "--now", TUESDAY]);
    acme.tenure(&["run", "--now", WEDNESDAY]);
    let asked = questions(&acme, "Eve", WEDNESDAY);
    let [(_, rule)] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(rule, "self-granted engineers");
}

#[test]
fn an_approval_rule_that_is_called_like_a_built_in_question_takes_it_from_no_one() {
    let acme = organisation();
    let rule = "[[approval]]\nname = \"request directory:engineering\"\nwhen = 'department == \"Nowhere\"'\nby = [\"person:1005\"]\n\
                within = \"9 days\"\n";
    add_to_policy(&acme, rule);
    as_on_tuesday(&acme, "1004", &["apply", "--yes"]).ends(0);
    let ask = [
        "request",
        "add",
        "directory:engineering",
        "--for",
        "1004",
        "--until",
        "2026-03-31",
        "--reason",
        "x",
    ];
    as_on_tuesday(&acme, "1004", &ask).ends(4);
    let asked = questions(&acme, "Eve", TUESDAY);
    let [(id, _)] = &asked[..] else { panic!("{asked:?}") };
    as_on_tuesday(&acme, "1005", &["approve", id]).fails(1, "A002");
    as_on_tuesday(&acme, "1001", &["approve", id]).says("approved: access granted to");
}
