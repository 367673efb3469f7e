//! Erasure takes what is kept of one identity, and nothing else; the ledger stays whole.

use super::sample::{
    account, append, at, case, evidence, fact, finding, grant, id, key, name, person, put_person, record,
    task,
};
use super::{Done, Fixture, committed};
use std::sync::Arc;
use tenure_model::{
    CaseLabel, CaseState, FactState, HeldChangeId, IdentityId, Obligation, Phase, SourceName, Urgency,
};
use tenure_store::{CaseFilter, Change, HeldChangeRow, Store};

fn issue(n: u64, value: &str) -> Change {
    Change::IssueIdentifier { identity: id(n), name: Arc::from("user_name"), value: Arc::from(value) }
}

/// Everything that can be stored about an identity.
fn everything(n: u64) -> Vec<Change> {
    let of_other = tenure_store::Evidence { identity: Some(id(n)), ..evidence(&format!("entry about {n}")) };
    vec![
        put_person(n),
        issue(n, &format!("name{n}")),
        Change::PutAccount(
            id(n),
            account("directory", Some(&format!("external_id{n}")), &format!("name{n}")),
        ),
        Change::PutGrant(id(n), grant("directory:staff")),
        Change::PutTask(task(n, n, "directory", Urgency::Removal, 0)),
        Change::PutCase(case(n, n, CaseLabel::Joiner, CaseState::Closed, 0)),
        Change::PutFact(fact(n, Obligation::AccountUnusable, FactState::Unknown)),
        Change::PutFinding(finding(n, Some(n), None, 0)),
        Change::PutRecord(Box::new(record("hr", &format!("R{n}"), Some(n)))),
        Change::Append(of_other),
    ]
}

pub(super) fn held() -> HeldChangeRow {
    HeldChangeRow {
        id: HeldChangeId::new(1, [1; 10]),
        scope: Arc::from("source hr"),
        reason: Arc::from("too many"),
        owner: Arc::from("W1"),
        since: at(0),
        deadline: at(9),
        people: vec![(id(1), Arc::from("all")), (id(2), Arc::from("all"))],
        ended: None,
        revision: 1,
    }
}

/// How much is stored about an identity: records, names, accounts, grants, tasks, facts, findings.
async fn counted(store: &dyn Store, who: IdentityId) -> Result<[usize; 7], tenure_store::StoreError> {
    let subject = store.subjects(&[who]).await?;
    Ok([
        store.records_of(who).await?.len(),
        store.names_of(who).await?.len(),
        subject.iter().map(|s| s.accounts.len()).sum(),
        subject.iter().map(|s| s.grants.len()).sum(),
        store.tasks(Some(who), 9).await?.len(),
        store.facts(&[who]).await?.len(),
        store.findings(Some(who), 9).await?.len(),
    ])
}

pub async fn what_is_kept_of_one_identity_goes_and_of_others_stays(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let changes = everything(1).into_iter().chain(everything(2)).chain([Change::PutHeldChange(held())]);
    committed(&*store, changes.collect()).await?;
    assert_eq!((counted(&*store, id(1)).await?, counted(&*store, id(2)).await?), ([1; 7], [1; 7]));

    let mut left = person(1);
    left.identity = tenure_model::Identity::new(id(1), left.identity.kind);
    left.identity.version = 2;
    (left.phase, left.next, left.title, left.person_key) = (Phase::Erased, None, Arc::from("erased"), None);
    (left.keys, left.reads, left.classes) = (Vec::new(), Vec::new(), Vec::new());
    committed(&*store, vec![Change::Erase(id(1)), Change::PutIdentity(Box::new(left)), append("erased")])
        .await?;
    store.scrub().await?;

    assert_eq!((counted(&*store, id(1)).await?, counted(&*store, id(2)).await?), ([0; 7], [1; 7]));
    let gone = store.subjects(&[id(1)]).await?;
    assert_eq!((&*gone[0].title, gone[0].phase, &gone[0].person_key), ("erased", Phase::Erased, &None));
    let openings: Vec<bool> = store.leaves(0, 9).await?.iter().map(|l| l.opening.is_some()).collect();
    assert_eq!(
        openings,
        [false, true, true],
        "entries stay, the openings about the one who was erased are gone"
    );
    let people: Vec<IdentityId> =
        store.held_changes_after(None, 9).await?[0].people.iter().map(|(id, _)| *id).collect();
    assert_eq!(people, [id(2)]);
    let cases = store.cases(&CaseFilter { identity: Some(id(1)), ..CaseFilter::default() }).await?;
    assert_eq!(cases.len(), 1, "a case has no name in it");
    let source: SourceName = name("hr");
    assert_eq!(store.record_index(&source, None, 9).await?.len(), 1);
    assert!(store.account_owners(&key("directory").system, &[Arc::from("native1")]).await?.is_empty());
    Ok(())
}

pub async fn names_of_an_identity_are_listed(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    committed(&*store, vec![issue(1, "Berg"), issue(1, "aas"), issue(2, "other")]).await?;
    let listed = store.names_of(id(1)).await?;
    let values: Vec<&str> = listed.iter().map(|(_, value)| &**value).collect();
    assert_eq!(values, ["aas", "berg"], "folded, in order");
    assert!(store.names_of(id(3)).await?.is_empty());
    Ok(())
}
