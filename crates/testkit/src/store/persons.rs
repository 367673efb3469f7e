//! Identities, accounts and grants are read back as they were written.

use super::finding::by_text;
use super::sample::{account, bytes, grant, id, key, keyed, name, person, put_person};
use super::{Done, Fixture, committed};
use std::sync::Arc;
use tenure_model::{AccountState, EngagementId, Holding, Phase};
use tenure_store::Change;

pub async fn an_identity_is_read_back_as_it_was_written(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    committed(&*store, vec![put_person(2), put_person(1)]).await?;
    let found = store.subjects(&[id(1), id(404), id(2)]).await?;
    assert_eq!(
        found.iter().map(|s| s.identity.id).collect::<Vec<_>>(),
        [id(1), id(2)],
        "in the order asked for"
    );
    let written = person(1);
    assert_eq!(found[0].identity, written.identity);
    assert_eq!(
        (&found[0].title, found[0].phase, found[0].next, &found[0].person_key),
        (&written.title, written.phase, written.next, &written.person_key)
    );
    assert!(found[0].accounts.is_empty() && found[0].grants.is_empty());
    Ok(())
}

pub async fn a_later_version_replaces_keys_references_and_classes(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    committed(&*store, vec![put_person(1), put_person(2)]).await?;
    let mut later = person(1);
    later.identity.version = 2;
    later.phase = Phase::Departed;
    later.next = None;
    later.title = Arc::from("Other");
    later.keys = vec![keyed("block", "max"), keyed("block", "other"), keyed("block", "other")];
    later.reads = vec![id(901)];
    later.classes = vec![(EngagementId::from_bytes(bytes(1)), Arc::from(&b"law"[..]))];
    committed(&*store, vec![Change::PutIdentity(Box::new(later.clone()))]).await?;
    // The same once more: writing what is there already changes nothing.
    committed(&*store, vec![Change::PutIdentity(Box::new(later))]).await?;

    let found = store.subjects(&[id(1)]).await?;
    assert_eq!((found[0].identity.version, found[0].phase, found[0].next), (2, Phase::Departed, None));
    assert!(store.by_keys(&[keyed("worker_number", "W1")]).await?.is_empty());
    assert_eq!(store.by_keys(&[keyed("block", "other")]).await?, [(keyed("block", "other"), id(1))]);
    assert_eq!(store.by_keys(&[keyed("block", "max")]).await?.len(), 2);
    assert_eq!(store.readers_of(&[id(900)], None, 9).await?, [id(2)]);
    assert_eq!(store.readers_of(&[id(901)], None, 9).await?, [id(1)]);
    let classes = store.classes(None, 99).await?;
    for (at, class) in classes.iter().enumerate() {
        let after = at.checked_sub(1).map(|before| classes[before].id);
        assert_eq!(store.classes(after, 1).await?, std::slice::from_ref(class), "page {at}");
    }
    let counts: Vec<_> = classes.iter().map(|c| (&*c.class, c.count)).collect();
    assert_eq!(counts, [(&b"sales"[..], 1), (&b"law"[..], 1)]);
    assert_eq!(store.find(&by_text("number1"), None, 9).await?, [], "the old title");
    assert_eq!(store.next_due().await?, person(2).next);
    Ok(())
}

pub async fn a_person_key_stays_when_none_is_given(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let mut row = person(1);
    committed(&*store, vec![Change::PutIdentity(Box::new(row.clone()))]).await?;
    row.person_key = None;
    committed(&*store, vec![Change::PutIdentity(Box::new(row.clone()))]).await?;
    assert_eq!(store.subjects(&[id(1)]).await?[0].person_key, person(1).person_key);
    row.person_key = Some(Arc::from(&b"new"[..]));
    committed(&*store, vec![Change::PutIdentity(Box::new(row))]).await?;
    assert_eq!(store.subjects(&[id(1)]).await?[0].person_key.as_deref(), Some(&b"new"[..]));
    Ok(())
}

pub async fn identities_are_listed_in_pages(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    committed(&*store, [5, 1, 4, 2, 3].map(put_person).to_vec()).await?;
    assert_eq!(store.identities(None, 2).await?, [id(1), id(2)]);
    assert_eq!(store.identities(Some(id(2)), 9).await?, [id(3), id(4), id(5)]);
    assert_eq!(store.identities(Some(id(5)), 9).await?, []);
    assert_eq!(store.identity_count().await?, 5);
    Ok(())
}

pub async fn accounts_and_grants_belong_to_their_identity(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let (git, vpn) = (account("git", Some("n1"), "user1"), account("vpn", None, "user1"));
    let mut held = grant("git:developer");
    committed(
        &*store,
        vec![
            put_person(1),
            put_person(2),
            Change::PutAccount(id(1), vpn.clone()),
            Change::PutAccount(id(1), git.clone()),
            Change::PutGrant(id(1), grant("vpn:standard")),
            Change::PutGrant(id(1), held.clone()),
        ],
    )
    .await?;
    let found = store.subjects(&[id(1), id(2)]).await?;
    assert_eq!(found[0].accounts, [git, vpn]);
    assert_eq!(found[0].grants, [held.clone(), grant("vpn:standard")]);
    assert!(found[1].accounts.is_empty() && found[1].grants.is_empty());

    held.holding = Holding::Ended;
    held.justifications.clear();
    committed(&*store, vec![Change::PutGrant(id(1), held.clone())]).await?;
    assert_eq!(store.subjects(&[id(1)]).await?[0].grants[0], held, "an ended grant stays");
    Ok(())
}

pub async fn an_account_is_found_by_native_id_and_by_name(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let issue = |n, value: &str| Change::IssueIdentifier {
        identity: id(n),
        name: Arc::from("user_name"),
        value: Arc::from(value),
    };
    committed(
        &*store,
        vec![
            put_person(1),
            put_person(2),
            issue(1, "Anna"),
            issue(2, "bert"),
            Change::PutAccount(id(1), account("git", Some("native-1"), "Anna")),
            Change::PutAccount(id(2), account("git", None, "bert")),
            Change::PutAccount(id(2), account("vpn", Some("native-1"), "other")),
        ],
    )
    .await?;
    let asked = ["native-1", "bert", "ANNA", "never-made"].map(Arc::<str>::from);
    let found = store.account_owners(&name("git"), &asked).await?;
    let expected = [("native-1", id(1)), ("bert", id(2)), ("ANNA", id(1))];
    assert_eq!(found, expected.map(|(asked, id)| (Arc::from(asked), id, key("git"))));
    assert_eq!(store.account_owners(&name("vpn"), &asked).await?, [(asked[0].clone(), id(2), key("vpn"))]);
    Ok(())
}

pub async fn usable_accounts_and_their_holders_are_counted(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let mut disabled = account("git", None, "user2");
    disabled.target.state = AccountState::Disabled;
    let mut admin = account("git", None, "admin1");
    admin.key.kind = name("admin");
    committed(
        &*store,
        vec![
            put_person(1),
            put_person(2),
            put_person(3),
            Change::PutAccount(id(3), account("git", None, "user3")),
            Change::PutAccount(id(2), disabled.clone()),
            Change::PutAccount(id(1), account("git", None, "user1")),
            Change::PutAccount(id(1), admin),
            Change::PutAccount(id(1), account("vpn", None, "user1")),
        ],
    )
    .await?;
    assert_eq!(store.account_count(&name("git")).await?, 2, "people, not accounts");
    assert_eq!(store.account_holders(&name("git"), None, 2).await?, [id(1), id(2)]);
    assert_eq!(store.account_holders(&name("git"), Some(id(2)), 2).await?, [id(3)]);
    disabled.target.state = AccountState::Enabled;
    committed(&*store, vec![Change::PutAccount(id(2), disabled)]).await?;
    assert_eq!(store.account_count(&name("git")).await?, 3);
    assert_eq!(store.account_count(&name("none")).await?, 0);
    Ok(())
}
