//! One claimed task with all its inputs, and its result.

use crate::cases::account_ref;
use crate::cases::is_owed_reset;
use crate::{About, App, AppError, DecisionContext, SystemConnections};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::sync::Arc;
use tenure_connect::{AccountRef, ConnectError, RemoteAccount, Status};
use tenure_engine::account_name;
use tenure_model::Name as _;
use tenure_model::{
    Account, AccountState, Backoff, CaseId, Fact, Observed, Task, TaskId, TaskKind, TaskState, Urgency,
};
use tenure_policy::{OnManualDisable, System};
use tenure_store::{Change, Expect, StoredSubject, Unit};

/// A claimed task.
pub(crate) struct Job<'a> {
    pub(crate) app: &'a App,
    pub(crate) moment: &'a DecisionContext,
    pub(crate) task: Task,
    pub(crate) subject: &'a StoredSubject,
    pub(crate) facts: &'a [Fact],
    /// The open case of the identity: its work is evidence of that case.
    pub(crate) case: Option<CaseId>,
    pub(crate) account: &'a Account,
    pub(crate) system: &'a System,
    pub(crate) wired: &'a SystemConnections,
}

/// Brings an account to its decided state.
pub(super) struct Convergence<'a> {
    pub(super) job: &'a Job<'a>,
}

/// Reads an account again, by another connection.
pub(super) struct Confirmation<'a> {
    pub(super) job: &'a Job<'a>,
}

/// Why a task did not succeed.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) why: Arc<str>,
    pub(crate) status: Status,
}

impl From<ConnectError> for Failure {
    fn from(e: ConnectError) -> Self {
        Self { why: Arc::from(e.to_string()), status: e.status }
    }
}

impl Failure {
    /// A failure that only a person can fix.
    pub(crate) fn person(why: impl Into<String>) -> Self {
        Self { why: Arc::from(why.into()), status: Status::Permanent }
    }
}

/// How long a worker may keep a task without a heartbeat.
pub(crate) const LEASE: SignedDuration = SignedDuration::from_secs(60);

impl Job<'_> {
    /// Whether the account needs nothing usable because its holder left or is cut off.
    pub(crate) fn is_due_nothing(&self) -> bool {
        crate::cases::is_due_nothing(self.subject.phase, &self.subject.identity, self.account)
    }

    /// The account as connectors address it.
    pub(crate) fn account_ref(&self) -> Result<AccountRef, Failure> {
        let Some(name) = account_name(self.system, &self.subject.identity, self.account) else {
            return Err(Failure::person(format!(
                "the identity has no `{}`, which names accounts of {}: correct the identifier's candidates",
                self.system.name_of(&self.account.key.kind),
                self.system.name
            )));
        };
        if self.system.protected.contains(name) {
            return Err(Failure::person(format!("`{name}` is a protected account of {}", self.system.name)));
        }
        let found = account_ref(self.app, self.subject, &self.account.key);
        found.ok_or_else(|| Failure::person(format!("the account `{name}` is no longer known")))
    }

    /// Whether an account was disabled by hand since it was last seen: it was usable and as decided then, and no decision
    /// since would have disabled it.
    pub(crate) fn is_off_by_hand(&self, remote: &RemoteAccount) -> bool {
        let was_on = matches!(self.account.observed, Observed::Present { enabled: true, .. });
        self.system.on_manual_disable != OnManualDisable::Enable
            && self.account.target.state == AccountState::Enabled
            && was_on
            && self.account.external_id.as_ref() == Some(&remote.external_id)
            && self.account.confirmed > 0
            && self.account.confirmed + 1 >= self.account.generation
            && !remote.enabled
            && remote.unread.enabled.is_none()
    }

    /// Whether this connector can reset the password or secret of the account.
    pub(crate) fn can_reset(&self) -> bool {
        self.app.can_reset(&self.system.name, self.subject.identity.kind)
    }

    /// Whether the account is owed a new password or secret that only its owner can set.
    pub(crate) fn resets_by_hand(&self) -> bool {
        !self.can_reset() && is_owed_reset(self.facts, &self.task.account)
    }

    /// The unit that every result starts with: this worker still has the task, and there is no newer decision.
    pub(crate) fn unit(&self) -> Unit {
        let owner = self.app.machine.name.clone();
        let identity = self.task.identity;
        Unit {
            expects: vec![
                Expect::TaskLease(self.task.id, owner),
                Expect::Generation(identity, self.account.key.clone(), self.account.generation),
            ],
            changes: Vec::new(),
        }
    }

    /// The task, done.
    pub(crate) fn done(&self) -> Change {
        Change::EndTask(Task { state: TaskState::Done, ..self.task.clone() })
    }

    /// The task, scheduled for retry or for a person.
    pub(crate) fn failed(&self, failure: &Failure) -> Change {
        let now = self.app.machine.clock.now();
        let after = match failure.status {
            Status::Throttled(after) | Status::LeftAlone(after) => Some(after),
            _ => None,
        };
        let (attempts, urgency) = (self.task.attempts, self.task.urgency);
        let random = self.app.machine.random::<1>()[0];
        let next = match failure.status {
            Status::Permanent => Backoff::GiveUp,
            Status::NoAccess | Status::NotAllowed => Backoff::until_let_in(attempts, now, urgency, random),
            _ => Backoff::after(attempts, now, after, urgency, random),
        };
        let state = match next {
            Backoff::Retry(not_before) => TaskState::Ready { not_before },
            Backoff::GiveUp => TaskState::NeedsPerson { why: failure.why.clone() },
        };
        Change::EndTask(Task { state, failed: Some(failure.why.clone()), ..self.task.clone() })
    }

    /// The same after an attempt to write. If it certainly created nothing, no doubt remains.
    pub(crate) fn ended(&self, failure: &Failure, doubtful: bool) -> Change {
        match self.failed(failure) {
            Change::EndTask(task) if !doubtful => {
                Change::EndTask(Task { uncertain_creates: task.uncertain_creates.saturating_sub(1), ..task })
            }
            other => other,
        }
    }

    /// A further task on the same account.
    pub(crate) fn next(&self, kind: TaskKind, not_before: Timestamp) -> Change {
        let (ms, random) = self.app.machine.id();
        Change::PutTask(Task {
            id: TaskId::new(ms, random),
            identity: self.task.identity,
            account: self.task.account.clone(),
            kind,
            generation: self.account.generation,
            urgency: if kind == TaskKind::Confirm { self.task.urgency } else { Urgency::Normal },
            attempts: 0,
            uncertain_creates: 0,
            contradictions: self.task.contradictions,
            failed: None,
            // A read removes nothing, and a repeated write has passed the brake before.
            brake_passed: true,
            state: TaskState::Ready { not_before },
        })
    }

    /// Evidence about this task.
    pub(crate) fn evidence(&self, kind: &'static str, payload: Value) -> Result<Change, AppError> {
        let id = self.task.identity;
        let sealed = self.subject.person_key.as_deref();
        let key = self.app.stored().key_of(id, sealed);
        let name = account_name(self.system, &self.subject.identity, self.account);
        let about = About {
            identity: key.as_ref().map(|k| (id, k)),
            case: self.case,
            task: Some(self.task.id),
            account: Some(&self.task.account),
            account_name: name.map(|n| &**n),
            entitlements: &crate::evidence::in_motion(&self.subject.grants, &self.task.account),
            ..About::default()
        };
        Ok(Change::Append(self.app.recorder(self.moment).evidence(kind, about, payload)?))
    }

    /// Whether a cut-off came in since the inputs were read: this work must write nothing any more.
    pub(crate) fn is_overtaken(&self) -> bool {
        !self.subject.identity.is_cut_off() && self.app.in_hand.is_overtaken(self.task.identity)
    }

    /// Whether the lease of the task, or of the pass that works it, was lost: what was read for it may be obsolete, and its result would not be committed.
    pub(crate) fn is_lost(&self) -> bool {
        self.app.in_hand.is_lost(self.task.id) || self.app.store.goes_on().is_err()
    }

    /// Stops work that a cut-off overtook, or whose lease was lost, before its next write.
    pub(crate) fn goes_on(&self) -> Result<(), Failure> {
        if self.is_lost() {
            let why = Arc::from("its lease was lost: another process has the task, or it was decided again");
            return Err(Failure { why, status: Status::Temporary });
        }
        if !self.is_overtaken() {
            return Ok(());
        }
        Err(Failure { why: Arc::from("overtaken by a cut-off"), status: Status::Temporary })
    }

    /// Whether access may be given: not while damage is open.
    pub(crate) fn may_give(&self) -> Result<(), Failure> {
        self.goes_on()?;
        let Some(why) = self.app.in_hand.withheld() else { return Ok(()) };
        Err(Failure {
            why: Arc::from(format!(
                "nothing is created, enabled or granted while stored data is damaged: {why}"
            )),
            status: Status::Temporary,
        })
    }

    /// The system's name, for payloads.
    pub(crate) fn system_name(&self) -> &str {
        self.system.name.as_str()
    }
}
