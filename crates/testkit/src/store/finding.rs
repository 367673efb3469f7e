//! Identities are found by what is kept beside them.

use super::sample::{at, bytes, id, keyed, person, put_person};
use super::{Done, Fixture, committed};
use std::sync::Arc;
use tenure_model::EngagementId;
use tenure_store::{Change, IdentityFilter, SearchText};

pub async fn keys_find_who_has_them(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    committed(&*store, vec![put_person(1), put_person(2)]).await?;
    let asked =
        [keyed("worker_number", "W2"), keyed("block", "max"), keyed("worker_number", "max"), keyed("x", "y")];
    let mut found = store.by_keys(&asked).await?;
    found.sort();
    let mut expected = vec![(asked[0].clone(), id(2)), (asked[1].clone(), id(1)), (asked[1].clone(), id(2))];
    expected.sort();
    assert_eq!(found, expected);
    Ok(())
}

pub async fn a_text_finds_titles_keys_and_identifiers(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let issue = Change::IssueIdentifier {
        identity: id(2),
        name: Arc::from("mail"),
        value: Arc::from("Zoë@b.example"),
    };
    committed(&*store, vec![put_person(1), put_person(2), issue]).await?;
    let found = async |text: &str, limit| store.find(&by_text(text), None, limit).await;
    let both = found("MÄX", 9).await?;
    assert_eq!(both, [(id(1), person(1).title), (id(2), person(2).title)]);
    assert_eq!(found("mäx", 1).await?.len(), 1);
    assert_eq!(found("W2", 9).await?, [(id(2), person(2).title)]);
    assert_eq!(found("ZOË@", 9).await?, [(id(2), person(2).title)]);
    assert_eq!(found("%", 9).await?, [], "no pattern");
    Ok(())
}

/// Identities that a text finds.
pub(super) fn by_text(text: &str) -> IdentityFilter {
    let text =
        SearchText { text: Arc::from(text), keys: vec![Arc::from("worker_number")], ..SearchText::default() };
    IdentityFilter { text: Some(text), ..IdentityFilter::default() }
}

pub async fn whoever_is_due_comes_earliest_first(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let due = |n, next| {
        let mut row = person(n);
        row.next = next;
        Change::PutIdentity(Box::new(row))
    };
    assert_eq!(store.next_due().await?, None);
    committed(&*store, vec![due(1, Some(at(30))), due(2, Some(at(10))), due(3, None), due(4, Some(at(20)))])
        .await?;
    assert_eq!(store.next_due().await?, Some(at(10)));
    assert_eq!(store.due(at(9), 9).await?, []);
    assert_eq!(store.due(at(20), 9).await?, [id(2), id(4)], "an instant is due when it is reached");
    assert_eq!(store.due(at(99), 1).await?, [id(2)]);
    committed(&*store, vec![due(2, None)]).await?;
    assert_eq!(store.due(at(99), 9).await?, [id(4), id(1)]);
    Ok(())
}

/// Identity `n`, whose settlement read another one.
fn person_reading(n: u64, read: u64) -> Change {
    let mut row = person(n);
    row.reads = vec![id(read)];
    Change::PutIdentity(Box::new(row))
}

pub async fn readers_of_an_identity_are_found(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let mut other = person(3);
    other.reads = vec![id(901), id(900), id(901)];
    committed(&*store, vec![put_person(2), Change::PutIdentity(Box::new(other))]).await?;
    assert_eq!(store.readers_of(&[id(900)], None, 9).await?, [id(2), id(3)]);
    assert_eq!(store.readers_of(&[id(901), id(900)], None, 9).await?, [id(2), id(3)], "each once");
    assert_eq!(store.readers_of(&[id(2)], None, 9).await?, []);
    // A page has the first readers of all, whichever identity they read.
    let last = person_reading(1, 901);
    committed(&*store, vec![last]).await?;
    let both = [id(900), id(901)];
    assert_eq!(store.readers_of(&both, None, 2).await?, [id(1), id(2)]);
    assert_eq!(store.readers_of(&both, Some(id(2)), 2).await?, [id(3)]);
    assert_eq!(store.readers_of(&both, Some(id(3)), 2).await?, []);
    Ok(())
}

pub async fn classes_are_counted_per_engagement(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let with = |n, classes: &[(u64, &[u8])]| {
        let mut row = person(n);
        row.classes =
            classes.iter().map(|(e, c)| (EngagementId::from_bytes(bytes(*e)), Arc::from(*c))).collect();
        Change::PutIdentity(Box::new(row))
    };
    committed(
        &*store,
        vec![with(1, &[(10, b"a"), (11, b"b")]), with(2, &[(20, b"a"), (21, b"a")]), with(3, &[])],
    )
    .await?;
    let classes = store.classes(None, 99).await?;
    let count = |class: &[u8]| classes.iter().find(|c| &*c.class == class).map(|c| (c.id, c.count));
    let (a, b) = (count(b"a").unwrap_or_default(), count(b"b").unwrap_or_default());
    assert_eq!((a.1, b.1, classes.len()), (3, 1, 2));
    assert_eq!(store.of_class(a.0, 9).await?, [id(1), id(2)]);
    assert_eq!(store.of_class(a.0, 1).await?, [id(1)]);
    committed(&*store, vec![with(1, &[(10, b"b")])]).await?;
    let classes = store.classes(None, 99).await?;
    assert_eq!(classes.iter().map(|c| (c.id, c.count)).collect::<Vec<_>>(), [(a.0, 2), (b.0, 1)]);
    Ok(())
}
