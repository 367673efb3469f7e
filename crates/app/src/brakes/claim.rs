//! The brake of a system: how many identities may lose access or be renamed there in a day, whatever the cause, counted when tasks are claimed.

use super::Brakes;
use crate::describe::{by_hand, without_system};
use crate::limits::system_scope;
use crate::limits::{WINDOW, most, trips};
use crate::{About, AppError, DecisionContext};
use jiff::SignedDuration;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::ACCOUNT_ITSELF;
use tenure_model::{
    AccountKey, AccountState, HeldChangeId, Holding, IdentityId, Name as _, SystemName, Task, TaskKind,
    TaskState,
};
use tenure_policy::System;
use tenure_store::{Change, Expect, HeldChangeRow, Loss, Outcome, StoredSubject, Unit};

/// How long what a system's brake holds may wait for a decision.
const HELD_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Most tasks of one system that are counted.
const BRAKED_MAX: u32 = 100_000;
/// Identities that are read together.
const CHUNK: usize = 512;

/// The tasks that wait before one system's brake.
struct Waiting {
    tasks: Vec<Task>,
    subjects: BTreeMap<IdentityId, StoredSubject>,
    /// Identities that lost access there within the window, including these.
    losing: u64,
    population: u64,
    /// The brake that holds.
    brake: tenure_policy::Brake,
}

/// What a system's brake says of the tasks that wait before it.
enum Room {
    /// They pass, as long as at most this many identities lose access there within the window.
    Enough(u64),
    /// They are held.
    TooMany(Waiting),
}

impl Brakes<'_> {
    /// Of tasks that this worker claimed, those that may run. Tasks that a brake holds are set aside, with their list.
    pub(crate) async fn pass_brakes(
        &self,
        tasks: Vec<Task>,
        moment: &DecisionContext,
        held: &mut u64,
    ) -> Result<Vec<Task>, AppError> {
        let braked: BTreeSet<SystemName> =
            tasks.iter().filter(|t| !t.brake_passed).map(|t| t.account.system.clone()).collect();
        let mut stopped = BTreeSet::new();
        let mut rooms = BTreeMap::new();
        for name in braked {
            let Some(system) = self.app.context.setup.systems.get(&name) else {
                // Its work needs a person: no brake counts it.
                rooms.insert(name, u64::MAX);
                continue;
            };
            match self.too_many(system, moment).await? {
                Room::TooMany(waiting) => {
                    let is_mine = |t: &&Task| !t.brake_passed && t.account.system == name;
                    let mine: Vec<&Task> = tasks.iter().filter(is_mine).collect();
                    *held += self.hold(system, &waiting, &mine, moment).await?;
                    stopped.insert(name);
                }
                Room::Enough(most) => {
                    rooms.insert(name, most);
                }
            }
        }
        let goes = |t: &Task| t.brake_passed || !stopped.contains(&t.account.system);
        self.count(tasks.into_iter().filter(goes).collect(), &rooms, moment).await
    }

    /// What waits before the brake, when it is too much; otherwise how much may pass.
    async fn too_many(&self, system: &System, moment: &DecisionContext) -> Result<Room, AppError> {
        let tasks = self.app.store.braked(&system.name, BRAKED_MAX).await?;
        let people: BTreeSet<IdentityId> = tasks.iter().map(|t| t.identity).collect();
        let since = tenure_model::range::moved_back(moment.now, WINDOW);
        let lost = self.app.stored().losses(&system_scope(&system.name), since).await?;
        let losing = number(people.iter().copied().chain(lost).collect::<BTreeSet<_>>().len());
        let usable = self.app.store.account_count(&system.name).await?;
        // Above the reading limit the true number is unknown: that is too many.
        let more = tasks.len() >= usize::try_from(BRAKED_MAX).unwrap_or(usize::MAX);
        let brake = self.app.limits().brake_now(&system_scope(&system.name), system.brake, moment).await?;
        if !more && !trips(brake, losing, usable) {
            return Ok(Room::Enough(most(brake, usable)));
        }
        // Accounts that are due to be disabled were part of the population at the start.
        let mut subjects = BTreeMap::new();
        for some in people.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
            subjects.extend(self.app.stored().readable(some).await?.into_iter().map(|s| (s.identity.id, s)));
        }
        let disabled = |t: &&Task| subjects.get(&t.identity).is_some_and(|s| !is_usable(s, &t.account));
        let population = usable + number(tasks.iter().filter(disabled).count());
        let waiting = Waiting { losing, population, subjects, tasks, brake };
        Ok(match more || trips(brake, losing, population) {
            true => Room::TooMany(waiting),
            false => Room::Enough(most(brake, population)),
        })
    }

    /// Systems whose brake would hold work that waits and is not held yet, and why: the next pass would claim it.
    pub(crate) async fn brakes_ahead(
        &self,
        moment: &DecisionContext,
    ) -> Result<Vec<(Arc<str>, Arc<str>)>, AppError> {
        let mut found = Vec::new();
        for system in self.app.context.setup.systems.values() {
            let Room::TooMany(waiting) = self.too_many(system, moment).await? else { continue };
            if waiting.tasks.iter().any(|t| !matches!(t.state, TaskState::Held { .. })) {
                found.push((Arc::from(system.name.as_str()), why(system, &waiting)));
            }
        }
        let scope = crate::limits::SCOPE;
        let held = self.app.stored().held_changes().await?.into_iter().find(|h| *h.scope == *scope);
        found.extend(held.filter(|h| h.since == moment.now).map(|h| (h.scope, h.reason)));
        Ok(found)
    }

    /// Sets claimed tasks aside, and writes or extends the held change; returns how many were set aside.
    async fn hold(
        &self,
        system: &System,
        waiting: &Waiting,
        mine: &[&Task],
        moment: &DecisionContext,
    ) -> Result<u64, AppError> {
        let scope = system_scope(&system.name);
        let before = self.app.stored().held_changes().await?.into_iter().find(|h| h.scope == scope);
        let (ms, random) = self.app.machine.id();
        let reason = why(system, waiting);
        let claimed: BTreeSet<_> = mine.iter().map(|t| t.id).collect();
        let is_held = |t: &&Task| claimed.contains(&t.id) || matches!(t.state, TaskState::Held { .. });
        let since = before.as_ref().map_or(moment.now, |b| b.since);
        let held = HeldChangeRow {
            id: before.as_ref().map_or_else(|| HeldChangeId::new(ms, random), |b| b.id),
            scope,
            reason: reason.clone(),
            owner: system.owner.clone(),
            since,
            deadline: tenure_model::range::moved(since, HELD_FOR),
            people: people(waiting, waiting.tasks.iter().filter(is_held)),
            ended: None,
            revision: before.as_ref().map_or(0, |b| b.revision),
        };
        let payload =
            json!({ "v": 1, "held": held.id.to_string(), "reason": &*reason, "people": held.people.len() });
        let evidence = self.app.recorder(moment).evidence("brake.held", About::default(), payload)?;
        let mut units: Vec<Unit> = mine
            .iter()
            .map(|task| self.leased(task, TaskState::Held { why: reason.clone() }, task.brake_passed))
            .collect();
        let count = number(units.len());
        let (expect, put) = held.rewritten();
        let changes = vec![put, Change::BusinessTime(moment.now), Change::Append(evidence)];
        units.push(Unit { expects: vec![expect], changes });
        self.app.store.commit(units).await?;
        Ok(count)
    }

    /// Counts the identities that lose access by these tasks, and lets the tasks run: not more of them than the brake allows, whatever
    /// other processes count meanwhile.
    async fn count(
        &self,
        tasks: Vec<Task>,
        rooms: &BTreeMap<SystemName, u64>,
        moment: &DecisionContext,
    ) -> Result<Vec<Task>, AppError> {
        let tasks = self.hand_to_owners(tasks).await?;
        if tasks.iter().all(|t| t.brake_passed) {
            return Ok(tasks);
        }
        let (mut go, counted): (Vec<Task>, Vec<Task>) = tasks.into_iter().partition(|t| t.brake_passed);
        let since = tenure_model::range::moved_back(moment.now, WINDOW);
        for (system, most) in rooms {
            let scope = system_scope(system);
            let limit = Expect::LossesAtMost { scope: scope.clone(), since, most: *most };
            let of: Vec<&Task> = counted.iter().filter(|t| t.account.system == *system).collect();
            let units: Vec<Unit> = of
                .iter()
                .map(|task| {
                    let mut unit = self.leased(task, let_go(task, task.state.clone()), true);
                    let loss = Loss { scope: scope.clone(), at: moment.now, identity: task.identity };
                    unit.changes.push(Change::PutLoss(loss));
                    unit
                })
                .collect();
            let passed = self.commit_counted(units, &limit).await?;
            let through = of.iter().zip(passed).filter(|(_, passed)| *passed);
            go.extend(through.map(|(task, _)| Task { brake_passed: true, ..(*task).clone() }));
        }
        go.retain(|t| t.kind != TaskKind::Manual);
        go.sort_by_key(|t| t.urgency);
        Ok(go)
    }

    /// Commits counted tasks, all as one unit when nothing changed, else each alone; returns which were committed. One that changed was
    /// replaced by a newer decision, which wrote its own task; one beyond the limit keeps its lease, and is held when it is claimed again.
    async fn commit_counted(&self, mut units: Vec<Unit>, limit: &Expect) -> Result<Vec<bool>, AppError> {
        if units.is_empty() {
            return Ok(Vec::new());
        }
        let count = units.len();
        let mut all = Unit { expects: vec![limit.clone()], changes: Vec::new() };
        for unit in &units {
            all.expects.extend(unit.expects.iter().cloned());
            all.changes.extend(unit.changes.iter().cloned());
        }
        if self.app.store.commit(vec![all]).await?.iter().all(Outcome::is_committed) {
            return Ok(vec![true; count]);
        }
        units.iter_mut().for_each(|unit| unit.expects.push(limit.clone()));
        Ok(self.app.store.commit(units).await?.iter().map(Outcome::is_committed).collect())
    }

    /// Work of a system that no program writes, and that no brake holds any more, is its owner's; returns the rest.
    async fn hand_to_owners(&self, tasks: Vec<Task>) -> Result<Vec<Task>, AppError> {
        let is_theirs = |t: &Task| t.kind == TaskKind::Manual && t.brake_passed;
        let (theirs, rest): (Vec<Task>, Vec<Task>) = tasks.into_iter().partition(is_theirs);
        let units = theirs.iter().map(|task| self.leased(task, let_go(task, task.state.clone()), true));
        self.app.store.commit(units.collect()).await?;
        Ok(rest)
    }

    fn leased(&self, task: &Task, state: TaskState, brake_passed: bool) -> Unit {
        let owner = self.app.machine.name.clone();
        // The claim was no attempt of the owner who does the work.
        let claims = u32::from(task.kind == TaskKind::Manual);
        let (attempts, uncertain_creates) =
            (task.attempts.saturating_sub(claims), task.uncertain_creates.saturating_sub(claims));
        Unit {
            expects: vec![Expect::TaskLease(task.id, owner)],
            changes: vec![Change::EndTask(Task {
                state,
                brake_passed,
                attempts,
                uncertain_creates,
                ..task.clone()
            })],
        }
    }

    /// Releases what a system's brake holds of these identities, or of all; returns the number of tasks.
    pub(crate) async fn let_through(
        &self,
        system: &System,
        chosen: &(dyn Fn(&IdentityId) -> bool + Sync),
        moment: &DecisionContext,
    ) -> Result<u64, AppError> {
        let not_before = self.app.machine.clock.now();
        let scope = system_scope(&system.name);
        let tasks = self.app.store.braked(&system.name, u32::MAX).await?;
        let held =
            tasks.into_iter().filter(|t| matches!(t.state, TaskState::Held { .. }) && chosen(&t.identity));
        let units: Vec<Unit> = held
            .map(|task| {
                let loss = Loss { scope: scope.clone(), at: moment.now, identity: task.identity };
                let state = let_go(&task, TaskState::Ready { not_before });
                // A newer decision may have refreshed it: what was released is not that one.
                let expects = vec![Expect::TaskIs(Box::new(task.clone()))];
                let ready = Task { brake_passed: true, state, ..task };
                Unit { expects, changes: vec![Change::EndTask(ready), Change::PutLoss(loss)] }
            })
            .collect();
        let outcomes = self.app.store.commit(units).await?;
        Ok(number(outcomes.iter().filter(|outcome| outcome.is_committed()).count()))
    }

    /// Removes identities from a held change whose tasks are not held any more: newer decisions reverted them or passed the brake.
    /// An empty hold ends.
    pub(crate) async fn end_idle_holds(&self, moment: &DecisionContext) -> Result<(), AppError> {
        for mut held in self.app.stored().held_changes().await? {
            let Some(name) = held.scope.strip_prefix("system ").and_then(|n| SystemName::new(n).ok()) else {
                continue;
            };
            let Some(system) = self.app.context.setup.systems.get(&name) else {
                self.end_hold_without_system(&name, held, moment).await?;
                continue;
            };
            let tasks = self.app.store.braked(&system.name, u32::MAX).await?;
            let left: BTreeSet<IdentityId> = tasks
                .iter()
                .filter(|t| matches!(t.state, TaskState::Held { .. }))
                .map(|t| t.identity)
                .collect();
            let before = held.people.len();
            held.people.retain(|(id, _)| left.contains(id));
            if held.people.len() == before && !left.is_empty() {
                continue;
            }
            let shortened = self.app.limits().shortened(held, moment)?;
            self.app.store.commit(vec![shortened]).await?;
        }
        Ok(())
    }

    /// Ends what the brake of a system holds that the configuration no longer has. Its tasks need a person, like all tasks of that
    /// system, and count again when the system is back.
    async fn end_hold_without_system(
        &self,
        system: &SystemName,
        mut held: HeldChangeRow,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        held.ended = Some((moment.now, Arc::from("the configuration no longer has this system")));
        let payload = json!({ "v": 1, "held": held.id.to_string(), "left": 0 });
        let evidence = self.app.recorder(moment).evidence("brake.ended", About::default(), payload)?;
        let (expect, put) = held.rewritten();
        let mut units = vec![Unit { expects: vec![expect], changes: vec![put, Change::Append(evidence)] }];
        let tasks = self.app.store.braked(system, u32::MAX).await?.into_iter();
        let tasks = tasks.filter(|t| matches!(t.state, TaskState::Held { .. }));
        units.extend(tasks.map(|task| {
            let state = TaskState::NeedsPerson { why: without_system(system) };
            let expects = vec![Expect::TaskIs(Box::new(task.clone()))];
            Unit { expects, changes: vec![Change::PutTask(Task { state, ..task })] }
        }));
        self.app.store.commit(units).await?;
        Ok(())
    }
}

/// The state of a task that passed the brake: its owner does what no program writes.
fn let_go(task: &Task, state: TaskState) -> TaskState {
    match task.kind {
        TaskKind::Manual => TaskState::NeedsPerson { why: by_hand() },
        TaskKind::Converge | TaskKind::Confirm => state,
    }
}

fn why(system: &System, waiting: &Waiting) -> Arc<str> {
    Arc::from(format!(
        "{} of {} people would lose access or be renamed in {} within 24 hours; the brake allows {} % or {}",
        waiting.losing, waiting.population, system.name, waiting.brake.percent, waiting.brake.count
    ))
}

fn number(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

fn is_usable(subject: &StoredSubject, key: &AccountKey) -> bool {
    subject.accounts.iter().any(|a| &a.key == key && a.target.state == AccountState::Enabled)
}

/// The present name of an account that is due to be renamed.
fn renamed_from<'s>(subject: &'s StoredSubject, key: &AccountKey) -> Option<&'s Arc<str>> {
    subject.accounts.iter().find(|a| &a.key == key)?.observed.other_name()
}

/// The waiting identities, and what each would lose.
fn people<'t>(waiting: &Waiting, held: impl Iterator<Item = &'t Task>) -> Vec<(IdentityId, Arc<str>)> {
    let mut lines: BTreeMap<IdentityId, Vec<String>> = BTreeMap::new();
    for task in held {
        let Some(subject) = waiting.subjects.get(&task.identity) else { continue };
        let lines = lines.entry(task.identity).or_default();
        let renamed = renamed_from(subject, &task.account);
        lines.extend(renamed.map(|old| format!("rename {old} in {}", task.account)));
        if renamed.is_none() && !is_usable(subject, &task.account) {
            lines.push(format!("disable {}", task.account));
        }
        let ending = subject.grants.iter().filter(|g| {
            g.account == task.account
                && g.holding == Holding::Ending
                && g.entitlement.local() != ACCOUNT_ITSELF
        });
        lines.extend(ending.map(|g| format!("revoke {}", g.entitlement)));
    }
    let title = |id: &IdentityId| waiting.subjects.get(id).map(|s| s.title.clone()).unwrap_or_default();
    lines
        .into_iter()
        .map(|(id, lines)| (id, Arc::from(format!("{}: {}", title(&id), lines.join(", ")))))
        .collect()
}
