//! A 2xx is not evidence: what incorrect services answer, and what reading them shows.

use crate::common::{TOKEN, connected, named, new_account, peer, settings};
use serde_json::json;
use tenure_connect::{ErrorKind, Status};
use tenure_demo::scim_peer::Quirks;
use tenure_testkit::need;

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_is_ignored_is_seen() {
    // The user's own `groups` attribute is wrong too: it proves nothing. Only the Group resource does.
    let lying = Quirks { ignores_filtered_removes: true, forgets_user_groups: true, ..Quirks::default() };
    for answers_204 in [false, true] {
        let peer = peer(Quirks { patch_answers_groups: !answers_204, ..lying.clone() }).await;
        let (writer, reader) = (connected(&peer.url(), &[]), connected(&peer.url(), &[]));
        writer.create(&new_account("ada", &[])).await.unwrap();
        writer.grant(&named("ada"), &"alpha".into()).await.unwrap();
        let claimed = writer.revoke(&named("ada"), &"alpha".into()).await;
        if answers_204 {
            assert!(claimed.unwrap().changed, "without a body the service's word is all there is");
        } else {
            let e = claimed.unwrap_err();
            assert_eq!((e.kind, e.status), (ErrorKind::Protocol, Status::Permanent));
            assert!(e.message.contains("still lists the member"), "{e}");
        }
        let seen = reader.read(&named("ada")).await.unwrap().unwrap();
        assert_eq!(
            seen.entitlements.into_iter().collect::<Vec<_>>(),
            ["alpha".into()],
            "the reader is not fooled"
        );
        let scanned = reader.scan(None).await.unwrap();
        assert_eq!(scanned.accounts[0].entitlements.len(), 1, "nor is the scan");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_server_shows_membership_to_both_ways_of_looking() {
    let server = need!(tenure_testkit::peer::scim2_server());
    let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "alpha" });
    server.request("POST", "/Groups", Some(&group)).unwrap();
    let by = |way| {
        tenure_connector_scim::connect(&settings(&server.url, &server.token, &[("membership", way)])).unwrap()
    };
    let (filter, list) = (by("filter"), by("list"));
    filter.create(&new_account("ada", &[])).await.unwrap();
    filter.grant(&named("ada"), &"alpha".into()).await.unwrap();
    filter.test().await.unwrap();
    let (one, other) = (filter.read(&named("ada")).await.unwrap(), list.read(&named("ada")).await.unwrap());
    assert_eq!(one, other);
    assert_eq!(one.unwrap().entitlements.len(), 1);
    list.revoke(&named("ada"), &"alpha".into()).await.unwrap();
    assert!(filter.read(&named("ada")).await.unwrap().unwrap().entitlements.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_read_shows_the_old_state_and_then_the_new() {
    let peer = peer(Quirks::default()).await;
    let c = connected(&peer.url(), &[("propagation_seconds", "5")]);
    assert_eq!(c.capabilities().propagation.as_secs(), 5);
    c.create(&new_account("ada", &[])).await.unwrap();
    c.enable(&named("ada")).await.unwrap();
    peer.state().set_quirks(Quirks { stale_reads: 2, ..Quirks::default() });
    c.disable(&named("ada")).await.unwrap();
    assert!(c.read(&named("ada")).await.unwrap().unwrap().enabled, "the old state");
    assert!(!c.read(&named("ada")).await.unwrap().unwrap().enabled, "the new one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_does_not_work_proves_nothing() {
    let peer = peer(Quirks::default()).await;
    let c = connected(&peer.url(), &[]);
    c.create(&new_account("ada", &[])).await.unwrap();
    c.grant(&named("ada"), &"alpha".into()).await.unwrap();
    c.test().await.unwrap();
    // The filter by member finds nothing: `test` reports it, before it is taken for "nothing is held".
    peer.state().set_quirks(Quirks { member_filter_finds_nothing: true, ..Quirks::default() });
    let e = c.test().await.unwrap_err();
    assert_eq!(e.kind, ErrorKind::Configuration);
    assert!(e.message.contains("membership = \"list\""), "{e}");
    let list = connected(&peer.url(), &[("membership", "list")]);
    list.test().await.unwrap();
    assert_eq!(list.read(&named("ada")).await.unwrap().unwrap().entitlements.len(), 1);
    // All users are listed for any query: neither presence nor absence follows.
    peer.state().set_quirks(Quirks { ignores_filters: true, ..Quirks::default() });
    c.create(&new_account("bob", &[])).await.unwrap_err();
    let e = c.read(&named("nobody")).await.unwrap_err();
    assert_eq!(e.kind, ErrorKind::Protocol);
    assert!(e.message.contains("ignored a filter"), "{e}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_cannot_break_out_of_a_filter() {
    let peer = peer(Quirks::default()).await;
    let c = connected(&peer.url(), &[]);
    c.create(&new_account("victim", &[])).await.unwrap();
    for name in [
        "x\" or userName pr or userName eq \"x",
        "\\",
        "a\\\" or active eq true or title eq \\\"",
        "%22 or id pr",
        "*",
    ] {
        assert_eq!(c.read(&named(name)).await.unwrap(), None, "{name}");
        c.create(&new_account(name, &[])).await.unwrap();
        assert_eq!(&*c.read(&named(name)).await.unwrap().unwrap().name, name);
        let e = c.grant(&named(name), &name.into()).await.unwrap_err();
        assert_eq!(e.kind, ErrorKind::UnknownEntitlement, "{name}");
        assert!(c.delete(&named(name)).await.unwrap().changed);
    }
    assert_eq!(peer.state().user_count(), 1);
    assert_eq!(peer.token(), TOKEN);
}
