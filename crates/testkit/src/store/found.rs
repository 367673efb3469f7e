//! Findings about the organisation, and who lets one stand.

use super::sample::{at, bytes, finding, id};
use super::{Done, Fixture, committed};
use std::sync::Arc;
use tenure_model::{Acknowledgement, FindingId};
use tenure_store::{Change, Expect, Unit};

pub async fn an_acknowledgement_rests_on_its_revision(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let said = |n: u64, until, revision| Acknowledgement {
        finding: FindingId::from_bytes(bytes(n)),
        about: Some(id(n)),
        cause: [7; 32],
        by: id(9),
        at: at(1),
        until: at(until),
        reason: Arc::from("the successor begins in April"),
        revision,
    };
    let (one, two) = (said(1, 20, 1), said(2, 30, 1));
    committed(
        &*store,
        vec![Change::PutAcknowledgement(one.clone()), Change::PutAcknowledgement(two.clone())],
    )
    .await?;
    assert_eq!(store.acknowledgements_of(&[two.finding, one.finding]).await?, [two, one.clone()]);
    assert_eq!(store.acknowledgement(one.finding).await?, Some(one.clone()));
    let again = said(1, 40, 2);
    let unit = |rests_on| Unit {
        expects: vec![Expect::Acknowledgement(one.finding, rests_on)],
        changes: vec![Change::PutAcknowledgement(again.clone())],
    };
    let outcomes = store.commit(vec![unit(0), unit(1), unit(1)]).await?;
    let committed: Vec<bool> = outcomes.iter().map(tenure_store::Outcome::is_committed).collect();
    assert_eq!(committed, [false, true, false]);
    assert_eq!(store.acknowledgement(one.finding).await?, Some(again));
    Ok(())
}

pub async fn findings_about_no_identity_and_no_system_are_listed_apart(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let (of_one, of_system, whole) =
        (finding(1, Some(1), None, 10), finding(2, None, Some("git"), 20), finding(3, None, None, 30));
    let all = [&of_one, &of_system, &whole].map(|row| Change::PutFinding(row.clone()));
    committed(&*store, all.to_vec()).await?;
    assert_eq!(store.findings_about_the_whole(9).await?, [whole]);
    Ok(())
}
