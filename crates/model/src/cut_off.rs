//! Cut-offs: everything ends at once and stays ended, also for a key or an account that nobody is known by yet.

use crate::{CutOffOrderId, IdentityId, SystemName};
use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;

/// What sort of reason a cut-off has. Only those who read its reason read this.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CutOffClass {
    /// Somebody is being looked into.
    Investigation,
    /// Somebody was dismissed at once.
    Dismissal,
    /// Somebody has died.
    Death,
    /// An account or a secret is in the wrong hands.
    Security,
    /// Nobody said.
    #[default]
    Other,
}

impl CutOffClass {
    /// All classes.
    pub const ALL: [Self; 5] =
        [Self::Investigation, Self::Dismissal, Self::Death, Self::Security, Self::Other];
    /// As written in commands, stored and shown to those who may read it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Investigation => "investigation",
            Self::Dismissal => "dismissal",
            Self::Death => "death",
            Self::Security => "security",
            Self::Other => "other",
        }
    }
    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == text)
    }
    /// Whether nobody said.
    #[must_use]
    pub fn is_other(&self) -> bool {
        *self == Self::Other
    }
}

/// Everything ended at once, sticky: no feed, rule, request, approval, merge or reconcile re-enables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOff {
    /// Since when.
    pub at: Timestamp,
    /// Who ordered it.
    pub by: IdentityId,
    /// Why (restricted visibility).
    pub reason: Arc<str>,
    /// What sort of reason (restricted visibility).
    pub class: CutOffClass,
    /// When somebody looks at it again.
    pub review: Timestamp,
}

/// What an order to cut off is about, where it is not simply somebody who is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum CutOffTarget {
    /// Somebody who is known, once a second person has said so too.
    Person(IdentityId),
    /// Whoever comes with this key or issued name.
    Key {
        /// What sort of key (`worker_number`, `name`, `user_name`).
        kind: Arc<str>,
        /// The key.
        value: Arc<str>,
    },
    /// An account that belongs to nobody, by its name in a system.
    Account {
        /// The system.
        system: SystemName,
        /// The account's name there.
        name: Arc<str>,
    },
}

impl fmt::Display for CutOffTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => id.fmt(f),
            Self::Key { kind, value } => write!(f, "{kind}={value}"),
            Self::Account { system, name } => write!(f, "{system}:{name}"),
        }
    }
}

/// An order to cut off what is not there yet, or what one person alone may not cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOffOrder {
    /// Its id.
    pub id: CutOffOrderId,
    /// What it is about.
    pub target: CutOffTarget,
    /// What whoever it meets is given.
    pub cut: CutOff,
    /// Lifted, confirmed or given up: when, and by whom.
    pub ended: Option<(Timestamp, IdentityId)>,
}
