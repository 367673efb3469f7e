//! What a service shows in an unreadable form, or omits, is not "nothing".

use crate::common::{LIST, TOKEN, attribute, clock, connected, holds, made, named, new_account, peer};
use std::sync::Arc;
use tenure_connect::{AccountChange, Connector, ErrorKind, Holds, Status};
use tenure_demo::scim_peer::{ActiveAs, CreatedAs, MembersAs, PeerOptions, Quirks, ScimPeer};
use tenure_model::Value;

#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_seen_or_unknown_and_never_gone_however_members_are_written() {
    let peer = peer(Quirks::default()).await;
    let filter = connected(&peer.url(), &[]);
    let ada = made(&filter, "ada").await;
    filter.grant(&ada, &"alpha".into()).await.unwrap();
    for (members, more, wanted) in [
        (MembersAs::Standard, LIST, Some(Holds::Yes)),
        (MembersAs::Texts, LIST, Some(Holds::Yes)),
        (MembersAs::References, LIST, Some(Holds::Yes)),
        (MembersAs::OneObject, LIST, Some(Holds::Yes)),
        (MembersAs::HiddenInLists, LIST, Some(Holds::Yes)),
        (MembersAs::Names, LIST, None),
        (MembersAs::Displays, LIST, None),
        (MembersAs::NamesAsValues, LIST, None),
        (MembersAs::Hidden, LIST, None),
        (MembersAs::Hidden, &[][..], Some(Holds::Yes)),
    ] {
        peer.state().set_quirks(Quirks { members, forgets_user_groups: true, ..Quirks::default() });
        let c = connected(&peer.url(), more);
        let seen = holds(&c, &ada).await;
        match wanted {
            Some(wanted) => assert_eq!(seen, wanted, "{members:?}"),
            None => assert!(matches!(seen, Holds::Unreadable(_)), "{members:?}: {seen:?}"),
        }
        let read = c.read(&ada).await.unwrap().unwrap();
        let shown = read.entitlements.contains("alpha");
        assert!(shown || read.unread.of("alpha").is_some(), "{members:?}: {:?}", read.unread);
        // A scan that found it is not complete, or does not claim to have read the group.
        let page = c.scan(None).await.unwrap();
        let seen = page.accounts[0].entitlements.contains("alpha");
        let read = page.entitlements.is_some_and(|read| read.contains("alpha"));
        assert!(seen || !page.gaps.is_empty() || !read, "{members:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_what_is_no_id_says_nothing_about_who_is_not_in_it() {
    let peer = peer(Quirks::default()).await;
    let c = connected(&peer.url(), &[]);
    let (ada, bo) = (made(&c, "ada").await, made(&c, "bo").await);
    c.grant(&ada, &"alpha".into()).await.unwrap();
    let quirks = |members| Quirks {
        members,
        member_filter_finds_nothing: true,
        forgets_user_groups: true,
        ..Quirks::default()
    };
    // The members are ids: a user that is not listed is not in it.
    peer.state().set_quirks(quirks(MembersAs::Standard));
    assert_eq!(holds(&connected(&peer.url(), &[]), &bo).await, Holds::No);
    peer.state().set_quirks(quirks(MembersAs::NamesAsValues));
    for more in [LIST, &[][..]] {
        let c = connected(&peer.url(), more);
        for account in [&ada, &bo] {
            let seen = holds(&c, account).await;
            assert!(matches!(&seen, Holds::Unreadable(why) if why.contains("id of no user")), "{seen:?}");
        }
        let page = c.scan(None).await.unwrap();
        assert!(page.gaps.iter().any(|gap| gap.entitlement.as_deref() == Some("alpha")), "{:?}", page.gaps);
        assert!(!page.entitlements.unwrap().contains("alpha"), "it was not read");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_ignores_filters_gives_nobody_every_group() {
    let peer = peer(Quirks::default()).await;
    let c = connected(&peer.url(), &[]);
    let (ada, bo) = (made(&c, "ada").await, made(&c, "bo").await);
    c.grant(&ada, &"alpha".into()).await.unwrap();
    peer.state().set_quirks(Quirks { ignores_filters: true, ..Quirks::default() });
    let c = connected(&peer.url(), &[]);
    let held = async |account| c.read(account).await.unwrap().unwrap().entitlements;
    assert_eq!(held(&ada).await, ["alpha".into()].into());
    assert_eq!(held(&bo).await, [].into());
    let e = c.test().await.unwrap_err();
    assert!(e.kind == ErrorKind::Configuration && e.message.contains("membership = \"list\""), "{e}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_was_not_done_is_seen_by_both_ways_of_looking() {
    let peer = peer(Quirks::default()).await;
    for more in [LIST, &[][..]] {
        let c = connected(&peer.url(), more);
        let name = if more.is_empty() { "bo" } else { "ada" };
        let account = made(&c, name).await;
        c.grant(&account, &"alpha".into()).await.unwrap();
        let finds_nothing = Quirks {
            ignores_members: true,
            member_filter_finds_nothing: true,
            forgets_user_groups: true,
            ..Quirks::default()
        };
        peer.state().set_quirks(finds_nothing);
        c.revoke(&account, &"alpha".into()).await.unwrap();
        assert_eq!(holds(&c, &account).await, Holds::Yes);
        peer.state().set_quirks(Quirks::default());
        assert!(c.revoke(&account, &"alpha".into()).await.unwrap().changed);
    }
    // No group shows members: this does not prove that none are hidden.
    let c = connected(&peer.url(), LIST);
    let ada = named("ada");
    assert!(matches!(holds(&c, &ada).await, Holds::Unreadable(_)));
    assert!(peer.state().set_member("beta", "bo", true));
    assert_eq!(holds(&c, &ada).await, Holds::No);
    let unknown = c.holds(&ada, &"gamma".into()).await.unwrap();
    assert!(matches!(unknown, Holds::Unreadable(_)), "a group that is not shown may be hidden: {unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_are_numbers_are_their_digits() {
    let peer = peer(Quirks::default()).await;
    let c = connected(&peer.url(), LIST);
    made(&c, "ada").await;
    assert!(peer.state().set_member("alpha", "ada", true));
    peer.state().set_quirks(Quirks { numeric_ids: true, members: MembersAs::Numbers, ..Quirks::default() });
    let page = c.scan(None).await.unwrap();
    assert_eq!(page.accounts.len(), 1);
    assert!(page.accounts[0].external_id.bytes().all(|b| b.is_ascii_digit()));
    assert!(page.accounts[0].entitlements.contains("alpha"));
    assert!(page.gaps.is_empty(), "{:?}", page.gaps);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_about_active_is_neither_on_nor_off() {
    let peer = peer(Quirks::default()).await;
    let c = connected(&peer.url(), &[("write", "put")]);
    let ada = made(&c, "ada").await;
    for (active, off_known, on_known) in [
        (ActiveAs::Always, true, true),
        (ActiveAs::Never, false, false),
        (ActiveAs::WhenOff, true, false),
        (ActiveAs::WhenOn, false, true),
        (ActiveAs::Number, true, true),
        (ActiveAs::Word, false, false),
    ] {
        let quirks = Quirks { active, put_without_active_is_off: true, ..Quirks::default() };
        peer.state().set_quirks(quirks);
        for (on, known) in [(false, off_known), (true, on_known)] {
            if on {
                c.enable(&ada).await.unwrap()
            } else {
                c.disable(&ada).await.unwrap()
            };
            let read = c.read(&ada).await.unwrap().unwrap();
            assert_eq!(read.unread.enabled.is_none(), known, "{active:?} {on}");
            assert!(read.enabled || known && !on, "what is not known is not off: {active:?} {on}");
        }
        // A change of another attribute states it as decided, whether it is shown or not.
        let title = format!("{active:?}");
        let attributes = [(attribute("title"), Some(Value::text(&title)))].into();
        let change = AccountChange { attributes, enabled: Some(true), ..AccountChange::default() };
        c.update(&ada, &change).await.unwrap();
        assert_eq!(peer.state().active_count(), 1, "{active:?}");
    }
    let optional = connected(&peer.url(), &[("active", "optional")]);
    peer.state().set_quirks(Quirks { active: ActiveAs::WhenOff, ..Quirks::default() });
    assert_eq!(optional.read(&ada).await.unwrap().unwrap().unread.enabled, None, "its owner says so");
    // That setting is about an omitted value, not about an unreadable one.
    peer.state().set_quirks(Quirks { active: ActiveAs::Word, ..Quirks::default() });
    let why = optional.read(&ada).await.unwrap().unwrap().unread.enabled.unwrap();
    assert!(why.contains("current"), "it says what was seen: {why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_about_another_user_is_not_believed_and_not_written_to() {
    let peer = peer(Quirks::default()).await;
    let c = connected(&peer.url(), &[]);
    let boss = made(&c, "boss").await;
    c.enable(&boss).await.unwrap();
    let id = boss.external_id.clone().unwrap();
    for (n, created_as) in [
        CreatedAs::Other("boss".to_owned()),
        CreatedAs::Address(format!("http://elsewhere.test/scim/v2/Users/{id}")),
        CreatedAs::Address(format!("{}/Users/{id}", peer.url())),
        CreatedAs::Address(format!("/Users/{id}?x=1")),
    ]
    .into_iter()
    .enumerate()
    {
        let ours = matches!(created_as, CreatedAs::Address(ref a) if !a.starts_with(&peer.url()));
        peer.state().set_quirks(Quirks { created_as: Some(created_as.clone()), ..Quirks::default() });
        peer.state().recorded();
        let made = c.create(&new_account(&format!("ada{n}"), &[])).await;
        let writes = peer.state().recorded().iter().filter(|r| r.method != "GET").count();
        assert_eq!(writes, 1, "only the creation itself: {created_as:?}");
        match made {
            // An address on another server is not followed: the user is looked up here.
            Ok(made) if ours => assert_ne!(made.external_id, id, "{created_as:?}"),
            Ok(made) => panic!("{created_as:?}: {made:?}"),
            Err(e) => {
                assert!(!ours, "{created_as:?}: {e}");
                assert_eq!((e.kind, e.status), (ErrorKind::Protocol, Status::Permanent), "{e}");
                assert!(e.message.contains("nothing was written to it"), "{e}");
            }
        }
    }
    peer.state().set_quirks(Quirks::default());
    let read = c.read(&boss).await.unwrap().unwrap();
    assert!(read.enabled && &*read.name == "boss");
    // An address of this service, absolute or relative, is followed.
    for (n, address) in
        [format!("{}/Users/{{id}}", peer.url()), "Users/{id}".to_owned()].into_iter().enumerate()
    {
        peer.state()
            .set_quirks(Quirks { created_as: Some(CreatedAs::Address(address)), ..Quirks::default() });
        let account = made(&c, &format!("bo{n}")).await;
        assert_eq!(&*c.read(&account).await.unwrap().unwrap().name, &format!("bo{n}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_that_was_there_before_is_not_new() {
    // Ten hours between two requests to this peer.
    let now = std::sync::atomic::AtomicI64::new(1_800_000_000);
    let clock: tenure_demo::scim_peer::PeerClock = Arc::new(move || {
        jiff::Timestamp::from_second(now.fetch_add(36_000, std::sync::atomic::Ordering::Relaxed)).unwrap()
    });
    let options = PeerOptions { record: true, ..PeerOptions::new("peer", TOKEN, clock) };
    let peer = ScimPeer::start(options).await.unwrap();
    let c = connected(&peer.url(), &[]);
    made(&c, "boss").await;
    let quirks = Quirks { created_as: Some(CreatedAs::Renamed("boss".to_owned())), ..Quirks::default() };
    peer.state().set_quirks(quirks);
    let e = c.create(&new_account("ada", &[])).await.unwrap_err();
    assert!(e.message.contains("was there before"), "{e}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_said_to_be_new_is_not_taken_for_new() {
    let peer = peer(Quirks::default()).await;
    let c = connected(&peer.url(), &[]);
    peer.state().set_quirks(Quirks { create_answers_200: true, ..Quirks::default() });
    // Its own two dates show that it was.
    made(&c, "boss").await;
    for _ in 0..50 {
        c.enable(&named("boss")).await.unwrap();
        c.disable(&named("boss")).await.unwrap();
    }
    // A minute later they no longer do.
    let created_as = Some(CreatedAs::Renamed("boss".to_owned()));
    peer.state().set_quirks(Quirks { create_answers_200: true, created_as, ..Quirks::default() });
    let e = c.create(&new_account("cy", &[])).await.unwrap_err();
    assert_eq!((e.kind, e.status), (ErrorKind::Protocol, Status::Permanent), "{e}");
    assert!(e.message.contains("status 200"), "{e}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_lie_about_their_end_are_found_out() {
    let peer = peer(Quirks::default()).await;
    let c = connected(&peer.url(), &[]);
    for n in 0..23 {
        made(&c, &format!("user{n}")).await;
    }
    assert!(peer.state().set_member("alpha", "user3", true));
    let scan = async |c: &Arc<dyn Connector>| {
        let (mut seen, mut gaps, mut cursor) = (std::collections::BTreeSet::new(), 0, None);
        for _ in 0..20 {
            let page = c.scan(cursor).await.unwrap();
            seen.extend(page.accounts.into_iter().map(|a| a.name));
            gaps += page.gaps.len();
            cursor = page.next;
            if cursor.is_none() {
                return (seen.len(), gaps, page.total);
            }
        }
        panic!("no end");
    };
    assert_eq!(scan(&c).await, (23, 0, Some(23)));
    peer.state().set_quirks(Quirks { counts_page_only: true, ..Quirks::default() });
    let (seen, gaps, _) = scan(&c).await;
    assert!(seen == 23 && gaps > 0, "all are seen, and the count is not believed: {seen} {gaps}");
    peer.state().set_quirks(Quirks { ignores_start: true, ..Quirks::default() });
    let (seen, _, total) = scan(&c).await;
    assert_ne!(u64::try_from(seen).ok(), total, "the first page again and again is not all");
    peer.state().set_quirks(Quirks { hides_inactive: true, ..Quirks::default() });
    assert_eq!(scan(&c).await.0, 0);
    let read = c.read(&named("user1")).await;
    assert!(read.unwrap().is_none(), "by name it is hidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_without_end_is_ended() {
    let options = PeerOptions { cursors: true, record: true, ..PeerOptions::new("peer", TOKEN, clock()) };
    let peer = ScimPeer::start(options).await.unwrap();
    peer.state().add_group("alpha").unwrap();
    let c = connected(&peer.url(), &[]);
    let ada = made(&c, "ada").await;
    c.grant(&ada, &"alpha".into()).await.unwrap();
    peer.state().set_quirks(Quirks { endless_cursor: true, ..Quirks::default() });
    peer.state().recorded();
    let e = c.read(&ada).await.unwrap_err();
    assert_eq!(e.kind, ErrorKind::Protocol);
    assert!(e.message.contains("nothing new"), "{e}");
    assert!(peer.state().recorded().len() < 10);
}
