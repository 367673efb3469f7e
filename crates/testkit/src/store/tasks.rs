//! The queue: idempotent by identity, account and kind; claimed by leases.

use super::sample::{at, bytes, id, task};
use super::{Done, Fixture, claimed, commit, committed};
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{Task, TaskId, TaskKind, TaskState, Urgency};
use tenure_store::{Change, Expect, Store, StoreError, TaskCounts, TasksOf, Unit};

fn put(task: &Task) -> Change {
    Change::PutTask(task.clone())
}

fn ids(tasks: &[Task]) -> Vec<u8> {
    tasks.iter().map(|task| task.id.as_bytes()[15]).collect()
}

fn under(owner: &str, until: i64) -> TaskState {
    TaskState::Leased { owner: Arc::from(owner), until: at(until) }
}

/// Claims tasks of one kind only, like [`claimed`].
async fn of(
    (f, store): (&dyn Fixture, &dyn Store),
    of: &TasksOf,
    owner: &str,
    (now, until): (i64, i64),
    limit: u32,
) -> Result<Vec<Task>, StoreError> {
    f.clock(at(now)).await;
    store.claim_of(of, owner, SignedDuration::from_secs(until - now), limit).await
}

async fn end(store: &dyn Store, task: &Task, state: TaskState) -> Done {
    committed(store, vec![Change::EndTask(Task { state, ..task.clone() })]).await
}

pub async fn an_open_task_is_refreshed_and_not_doubled(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let first = Task { attempts: 5, ..task(1, 1, "git", Urgency::Removal, 10) };
    let again = Task { generation: 9, attempts: 7, ..task(2, 1, "git", Urgency::Normal, 20) };
    let confirm = Task { kind: TaskKind::Confirm, ..task(3, 1, "git", Urgency::Normal, 10) };
    committed(&*store, vec![put(&first), put(&confirm), put(&again)]).await?;
    let refreshed = Task { id: first.id, urgency: Urgency::Removal, attempts: 0, ..again };
    assert_eq!(store.tasks(Some(id(1)), 9).await?, [refreshed.clone(), confirm.clone()]);
    // With its own id, and while it waits for a person.
    end(&*store, &refreshed, TaskState::NeedsPerson { why: Arc::from("tired") }).await?;
    let urgent = Task { urgency: Urgency::CutOff, ..first };
    committed(&*store, vec![put(&urgent)]).await?;
    assert_eq!(store.tasks(None, 9).await?, [Task { attempts: 0, ..urgent }, confirm]);
    Ok(())
}

pub async fn a_task_that_joins_keeps_what_a_brake_counts(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let joins = |n, identity| Task {
        generation: 9,
        brake_passed: true,
        ..task(n, identity, "git", Urgency::Normal, 20)
    };
    let counted = Task { brake_passed: false, ..task(1, 1, "git", Urgency::Removal, 10) };
    let passed = Task { brake_passed: true, ..task(2, 2, "git", Urgency::Removal, 10) };
    let over = Task { brake_passed: false, ..task(3, 3, "git", Urgency::Removal, 10) };
    committed(&*store, vec![put(&counted), put(&passed), put(&over)]).await?;
    end(&*store, &counted, TaskState::Held { why: Arc::from("too many") }).await?;
    end(&*store, &over, TaskState::Done).await?;
    let all = [joins(4, 1), joins(5, 2), joins(6, 3), joins(7, 4)];
    committed(&*store, all.iter().map(|t| Change::JoinTask(t.clone())).collect()).await?;
    for (identity, brake_passed) in [(1, false), (2, true), (3, true), (4, true)] {
        let found = store.tasks(Some(id(identity)), 9).await?;
        let found: Vec<_> = found.iter().map(|t| (t.generation, t.brake_passed)).collect();
        assert_eq!(found, [(9, brake_passed)], "identity {identity}");
    }
    committed(&*store, vec![put(&joins(8, 1))]).await?;
    assert!(
        store.tasks(Some(id(1)), 9).await?[0].brake_passed,
        "what is put anew says itself whether it has passed the brake"
    );
    Ok(())
}

pub async fn a_done_task_makes_room_for_a_new_one(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let (first, second) = (task(1, 1, "git", Urgency::CutOff, 10), task(2, 1, "git", Urgency::Normal, 20));
    committed(&*store, vec![put(&first)]).await?;
    end(&*store, &first, TaskState::Done).await?;
    assert_eq!(store.tasks(None, 9).await?, []);
    committed(&*store, vec![put(&second)]).await?;
    assert_eq!(store.tasks(None, 9).await?, [second]);
    Ok(())
}

pub async fn claims_take_the_most_urgent_and_the_oldest_first(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let all = [
        task(1, 1, "git", Urgency::Normal, 1),
        task(2, 2, "git", Urgency::Removal, 9),
        task(3, 3, "vpn", Urgency::Removal, 8),
        task(4, 4, "vpn", Urgency::CutOff, 10),
        task(5, 5, "git", Urgency::CutOff, 11),
        task(6, 6, "git", Urgency::Normal, 0),
        task(7, 7, "git", Urgency::Removal, 8),
    ];
    committed(&*store, all.iter().map(put).collect()).await?;
    assert_eq!(claimed((f, &*store), "w", (10, 60), 0, 99).await?, []);
    let first = claimed((f, &*store), "w", (10, 60), 3, 99).await?;
    assert_eq!(ids(&first), [4, 3, 7]);
    let taken = Task { state: under("w", 60), attempts: 1, uncertain_creates: 1, ..all[3].clone() };
    assert_eq!(first[0], taken, "as it is after the claim, which is an attempt");
    let rest = claimed((f, &*store), "w", (10, 60), 99, 99).await?;
    assert_eq!(ids(&rest), [2, 6, 1], "5 is not ready yet");
    assert_eq!(claimed((f, &*store), "w", (10, 60), 99, 99).await?, []);
    assert_eq!(ids(&claimed((f, &*store), "w", (11, 60), 99, 99).await?), [5]);
    Ok(())
}

pub async fn no_system_gets_more_than_its_share(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let mut all: Vec<_> = (1..=6).map(|n| task(n, n, "down", Urgency::CutOff, 0)).collect();
    all.extend((7..=9).map(|n| task(n, n, "git", Urgency::Normal, 0)));
    committed(&*store, all.iter().map(put).collect()).await?;
    assert_eq!(ids(&claimed((f, &*store), "w1", (1, 60), 99, 2).await?), [1, 2, 7, 8]);
    assert_eq!(claimed((f, &*store), "w2", (1, 60), 99, 2).await?, [], "shares are counted over all owners");
    assert_eq!(ids(&claimed((f, &*store), "w2", (1, 60), 99, 3).await?), [3, 9]);
    end(&*store, &all[0], TaskState::Done).await?;
    assert_eq!(ids(&claimed((f, &*store), "w2", (1, 60), 99, 3).await?), [4]);
    Ok(())
}

pub async fn claims_of_one_system_or_identity_take_no_other(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let all = [
        task(1, 1, "git", Urgency::Normal, 1),
        task(2, 1, "vpn", Urgency::CutOff, 2),
        task(3, 2, "git", Urgency::Removal, 3),
        task(4, 2, "old", Urgency::Normal, 4),
        task(5, 3, "vpn", Urgency::Normal, 50),
    ];
    committed(&*store, all.iter().map(put).collect()).await?;
    let system = |n: usize| all[n].account.system.clone();
    let (git, vpn) = (TasksOf::System(system(0)), TasksOf::System(system(1)));
    let one = TasksOf::Identity(all[0].identity);
    let elsewhere = TasksOf::Elsewhere([system(0), system(1)].into());
    assert_eq!(store.next_ready(&git).await?, Some(at(1)));
    assert_eq!(store.next_ready(&vpn).await?, Some(at(2)));
    assert_eq!(ids(&of((f, &*store), &one, "w", (10, 60), 1).await?), [2], "the most urgent one first");
    assert_eq!(ids(&of((f, &*store), &one, "w", (10, 60), 9).await?), [1]);
    assert_eq!(of((f, &*store), &one, "w", (10, 60), 9).await?, []);
    assert_eq!(ids(&of((f, &*store), &git, "w", (10, 60), 9).await?), [3]);
    assert_eq!(of((f, &*store), &vpn, "w", (10, 60), 9).await?, [], "5 is not ready yet");
    assert_eq!(store.next_ready(&vpn).await?, Some(at(50)));
    assert_eq!(ids(&of((f, &*store), &elsewhere, "w", (10, 60), 9).await?), [4]);
    assert_eq!(ids(&of((f, &*store), &one, "v", (60, 99), 9).await?), [2, 1], "leases that ended");
    Ok(())
}

pub async fn a_lease_that_ended_is_claimed_again(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    committed(&*store, vec![put(&task(1, 1, "git", Urgency::Normal, 0))]).await?;
    assert_eq!(claimed((f, &*store), "w1", (1, 60), 9, 1).await?.len(), 1);
    assert_eq!(claimed((f, &*store), "w2", (59, 120), 9, 1).await?, []);
    let taken = claimed((f, &*store), "w2", (60, 120), 9, 1).await?;
    assert_eq!((&taken[0].state, taken[0].attempts), (&under("w2", 120), 2), "the attempt that died counts");
    let ended = |owner: &str| Unit {
        expects: vec![Expect::TaskLease(taken[0].id, Arc::from(owner))],
        changes: vec![Change::EndTask(Task { state: TaskState::Done, ..taken[0].clone() })],
    };
    let outcomes = store.commit(vec![ended("w1"), ended("w2"), ended("w2")]).await?;
    let committed: Vec<_> = outcomes.iter().map(|o| o.is_committed()).collect();
    assert_eq!(committed, [false, true, false], "{outcomes:?}");
    Ok(())
}

pub async fn a_heartbeat_keeps_leases_and_reports_lost_ones(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let all: Vec<_> = (1..=3).map(|n| task(n, n, "git", Urgency::Normal, 0)).collect();
    committed(&*store, all.iter().map(put).collect()).await?;
    assert_eq!(claimed((f, &*store), "w1", (1, 10), 2, 9).await?.len(), 2);
    let mine = [all[0].id, all[1].id];
    assert_eq!(store.heartbeat("w1", &mine, SignedDuration::from_secs(19)).await?, []);
    assert_eq!(ids(&claimed((f, &*store), "w2", (15, 30), 9, 9).await?), [3], "the other leases are alive");
    assert_eq!(ids(&claimed((f, &*store), "w2", (20, 30), 1, 9).await?), [1]);
    let orphan_identity = TaskId::from_bytes(bytes(404));
    assert_eq!(
        store.heartbeat("w1", &[mine[0], mine[1], orphan_identity], SignedDuration::from_secs(20)).await?,
        [mine[0], orphan_identity]
    );
    Ok(())
}

pub async fn a_refreshed_task_loses_its_lease(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let first = task(1, 1, "git", Urgency::Normal, 0);
    committed(&*store, vec![put(&first)]).await?;
    assert_eq!(claimed((f, &*store), "w1", (1, 60), 9, 9).await?.len(), 1);
    committed(&*store, vec![put(&Task { generation: 2, ..task(2, 1, "git", Urgency::Normal, 5) })]).await?;
    assert_eq!(store.heartbeat("w1", &[first.id], SignedDuration::from_secs(60)).await?, [first.id]);
    let late = Unit {
        expects: vec![Expect::TaskLease(first.id, Arc::from("w1"))],
        changes: vec![Change::EndTask(Task { state: TaskState::Done, ..first.clone() })],
    };
    assert!(!store.commit(vec![late]).await?[0].is_committed());
    let again = claimed((f, &*store), "w2", (5, 60), 9, 9).await?;
    assert_eq!((again[0].id, again[0].generation, again[0].attempts), (first.id, 2, 1));
    Ok(())
}

pub async fn an_outcome_for_no_task_is_refused(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let orphan_identity = task(404, 1, "git", Urgency::Normal, 0);
    assert!(!commit(&*store, vec![Change::EndTask(orphan_identity)]).await?.is_committed());
    // Nor can an old task be opened again beside a newer one.
    let (old, new) = (task(1, 1, "git", Urgency::Normal, 0), task(2, 1, "git", Urgency::Normal, 0));
    committed(&*store, vec![put(&old)]).await?;
    end(&*store, &old, TaskState::Done).await?;
    committed(&*store, vec![put(&new)]).await?;
    assert!(!commit(&*store, vec![Change::EndTask(old)]).await?.is_committed());
    assert_eq!(store.tasks(None, 9).await?, [new]);
    Ok(())
}

pub async fn a_brake_sees_what_it_has_not_let_through(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let braked = |n: u64, system| Task { brake_passed: false, ..task(n, n, system, Urgency::Removal, 10) };
    let all = [braked(1, "git"), braked(2, "git"), task(3, 3, "git", Urgency::Removal, 10), braked(4, "vpn")];
    committed(&*store, all.iter().map(put).collect()).await?;
    let git = all[0].account.system.clone();
    assert_eq!(ids(&store.braked(&git, 9).await?), [1, 2]);
    let held = TaskState::Held { why: Arc::from("12 of 40 people") };
    end(&*store, &all[0], held.clone()).await?;
    assert_eq!(ids(&claimed((f, &*store), "w", (10, 60), 9, 9).await?), [2, 3, 4]);
    assert_eq!(store.braked(&git, 1).await?, [Task { state: held, ..all[0].clone() }]);
    assert_eq!(store.task_counts().await?.held, 1);
    // A newer decision that takes nothing away needs no brake; one that does is held again.
    committed(
        &*store,
        vec![put(&Task {
            id: task(9, 1, "git", Urgency::Normal, 10).id,
            brake_passed: true,
            ..all[0].clone()
        })],
    )
    .await?;
    assert_eq!(ids(&store.braked(&git, 9).await?), [2]);
    let through =
        Task { brake_passed: true, state: TaskState::Ready { not_before: at(10) }, ..all[1].clone() };
    committed(&*store, vec![Change::EndTask(through)]).await?;
    assert!(store.braked(&git, 9).await?.is_empty());
    Ok(())
}

pub async fn work_by_hand_and_by_program_end_each_other(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let manual = Task { kind: TaskKind::Manual, ..task(1, 1, "git", Urgency::Normal, 10) };
    let converge = task(2, 1, "git", Urgency::Normal, 20);
    let confirm = Task { kind: TaskKind::Confirm, ..task(3, 1, "git", Urgency::Normal, 30) };
    let elsewhere = Task { kind: TaskKind::Manual, ..task(4, 1, "vpn", Urgency::Normal, 40) };
    committed(&*store, vec![put(&manual), put(&confirm), put(&elsewhere), put(&converge)]).await?;
    assert_eq!(ids(&store.tasks(Some(id(1)), 9).await?), [2, 3, 4]);
    // By key, and all of them in pages of the order of ids.
    assert_eq!(store.task(confirm.id).await?, Some(confirm.clone()));
    assert_eq!(store.task(manual.id).await?, None, "work by program has ended it");
    let first = store.tasks_after(None, 2).await?;
    assert_eq!(ids(&first), [2, 3]);
    assert_eq!(ids(&store.tasks_after(Some(first[1].id), 2).await?), [4]);
    let by_hand = Task { id: task(5, 1, "git", Urgency::Normal, 50).id, ..manual };
    committed(&*store, vec![put(&by_hand)]).await?;
    assert_eq!(ids(&store.tasks(Some(id(1)), 9).await?), [5, 3, 4]);
    committed(&*store, vec![Change::EndTasks(id(1), by_hand.account)]).await?;
    assert_eq!(store.tasks(Some(id(1)), 9).await?, [elsewhere]);
    Ok(())
}

pub async fn doubts_outlive_newer_decisions(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let first = task(1, 1, "git", Urgency::Normal, 0);
    committed(&*store, vec![put(&first)]).await?;
    assert_eq!(claimed((f, &*store), "w", (1, 60), 9, 9).await?[0].uncertain_creates, 1);
    committed(&*store, vec![put(&Task { generation: 2, ..task(2, 1, "git", Urgency::Normal, 5) })]).await?;
    let again = claimed((f, &*store), "w", (5, 60), 9, 9).await?;
    assert_eq!((again[0].attempts, again[0].uncertain_creates), (1, 2));
    let state = TaskState::Ready { not_before: at(6) };
    end(&*store, &Task { uncertain_creates: 1, ..again[0].clone() }, state).await?;
    assert_eq!(claimed((f, &*store), "w", (6, 60), 9, 9).await?[0].uncertain_creates, 2);
    Ok(())
}

pub async fn two_owners_never_claim_the_same_task(f: &dyn Fixture) -> Done {
    const TASKS: u64 = 300;
    let store = f.open().await;
    let all = (1..=TASKS).map(|n| put(&task(n, n, "git", Urgency::Normal, 0))).collect();
    committed(&*store, all).await?;
    f.clock(at(1)).await;
    let workers: Vec<_> = ["w1", "w2", "w3", "w4"]
        .into_iter()
        .map(|owner| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let claimed = store.claim(owner, SignedDuration::from_secs(59), 7, 1_000).await?;
                    if claimed.is_empty() {
                        return Ok::<_, StoreError>(mine);
                    }
                    mine.extend(claimed.into_iter().map(|task| task.id));
                }
            })
        })
        .collect();
    let (mut seen, mut claims) = (BTreeSet::new(), 0);
    for worker in workers {
        let mine = worker.await.map_err(|e| StoreError::Driver(Box::new(e)))??;
        claims += mine.len();
        seen.extend(mine);
    }
    assert_eq!((u64::try_from(claims), u64::try_from(seen.len())), (Ok(TASKS), Ok(TASKS)));
    Ok(())
}

pub async fn what_waits_for_a_person_is_counted_apart(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    assert_eq!(store.task_counts().await?, TaskCounts::default());
    let all: Vec<_> =
        (1..=5).map(|n| task(n, n, "git", Urgency::Normal, 10 * i64::try_from(n).unwrap_or(0))).collect();
    committed(&*store, all.iter().map(put).collect()).await?;
    end(&*store, &all[0], TaskState::NeedsPerson { why: Arc::from("no right to write") }).await?;
    end(&*store, &all[1], TaskState::Done).await?;
    assert_eq!(ids(&claimed((f, &*store), "w", (30, 60), 9, 9).await?), [3]);
    let expected = TaskCounts { ready: 2, leased: 1, held: 0, needs_person: 1, next: Some(at(40)) };
    assert_eq!(store.task_counts().await?, expected);
    let waiting = store.tasks(Some(id(1)), 9).await?;
    assert_eq!(waiting[0].state, TaskState::NeedsPerson { why: Arc::from("no right to write") });
    end(&*store, &all[2], TaskState::Ready { not_before: at(35) }).await?;
    assert_eq!(store.task_counts().await?.next, Some(at(35)));
    Ok(())
}
