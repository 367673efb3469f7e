//! A system that programs reach: a SCIM service in this process. Removals are read back, scans find changes that Tenure did not
//! decide, brakes hold, questions are asked.

use super::acme::{Acme, HEADER, MONDAY, OWNERS, TUESDAY, WEDNESDAY};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tenure_demo::scim_peer::{PeerOptions, ScimPeer};

pub(super) const TOKEN: &str = "token-of-a-test";

pub(super) const SYSTEM: &str = r#"edition = 1

connector    = "scim"
owner        = "1002"
mode         = "enforce"
account_name = "user_name"

[connection]
url   = "{url}"
token = "file:keys/directory.token"

[limits]
calls_per_second = 10000
retries          = 0

[[attribute]]
name  = "displayName"
value = 'given_name + " " + family_name'

[[entitlement]]
name  = "account"
owner = "1002"

[[entitlement]]
name  = "engineering"
owner = "1001"
"#;

/// Eight engineers, so that a brake has something to count.
fn engineers() -> Vec<String> {
    let row = |n: u32| format!("{},Given{n},Family{n},employee,Engineering,1002,2025-01-01,\n", 1100 + n);
    (1..=8).map(row).collect()
}

/// A service with the groups that the entitlements of [`SYSTEM`] are.
pub(super) async fn peer(name: &'static str) -> ScimPeer {
    peer_with(name, false).await
}

/// The same, which may page by cursors.
pub(super) async fn peer_with(name: &'static str, cursors: bool) -> ScimPeer {
    let seconds = AtomicI64::new(1_800_000_000);
    let clock =
        Arc::new(move || jiff::Timestamp::from_second(seconds.fetch_add(1, Ordering::Relaxed)).unwrap());
    let options = PeerOptions { cursors, ..PeerOptions::new(name, TOKEN, clock) };
    let service = ScimPeer::start(options).await.unwrap();
    service.state().add_group("account").unwrap();
    service.state().add_group("engineering").unwrap();
    service
}

/// An organisation whose directory is a service: each identity has an account there.
pub(super) async fn organisation(mode: &str) -> (Acme, ScimPeer) {
    let service = peer("directory").await;
    let acme = Acme::new();
    acme.write("keys/directory.token", TOKEN);
    acme.write("systems/directory.toml", &SYSTEM.replace("{url}", &service.url()).replace("enforce", mode));
    acme.edit("sources/hr.toml", "end after 3 days", "end now");
    acme.feed(&[OWNERS, &engineers().concat()]);
    acme.applied(MONDAY);
    (acme, service)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_decided_is_done_and_read_back() {
    let (acme, service) = organisation("enforce").await;
    insta::assert_snapshot!("service_run", acme.tenure(&["run", "--now", MONDAY]).shown());
    assert_eq!((service.state().active_count(), service.state().members("engineering").len()), (10, 8));
    insta::assert_snapshot!("service_scan", acme.tenure(&["scan", "--now", MONDAY]).shown());

    insta::assert_snapshot!(
        "service_cutoff",
        acme.tenure(&["cutoff", "1101", "--reason", "a key was found", "--now", TUESDAY]).shown()
    );
    assert_eq!((service.state().active_count(), service.state().members("engineering").len()), (9, 7));
    let (cases, code) = acme.json(&["case", "1101", "--now", TUESDAY]);
    assert_eq!((cases["cases"][0]["state"].as_str(), code), (Some("closed"), Some(0)), "{cases:#}");
    assert!(
        cases["cases"][0]["facts"].as_array().unwrap().iter().all(|f| f["state"] == "confirmed"),
        "{cases:#}"
    );
    acme.tenure(&["run", "--now", TUESDAY]).ends(0).says("hr: the same 10 rows as last time");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_tells_what_nobody_decided() {
    let (acme, service) = organisation("enforce").await;
    acme.tenure(&["run", "--now", MONDAY]).ends(0);
    service.state().add_user(&json!({ "userName": "ghost", "active": true })).unwrap();
    assert!(
        service.state().set_member("engineering", "amuster", true)
            || service.state().set_member("engineering", "aberg", true)
    );
    let found = acme.tenure(&["scan", "directory", "--now", TUESDAY]);
    insta::assert_snapshot!("service_drift", found.shown());
    assert!(
        !service.state().members("engineering").contains("aberg"),
        "`enforce` removes what was not decided"
    );
    assert_eq!(
        service.state().user("ghost").unwrap()["active"],
        true,
        "an orphan is asked about, never removed"
    );
    let (scan, code) = acme.json(&["scan", "--now", WEDNESDAY]);
    assert_eq!((scan[0]["orphans"].as_u64(), code), (Some(1), Some(7)), "{scan:#}");
    acme.tenure(&["accounts", "--now", WEDNESDAY])
        .ends(0)
        .says("directory:ghost: orphan of class ")
        .says("enabled, owner ");
    let (accounts, _) = acme.json(&["accounts", "--orphans", "--system", "directory", "--now", WEDNESDAY]);
    assert_eq!(accounts["accounts"][0]["name"], "ghost", "{accounts:#}");
    acme.tenure(&["accounts", "--asked", "--now", WEDNESDAY]).ends(0).says_no("ghost");
    acme.tenure(&["scan", "nothing"]).fails(1, "A001").says("systems/");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_carries_a_known_name_is_shown_and_taken_in() {
    let (acme, service) = organisation("observe").await;
    acme.tenure(&["run", "--now", MONDAY]).ends(4);
    service.state().add_user(&json!({ "userName": "aberg", "active": true })).unwrap();
    service.state().set_member("engineering", "aberg", true);
    acme.tenure(&["adopt", "directory", "--now", TUESDAY])
        .ends(6)
        .says("aberg belongs to Astrid Berg: its name is the id.user_name")
        .says("nothing was changed");
    acme.tenure(&["adopt", "directory", "--yes", "--now", TUESDAY])
        .fails(1, "A002")
        .says("the owner of the system");
    acme.tenure_as("1002", &["adopt", "directory", "--yes", "--now", TUESDAY]).says("1 account adopted");
    acme.tenure(&["explain", "1001", "directory:engineering", "--now", TUESDAY]).says("because of adopted");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_brake_holds_until_somebody_releases_it() {
    let (acme, service) = organisation("enforce").await;
    acme.tenure(&["run", "--now", MONDAY]).ends(0);
    acme.feed(&[OWNERS, &engineers()[5..].concat()]);
    acme.tenure(&["plan", "--now", TUESDAY]).ends(6).says("hr: the brake would hold: 5 of 10 people");
    insta::assert_snapshot!("brake_run", acme.tenure(&["run", "--now", TUESDAY]).shown());
    assert_eq!(service.state().active_count(), 10, "no access is removed");
    acme.tenure(&["run", "--now", TUESDAY]).ends(5).says("1 change is held by a brake: `tenure release`");
    insta::assert_snapshot!("release_list", acme.tenure(&["release"]).shown());
    let (held, code) = acme.json(&["release"]);
    let id = held["held"][0]["id"].as_str().unwrap();
    assert_eq!((held["held"][0]["people"].as_array().map(Vec::len), code), (Some(5), Some(5)));
    let people = acme.tenure(&["release", id, "--list"]).ends(0).says("Given1 Family1 (1101), ");
    assert_eq!(people.stdout.lines().count(), 5, "{}", people.shown());
    acme.tenure(&["release", id, "--only", "1101", "--now", TUESDAY]).says("released: 1 person");
    assert_eq!(service.state().active_count(), 9);
    insta::assert_snapshot!("release", acme.tenure(&["release", id, "--now", TUESDAY]).shown());
    assert_eq!(service.state().active_count(), 5);
    acme.tenure(&["release"]).ends(0).says("no brake holds anything");
    acme.tenure(&["ledger", "verify"]).ends(0);
    service.stop().await;
}

/// Five of ten lose their access some days after the feed by which they do was released.
async fn is_lost_later(rows: &str) {
    let (acme, service) = organisation("enforce").await;
    acme.edit("sources/hr.toml", "end now", "end after 3 days");
    acme.edit("systems/directory.toml", "[limits]", "[brake]\npercent = 5\ncount   = 3\n\n[limits]");
    acme.applied(MONDAY);
    acme.tenure(&["run", "--now", MONDAY]).ends(0);
    acme.feed(&[OWNERS, rows]);
    acme.tenure(&["run", "--now", WEDNESDAY]).ends(5);
    let (held, _) = acme.json(&["release"]);
    acme.tenure(&["release", held["held"][0]["id"].as_str().unwrap(), "--now", WEDNESDAY]).ends(0);
    assert_eq!(service.state().active_count(), 10, "not yet");
    acme.tenure(&["run", "--now", "2026-01-15T09:00:00Z"]).ends(0);
    acme.tenure(&["run", "--now", "2026-01-18T09:00:00Z"]).ends(0).says_no("held");
    assert_eq!(service.state().active_count(), 5);
    acme.tenure(&["release"]).ends(0).says("no brake holds anything");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_released_absence_from_the_feed_is_not_held_again_when_it_ends_access() {
    is_lost_later(&engineers()[5..].concat()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_released_last_day_is_not_held_again_when_it_comes() {
    let ends = |row: &String| row.replace(",\n", ",2026-01-16\n");
    let (last, stay) = (engineers()[..5].iter().map(ends).collect::<String>(), engineers()[5..].concat());
    is_lost_later(&format!("{last}{stay}")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ends_that_were_known_from_the_first_day_are_held_by_no_brake_where_rules_ask() {
    let (acme, service) = organisation("enforce").await;
    acme.edit("systems/directory.toml", "[limits]", "[brake]\npercent = 5\ncount   = 3\n\n[limits]");
    acme.applied(MONDAY);
    let ends = |row: &String| row.replace(",\n", ",2026-01-16\n");
    let (last, stay) = (engineers()[..5].iter().map(ends).collect::<String>(), engineers()[5..].concat());
    acme.feed(&[OWNERS, &last, &stay]);
    acme.tenure(&["run", "--now", MONDAY]).ends(0);
    assert_eq!(service.state().active_count(), 10);
    acme.tenure(&["run", "--now", "2026-01-18T09:00:00Z"]).ends(0).says_no("held");
    assert_eq!(service.state().active_count(), 5);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_is_away_leaves_work_for_later() {
    let (acme, service) = organisation("enforce").await;
    acme.tenure(&["run", "--now", MONDAY]).ends(0);
    let state = service.state();
    service.stop().await;
    acme.tenure(&["cutoff", "1101", "--reason", "a key was found", "--now", TUESDAY])
        .ends(4)
        .says("still open: ");
    assert_eq!(state.active_count(), 10);
    acme.tenure(&["case", "1101", "--now", TUESDAY]).ends(4).says("scheduled for ");
    acme.tenure(&["doctor", "--now", TUESDAY]).ends(7).says("wrong system directory, writer: ");
    acme.tenure(&["scan", "directory", "--now", TUESDAY]).ends(1).says("error ");
    // What is stored can be looked at without the service, and without its secret.
    std::fs::remove_file(acme.path("keys/directory.token")).unwrap();
    acme.tenure(&["ledger", "verify"]).ends(0);
    acme.tenure(&["case"]).ends(4);
    // Nor does it block a pass; `apply` alone wants everything to be there.
    acme.tenure(&["run", "--now", TUESDAY]).ends(7).says("error C003: system `directory`: the secret");
    acme.edit("systems/directory.toml", "retries          = 0", "retries          = 2");
    acme.tenure(&["apply", "--yes", "--now", TUESDAY]).fails(3, "C003").says("keys/directory.token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_looks_like_somebody_asks() {
    let (acme, service) = organisation("enforce").await;
    acme.edit("sources/hr.toml", "[keys]", "[keys]\nbirth_date    = \"born\"");
    acme.edit("sources/hr.toml", "exact = \"worker_number\"", "exact = \"worker_number\"\n\n[[correlate]]\nfuzzy    = { name = 55, birth_date = 45 }\nask_from = 80");
    let feed = |rows: &[&str]| {
        let header = HEADER.trim_end();
        acme.write("feeds/hr.csv", &format!("{header},born\n{}", rows.concat()));
    };
    let (astrid, ola) = (
        "1001,Astrid,Berg,employee,Security,,2024-01-08,,1980-02-03\n",
        "1002,Ola,Müller,employee,IT,1001,2024-02-01,,1981-05-06\n",
    );
    feed(&[astrid, ola]);
    acme.applied(MONDAY);
    acme.tenure(&["run", "--now", MONDAY]).ends(0);
    let twin = |number: u32| format!("{number},Ola,Muller,employee,IT,1001,2024-02-01,,1981-05-06\n");
    feed(&[astrid, ola, &twin(1003)]);
    acme.tenure(&["run", "--now", TUESDAY]).ends(4).says("1 correlation question open: `tenure correlate`");
    assert_eq!(service.state().active_count(), 2, "the record grants nothing meanwhile");
    insta::assert_snapshot!("correlate", acme.tenure(&["correlate", "--now", TUESDAY]).shown());
    let (questions, code) = acme.json(&["correlate", "--now", TUESDAY]);
    let id = questions["questions"][0]["id"].as_str().unwrap();
    assert_eq!((questions["questions"][0]["record"].as_str(), code), (Some("hr:1003"), Some(4)));
    acme.tenure(&["correlate", id, "--now", TUESDAY]).fails(1, "A002").says("--link PERSON, or --new");
    acme.tenure(&["correlate", id, "--same", "1002", "--now", TUESDAY]).ends(0).says("Ola");
    acme.tenure(&["correlate", "--now", TUESDAY]).ends(0).says("no correlation question is open");
    assert_eq!(service.state().active_count(), 2);

    acme.tenure(&["correlate", "--split", "1002", "hr:1003", "--now", WEDNESDAY]).ends(0);
    assert_eq!(service.state().active_count(), 3);
    acme.tenure(&["correlate", "--merge", "1003", "1002", "--now", WEDNESDAY]).ends(0);
    assert_eq!(service.state().active_count(), 2);
    acme.tenure(&["ledger", "verify"]).ends(0);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_read_back_and_repaired_is_tenures_whoever_asked_for_it() {
    let (acme, service) = organisation("enforce").await;
    acme.tenure(&["run", "--now", MONDAY]).ends(0);
    let count = || acme.json(&["ledger", "verify"]).0["entries"].as_u64().unwrap();
    let roles = |from: u64| -> Vec<(String, String)> {
        let entry = |n: u64| acme.json(&["ledger", "show", &n.to_string()]).0["entry"].clone();
        let told = |e: serde_json::Value| {
            (e["kind"].as_str().unwrap().to_owned(), e["role"].as_str().unwrap().to_owned())
        };
        (from..count()).map(entry).map(told).collect()
    };
    let before = count();
    acme.tenure(&["cutoff", "1101", "--reason", "a key was found", "--now", TUESDAY]).ends(0);
    let cut = roles(before);
    let of = |all: &[(String, String)], kind: &str| -> Vec<String> {
        all.iter().filter(|(k, _)| k.starts_with(kind)).map(|(_, role)| role.clone()).collect()
    };
    assert_eq!(of(&cut, "case.decided"), ["person"], "{cut:?}");
    let work = of(&cut, "task.");
    assert!(!work.is_empty() && work.iter().all(|role| role == "tenure"), "{cut:?}");

    let before = count();
    assert!(service.state().set_member("engineering", "aberg", true));
    acme.tenure(&["scan", "directory", "--now", WEDNESDAY]);
    let repaired = roles(before);
    assert!(!of(&repaired, "case.decided").is_empty() && !of(&repaired, "task.").is_empty(), "{repaired:?}");
    assert!(
        repaired.iter().filter(|(kind, _)| kind != "data.read").all(|(_, role)| role == "tenure"),
        "{repaired:?}"
    );
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_says_that_the_open_work_of_an_owner_is_done_by_the_system() {
    let (acme, service) = organisation("observe").await;
    acme.tenure(&["run", "--now", MONDAY]).ends(4);
    acme.tenure(&["scan", "--now", MONDAY]);
    acme.tenure(&["plan", "--now", MONDAY]).ends(0).says("no identity would change");
    acme.edit("systems/directory.toml", "\"observe\"", "\"enforce\"");
    let says = "the open work in directory is done by the system, and no more by its owner";
    acme.tenure(&["plan", "--now", TUESDAY]).ends(6).says(says).says("Astrid Berg");
    acme.applied(TUESDAY);
    acme.tenure(&["plan", "--now", TUESDAY]).ends(6).says(says);
    acme.tenure(&["run", "--now", TUESDAY]);
    assert_eq!(service.state().active_count(), 10);
    acme.tenure(&["plan", "--now", TUESDAY]).ends(0).says_no(says);
    service.stop().await;
}
