//! A decision about one identity: its cause, its inputs and its results.

use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_engine::LaterLoss;
use tenure_model::{
    CaseLabel, Identity, IdentityId, Plan, Renamed, Settlement, SourceName, Step, StepKind, SystemName,
};
use tenure_store::{Change, Expect, Keyed, StoredSubject, Unit};

/// Whether another configuration is the cause of deciding an identity again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Configured {
    /// No.
    #[default]
    Before,
    /// Yes.
    Anew,
    /// Yes, and the rows of a source are read by another mapping.
    Mapped(SourceName),
}

/// The cause of deciding an identity again.
#[derive(Debug, Clone, Default)]
pub struct Cause {
    /// A label that the change has independently of the engagements (cut-off, drift, onboarding).
    pub label: Option<CaseLabel>,
    /// What happened, for the evidence: source record, timer, person.
    pub what: Value,
    /// Commit even when nothing differs (a reference resolved, a key was added).
    pub refresh: bool,
    /// A person knows the secret of its accounts who must not know it.
    pub exposed: bool,
    /// It follows from an answer to a question: the answering person does not count as its cause.
    pub is_answer: bool,
    /// The brake of the source that causes it has counted its losses.
    pub counted: bool,
    /// A person signs it for this one identity: no brake counts its losses.
    pub signed: bool,
    /// Systems whose brakes its losses pass as well, now and later: they were counted there, and released.
    pub passes: BTreeSet<SystemName>,
    /// The same rows were read by another mapping: nothing happened to the person.
    pub reread: bool,
    /// Whether another configuration is the cause.
    pub configured: Configured,
}

/// An identity as it is now, to be decided.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// As stored; `None` when it is new.
    pub before: Option<StoredSubject>,
    /// As it is now.
    pub after: Identity,
    /// Additional writes of the unit (the record, the answer, …).
    pub extra: Vec<Change>,
    /// Additional expectations of the unit.
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

/// The decision for one identity: a unit to commit, and its meaning.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The identity.
    pub id: IdentityId,
    /// Its display name.
    pub title: Arc<str>,
    /// The label of the change; `None` when it makes no case.
    pub label: Option<CaseLabel>,
    /// The plan with its gates.
    pub plan: Plan,
    /// Its steps that wait as they waited before.
    pub pending: Vec<Step>,
    /// Changes of questions, in words.
    pub questions: Vec<Arc<str>>,
    /// The settlement.
    pub settlement: Settlement,
    /// Whether the identity is new.
    pub is_new: bool,
    /// Whether it decides anything, beyond a note that a row was read.
    pub decides: bool,
    /// Renames that approval is asked for from now on.
    pub renames: Vec<Renamed>,
    /// Whether identities that refer to it must be settled again (its phase or its names changed).
    pub concerns_others: bool,
    /// What would, until now, have been held longer, or have come back.
    pub later: Vec<LaterLoss>,
    /// Whether its time had come: then time may be the cause.
    pub timed: bool,
    /// Whether its references changed: a circle may have closed over identities decided in the same batch.
    pub refers_anew: bool,
    /// New keys of it that others may wait for.
    pub keys: Vec<Keyed>,
    /// The unit; `None` when nothing differs.
    pub unit: Option<Unit>,
}

impl Decision {
    /// Whether access is lost by it, regardless of gates.
    #[must_use]
    pub fn removes(&self) -> bool {
        self.plan.removes()
    }
    /// The time of the first later loss, where that is known.
    #[must_use]
    pub fn first_loss(&self) -> Option<Timestamp> {
        self.later.iter().filter_map(|l| l.at).min()
    }
    /// The systems in which access is lost later.
    #[must_use]
    pub fn loses_in(&self) -> BTreeSet<SystemName> {
        self.later.iter().map(|l| l.system.clone()).collect()
    }
    /// Whether access is given or removed although no change of the identity itself has a label: by policy or by time.
    #[must_use]
    pub fn is_of_access_alone(&self) -> bool {
        self.label.is_none() && self.plan.acts_on_access()
    }
    /// Whether it renames the identity, or asks for approval of a rename.
    #[must_use]
    pub fn renames(&self) -> bool {
        !self.renames.is_empty() || self.plan.steps.iter().any(|s| matches!(s.kind, StepKind::Rename(_)))
    }
}
