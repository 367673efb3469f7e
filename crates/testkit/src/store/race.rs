//! Two who read the same and write: whatever they write, one of them is told that it moved.
//!
//! Every pair of writes is run with a barrier between reading and committing. A pair that rests on the same thing has
//! one winner; a pair that does not has two.

use super::erasure::held;
use super::sample::{account, append, at, case, id, key, name, note, person, put_person, task};
use super::{Done, Fixture, committed};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{Account, Case, CaseLabel, CaseState, SetupHash, Task, TaskState, Urgency};
use tenure_store::{Change, Expect, HeldChangeRow, Outcome, SetUpRow, Store, StoreError, Unit};
use tokio::sync::Barrier;

/// Rounds per pair: enough that both orders happen.
const ROUNDS: u32 = 6;
/// Who holds the task's lease.
const WORKER: &str = "w1";

/// What a writer rests on and moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Write {
    Identity,
    Account,
    Identifier,
    Task,
    SetUp,
    Held,
    Case,
}

const WRITES: [Write; 7] =
    [Write::Identity, Write::Account, Write::Identifier, Write::Task, Write::SetUp, Write::Held, Write::Case];

fn set_up(text: &str, when: i64) -> SetUpRow {
    SetUpRow { hash: name(text), files: BTreeMap::new(), at: at(when), by: Arc::from("anna") }
}

/// What is there before the race.
async fn prepare(store: &dyn Store) -> Done {
    let mut first = task(1, 1, "git", Urgency::Normal, 0);
    first.state = TaskState::Leased { owner: Arc::from(WORKER), until: at(99) };
    let account = Account { generation: 1, ..account("git", None, "user1") };
    let activate = Change::Activate(set_up("start", 0));
    committed(
        store,
        vec![
            put_person(1),
            Change::PutAccount(id(1), account),
            Change::PutTask(first),
            Change::PutCase(case(1, 1, CaseLabel::Joiner, CaseState::Open, 0)),
            activate,
        ],
    )
    .await
}

impl Write {
    /// Reads what the write rests on, and decides.
    async fn decide(self, store: &dyn Store, round: u32, who: u64) -> Result<Unit, StoreError> {
        let mark = format!("{round}/{who}");
        let (expect, change) = match self {
            Self::Identity => {
                let found = store.subjects(&[id(1)]).await?;
                let version = found.first().map_or(0, |subject| subject.identity.version);
                let mut row = person(1);
                row.identity.version = version + 1;
                (Some(Expect::Version(id(1), version)), Change::PutIdentity(Box::new(row)))
            }
            Self::Account => {
                let found = store.subjects(&[id(1)]).await?;
                let generation =
                    found.first().and_then(|s| s.accounts.first()).map_or(0, |account| account.generation);
                let account = Account { generation: generation + 1, ..account("git", None, "user1") };
                (Some(Expect::Generation(id(1), key("git"), generation)), Change::PutAccount(id(1), account))
            }
            Self::Identifier => {
                let (name, value): (Arc<str>, Arc<str>) =
                    (Arc::from("user_name"), Arc::from(round.to_string()));
                assert_eq!(store.identifiers(&[(name.clone(), value.clone())]).await?, []);
                (None, Change::IssueIdentifier { identity: id(10 + who), name, value })
            }
            Self::Task => {
                let mut open = store.tasks(Some(id(1)), 1).await?;
                let task = open.pop().unwrap_or_else(|| task(1, 1, "git", Urgency::Normal, 0));
                let state = TaskState::Ready { not_before: at(0) };
                (Some(Expect::TaskLease(task.id, Arc::from(WORKER))), Change::EndTask(Task { state, ..task }))
            }
            Self::Held => {
                let known = store.held_change(held().id).await?;
                let new = || HeldChangeRow { revision: 0, ..held() };
                let (expect, change) = known.unwrap_or_else(new).rewritten();
                (Some(expect), change)
            }
            Self::Case => {
                let sample = case(1, 1, CaseLabel::Joiner, CaseState::Open, 0);
                let found = store.case(sample.id).await?.unwrap_or(sample);
                let state = if found.state == CaseState::Open { CaseState::Closed } else { CaseState::Open };
                let expect = Expect::CaseIs(found.id, found.state);
                (Some(expect), Change::PutCase(Case { state, ..found }))
            }
            Self::SetUp => {
                let active: SetupHash =
                    store.active_set_up().await?.map_or_else(|| name("none"), |row| row.hash);
                (Some(Expect::SetUp(active)), Change::Activate(set_up(&mark, 1)))
            }
        };
        Ok(Unit {
            expects: expect.into_iter().collect(),
            changes: vec![note(&mark, "x"), change, append(&mark)],
        })
    }
}

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
    for (i, one) in WRITES.into_iter().enumerate() {
        for other in &WRITES[i..] {
            for _ in 0..ROUNDS {
                round += 1;
                // The task is leased again, in case the last round gave it back.
                store.claim(WORKER, at(1), at(99), 9, 9).await?;
                let barrier = Arc::new(Barrier::new(2));
                let first = tokio::spawn(racer(store.clone(), barrier.clone(), one, round, 1));
                let second = tokio::spawn(racer(store.clone(), barrier, *other, round, 2));
                let first = first.await.map_err(|e| StoreError::Driver(Box::new(e)))??;
                let second = second.await.map_err(|e| StoreError::Driver(Box::new(e)))??;
                let winners = u64::from(first.is_committed()) + u64::from(second.is_committed());
                let expected = if one == *other { 1 } else { 2 };
                assert_eq!(winners, expected, "{one:?} against {other:?}: {first:?}, {second:?}");
                let written =
                    [store.note(&format!("{round}/1")).await?, store.note(&format!("{round}/2")).await?];
                let written = written.map(|note| note.is_some());
                assert_eq!(written, [first.is_committed(), second.is_committed()], "the loser wrote nothing");
                leaves += winners;
            }
        }
    }
    assert_eq!(store.ledger_head().await?.size, leaves);
    Ok(())
}

pub async fn of_many_who_want_a_lease_one_gets_it(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    for round in 0..ROUNDS {
        let barrier = Arc::new(Barrier::new(4));
        let racers: Vec<_> = ["n1", "n2", "n3", "n4"]
            .into_iter()
            .map(|owner| {
                let (store, barrier) = (store.clone(), barrier.clone());
                tokio::spawn(async move {
                    barrier.wait().await;
                    store
                        .lease("sequencer", owner, at(i64::from(round) * 10), at(i64::from(round) * 10 + 10))
                        .await
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
        assert!(store.lease("feed hr", "old", at(start), at(end)).await?.is_some());
        let barrier = Arc::new(Barrier::new(2));
        let taker = tokio::spawn({
            let (store, barrier) = (store.clone(), barrier.clone());
            async move {
                barrier.wait().await;
                store.lease("feed hr", "new", at(end), at(end + 10)).await
            }
        });
        let rests = Expect::Lease(Arc::from("feed hr"), Arc::from("old"));
        barrier.wait().await;
        let early =
            store.commit(vec![Unit { expects: vec![rests.clone()], changes: vec![append("early")] }]).await?;
        assert!(taker.await.map_err(|e| StoreError::Driver(Box::new(e)))??.is_some());
        let late = store.commit(vec![Unit { expects: vec![rests], changes: vec![append("late")] }]).await?;
        assert!(!late[0].is_committed(), "after the take-over the old holder commits nothing");
        let leaves = store.leaves(0, 100).await?;
        let earlies = leaves.iter().filter(|leaf| leaf.opening.as_deref() == Some(b"early")).count();
        assert_eq!(leaves.len(), earlies);
        assert!(early[0].is_committed() || earlies <= usize::try_from(round).unwrap_or(0));
        store.unlease("feed hr", "new").await?;
    }
    Ok(())
}
