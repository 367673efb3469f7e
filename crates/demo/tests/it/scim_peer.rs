//! The SCIM peer under the conformance tester from PyPI, and under load.

use jiff::Timestamp;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tenure_demo::scim_peer::{PeerClock, PeerOptions, ScimPeer};
use tenure_testkit::{need, peer};

fn clock() -> PeerClock {
    let now = AtomicI64::new(1_800_000_000);
    Arc::new(move || Timestamp::from_second(now.fetch_add(1, Ordering::Relaxed)).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_conformance_tester_finds_no_error() {
    let service = ScimPeer::start(PeerOptions::new("tested", "token-of-a-test", clock())).await.unwrap();
    let (url, token) = (service.url(), service.token().to_owned());
    let run = tokio::task::spawn_blocking(move || peer::scim2_conformance(&url, &token)).await.unwrap();
    let report = need!(run);
    assert_eq!(report.errors, Vec::<String>::new());
    assert!(report.successes > 100, "only {} checks ran", report.successes);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_shows_what_was_set() {
    let service = ScimPeer::start(PeerOptions::new("state", "t", clock())).await.unwrap();
    let state = service.state();
    state.add_group("git users").unwrap();
    state.add_user(&json!({ "userName": "Ada", "active": true })).unwrap();
    assert!(state.add_user(&json!({ "userName": "ADA" })).is_err(), "user names differ by more than case");
    assert!(state.set_member("git users", "ada", true));
    assert!(!state.set_member("git users", "nobody", true));
    assert_eq!(state.members("GIT users").into_iter().collect::<Vec<_>>(), ["Ada"]);
    assert!(state.set_attribute("ada", "active", json!(false)));
    assert_eq!((state.user_count(), state.active_count()), (1, 0));
    assert_eq!(state.user("ada").unwrap()["groups"][0]["display"], "git users");
    service.stop().await;
    assert_eq!(state.user_count(), 1, "the state outlives the service");
}
