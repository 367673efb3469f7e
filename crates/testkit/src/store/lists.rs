//! Lists are filtered, ordered and read a page at a time.

use super::sample::{
    account, bytes, case, evidence, grant, id, keyed, name, person, put_person, record, task,
};
use super::{Done, Fixture, committed};
use std::sync::Arc;
use tenure_model::{
    AccountState, CaseLabel, CaseState, FeedRunId, Holding, IdPart, IdentityId, IdentityKind, Phase, Urgency,
};
use tenure_store::{Change, IdentityFilter, IdsOf, QuarantineRow, SearchText, Store, StoreError};

/// Identity `n` with another display name, folded as the application folds it.
fn named(n: u64, title: &str, search: &str) -> Change {
    let mut row = person(n);
    (row.title, row.search) = (Arc::from(title), Arc::from(search));
    Change::PutIdentity(Box::new(row))
}

async fn found(store: &dyn Store, filter: &IdentityFilter) -> Result<Vec<IdentityId>, StoreError> {
    Ok(store.find(filter, None, 9).await?.into_iter().map(|(id, _)| id).collect())
}

pub async fn a_name_is_found_by_its_words_in_any_order(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let people = vec![
        named(1, "Åse Berg", " ase berg =aseberg="),
        named(2, "Berg, Aasmund", " asmund berg =asmundberg="),
        named(3, "Al Rashid", " al rashid =alrashid="),
    ];
    committed(&*store, people).await?;
    let by = |words: &[&str], joined: &str| IdentityFilter {
        text: Some(SearchText {
            text: Arc::from("no such text"),
            words: words.iter().map(|w| (*w).to_owned()).collect(),
            joined: joined.to_owned(),
            keys: Vec::new(),
        }),
        ..IdentityFilter::default()
    };
    assert_eq!(found(&*store, &by(&["berg", "ase"], "bergase")).await?, [id(1)]);
    assert_eq!(found(&*store, &by(&["as"], "as")).await?, [id(2), id(1)], "by the beginning of a word");
    assert_eq!(found(&*store, &by(&["erg"], "erg")).await?, [], "not by its middle");
    assert_eq!(found(&*store, &by(&["alrashid"], "alrashid")).await?, [id(3)]);
    assert_eq!(found(&*store, &by(&["alrash"], "alrash")).await?, [], "a whole name, or words");
    Ok(())
}

pub async fn identities_are_listed_by_what_they_are(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let mut service = person(2);
    (service.identity.kind, service.phase) = (IdentityKind::Service, Phase::Departed);
    let of = |n| Change::PutRecord(Box::new(record("hr", &format!("W{n}"), Some(n))));
    committed(
        &*store,
        vec![put_person(1), Change::PutIdentity(Box::new(service)), put_person(3), of(1), of(2)],
    )
    .await?;
    let all = IdentityFilter::default();
    assert_eq!(found(&*store, &all).await?, [id(1), id(2), id(3)], "in the order of their names");
    let kind = IdentityFilter { kind: Some(IdentityKind::Service), ..all.clone() };
    assert_eq!(found(&*store, &kind).await?, [id(2)]);
    let phase = IdentityFilter { phase: Some(Phase::Active), ..all.clone() };
    assert_eq!(found(&*store, &phase).await?, [id(1), id(3)]);
    let source = IdentityFilter { source: Some(name("hr")), ..all.clone() };
    assert_eq!(found(&*store, &source).await?, [id(1), id(2)]);
    let both = IdentityFilter { phase: Some(Phase::Active), ..source };
    assert_eq!(found(&*store, &both).await?, [id(1)]);
    let mut pages = Vec::new();
    while let Some((last, _)) = store.find(&all, pages.last().copied(), 1).await?.pop() {
        pages.push(last);
    }
    assert_eq!(pages, [id(1), id(2), id(3)], "each page goes on after the last one");
    Ok(())
}

pub async fn holders_are_those_who_have_it_or_inherit_it(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let give = |n: u64, what: &str, holding| {
        let mut grant = grant(what);
        grant.holding = holding;
        Change::PutGrant(id(n), grant)
    };
    let has = |n: u64, state, confirmed, inherits: bool| {
        let mut account = account("git", Some(&format!("external_id{n}")), &format!("user{n}"));
        (account.target.state, account.confirmed) = (state, confirmed);
        if !inherits {
            account.observed = tenure_model::Observed::Unknown;
        }
        Change::PutAccount(id(n), account)
    };
    let mut all: Vec<Change> = (1..=6).map(put_person).collect();
    all.extend([
        has(1, AccountState::Enabled, 3, false),
        has(2, AccountState::Disabled, 3, false),
        has(3, AccountState::Absent, 2, false),
        has(4, AccountState::Absent, 3, false),
        has(5, AccountState::Enabled, 3, true),
        give(1, "git:owner", Holding::Held),
        give(2, "git:owner", Holding::Ending),
        give(3, "git:owners", Holding::Held),
        give(4, "git:owner", Holding::Ended),
    ]);
    committed(&*store, all).await?;
    let system = IdentityFilter::holding(name("git"), None);
    assert_eq!(found(&*store, &system).await?, [id(1), id(2), id(3), id(5)], "4 is confirmed as gone");
    let owner = IdentityFilter::holding(name("git"), Some(name("git:owner")));
    assert_eq!(found(&*store, &owner).await?, [id(1), id(2), id(5)], "5 inherits it");
    let counts = store.holder_counts(None, 9).await?;
    assert_eq!(counts, [(name("git:owner"), 2), (name("git:owners"), 1)]);
    assert_eq!(store.holder_counts(Some(name("git:owner")), 9).await?, [(name("git:owners"), 1)]);
    Ok(())
}

pub async fn an_id_is_found_by_its_beginning_or_its_end(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let cases = case(9, 1, CaseLabel::Joiner, CaseState::Open, 5);
    committed(
        &*store,
        vec![
            put_person(1),
            put_person(2),
            Change::PutTask(task(1, 1, "git", Urgency::Normal, 1)),
            Change::PutCase(cases),
        ],
    )
    .await?;
    let part = |text: &str| IdPart::parse(text).ok_or(StoreError::Closed);
    let end = part("00000001")?;
    assert_eq!(store.ids(IdsOf::Identities, &end, 9).await?, [bytes(1)]);
    assert_eq!(store.ids(IdsOf::Tasks, &end, 9).await?, [bytes(1)]);
    assert_eq!(store.ids(IdsOf::Tasks, &part("00000009")?, 9).await?, [[0; 16]; 0], "this is a case");
    assert_eq!(store.ids(IdsOf::Cases, &part("00000009")?, 9).await?, [bytes(9)]);
    let beginning = part("07070707-0707")?;
    assert_eq!(store.ids(IdsOf::Identities, &beginning, 9).await?, [bytes(1), bytes(2)]);
    assert_eq!(store.ids(IdsOf::Identities, &beginning, 1).await?.len(), 1);
    assert_eq!(store.ids(IdsOf::Identities, &part(&id(2).to_string())?, 9).await?, [bytes(2)]);
    Ok(())
}

pub async fn keys_of_a_kind_are_read_in_order(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let ends = |n, when: &str| {
        let mut row = person(n);
        row.keys.push(keyed("ends", when));
        Change::PutIdentity(Box::new(row))
    };
    committed(&*store, vec![ends(1, "2026-05"), ends(2, "2026-03"), ends(3, "2026-05"), put_person(4)])
        .await?;
    let first = store.keys_after("ends", None, 2).await?;
    assert_eq!(first, [(keyed("ends", "2026-03"), id(2)), (keyed("ends", "2026-05"), id(1))]);
    let rest = store.keys_after("ends", Some((Arc::from("2026-05"), id(1))), 2).await?;
    assert_eq!(rest, [(keyed("ends", "2026-05"), id(3))]);
    Ok(())
}

pub async fn issued_names_are_read_in_order_from_a_text_on(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let named = |n: u64| (Arc::from(format!("User{n}")), id(n));
    let issue = |n| {
        let (value, identity) = named(n);
        Change::IssueIdentifier { identity, name: Arc::from("user_name"), value }
    };
    committed(&*store, vec![issue(3), issue(1), issue(2)]).await?;
    assert_eq!(store.names_from("user_name", "USER2", 9).await?, [named(2), named(3)]);
    assert_eq!(store.names_from("user_name", "user", 1).await?, [named(1)]);
    assert_eq!(store.names_from("user_name", "user4", 9).await?, []);
    assert_eq!(store.names_from("mail", "", 9).await?, []);
    Ok(())
}

pub async fn the_quarantine_is_read_a_page_at_a_time(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let row = |source: &str, key: &str, nth| QuarantineRow {
        source: name(source),
        key: Arc::from(key),
        nth,
        code: Arc::from("R13"),
        place: Arc::from("hr.csv:7"),
        value: Arc::from("x"),
        reason: Arc::from("no such day"),
        since: super::sample::at(5),
        urgent: false,
        run: FeedRunId::from_bytes(bytes(3)),
    };
    let all = [row("hr", "1", 0), row("hr", "1", 1), row("hr", "line 9", 0), row("vms", "1", 0)];
    let mut changes: Vec<Change> = all.iter().cloned().map(Change::Quarantine).collect();
    changes.push(Change::Append(evidence("rows")));
    committed(&*store, changes).await?;
    let place = |row: &QuarantineRow| (row.source.clone(), row.key.clone(), row.nth);
    let mut read: Vec<QuarantineRow> = Vec::new();
    while let Some(row) = store.quarantine_after(None, read.last().map(place), 1).await?.pop() {
        read.push(row);
    }
    assert_eq!(read, all);
    assert_eq!(store.quarantine_after(Some(&name("vms")), None, 9).await?, all[3..]);
    Ok(())
}
