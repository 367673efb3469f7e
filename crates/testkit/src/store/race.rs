//! Two who read the same and write: whatever they write, one of them is told that it moved.
//!
//! Every pair of writes is run with a barrier between reading and committing. A pair that rests on the same thing has
//! one winner; a pair that does not has two.

use super::sample::{append, at, noted};
use super::writes::{Write, before_each, prepare, racing};
use super::{Done, Fixture, leased};
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_store::{Expect, Outcome, Store, StoreError, Unit};
use tokio::sync::Barrier;

/// Rounds per pair: enough that both orders happen.
const ROUNDS: u32 = 4;

/// Decides, waits for the other, commits.
async fn racer(
    store: Arc<dyn Store>,
    barrier: Arc<Barrier>,
    write: Write,
    round: u32,
    who: u64,
) -> Result<Outcome, StoreError> {
    let unit = write.decide(&*store, round, who).await?;
    barrier.wait().await;
    let outcomes = store.commit(vec![unit]).await?;
    Ok(outcomes.into_iter().next().unwrap_or(Outcome::Committed))
}

pub async fn of_two_writes_that_read_the_same_one_moves(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    prepare(&*store).await?;
    let mut round = 0;
    let mut leaves = 0;
    for (i, one) in Write::ALL.iter().copied().enumerate() {
        for other in &Write::ALL[i..] {
            for _ in 0..ROUNDS {
                round += 1;
                before_each(f, &*store).await?;
                let barrier = Arc::new(Barrier::new(2));
                let first = tokio::spawn(racer(store.clone(), barrier.clone(), one, round, 1));
                let second = tokio::spawn(racer(store.clone(), barrier, *other, round, 2));
                let first = first.await.map_err(|e| StoreError::Driver(Box::new(e)))??;
                let second = second.await.map_err(|e| StoreError::Driver(Box::new(e)))??;
                let winners = u64::from(first.is_committed()) + u64::from(second.is_committed());
                let expected = if one == *other && one.excludes_itself() { 1 } else { 2 };
                assert_eq!(winners, expected, "{one:?} against {other:?}: {first:?}, {second:?}");
                let written = [
                    noted(&*store, &format!("{round}/1")).await?,
                    noted(&*store, &format!("{round}/2")).await?,
                ];
                let written = written.map(|note| note.is_some());
                assert_eq!(written, [first.is_committed(), second.is_committed()], "the loser wrote nothing");
                leaves += winners;
            }
        }
    }
    store.numbered().await?;
    assert_eq!(store.ledger_head().await?.size, leaves);
    Ok(())
}

/// Whatever a unit can rest on was in a race: `racing` names the write for each expectation, and does not compile without one.
pub async fn each_expectation_has_a_race(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    prepare(&*store).await?;
    before_each(f, &*store).await?;
    let mut raced = BTreeSet::new();
    for write in Write::ALL {
        let unit = write.decide(&*store, 1, 1).await?;
        raced.extend(unit.expects.iter().map(racing));
        assert!(store.commit(vec![unit]).await?[0].is_committed(), "{write:?} alone");
    }
    // A name is the one thing that is checked without being named.
    let all: BTreeSet<Write> = Write::ALL.iter().copied().filter(|w| *w != Write::Identifier).collect();
    assert_eq!(raced, all);
    Ok(())
}

pub async fn of_many_who_want_a_lease_one_gets_it(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    for round in 0..ROUNDS {
        f.clock(at(i64::from(round) * 10)).await;
        let barrier = Arc::new(Barrier::new(4));
        let racers: Vec<_> = ["n1", "n2", "n3", "n4"]
            .into_iter()
            .map(|owner| {
                let (store, barrier) = (store.clone(), barrier.clone());
                tokio::spawn(async move {
                    barrier.wait().await;
                    store.lease("sequencer", owner, SignedDuration::from_secs(10)).await
                })
            })
            .collect();
        let mut winners = 0;
        for racer in racers {
            winners += u32::from(racer.await.map_err(|e| StoreError::Driver(Box::new(e)))??.is_some());
        }
        assert_eq!(winners, 1, "round {round}");
    }
    Ok(())
}

pub async fn a_lease_that_was_taken_over_commits_nothing(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    for round in 0..i64::from(ROUNDS) {
        let (start, end) = (round * 100, round * 100 + 10);
        assert!(leased((f, &*store), "feed hr", "old", (start, end)).await?.is_some());
        f.clock(at(end)).await;
        let barrier = Arc::new(Barrier::new(2));
        let taker = tokio::spawn({
            let (store, barrier) = (store.clone(), barrier.clone());
            async move {
                barrier.wait().await;
                store.lease("feed hr", "new", SignedDuration::from_secs(10)).await
            }
        });
        let rests = Expect::Lease(Arc::from("feed hr"), Arc::from("old"));
        barrier.wait().await;
        let early =
            store.commit(vec![Unit { expects: vec![rests.clone()], changes: vec![append("early")] }]).await?;
        assert!(taker.await.map_err(|e| StoreError::Driver(Box::new(e)))??.is_some());
        let late = store.commit(vec![Unit { expects: vec![rests], changes: vec![append("late")] }]).await?;
        let is_lost = matches!(&late[0], Outcome::LeaseLost(why) if !why.is_empty());
        assert!(is_lost, "after the take-over the old holder commits nothing: {late:?}");
        let leaves = store.leaves(0, 100).await?;
        let earlies = leaves.iter().filter(|leaf| leaf.opening.as_deref() == Some(b"early")).count();
        assert_eq!(leaves.len(), earlies);
        assert!(early[0].is_committed() || earlies <= usize::try_from(round).unwrap_or(0));
        store.unlease("feed hr", "new").await?;
    }
    Ok(())
}
