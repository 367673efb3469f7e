//! Lists: their end is proved, or there is an error.

use crate::common::{connected, named, new_account, peer};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_connect::{Connector, ErrorKind, Status};
use tenure_demo::scim_peer::{Canned, Quirks};

async fn scanned(c: &Arc<dyn Connector>) -> (BTreeSet<Arc<str>>, usize) {
    let (mut names, mut cursor, mut pages) = (BTreeSet::new(), None, 0);
    loop {
        let page = c.scan(cursor).await.unwrap();
        pages += 1;
        names.extend(page.accounts.into_iter().map(|a| a.name));
        cursor = page.next;
        if cursor.is_none() {
            return (names, pages);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_are_listed_however_short_the_pages_are() {
    let peer = peer(Quirks::default()).await;
    for n in 0..25 {
        peer.state().add_user(&json!({ "userName": format!("user-{n}") })).unwrap();
    }
    for (quirks, knobs, pages) in [
        (Quirks::default(), vec![], 3),
        (Quirks { page_max: 4, ..Quirks::default() }, vec![], 7),
        // Without a total, an empty page is the end.
        (Quirks { hides_total: true, ..Quirks::default() }, vec![("total", "optional")], 4),
    ] {
        peer.state().set_quirks(quirks);
        let (names, seen) = scanned(&connected(&peer.url(), &knobs)).await;
        assert_eq!((names.len(), seen), (25, pages), "{knobs:?}");
    }
    peer.state().set_quirks(Quirks { hides_total: true, ..Quirks::default() });
    let e = connected(&peer.url(), &[]).scan(None).await.unwrap_err();
    assert_eq!(e.kind, ErrorKind::Protocol);
    assert!(e.message.contains("total = \"optional\""), "{e}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_shrinks_while_it_is_read_is_read_again() {
    let peer = peer(Quirks::default()).await;
    for n in 0..25 {
        peer.state().add_user(&json!({ "userName": format!("user-{n:02}") })).unwrap();
    }
    let c = connected(&peer.url(), &[]);
    let first = c.scan(None).await.unwrap();
    // The users of the second page move up by one: number 11 would never be seen.
    c.delete(&named("user-03")).await.unwrap();
    let e = c.scan(first.next).await.unwrap_err();
    assert_eq!((e.kind, e.status), (ErrorKind::Conflict, Status::Temporary));
    assert_eq!(scanned(&c).await.0.len(), 24);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_none_is_an_error() {
    let peer = peer(Quirks::default()).await;
    let c = connected(&peer.url(), &[("groups", "false")]);
    let bodies = [
        ("{}", "`Resources` is missing"),
        ("[]", "no JSON object"),
        ("<html>", "a web page"),
        (r#"{"totalResults":9,"Resources":[]}"#, "ended at 0 of 9"),
        (r#"{"totalResults":1,"Resources":[],"nextCursor":{}}"#, "`nextCursor` is no text"),
    ];
    for (body, said) in bodies {
        let canned = Canned { status: 200, headers: Vec::new(), body: body.to_owned() };
        peer.state().set_quirks(Quirks { canned: Some(canned), ..Quirks::default() });
        let e = c.scan(None).await.unwrap_err();
        // A login page concerns Tenure's own access.
        let kind = if body == "<html>" { ErrorKind::Refused } else { ErrorKind::Protocol };
        assert_eq!(e.kind, kind, "{body}");
        assert!(e.message.contains(said), "{body}: {e}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_in_groups_are_shown_with_their_path() {
    let peer = peer(Quirks::default()).await;
    let c = connected(&peer.url(), &[("nested", "true")]);
    c.create(&new_account("ada", &[])).await.unwrap();
    c.grant(&named("ada"), &"alpha".into()).await.unwrap();
    assert!(peer.state().set_group_member("beta", "alpha"), "alpha becomes a member of beta");
    assert!(peer.state().set_group_member("alpha", "beta"), "and beta of alpha: a circle ends");
    let seen = c.read(&named("ada")).await.unwrap().unwrap();
    assert_eq!(seen.entitlements.iter().map(|e| &**e).collect::<Vec<_>>(), ["alpha"]);
    assert_eq!(seen.indirect.get("beta").map(|p| &**p), Some("alpha > beta"));
    let page = c.scan(None).await.unwrap();
    assert_eq!(page.accounts, [seen]);
    let within = [("alpha", "beta"), ("beta", "alpha")].map(|(outer, inner)| (outer.into(), inner.into()));
    assert_eq!(page.contains, within.into());
    let flat = connected(&peer.url(), &[]);
    assert!(flat.scan(None).await.unwrap().contains.is_empty(), "where groups in groups mean nothing");
}
