//! The parts of a card: names, instants and codes, which the edge puts in words.

use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{
    AttributeName, EntitlementName, JustificationKind, Name as _, RecordKey, RuleName, SourceName, Value,
};
use tenure_store::StoredSubject;

/// A request, as its approvers are shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The identity that it is about.
    pub who: CardSubject,
    /// What would be granted.
    pub access: Vec<CardAccess>,
    /// Who asked.
    pub asked_by: AskedBy,
    /// The answers so far.
    pub answers: Vec<Answer>,
    /// The answers that are missing.
    pub missing: Vec<MissingAnswer>,
    /// The time limit of this stage, once it runs.
    pub deadline: Option<Timestamp>,
    /// What follows without an answer.
    pub silence: Silence,
}

/// The identity that a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardSubject {
    /// Its name; the end of its id where the name is not readable.
    pub name: Arc<str>,
    /// The key of its last record, where that says more than the name.
    pub key: Option<RecordKey>,
}

impl CardSubject {
    pub(super) fn of(stored: &StoredSubject) -> Self {
        let key = stored.identity.engagements.last().map(|e| e.key.clone());
        let key = key.filter(|k| !k.as_str().is_empty() && *k.as_str() != *stored.title);
        Self { name: stored.title.clone(), key }
    }

    pub(super) const fn unknown(name: Arc<str>) -> Self {
        Self { name, key: None }
    }
}

/// Who asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskedBy {
    /// People, by name.
    People(Vec<Arc<str>>),
    /// A record, which changed.
    Record {
        /// Its key.
        key: RecordKey,
        /// The source that reported it.
        source: SourceName,
    },
    /// A change of records, none of which is left.
    Records,
}

/// An answer that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The name of the approver who gave it.
    pub by: Arc<str>,
    /// Yes or no.
    pub approved: bool,
    /// When.
    pub at: Timestamp,
    /// The approver's comment; may be empty.
    pub comment: Arc<str>,
}

/// An answer that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingAnswer {
    /// The seat that it would fill.
    pub seat: Arc<str>,
    /// The names of those who may give it, delegates last; empty if no approver is available.
    pub may_give: Vec<Arc<str>>,
}

/// What follows when a request gets no answer in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// It is put to the next approvers of its rule: their names, as far as they are known yet.
    PutTo(Vec<Arc<str>>),
    /// It is denied: access is not granted.
    AccessDenied,
    /// It is denied: the present names stay.
    NamesDenied,
}

/// One entitlement of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardAccess {
    /// Which; its system is the part before the colon.
    pub entitlement: EntitlementName,
    /// Its risk, 0 to 100; `None` where no system declares it.
    pub risk: Option<u8>,
    /// Why, and until when.
    pub why: Vec<CardWhy>,
    /// Separation rules that it would conflict with.
    pub conflicts: Vec<Conflict>,
    /// Peers, and how many of them hold it.
    pub peers: Vec<Peers>,
}

/// Why an entitlement is asked for, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardWhy {
    /// The kind of reason.
    pub kind: JustificationKind,
    /// What is known of it.
    pub cause: CardCause,
    /// First instant after it; `None` is no end.
    pub until: Option<Timestamp>,
}

/// What is known of a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardCause {
    /// What the requester wrote.
    Stated {
        /// It.
        reason: Arc<str>,
    },
    /// A rule of the policy.
    Rule {
        /// Its name.
        reference: Arc<str>,
        /// Its condition, as written.
        condition: Arc<str>,
    },
    /// Only what it refers to.
    Reference {
        /// It.
        reference: Arc<str>,
    },
}

/// A separation rule that an entitlement would conflict with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The rule.
    pub rule: RuleName,
    /// What is held or asked for on its other sides.
    pub with: Vec<EntitlementName>,
}

/// The active identities that have the same value of an attribute, and how many of them hold an entitlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peers {
    /// The attribute.
    pub attribute: AttributeName,
    /// Its value.
    pub value: Value,
    /// How many hold it.
    pub hold: usize,
    /// How many there are, without the identity itself.
    pub of: usize,
}
