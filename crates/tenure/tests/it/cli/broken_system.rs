//! A system whose secret is missing, or whose settings are wrong, beside one that works: its work waits, and no other work does.

use super::acme::{Acme, MONDAY, TUESDAY};
use super::service::{SYSTEM, TOKEN, organisation, peer_with};
use std::fs;
use std::time::Duration;
use tenure_demo::scim_peer::{Quirks, ScimPeer};

/// Runs, a second apart, within which work that failed is tried again.
const ATTEMPTS_MAX: u32 = 60;

/// Each identity has an account in the directory and in the VPN.
async fn two_systems() -> (Acme, ScimPeer, ScimPeer) {
    let (acme, directory) = organisation("enforce").await;
    let vpn = peer_with("vpn", true).await;
    acme.write("keys/vpn.token", TOKEN);
    acme.write(
        "systems/vpn.toml",
        &SYSTEM.replace("{url}", &vpn.url()).replace("directory.token", "vpn.token"),
    );
    acme.edit("policy/access.toml", "[\"directory:account\"]", "[\"directory:account\", \"vpn:account\"]");
    acme.tenure(&["apply", "--yes", "--now", MONDAY]).ends(0);
    acme.tenure(&["run", "--now", MONDAY]).ends(0);
    assert_eq!((directory.state().active_count(), vpn.state().active_count()), (10, 10));
    (acme, directory, vpn)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_off_goes_through_everywhere_else() {
    let (acme, directory, vpn) = two_systems().await;
    let token = acme.path("keys/vpn.token");
    fs::remove_file(&token).unwrap();
    acme.tenure(&["cutoff", "1101", "--reason", "a key was found", "--now", TUESDAY])
        .ends(4)
        .says("error C003: system `vpn`: the secret `file:keys/vpn.token` cannot be read")
        .says("still open: vpn")
        .says_no("still open: directory")
        .says_no("by hand");
    assert_eq!((directory.state().active_count(), vpn.state().active_count()), (9, 10));
    acme.tenure(&["case", "1101", "--now", TUESDAY]).ends(4).says("scheduled for ").says_no("error C003");
    acme.tenure(&["doctor", "--now", TUESDAY])
        .ends(7)
        .says("wrong system vpn, writer: test failed (configuration): system `vpn`: the secret `file:keys/vpn.token`")
        .says("ok    system directory, writer");
    acme.tenure(&["scan", "directory", "--now", TUESDAY]).ends(4).says("directory: 10 accounts, complete");
    acme.tenure(&["scan", "vpn", "--now", TUESDAY]).ends(1).says("keys/vpn.token");
    acme.tenure(&["scan", "--now", TUESDAY]).ends(1).says("directory: 10 accounts").says("keys/vpn.token");
    acme.tenure(&["plan", "--now", TUESDAY]).ends(0).says("no identity would change");

    // Once the secret is there, what waited is done, and no new question about it is asked.
    fs::write(&token, TOKEN).unwrap();
    acme.tenure(&["scan", "vpn", "--now", TUESDAY]).says("vpn: 10 accounts, complete");
    let mut attempts = 0;
    while acme.tenure(&["run", "--now", TUESDAY]).code != Some(0) {
        attempts += 1;
        assert!(attempts < ATTEMPTS_MAX, "{}", acme.tenure(&["case", "1101"]).shown());
        std::thread::sleep(Duration::from_secs(1));
    }
    assert_eq!(vpn.state().active_count(), 9);
    directory.stop().await;
    vpn.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn joiners_of_a_broken_system_wait_as_tasks() {
    let (acme, directory, vpn) = two_systems().await;
    fs::write(acme.path("keys/vpn.token"), "").unwrap();
    let feed = fs::read_to_string(acme.path("feeds/hr.csv")).unwrap();
    acme.write("feeds/hr.csv", &format!("{feed}1200,New,Comer,employee,IT,1001,2026-01-13,\n"));
    acme.tenure(&["run", "--now", TUESDAY]).ends(4).says("it is empty");
    assert_eq!((directory.state().active_count(), vpn.state().active_count()), (11, 10));
    let (cases, _) = acme.json(&["case", "1200", "--now", TUESDAY]);
    let tasks = cases["cases"][0]["tasks"].as_array().unwrap();
    assert!(!tasks.is_empty() && tasks.iter().all(|t| t["kind"] != "manual"), "{cases:#}");
    directory.stop().await;
    vpn.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_whose_groups_never_end_is_cut_off_all_the_same() {
    let (acme, directory, vpn) = two_systems().await;
    vpn.state().set_quirks(Quirks { endless_cursor: true, ..Quirks::default() });
    acme.tenure(&["cutoff", "1101", "--reason", "a key was found", "--now", TUESDAY])
        .ends(4)
        .says("still open: vpn");
    assert_eq!((directory.state().active_count(), vpn.state().active_count()), (9, 9));
    let (cases, _) = acme.json(&["case", "1101", "--now", TUESDAY]);
    let facts = cases["cases"][0]["facts"].as_array().unwrap();
    let of_vpn = |f: &&serde_json::Value| f.to_string().contains("vpn") && f.to_string().contains("unusable");
    let unusable = facts.iter().find(of_vpn).unwrap();
    assert_eq!(unusable["state"], "claimed", "{cases:#}");
    directory.stop().await;
    vpn.stop().await;
}
