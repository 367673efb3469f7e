//! Works the queue: claims, runs many tasks at once, commits their results in groups, until idle or out of time.

use super::Worker;
use super::access::is_refusal;
use super::task::{Confirmation, Convergence, Job, LEASE};
use crate::describe::without_system;
use crate::{AppError, DecisionContext};
use futures::stream::{self, FuturesUnordered};
use futures::stream::{StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tenure_model::{Account, CaseId, Fact, FindingId, IdentityId, Task, TaskId, TaskKind, TaskState};
use tenure_store::{Change, Expect, StoredSubject, TaskCounts, TasksOf, Unit};

/// Tasks claimed at once.
const CLAIM: u32 = 256;
/// Concurrent calls, over all systems.
const AT_ONCE: usize = 32;
/// Claimed tasks that take longer than this no longer delay tasks of the same queue that became ready meanwhile.
const STALLED: Duration = Duration::from_secs(1);
/// The same in the queue of one identity that is cut off.
const STALLED_CUT_OFF: Duration = Duration::from_millis(200);
/// Units that are committed together.
const COMMIT: usize = 64;
/// Time between heartbeats: a third of the lease.
const BEAT: Duration = Duration::from_secs(20);
/// A task that becomes ready within this time is waited for; later ones stay for the next run.
const PATIENCE: SignedDuration = SignedDuration::from_secs(5);
/// A pause is no shorter: between two looks at the queue.
const PAUSE_MIN: SignedDuration = SignedDuration::from_millis(10);

/// Most repetitions when a run of the queue creates more work.
const ROUNDS_MAX: u32 = 4;

/// Result of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WorkReport {
    /// Attempts made.
    pub attempts: u64,
    /// Tasks that are done.
    pub done: u64,
    /// Tasks that brakes set aside.
    pub held: u64,
    /// Tasks that need a person now.
    pub needs_person: u64,
    /// Tasks that are scheduled for retry now, or that another worker has.
    pub waiting: u64,
    /// Cases that were closed.
    pub closed: u64,
}

/// A report that several queues write.
#[derive(Debug, Default)]
pub(super) struct Shared(Mutex<WorkReport>, Mutex<BTreeSet<FindingId>>);

impl Shared {
    fn add(&self, change: impl FnOnce(&mut WorkReport)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Notes systems that refused Tenure's access.
    fn refused(&self, units: &[Unit]) {
        let found = units.iter().flat_map(|u| &u.changes).filter(|c| is_refusal(c));
        let ids = found.filter_map(|c| if let Change::PutFinding(row) = c { Some(row.id) } else { None });
        self.1.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
    }

    fn refusals(&self) -> BTreeSet<FindingId> {
        self.1.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn done(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).done
    }

    /// The result, with what waits now.
    pub(super) fn read(&self, counts: &TaskCounts) -> WorkReport {
        let report = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        WorkReport { needs_person: counts.needs_person, waiting: counts.ready + counts.leased, ..report }
    }
}

/// Tasks of a queue that are claimed and not finished; those of a batch no longer count when it ends, in any way.
struct UnderWay<'a> {
    all: &'a AtomicU32,
    left: u32,
}

impl<'a> UnderWay<'a> {
    fn new(all: &'a AtomicU32, tasks: usize) -> Self {
        let left = u32::try_from(tasks).unwrap_or(u32::MAX);
        all.fetch_add(left, Ordering::Relaxed);
        Self { all, left }
    }

    fn finished(&mut self, tasks: usize) {
        let finished = u32::try_from(tasks).unwrap_or(u32::MAX).min(self.left);
        self.left -= finished;
        self.all.fetch_sub(finished, Ordering::Relaxed);
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.all.fetch_sub(self.left, Ordering::Relaxed);
    }
}

/// Receives the number of done and of waiting tasks.
type Hear<'a> = &'a (dyn Fn(u64, u64) + Sync);

impl Worker<'_> {
    /// Works tasks until none is ready or `until` (machine time) is reached. `progress` receives the number of done and of waiting
    /// tasks. Cut-offs that come in meanwhile go first.
    ///
    /// # Errors
    /// When the store fails. A failing system only makes its tasks be tried again.
    pub async fn work(
        &self,
        moment: &DecisionContext,
        until: Option<Timestamp>,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<WorkReport, AppError> {
        // Writes, confirming reads and repairs are Tenure's own work, whichever command caused them.
        let moment = &moment.automatic();
        self.attended(moment, until, self.work_alone(moment, until, progress)).await
    }

    pub(crate) async fn work_alone(
        &self,
        moment: &DecisionContext,
        until: Option<Timestamp>,
        progress: Hear<'_>,
    ) -> Result<WorkReport, AppError> {
        let report = Shared::default();
        let refusals = self.ask_refusing().await?;
        for _ in 0..ROUNDS_MAX {
            self.drain(moment, until, progress, &report).await?;
            // Finished work may settle what an identity owes, or be what other work waited for.
            let looked = self.app.custody().look_at_owed(moment).await?;
            report.add(|r| r.closed += looked.closed);
            if !looked.ordered {
                break;
            }
        }
        self.end_refusals(refusals, &report.refusals()).await?;
        self.app.brakes().end_idle_holds(moment).await?;
        Ok(report.read(&self.app.store.task_counts().await?))
    }

    /// Each system has its own queue, so that a hanging system delays no other.
    async fn drain(
        &self,
        moment: &DecisionContext,
        until: Option<Timestamp>,
        progress: Hear<'_>,
        report: &Shared,
    ) -> Result<(), AppError> {
        let names = self.app.context.setup.systems.keys().cloned();
        let queues: Vec<TasksOf> = names.map(TasksOf::System).collect();
        let drains: Vec<_> =
            queues.iter().map(|of| self.drain_of(of, moment, until, progress, report)).collect();
        let at_once = self.app.machine.at_once(drains.len().max(1));
        stream::iter(drains).buffer_unordered(at_once).try_collect::<()>().await?;
        // Work of systems that the configuration no longer has needs a person.
        let known = self.app.context.setup.systems.keys().cloned().collect();
        self.drain_of(&TasksOf::Elsewhere(known), moment, until, progress, report).await
    }

    /// Works one queue. Tasks whose calls hang delay no others: at most [`CLAIM`] run at once.
    pub(super) async fn drain_of(
        &self,
        of: &TasksOf,
        moment: &DecisionContext,
        until: Option<Timestamp>,
        progress: Hear<'_>,
        report: &Shared,
    ) -> Result<(), AppError> {
        let stalled = if matches!(of, TasksOf::Identity(_)) { STALLED_CUT_OFF } else { STALLED };
        let under_way = AtomicU32::new(0);
        let mut batches = FuturesUnordered::new();
        loop {
            let now = self.app.machine.clock.now();
            let over = until.is_some_and(|u| now >= u);
            let room = match CLAIM.saturating_sub(under_way.load(Ordering::Relaxed)) {
                _ if over => 0,
                _ if self.app.machine.one_at_a_time && !batches.is_empty() => 0,
                room => room,
            };
            let tasks = match room {
                0 => Vec::new(),
                room => self.app.store.claim_of(of, &self.app.machine.name, LEASE, room).await?,
            };
            if !tasks.is_empty() {
                let batch = UnderWay::new(&under_way, tasks.len());
                batches.push(self.run_tasks_until(tasks, moment, until, report, batch));
            } else if batches.is_empty() {
                if over {
                    break;
                }
                let next = self.app.store.next_ready(of).await?;
                let soon = next.map(|n| n.duration_since(now)).filter(|wait| *wait <= PATIENCE);
                let Some(wait) = soon.map(|wait| wait.max(PAUSE_MIN)) else { break };
                tokio::time::sleep(Duration::try_from(wait).unwrap_or_default()).await;
                self.app.machine.clock.waited(wait);
                continue;
            }
            if let Ok(Some(done)) = tokio::time::timeout(stalled, batches.next()).await {
                done?;
                progress(report.done(), self.app.store.task_counts().await?.ready);
            }
        }
        drop(batches);
        let Some(until) = until else { return self.give_beside_holds(of, moment).await };
        let left = until.duration_since(self.app.machine.clock.now());
        let left = Duration::try_from(left).unwrap_or_default();
        tokio::time::timeout(left, self.give_beside_holds(of, moment)).await.unwrap_or(Ok(()))
    }

    /// Runs claimed tasks. A task that is not done at `until` is interrupted, also during a call, and waits again.
    async fn run_tasks_until(
        &self,
        tasks: Vec<Task>,
        moment: &DecisionContext,
        until: Option<Timestamp>,
        report: &Shared,
        batch: UnderWay<'_>,
    ) -> Result<(), AppError> {
        let Some(until) = until else { return self.run_tasks(tasks, moment, report, batch).await };
        let left = until.duration_since(self.app.machine.clock.now());
        let left = Duration::try_from(left).unwrap_or_default();
        let claimed = tasks.clone();
        match tokio::time::timeout(left, self.run_tasks(tasks, moment, report, batch)).await {
            Ok(done) => done,
            Err(_) => self.give_back(claimed).await,
        }
    }

    /// Returns tasks that this worker did not finish; the finished ones have changed and stay as they are.
    async fn give_back(&self, tasks: Vec<Task>) -> Result<(), AppError> {
        if tasks.is_empty() {
            return Ok(());
        }
        let not_before = self.app.machine.clock.now();
        let units = tasks.into_iter().map(|task| Unit {
            expects: vec![Expect::TaskLease(task.id, self.app.machine.name.clone())],
            changes: vec![Change::EndTask(Task { state: TaskState::Ready { not_before }, ..task })],
        });
        self.app.store.commit(units.collect()).await?;
        Ok(())
    }

    async fn run_tasks(
        &self,
        tasks: Vec<Task>,
        moment: &DecisionContext,
        report: &Shared,
        mut batch: UnderWay<'_>,
    ) -> Result<(), AppError> {
        let mut held = 0;
        let tasks = self.app.brakes().pass_brakes(tasks, moment, &mut held).await?;
        report.add(|r| r.held += held);
        let ids: Vec<IdentityId> =
            tasks.iter().map(|t| t.identity).collect::<BTreeSet<_>>().into_iter().collect();
        let subjects: BTreeMap<IdentityId, StoredSubject> =
            self.app.stored().readable(&ids).await?.into_iter().map(|s| (s.identity.id, s)).collect();
        let mut facts: BTreeMap<IdentityId, Vec<Fact>> = BTreeMap::new();
        for fact in self.app.store.facts(&ids).await? {
            facts.entry(fact.identity).or_default().push(fact);
        }
        let cases: BTreeMap<IdentityId, CaseId> =
            self.app.store.open_cases(&ids).await?.into_iter().map(|c| (c.identity, c.id)).collect();
        let work = Work { subjects: &subjects, facts: &facts, cases: &cases };
        let attempts = u64::try_from(tasks.len()).unwrap_or(u64::MAX);
        report.add(|r| r.attempts += attempts);
        let leased: Vec<TaskId> = tasks.iter().map(|t| t.id).collect();
        let calls: Vec<_> = tasks.into_iter().map(|task| self.run_task(task, work, moment)).collect();
        let outcomes = stream::iter(calls).buffer_unordered(self.app.machine.at_once(AT_ONCE));
        // Which results are ready together depends on the systems; a story commits as many together each time.
        let outcomes = match self.app.machine.one_at_a_time {
            true => outcomes.chunks(COMMIT).left_stream(),
            false => outcomes.ready_chunks(COMMIT).right_stream(),
        };
        let mut outcomes = std::pin::pin!(outcomes);
        let mut beat = tokio::time::interval(BEAT);
        loop {
            let units = tokio::select! {
                units = outcomes.next() => units,
                _ = beat.tick() => {
                    self.keep_leases(&leased).await?;
                    continue;
                }
            };
            let Some(units) = units else { break };
            let units = units.into_iter().collect::<Result<Vec<Unit>, AppError>>()?;
            batch.finished(units.len());
            report.refused(&units);
            let done = units.iter().map(|u| u.changes.iter().any(is_done)).collect::<Vec<_>>();
            // A unit that failed was replaced by a newer decision, which wrote its own task.
            let committed = self.app.store.commit(units).await?;
            let finished = committed.iter().zip(done).filter(|(o, d)| o.is_committed() && *d).count();
            report.add(|r| r.done += u64::try_from(finished).unwrap_or(u64::MAX));
        }
        self.app.in_hand.forget(&leased);
        let closed = self.app.cases().close_cases(&ids, moment).await?;
        report.add(|r| r.closed += closed);
        Ok(())
    }

    /// A heartbeat: a slow system must not make another worker believe that this one died.
    async fn keep_leases(&self, tasks: &[TaskId]) -> Result<(), AppError> {
        let lost = self.app.store.heartbeat(&self.app.machine.name, tasks, LEASE).await?;
        // Finished tasks are among them: their work writes nothing any more.
        self.app.in_hand.lose(lost);
        Ok(())
    }

    #[tracing::instrument(level = "debug", name = "task", skip_all, fields(id = %task.id, kind = ?task.kind, account = %task.account, attempt = task.attempts))]
    async fn run_task(&self, task: Task, work: Work<'_>, moment: &DecisionContext) -> Result<Unit, AppError> {
        let account: Option<(&StoredSubject, &Account)> = work
            .subjects
            .get(&task.identity)
            .and_then(|s| Some((s, s.accounts.iter().find(|a| a.key == task.account)?)));
        let system = self.app.context.setup.systems.get(&task.account.system);
        let wired = self.app.systems.get(&task.account.system);
        let (Some((subject, account)), Some(system), Some(wired)) = (account, system, wired) else {
            return Ok(self.without_system(task));
        };
        self.take_orders(moment).await?;
        let _alone = self.app.in_hand.work_on(task.identity, &task.account).await;
        let facts = work.facts.get(&task.identity).map(Vec::as_slice).unwrap_or_default();
        let case = work.cases.get(&task.identity).copied();
        let job = Job { app: self.app, moment, task, subject, facts, case, account, system, wired };
        if job.is_overtaken() || job.is_lost() {
            // A unit without a change: the newer decision wrote its own task, or another process has this one.
            return Ok(Unit::default());
        }
        match job.task.kind {
            TaskKind::Confirm => Confirmation { job: &job }.confirm().await,
            TaskKind::Converge | TaskKind::Manual => Convergence { job: &job }.converge().await,
        }
    }

    /// A task of a system that the configuration no longer has.
    fn without_system(&self, task: Task) -> Unit {
        let state = TaskState::NeedsPerson { why: without_system(&task.account.system) };
        Unit {
            expects: vec![Expect::TaskLease(task.id, self.app.machine.name.clone())],
            changes: vec![Change::EndTask(Task { state, ..task })],
        }
    }
}

/// Data read for a batch of tasks.
#[derive(Clone, Copy)]
struct Work<'a> {
    subjects: &'a BTreeMap<IdentityId, StoredSubject>,
    facts: &'a BTreeMap<IdentityId, Vec<Fact>>,
    /// The open case of each identity that has one.
    cases: &'a BTreeMap<IdentityId, CaseId>,
}

fn is_done(change: &Change) -> bool {
    matches!(change, Change::EndTask(task) if task.state == TaskState::Done)
}
