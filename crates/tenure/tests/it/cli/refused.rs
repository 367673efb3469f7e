//! A system that refuses, hides or has lost something: nothing is taken for done or gone, and what is due goes on by itself.

use super::acme::{Acme, HEADER, MONDAY, OWNERS, TUESDAY, WEDNESDAY};
use super::service::organisation;
use tenure_demo::scim_peer::{Canned, Quirks, ScimPeer};

/// Each identity has an account; then 1101 leaves at the end of Monday.
async fn leaving() -> (Acme, ScimPeer) {
    let (acme, service) = organisation("enforce").await;
    acme.tenure(&["run", "--now", MONDAY]).ends(0);
    assert_eq!(service.state().active_count(), 10);
    let feed = std::fs::read_to_string(acme.path("feeds/hr.csv")).unwrap();
    let leaves = feed.replace("2025-01-01,\n1102", "2025-01-01,2026-01-12\n1102");
    assert_ne!(feed, leaves, "{HEADER}{OWNERS}");
    acme.write("feeds/hr.csv", &leaves);
    (acme, service)
}

fn answers(status: u16, body: &str) -> Quirks {
    let canned = Canned { status, headers: Vec::new(), body: body.to_owned() };
    Quirks { canned: Some(canned), ..Quirks::default() }
}

/// The states of the facts of a person's newest case.
fn facts(acme: &Acme, person: &str, now: &str) -> Vec<(String, String)> {
    let (cases, _) = acme.json(&["case", person, "--all", "--now", now]);
    let of = |f: &serde_json::Value, key: &str| f[key].as_str().unwrap().to_owned();
    let facts = cases["cases"][0]["facts"].as_array().unwrap();
    facts.iter().map(|f| (of(f, "obligation"), of(f, "state"))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_refused_token_kept_from_being_done_is_done_when_it_is_renewed() {
    for quirks in [answers(401, "{}"), answers(200, "<html>Please log in</html>"), answers(403, "{}")] {
        let (acme, service) = leaving().await;
        service.state().set_quirks(quirks);
        acme.tenure(&["run", "--now", TUESDAY])
            .ends(7)
            .says("0 manual tasks open")
            .says("refused-access directory: directory refuses Tenure's own access")
            .says("owner 1002");
        acme.tenure(&["case", "1101", "--now", TUESDAY]).ends(4).says("scheduled for ").says("(refused)");
        acme.tenure(&["cutoff", "1102", "--reason", "a key was found", "--now", TUESDAY])
            .ends(4)
            .says("still open: directory")
            .says_no("by hand");
        assert_eq!(service.state().active_count(), 10);
        service.state().set_quirks(Quirks::default());
        acme.tenure(&["run", "--now", TUESDAY]).ends(0).says_no("refused-access");
        assert_eq!(service.state().active_count(), 8);
        acme.tenure(&["findings", "--now", TUESDAY]).ends(0);
        service.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_part_that_is_refused_hides_no_other() {
    let (acme, service) = leaving().await;
    service.state().set_quirks(Quirks { refuses_group_writes: true, ..Quirks::default() });
    acme.tenure(&["run", "--now", TUESDAY]).ends(7).says("does not let Tenure write");
    let states = facts(&acme, "1101", TUESDAY);
    let of = |what: &str| states.iter().find(|(o, _)| o.contains(what)).map(|(_, state)| state.as_str());
    assert_eq!(of("unusable"), Some("confirmed"), "{states:?}");
    assert_eq!(of("engineering"), Some("unknown"), "{states:?}");
    acme.tenure(&["case", "1101", "--now", TUESDAY]).ends(4).says("may not write groups");
    service.state().set_quirks(Quirks::default());
    // Nothing tells that writing is allowed again but the next attempt, which is never far.
    let mut attempts = 0;
    while acme.tenure(&["run", "--now", TUESDAY]).code != Some(0) {
        attempts += 1;
        assert!(attempts < 60, "{}", acme.tenure(&["case", "1101"]).shown());
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
    assert!(facts(&acme, "1101", TUESDAY).iter().all(|(_, state)| state == "confirmed"));
    acme.tenure(&["findings", "--now", TUESDAY]).ends(0);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_lists_hide_is_not_gone_and_gets_no_second_one() {
    let (acme, service) = leaving().await;
    let users = service.state().users();
    let leaver = users.iter().find(|u| u["displayName"] == "Given1 Family1").unwrap();
    let name = leaver["userName"].as_str().unwrap();
    let before = service.state().user_count();
    service.state().set_quirks(Quirks { hides_user: Some(name.to_owned()), ..Quirks::default() });
    acme.tenure(&["scan", "--now", MONDAY]).ends(7).says("NOT proved complete").says("did not show accounts");
    assert_eq!(service.state().user_count(), before);
    acme.tenure(&["run", "--now", TUESDAY]).ends(7);
    assert_eq!((service.state().user_count(), service.state().active_count()), (before, 9));
    assert!(facts(&acme, "1101", TUESDAY).iter().all(|(_, state)| state == "confirmed"));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_is_empty_is_not_filled_again_by_a_scan() {
    let (acme, service) = leaving().await;
    for user in service.state().users() {
        assert!(service.state().remove_user(user["userName"].as_str().unwrap()));
    }
    acme.tenure(&["scan", "--now", MONDAY]).ends(7).says("NOT proved complete").says("less than half");
    assert_eq!(service.state().user_count(), 0);
    // Who leaves has no account any more, and gets none to be ended.
    acme.tenure(&["run", "--now", TUESDAY]).ends(7);
    assert_eq!(service.state().user_count(), 0);
    acme.tenure(&["case", "1101", "--all", "--now", WEDNESDAY])
        .says("directory: account unusable: confirmed at 2026-01-13T09:00:00Z (read account: not there)");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_that_breaks_off_is_found_until_one_is_complete() {
    let (acme, service) = organisation("enforce").await;
    acme.tenure(&["run", "--now", MONDAY]).ends(0);
    service.state().set_quirks(answers(500, "{}"));
    acme.tenure(&["scan", "--now", MONDAY]).ends(1).says("was interrupted");
    acme.tenure(&["findings", "--now", MONDAY])
        .ends(7)
        .says("partial-scan directory: the scan was interrupted");
    service.state().set_quirks(Quirks::default());
    acme.tenure(&["scan", "--now", MONDAY]).ends(0);
    acme.tenure(&["findings", "--now", MONDAY]).ends(0);
    service.stop().await;
}
