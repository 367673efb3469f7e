//! What was committed is there after the store was closed and opened again.

use super::sample::{
    account, append, at, case, fact, finding, grant, id, keyed, name, note, noted, person, put_person,
    record, task,
};
use super::{Done, Fixture, commit, committed, leased};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{CaseLabel, CaseState, FactState, Obligation, Urgency};
use tenure_store::{Change, Expect, SetUpRow, Unit};

pub async fn everything_is_there_after_reopening(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let set_up = SetUpRow { hash: name("aa"), files: BTreeMap::new(), at: at(1), by: Arc::from("anna") };
    let issue = |n| Change::IssueIdentifier {
        identity: id(n),
        name: Arc::from("user_name"),
        value: Arc::from("user1"),
    };
    committed(
        &*store,
        vec![
            put_person(1),
            issue(1),
            Change::PutRecord(Box::new(record("hr", "1", Some(1)))),
            Change::PutAccount(id(1), account("git", Some("n"), "user1")),
            Change::PutGrant(id(1), grant("git:developer")),
            Change::PutTask(task(1, 1, "git", Urgency::Normal, 5)),
            Change::PutCase(case(1, 1, CaseLabel::Joiner, CaseState::Open, 3)),
            Change::PutFact(fact(1, Obligation::SessionsEnded, FactState::Unknown)),
            Change::PutFinding(finding(1, Some(1), None, 4)),
            Change::Activate(set_up.clone()),
            Change::BusinessTime(at(7)),
            append("a"),
            note("key", "sealed"),
        ],
    )
    .await?;
    assert!(leased((f, &*store), "hr", "n1", (0, 10)).await?.is_some());
    let before = store.subjects(&[id(1)]).await?;
    let head = store.numbered().await.map(|()| store.ledger_head())?.await?;
    drop(store);

    let store = f.open().await;
    assert_eq!(store.subjects(&[id(1)]).await?, before);
    assert_eq!(before[0].identity, person(1).identity);
    assert_eq!(store.ledger_head().await?, head);
    assert_eq!(store.by_keys(&[keyed("worker_number", "W1")]).await?.len(), 1);
    assert_eq!(store.records_of(id(1)).await?, [record("hr", "1", Some(1))]);
    assert_eq!(store.tasks(None, 9).await?, [task(1, 1, "git", Urgency::Normal, 5)]);
    assert_eq!(store.open_cases(&[id(1)]).await?, [case(1, 1, CaseLabel::Joiner, CaseState::Open, 3)]);
    assert_eq!(store.facts(&[id(1)]).await?, [fact(1, Obligation::SessionsEnded, FactState::Unknown)]);
    assert_eq!(store.findings(None, 9).await?, [finding(1, Some(1), None, 4)]);
    assert_eq!(store.active_set_up().await?, Some(set_up.clone()));
    assert_eq!(store.business_time().await?, Some(at(7)));
    assert_eq!(noted(&*store, "key").await?.as_deref(), Some("sealed"));
    assert!(leased((f, &*store), "hr", "n2", (10, 20)).await?.is_some(), "a lease ends when it expires");
    assert!(!commit(&*store, vec![issue(2)]).await?.is_committed(), "the name stays issued");
    let next = Unit {
        expects: vec![Expect::Version(id(1), 1), Expect::SetUp(set_up.hash)],
        changes: vec![put_person(2), append("b")],
    };
    assert!(store.commit(vec![next]).await?[0].is_committed());
    assert_eq!(store.leaves(0, 9).await?.len(), 2);
    assert_eq!(
        store.classes(None, 99).await?.iter().map(|c| c.count).collect::<Vec<_>>(),
        [2],
        "one class, known again"
    );
    Ok(())
}
