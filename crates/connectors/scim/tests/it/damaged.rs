//! An unreadable resource does not affect others, and access that must end is ended although it cannot be read.

use crate::common::{LIST, attribute, connected, holds, made, peer};
use std::sync::Arc;
use tenure_connect::{AccountChange, AccountRef, Connector, ErrorKind, Holds};
use tenure_demo::scim_peer::Quirks;
use tenure_model::Value;

fn written_as(old: &str, new: &str) -> Quirks {
    Quirks { rewrites: vec![(old.to_owned(), new.to_owned())], ..Quirks::default() }
}

/// Users of the peer with a title; one title can be replaced by any text in the answers.
async fn two_with_titles(c: &Arc<dyn Connector>) -> (AccountRef, AccountRef) {
    let (ada, mira) = (made(c, "ada").await, made(c, "mira").await);
    for (account, title) in [(&ada, "Engineer"), (&mira, "Editor")] {
        let attributes = [(attribute("title"), Some(Value::text(title)))].into();
        c.update(account, &AccountChange { attributes, ..AccountChange::default() }).await.unwrap();
        c.enable(account).await.unwrap();
    }
    (ada, mira)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_that_cannot_be_read_spoils_no_other_one() {
    for more in [LIST, &[][..]] {
        let peer = peer(Quirks::default()).await;
        let c = connected(&peer.url(), more);
        let (ada, mira) = two_with_titles(&c).await;
        for account in [&ada, &mira] {
            c.grant(account, &"alpha".into()).await.unwrap();
        }
        c.revoke(&ada, &"alpha".into()).await.unwrap();
        for (old, new, why) in [
            (r#""Editor""#, r#""Edi \ud800 tor""#, "half of a surrogate pair"),
            (r#""Editor""#, r#""Editor","x":1e999"#, "no number"),
            (r#""Editor""#, "\"Edi\u{1}tor\"", "control character"),
            (r#""Editor""#, r#""Editor","nickName":"a","nickname":"b""#, "twice"),
        ] {
            peer.state().set_quirks(written_as(old, new));
            let c = connected(&peer.url(), more);
            assert!(c.read(&ada).await.unwrap().unwrap().enabled, "{new}");
            assert_eq!(holds(&c, &ada).await, Holds::No, "{new}");
            let e = c.read(&mira).await.unwrap_err();
            assert!(e.message.contains("`mira`") && e.message.contains(why), "{new}: {e}");
            let page = c.scan(None).await.unwrap();
            assert_eq!(page.accounts.len(), 1, "{new}");
            let gap = page.gaps.iter().find(|gap| gap.why.contains("`mira`"));
            assert!(gap.is_some_and(|gap| gap.why.contains(why)), "{new}: {:?}", page.gaps);
            assert!(page.entitlements.unwrap().contains("alpha"), "the groups were read");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_stands_twice_confirms_nothing() {
    for more in [LIST, &[][..]] {
        let peer = peer(Quirks::default()).await;
        let c = connected(&peer.url(), more);
        let (ada, _) = two_with_titles(&c).await;
        c.grant(&ada, &"alpha".into()).await.unwrap();
        for first in ["true", "false"] {
            peer.state()
                .set_quirks(written_as(r#""active":true"#, &format!(r#""active":{first},"active":false"#)));
            let e = connected(&peer.url(), more).read(&ada).await.unwrap_err();
            assert!(e.message.contains("`active` stands twice"), "{e}");
        }
        for new in [r#""members":[],"members":["#, r#""Members":[],"members":["#] {
            let quirks = Quirks {
                rewrites: vec![
                    (r#""members":["#.to_owned(), new.to_owned()),
                    ("]}".to_owned(), r#"],"members":[]}"#.to_owned()),
                ],
                member_filter_finds_nothing: true,
                forgets_user_groups: true,
                ..Quirks::default()
            };
            peer.state().set_quirks(quirks);
            let seen = holds(&connected(&peer.url(), more), &ada).await;
            assert!(matches!(&seen, Holds::Unreadable(why) if why.contains("twice")), "{new}: {seen:?}");
        }
        // An envelope with two contradicting values has none.
        peer.state().set_quirks(written_as(r#""totalResults":"#, r#""totalResults":0,"totalResults":"#));
        assert_eq!(connected(&peer.url(), more).scan(None).await.unwrap_err().kind, ErrorKind::Protocol);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_label_of_a_damaged_user_or_group_spoils_no_other_one() {
    let peer = peer(Quirks::default()).await;
    let c = connected(&peer.url(), LIST);
    let (ada, mira) = two_with_titles(&c).await;
    c.grant(&mira, &"beta".into()).await.unwrap();
    peer.state().set_quirks(written_as(r#""beta""#, r#""be \udc00 ta""#));
    let c = connected(&peer.url(), LIST);
    for account in [&ada, &mira] {
        assert!(c.read(account).await.unwrap().unwrap().enabled);
        assert_eq!(holds(&c, account).await, Holds::No);
    }
    let held = c.read(&mira).await.unwrap().unwrap();
    assert_eq!(held.entitlements, ["be \u{fffd} ta".into()].into(), "it is a group of another name");
    assert!(held.unread.others.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_end_is_ended_by_its_id_where_only_reading_fails() {
    for status in [500, 403] {
        let peer = peer(Quirks::default()).await;
        let c = connected(&peer.url(), &[]);
        let (ada, mira) = two_with_titles(&c).await;
        let stays = made(&c, "stays").await;
        for account in [&ada, &mira, &stays] {
            c.grant(account, &"alpha".into()).await.unwrap();
        }
        for of in ["/Users", "/"] {
            let quirks = Quirks { refuses_reads: Some((of.to_owned(), status)), ..Quirks::default() };
            peer.state().set_quirks(quirks);
            let account = if of == "/" { &mira } else { &ada };
            peer.state().recorded();
            assert!(c.enable(account).await.is_err(), "{of}: nothing is given unread");
            assert!(c.grant(account, &"beta".into()).await.is_err(), "{of}");
            assert!(peer.state().recorded().iter().all(|r| r.method == "GET"), "{of}");
            c.disable(account).await.unwrap();
            c.revoke(account, &"alpha".into()).await.unwrap();
            assert!(
                c.read(account).await.is_err() && c.holds(account, &"alpha".into()).await.is_err(),
                "{of}"
            );
            peer.state().set_quirks(Quirks::default());
            assert!(!c.read(account).await.unwrap().unwrap().enabled, "{status} {of}");
            assert_eq!(holds(&c, account).await, Holds::No, "{status} {of}");
        }
    }
}
