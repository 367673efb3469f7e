//! `run`, `explain`, `case`, `doctor` on a system that is worked by hand: what is due, why, and who says that it is done.

use super::acme::{Acme, MONDAY, OUTSIDER, OWNERS, TUESDAY, WEDNESDAY};

#[test]
fn a_pass_says_what_it_took_and_what_is_open() {
    let acme = Acme::new();
    acme.feed(&[OWNERS]);
    acme.tenure(&["apply", "--yes", "--now", MONDAY]).ends(0);
    insta::assert_snapshot!("run_first", acme.tenure(&["run", "--now", MONDAY]).shown());
    insta::assert_snapshot!("run_again", acme.tenure(&["run", "--now", TUESDAY]).shown());
    let bad = "1004,Bad,Row,employee,IT,1001,soon,\n";
    acme.feed(&[OWNERS, OUTSIDER, bad]);
    insta::assert_snapshot!("run_bad_row", acme.tenure(&["run", "--now", TUESDAY]).shown());
    let (run, code) = acme.json(&["run", "--now", WEDNESDAY]);
    assert_eq!(code, Some(7), "a row is in quarantine");
    assert_eq!(
        (run["open"]["approvals"].as_u64(), run["queue"]["needs_person"].as_u64()),
        (Some(1), Some(3)),
        "{run:#}"
    );
}

#[test]
fn a_feed_that_cannot_be_taken_is_refused_whole() {
    let acme = Acme::begun();
    acme.write(
        "feeds/hr.csv",
        "number,given_name,family_name,type,department,manager,start\n1001,A,B,employee,IT,,2024-01-08\n",
    );
    insta::assert_snapshot!("run_refused", acme.tenure(&["run", "--now", TUESDAY]).shown());
    let (run, code) = acme.json(&["run", "--now", TUESDAY]);
    assert_eq!(code, Some(3));
    assert!(run["feeds"][0]["refused"].is_string(), "{run:#}");
}

#[test]
fn explain_tells_rule_record_and_zone() {
    let acme = Acme::begun();
    insta::assert_snapshot!("explain_person", acme.tenure(&["explain", "Ola", "--now", TUESDAY]).shown());
    insta::assert_snapshot!(
        "explain_entitlement",
        acme.tenure(&["explain", "1002", "directory:engineering", "--now", TUESDAY]).shown()
    );
    let (explained, code) = acme.json(&["explain", "1002", "--now", TUESDAY]);
    assert_eq!(
        (explained["engagements"][0]["attributes"]["department"]["value"].as_str(), code),
        (Some("IT"), Some(0))
    );
    acme.tenure(&["explain", "1002", "directory:nothing"])
        .ends(0)
        .says("no system declares directory:nothing");
}

#[test]
fn work_by_hand_is_described_done_and_attested_by_somebody_else() {
    let acme = Acme::begun();
    insta::assert_snapshot!("case_open", acme.tenure(&["case", "1001", "--now", TUESDAY]).shown());
    let task = acme.task_of("1001");
    let attest = ["case", "--attest", &task, "--seen", "she signed in", "--now", TUESDAY];
    acme.tenure(&["case", "--attest", &task, "--now", TUESDAY]).fails(1, "A002").says("what was seen");
    let other = acme.task_of("1002");
    acme.tenure(&["case", "--attest", &other, "--seen", "he signed in", "--now", TUESDAY])
        .fails(1, "A003")
        .says("no performer has reported it as done");
    acme.tenure_as("1002", &["case", "--done", &task, "--now", TUESDAY]).ends(4).says(&format!(
        "another person attests it with `tenure case --attest {} --seen \"what was seen\"`",
        &task[task.len() - 8..]
    ));
    acme.tenure_as("1002", &attest).fails(1, "A002").says("performer");
    // It is Astrid Berg's own account: she does not attest it either.
    acme.tenure(&attest).fails(1, "A002").says("about their own identity");

    let task = acme.task_of("1002");
    acme.tenure_as("1002", &["case", "--done", &task, "--now", TUESDAY]).ends(4);
    acme.tenure(&["case", "--attest", &task, "--seen", "he signed in", "--now", TUESDAY])
        .ends(0)
        .says("attested");
    insta::assert_snapshot!("case_attested", acme.tenure(&["case", "1002", "--now", TUESDAY]).shown());
    acme.tenure(&["explain", "1002", "directory:account", "--now", TUESDAY])
        .ends(0)
        .says("has directory:account (held)");
    let (cases, _) = acme.json(&["case", "--all", "--label", "joiner"]);
    assert_eq!(cases["cases"].as_array().unwrap().len(), 2, "{cases:#}");
    acme.tenure(&["case", "--limit", "1", "--all"]).says("there are more: the same with --after ");
}

#[test]
fn a_leavers_removal_is_attested_and_the_case_says_by_whom() {
    let acme = Acme::begun();
    let task = acme.task_of("1002");
    acme.tenure_as("1002", &["case", "--done", &task, "--now", MONDAY]).ends(4);
    acme.tenure(&["case", "--attest", &task, "--seen", "I looked", "--now", MONDAY]).ends(0);
    acme.feed(&[
        "1001,Astrid,Berg,employee,Security,,2024-01-08,\n",
        "1002,Ola,Müller,employee,IT,1001,2024-02-01,2026-01-12\n",
    ]);
    acme.tenure(&["run", "--now", TUESDAY]).ends(7).says("changes: 1 leaver");
    insta::assert_snapshot!("case_leaver", acme.tenure(&["case", "1002", "--now", TUESDAY]).shown());
    let (cases, _) = acme.json(&["case", "1002"]);
    let facts = cases["cases"][0]["facts"].as_array().unwrap();
    assert!(!facts.is_empty() && facts.iter().all(|f| f["state"] == "unknown"), "{cases:#}");
}

#[test]
fn doctor_asks_everything() {
    let acme = Acme::begun();
    insta::assert_snapshot!("doctor", acme.tenure(&["doctor", "--now", TUESDAY]).shown());
    let (checks, code) = acme.json(&["doctor", "--now", TUESDAY]);
    let wrong: Vec<&str> = checks
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["ok"] == false)
        .map(|c| c["check"].as_str().unwrap())
        .collect();
    assert_eq!((wrong, code), (vec!["queue"], Some(4)));
    acme.break_policy();
    acme.tenure(&["doctor", "--now", TUESDAY])
        .ends(4)
        .says("configuration: has errors: `tenure check` shows them");
}
