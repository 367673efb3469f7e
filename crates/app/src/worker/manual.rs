//! Systems that no program can write: the owner does the work, and another person attests it or an export shows it.

use super::Worker;
use crate::authority::Target;
use crate::{About, AppError, DecisionContext, Item, Operation, Permit, WorkRefusal};
use serde_json::json;
use std::sync::Arc;
use tenure_model::{
    AccountKey, AccountState, Fact, FactState, Grant, Holding, IdentityId, Obligation, Observation, Observed,
    Task, TaskId, TaskKind, TaskState,
};
use tenure_store::note::{NoteOf as _, kinds, read_note};
use tenure_store::{Change, Expect, StoredSubject, Unit};

impl Worker<'_> {
    /// A performer reports a manual task as done. The report is a claim; a readable export or another person's attestation confirms it.
    ///
    /// # Errors
    /// When there is no such task, or no actor is given.
    pub async fn manual_done(&self, id: TaskId, moment: &DecisionContext) -> Result<Task, AppError> {
        let (task, subject, facts) = self.manual(id).await?;
        // Only the person who hands over a password knows that it was handed over.
        let operation = match open(&task, &facts).any(|f| is_first_password(&task, f)) {
            true => Operation::HandOver,
            false => Operation::DoManual,
        };
        let permit =
            self.app.authority().permit(operation, &Target::account(&subject, &task.account), moment).await?;
        let actor = permit.actor()?;
        let observation = Observation {
            at: moment.now,
            by: Arc::from(format!("{} by hand", actor.title)),
            seen: Arc::from("reported as done"),
        };
        let mut unit = unit(&task, &subject);
        for fact in open(&task, &facts) {
            unit.changes.push(Change::PutFact(Fact {
                state: FactState::Claimed(observation.clone()),
                ..fact.clone()
            }));
        }
        let before = read_note(&*self.app.store, &performed(&task)).await?;
        // Of two who report it at once, none is forgotten: neither may attest it.
        unit.expects.push(before.expect());
        let mut performers = before.value()?.unwrap_or_default();
        performers.push(actor.id);
        unit.changes.push(performed(&task).is(performers));
        let resets = open(&task, &facts).any(|f| matches!(f.obligation, Obligation::CredentialsReset(_)));
        let readable = self
            .app
            .systems
            .get(&task.account.system)
            .is_some_and(|w| w.capabilities.read && (w.capabilities.passwords || !resets))
            && !open(&task, &facts).any(|f| is_first_password(&task, f));
        let mut next = task.clone();
        if readable {
            next.kind = TaskKind::Confirm;
            next.attempts = 0;
            next.state = TaskState::Ready { not_before: self.app.machine.clock.now() };
            let (ms, random) = self.app.machine.id();
            next.id = TaskId::new(ms, random);
            unit.changes.push(Change::EndTask(Task { state: TaskState::Done, ..task.clone() }));
            unit.changes.push(Change::PutTask(next.clone()));
        } else {
            next.state =
                TaskState::NeedsPerson { why: Arc::from("done by hand; another identity attests it") };
            unit.changes.push(Change::EndTask(next.clone()));
        }
        self.commit_manual(unit, "manual.claimed", &task, &subject, &permit).await?;
        Ok(next)
    }

    /// Attests manual work that no read can confirm. The performer can never attest it.
    ///
    /// # Errors
    /// When there is no such task, it was not reported as done, or the actor performed it or holds the account.
    pub async fn attest(&self, id: TaskId, seen: &str, moment: &DecisionContext) -> Result<(), AppError> {
        let (task, subject, facts) = self.manual(id).await?;
        if seen.trim().is_empty() {
            return Err(AppError::refused(WorkRefusal::SeenMissing));
        }
        let permit = self.may_attest(&task, &subject, &facts, moment).await?;
        let actor = permit.actor()?;
        let observation = Observation { at: moment.now, by: Arc::from(&*actor.title), seen: Arc::from(seen) };
        let mut unit = unit(&task, &subject);
        for fact in open(&task, &facts) {
            let state = FactState::Attested { by: actor.id, observation: observation.clone() };
            unit.changes.push(Change::PutFact(Fact { state, ..fact.clone() }));
        }
        let id = task.identity;
        for grant in subject.grants.iter().filter(|g| g.account == task.account) {
            let holding = match grant.holding {
                Holding::Ordered => Holding::Held,
                Holding::Ending => Holding::Ended,
                Holding::Held | Holding::Ended => continue,
            };
            unit.changes.push(Change::PutGrant(id, Grant { holding, ..grant.clone() }));
        }
        if let Some(account) = subject.accounts.iter().find(|a| a.key == task.account) {
            let mut account = account.clone();
            account.confirmed = account.generation;
            if let Observed::Present { name, .. } = &mut account.observed {
                *name = None;
            }
            if account.target.state == AccountState::Absent {
                account.observed = Observed::Absent { at: moment.now };
            }
            unit.changes.push(Change::PutAccount(id, account));
        }
        unit.changes.push(Change::EndTask(Task { state: TaskState::Done, ..task.clone() }));
        self.commit_manual(unit, "manual.attested", &task, &subject, &permit).await?;
        self.app.cases().close_cases(&[id], moment).await?;
        Ok(())
    }

    async fn may_attest(
        &self,
        task: &Task,
        subject: &StoredSubject,
        facts: &[Fact],
        moment: &DecisionContext,
    ) -> Result<Permit, AppError> {
        let target = Target::account(subject, &task.account);
        if open(task, facts).any(|f| is_first_password(task, f)) {
            return self.app.authority().permit(Operation::HandOver, &target, moment).await;
        }
        let performers = self.performers(task).await?;
        let is_done = !performers.is_empty();
        let permit =
            self.app.authority().permit(Operation::Attest, &Target { performers, ..target }, moment).await?;
        if is_done {
            return Ok(permit);
        }
        Err(AppError::precondition(WorkRefusal::NotDoneYet))
    }

    /// All identities that reported this work as done.
    async fn performers(&self, task: &Task) -> Result<Vec<IdentityId>, AppError> {
        // Where they cannot be read, any identity may be one of them: no identity attests it.
        Ok(read_note(&*self.app.store, &performed(task)).await?.value()?.unwrap_or_default())
    }

    async fn manual(&self, id: TaskId) -> Result<(Task, StoredSubject, Vec<Fact>), AppError> {
        let task = self.app.store.task(id).await?.filter(|t| t.kind == TaskKind::Manual);
        let unknown = || AppError::unknown(Item::ManualTask, id.to_string());
        let task = task.ok_or_else(unknown)?;
        if let TaskState::Held { .. } = task.state {
            return Err(AppError::precondition(WorkRefusal::TaskHeld { task: id }));
        }
        let ids: [IdentityId; 1] = [task.identity];
        let subject = self.app.store.subjects(&ids).await?.pop().ok_or_else(unknown)?;
        Ok((task, subject, self.app.store.facts(&ids).await?))
    }

    async fn commit_manual(
        &self,
        mut unit: Unit,
        kind: &'static str,
        task: &Task,
        subject: &StoredSubject,
        permit: &Permit,
    ) -> Result<(), AppError> {
        let moment = permit.moment();
        let key = self.app.stored().key_of(task.identity, subject.person_key.as_deref());
        let about = About {
            identity: key.as_ref().map(|k| (task.identity, k)),
            case: self.app.cases().open_case(task.identity).await?,
            task: Some(task.id),
            account: Some(&task.account),
            entitlements: &crate::evidence::in_motion(&subject.grants, &task.account),
            ..About::default()
        };
        let payload = json!({ "v": 1, "account": task.account.to_string(), "generation": task.generation });
        unit.changes.push(Change::Append(self.app.recorder(moment).evidence(kind, about, payload)?));
        unit.changes.push(Change::BusinessTime(moment.now));
        if self.app.store.commit(vec![unit]).await?.iter().all(tenure_store::Outcome::is_committed) {
            return Ok(());
        }
        Err(AppError::ConcurrentChange(Arc::from(format!("task {}", task.id.short()))))
    }
}

/// What the report of manual work depends on: no newer decision, and no other report of the same task.
fn unit(task: &Task, subject: &StoredSubject) -> Unit {
    let generation = subject.accounts.iter().find(|a| a.key == task.account).map_or(0, |a| a.generation);
    Unit {
        expects: vec![
            Expect::Generation(task.identity, task.account.clone(), generation),
            Expect::TaskIs(Box::new(task.clone())),
        ],
        changes: Vec::new(),
    }
}

fn open<'a>(task: &'a Task, facts: &'a [Fact]) -> impl Iterator<Item = &'a Fact> {
    let about = |f: &Fact| f.is_of(&task.account) || is_first_password(task, f);
    facts.iter().filter(move |f| about(f) && f.state.is_open())
}

/// Whether a fact is the handover of the first password of the task's account.
fn is_first_password(task: &Task, fact: &Fact) -> bool {
    matches!(&fact.obligation, Obligation::Activated(account) if *account == task.account)
}

/// Who did the work on an account in a generation: a task that is created again keeps them.
fn performed(task: &Task) -> kinds::Performed {
    let AccountKey { system, kind } = task.account.clone();
    kinds::Performed(task.identity, system, kind, task.generation)
}
