//! What is decided about one identity: why and from what, and what comes of it.

use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_engine::LaterLoss;
use tenure_model::{
    CaseLabel, Identity, IdentityId, Plan, Renamed, Settlement, SourceName, Step, StepKind, SystemName,
};
use tenure_store::{Change, Expect, Keyed, StoredSubject, Unit};

/// Whether another configuration is why an identity is decided again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Configured {
    /// It is not.
    #[default]
    Before,
    /// It is.
    Anew,
    /// It is, and the rows of a source are read by another mapping.
    Mapped(SourceName),
}

/// Why an identity is decided again.
#[derive(Debug, Clone, Default)]
pub struct Cause {
    /// A label that the change has whatever the engagements say (cut-off, drift, onboarding).
    pub label: Option<CaseLabel>,
    /// What happened, for the evidence: source record, timer, person.
    pub what: Value,
    /// Commit even when nothing differs (a reference resolved, a key was added).
    pub refresh: bool,
    /// Somebody knows the secret of its accounts who may not.
    pub exposed: bool,
    /// It follows from an answer to a question: who answers causes nothing by it.
    pub is_answer: bool,
    /// The brake of the source that causes it has counted what is lost by it.
    pub counted: bool,
    /// A person signs it for this one identity: no brake counts what is lost by it.
    pub signed: bool,
    /// Systems whose brakes what is lost by it passes as well, now and later: it was counted there, and let go ahead.
    pub passes: BTreeSet<SystemName>,
    /// The same rows were read by another mapping: nothing happened to the person.
    pub reread: bool,
    /// Whether another configuration is why.
    pub configured: Configured,
}

/// An identity as it is now, to be decided.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// As stored; `None` when it is new.
    pub before: Option<StoredSubject>,
    /// As it is now.
    pub after: Identity,
    /// What the unit writes besides (the record, the answer, …).
    pub extra: Vec<Change>,
    /// What the unit rests on besides.
    pub expects: Vec<Expect>,
    /// Why.
    pub cause: Cause,
}

impl Candidate {
    /// The same identity again, because time passed or something that it depends on changed.
    #[must_use]
    pub fn again(before: StoredSubject, what: Value) -> Self {
        let after = before.identity.clone();
        let cause = Cause { label: None, what, refresh: false, ..Cause::default() };
        Self { before: Some(before), after, extra: Vec::new(), expects: Vec::new(), cause }
    }
}

/// What was decided for one identity: a unit to commit, and what it means.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Whose.
    pub id: IdentityId,
    /// What people call it.
    pub title: Arc<str>,
    /// What the change is called; `None` when it makes no case.
    pub label: Option<CaseLabel>,
    /// The plan with its gates.
    pub plan: Plan,
    /// The steps of it that wait as they waited before.
    pub pending: Vec<Step>,
    /// What changes about questions, in words.
    pub questions: Vec<Arc<str>>,
    /// The settlement.
    pub settlement: Settlement,
    /// Whether the identity is new.
    pub is_new: bool,
    /// Whether anything is decided by it, and not only noted that a row was read.
    pub decides: bool,
    /// Other names that people are asked about from now on.
    pub renames: Vec<Renamed>,
    /// Whether others who refer to it must be settled again (its phase or its names changed).
    pub concerns_others: bool,
    /// What was to be held, or to come back, for longer until now.
    pub later: Vec<LaterLoss>,
    /// Whether its time had come: then time may be what changes it.
    pub timed: bool,
    /// Whether it names others than before: a circle may have closed over those who were decided beside it.
    pub refers_anew: bool,
    /// Keys that are new to it, for which others may wait.
    pub keys: Vec<Keyed>,
    /// The unit; `None` when nothing differs.
    pub unit: Option<Unit>,
}

impl Decision {
    /// Whether somebody loses access by it, gates aside.
    #[must_use]
    pub fn removes(&self) -> bool {
        self.plan.removes()
    }
    /// When the first of what is lost later is lost, where that is known.
    #[must_use]
    pub fn first_loss(&self) -> Option<Timestamp> {
        self.later.iter().filter_map(|l| l.at).min()
    }
    /// The systems in which something is lost later.
    #[must_use]
    pub fn loses_in(&self) -> BTreeSet<SystemName> {
        self.later.iter().map(|l| l.system.clone()).collect()
    }
    /// Whether access is given or taken by it although no change of the identity's own has a label: by policy or by time.
    #[must_use]
    pub fn is_of_access_alone(&self) -> bool {
        self.label.is_none() && self.plan.acts_on_access()
    }
    /// Whether somebody is called otherwise by it, or people are asked whether they are to be.
    #[must_use]
    pub fn renames(&self) -> bool {
        !self.renames.is_empty() || self.plan.steps.iter().any(|s| matches!(s.kind, StepKind::Rename(_)))
    }
}
