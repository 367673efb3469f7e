//! Reads again, by another connection: only what a later read shows is confirmed.

use super::remains::{Left, Remains, known};
use super::task::{Confirmation, Failure};
use super::unread::Asked;
use crate::AppError;
use crate::describe::by_hand;
use jiff::Timestamp;
use serde_json::json;
use std::sync::Arc;
use tenure_connect::{AccountRef, RemoteAccount, Status};
use tenure_engine::ACCOUNT_ITSELF;
use tenure_model::{
    Account, AccountState, Backoff, Fact, FactState, Grant, Holding, Obligation, Observation, Observed, Task,
    TaskKind, TaskState,
};
use tenure_store::{Change, Unit};

/// Result of a read.
pub(super) struct AccountRead {
    pub(super) remote: Option<RemoteAccount>,
    pub(super) remains: Remains,
    pub(super) password: Option<Timestamp>,
    pub(super) asked: Asked,
}

impl Confirmation<'_> {
    /// Runs a confirm task; the unit records what was seen.
    #[tracing::instrument(level = "debug", name = "confirm", skip_all, fields(system = %self.job.system.name))]
    pub(crate) async fn confirm(&self) -> Result<Unit, AppError> {
        let read = match self.job.account_ref() {
            Ok(account) => match self.is_late_enough().await {
                Ok(()) => self.look(&account).await,
                Err(failure) => Err(failure),
            },
            Err(failure) => Err(failure),
        };
        let mut unit = self.job.unit();
        match read {
            Ok(looked) => self.seen(&looked, &mut unit)?,
            Err(failure) => {
                unit.changes.push(self.job.failed(&failure));
                unit.changes.extend(self.job.refusal(&failure));
            }
        }
        Ok(unit)
    }

    /// The account as it is, and its remaining sessions and credentials where ending them is owed.
    pub(super) async fn look(&self, account: &AccountRef) -> Result<AccountRead, Failure> {
        let reader = &self.job.wired.reader;
        let remote = reader.read(account).await?;
        let remains = match remote {
            Some(_) => self.remains(account).await,
            None => Remains { sessions: Left::Unasked, credentials: Left::Unasked },
        };
        let mut open = self.job.facts.iter().filter(|f| f.is_of(&self.job.task.account) && f.state.is_open());
        let dated = open.any(|f| matches!(f.obligation, Obligation::CredentialsReset(_)));
        let asks = remote.is_some() && dated && self.job.wired.capabilities.passwords;
        let password = if asks { reader.password_changed(account).await? } else { None };
        let asked = self.ask(account, remote.as_ref()).await?;
        Ok(AccountRead { remote, remains, password, asked })
    }

    /// An export that was made before the work, or that claims to be from the future, proves nothing about it.
    pub(super) async fn is_late_enough(&self) -> Result<(), Failure> {
        let Some(as_of) = self.job.wired.reader.as_of().await? else { return Ok(()) };
        let claimed = self.job.facts.iter().filter(|f| f.is_of(&self.job.task.account)).filter_map(|f| {
            match &f.state {
                FactState::Claimed(observation) => Some(observation.at),
                _ => None,
            }
        });
        let temporary = |why: String| Failure { why: Arc::from(why), status: Status::Temporary };
        if as_of > self.job.moment.now {
            return Err(temporary(format!("the export is dated {as_of}, which is in the future")));
        }
        match claimed.max() {
            Some(claimed) if as_of < claimed => Err(temporary(format!(
                "the export is of {as_of}, before the work was reported as done: a newer one is needed"
            ))),
            _ => Ok(()),
        }
    }

    fn seen(&self, looked: &AccountRead, unit: &mut Unit) -> Result<(), AppError> {
        let AccountRead { remote, remains, password, .. } = looked;
        let (remote, password) = (remote.as_ref(), *password);
        let observation = self.job.observed(looked);
        let mut wrong = Vec::new();
        for fact in self.job.facts.iter().filter(|f| f.is_of(&self.job.task.account) && f.state.is_open()) {
            let state = match remains.of(&fact.obligation) {
                Some(left) => known(fact, left, &observation),
                None if self.is_met(&fact.obligation, looked, password) => {
                    Some(FactState::Confirmed(observation.clone()))
                }
                None => Some(FactState::Unknown),
            };
            let Some(state) = state else { continue };
            if state == FactState::Unknown {
                let left = match remains.of(&fact.obligation) {
                    Some(Left::Open(n)) => format!(", {n} left"),
                    _ => String::new(),
                };
                wrong.push(format!("{}{left}", self.not_met(&fact.obligation, looked)));
            }
            unit.changes.push(Change::PutFact(Fact { state, ..fact.clone() }));
        }
        self.grants_seen(looked, &mut wrong, unit);
        wrong.extend(self.differences(remote));
        let late_reference = remote.is_some_and(|r| self.lacks_reference(r));
        let fine = wrong.is_empty() && !late_reference;
        unit.changes.push(Change::PutAccount(self.job.task.identity, self.account_seen(remote, fine)));
        match remains.unread() {
            // What was seen stays; the rest is read again.
            Some(failure) if fine => {
                unit.changes.push(self.job.failed(failure));
                let payload = json!({
                    "v": 1, "system": self.job.system_name(), "account": self.job.task.account.to_string(),
                    "generation": self.job.account.generation, "seen": &*observation.seen, "unread": &*failure.why,
                });
                unit.changes.push(self.job.evidence("task.seen", payload)?);
            }
            _ => self.end(fine, &wrong, self.passes(&wrong, looked), &observation, unit)?,
        }
        if fine && let Some(until) = remains.until() {
            let wait = until.duration_since(self.job.moment.now);
            let then = tenure_model::range::moved(self.job.app.machine.clock.now(), wait);
            unit.changes.push(self.job.next(TaskKind::Confirm, then));
        }
        Ok(())
    }

    /// The state read for each grant of the account, and the grants that are not as decided.
    fn grants_seen(&self, looked: &AccountRead, wrong: &mut Vec<String>, unit: &mut Unit) {
        let AccountRead { remote, asked, .. } = looked;
        for grant in self.job.subject.grants.iter().filter(|g| g.account == self.job.task.account) {
            if let Some(why) = asked.of(grant, remote.as_ref()) {
                // The obligation about it was handled already.
                if self.is_owed_gone(grant) {
                    continue;
                }
                wrong.push(format!("whether {} is held is not confirmed: {why}", grant.entitlement));
                continue;
            }
            let still = asked.still(grant.entitlement.local());
            let next = holding(grant, self.job.account.target.state, remote.as_ref(), still);
            if next == Some(false) {
                let what = if grant.holding == Holding::Ending { "still held" } else { "not held" };
                wrong.push(format!("{} is not as decided: {what}", grant.entitlement));
            }
            let changed = match (grant.holding, next) {
                (Holding::Ordered, Some(true)) => Some(Holding::Held),
                (Holding::Ending, Some(true)) => Some(Holding::Ended),
                (Holding::Held, Some(false)) => Some(Holding::Ordered),
                _ => None,
            };
            unit.changes.extend(
                changed.map(|holding| {
                    Change::PutGrant(self.job.task.identity, Grant { holding, ..grant.clone() })
                }),
            );
        }
    }

    /// Whether another attempt may help: not where another grant gives the entitlement
    /// that should be gone, nor where the system's answer cannot be read.
    fn passes(&self, wrong: &[String], looked: &AccountRead) -> Status {
        let AccountRead { remote, asked, .. } = looked;
        let remote = remote.as_ref();
        let owed = |f: &&Fact| f.is_of(&self.job.task.account) && f.state.is_open();
        let is_stuck = |o: &Obligation| self.through(o, remote).is_some() || asked.unmet(o, remote).is_some();
        let facts = self.job.facts.iter().filter(owed).filter(|f| is_stuck(&f.obligation)).count();
        let mine = self.job.subject.grants.iter().filter(|g| g.account == self.job.task.account);
        let grants = mine.filter(|g| asked.of(g, remote).is_some() && !self.is_owed_gone(g)).count();
        let stuck = facts + grants + usize::from(self.usable_unknown(remote).is_some());
        if stuck > 0 && stuck == wrong.len() { Status::Permanent } else { Status::Temporary }
    }

    fn end(
        &self,
        fine: bool,
        wrong: &[String],
        status: Status,
        observation: &Observation,
        unit: &mut Unit,
    ) -> Result<(), AppError> {
        if fine {
            unit.changes.push(self.job.done());
        } else {
            // The system accepted the write but does not show it: write again, and soon ask a person.
            match self.after_contradiction(wrong, status) {
                Backoff::Retry(not_before) => {
                    unit.changes.push(self.job.done());
                    unit.changes.push(self.again(not_before, wrong));
                }
                Backoff::GiveUp => {
                    let why = Arc::from(wrong.join("; "));
                    let state = TaskState::NeedsPerson { why };
                    unit.changes.push(Change::EndTask(Task { state, failed: None, ..self.job.task.clone() }));
                }
            }
        }
        let kind = if fine { "task.confirmed" } else { "task.contradicted" };
        let payload = json!({
            "v": 1, "system": self.job.system_name(), "account": self.job.task.account.to_string(),
            "generation": self.job.account.generation, "seen": &*observation.seen, "wrong": wrong,
        });
        unit.changes.push(self.job.evidence(kind, payload)?);
        Ok(())
    }

    /// When to repeat a write that the system accepted but does not show. A reference to an account that does not exist yet is
    /// repeated at growing intervals: it needs no person.
    fn after_contradiction(&self, wrong: &[String], status: Status) -> Backoff {
        let (times, now) = (self.job.task.contradictions.saturating_add(1), self.job.app.machine.clock.now());
        let random = self.job.app.machine.random::<1>()[0];
        match status {
            _ if wrong.is_empty() => Backoff::Retry(Backoff::pause_after(times, now, random)),
            Status::Permanent => Backoff::GiveUp,
            // The owner is asked again each time: the owner is the person needed.
            _ if self.way() == TaskKind::Manual => Backoff::Retry(now),
            _ => Backoff::contradicted(times, now, self.job.task.urgency, random),
        }
    }

    /// The performer of the work: an owner's work goes back to the owner.
    fn way(&self) -> TaskKind {
        match self.job.resets_by_hand() {
            true => TaskKind::Manual,
            false => self.job.app.way(self.job.system, self.job.task.urgency),
        }
    }

    /// The same work again, with the number of contradictions by the system.
    fn again(&self, not_before: jiff::Timestamp, wrong: &[String]) -> Change {
        let kind = self.way();
        match self.job.next(kind, not_before) {
            Change::PutTask(mut task) => {
                task.contradictions = self.job.task.contradictions.saturating_add(1);
                task.urgency = self.job.task.urgency;
                task.failed =
                    (!wrong.is_empty()).then(|| Arc::from(format!("read back: {}", wrong.join("; "))));
                if kind == TaskKind::Manual {
                    let why = match wrong {
                        [] => by_hand(),
                        wrong => Arc::from(format!("{}; not confirmed yet: {}", by_hand(), wrong.join("; "))),
                    };
                    task.state = TaskState::NeedsPerson { why };
                }
                Change::PutTask(task)
            }
            other => other,
        }
    }

    fn account_seen(&self, remote: Option<&RemoteAccount>, fine: bool) -> Account {
        let at = self.job.moment.now;
        let observed = match remote {
            None => Observed::Absent { at },
            Some(r) => Observed::Present {
                at,
                external_id: r.external_id.clone(),
                // An account disabled by hand is reported by the next scan.
                enabled: r.enabled || self.job.is_off_by_hand(r),
                name: self.is_misnamed(r).then(|| r.name.clone()),
                through: self.job.app.context.declared_of(&self.job.task.account.system, &r.indirect),
            },
        };
        // The id of an account that is gone and not recreated is kept: it is looked up as long as the account may come back.
        let kept = || self.job.account.external_id.clone().filter(|_| self.job.is_due_nothing());
        Account {
            external_id: remote.map(|r| r.external_id.clone()).or_else(kept),
            confirmed: if fine { self.job.account.generation } else { self.job.account.confirmed },
            observed,
            ..self.job.account.clone()
        }
    }
}

/// Whether a grant is as decided; `None` where this is unknown. `still`: the entitlement itself shows the account.
fn holding(grant: &Grant, state: AccountState, remote: Option<&RemoteAccount>, still: bool) -> Option<bool> {
    let local = grant.entitlement.local();
    let there = if local == ACCOUNT_ITSELF {
        // The account itself: held while it exists and should be usable.
        remote.is_some() && (state == AccountState::Enabled || grant.holding.is_decided())
    } else {
        still || remote.is_some_and(|r| r.entitlements.contains(local))
    };
    match grant.holding {
        Holding::Ordered | Holding::Held => Some(there),
        // A justification for the account itself ends while another one keeps the account: it is as decided in any state, and
        // whether it is usable is a separate obligation.
        Holding::Ending if local == ACCOUNT_ITSELF => Some(true),
        Holding::Ending => Some(!there),
        Holding::Ended => None,
    }
}
