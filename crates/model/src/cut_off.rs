//! Cut-offs: immediate, sticky suspension of all access, also for a key or an account that is not linked to an identity yet.

use crate::{CutOffOrderId, IdentityId, SystemName};
use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;

/// Reason class of a cut-off. Visible only to those who may read the reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CutOffClass {
    /// An investigation of the identity.
    Investigation,
    /// Dismissal without notice.
    Dismissal,
    /// Death.
    Death,
    /// An account or a secret is compromised.
    Security,
    /// Not stated.
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
    /// Whether the class is not stated.
    #[must_use]
    pub fn is_other(&self) -> bool {
        *self == Self::Other
    }
}

/// Immediate and sticky: no feed, rule, request, approval, merge or reconcile re-enables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOff {
    /// Since when.
    pub at: Timestamp,
    /// Who ordered it.
    pub by: IdentityId,
    /// Why (restricted visibility).
    pub reason: Arc<str>,
    /// Reason class (restricted visibility).
    pub class: CutOffClass,
    /// When it must be reviewed.
    pub review: Timestamp,
}

/// Target of a cut-off order that is not simply a known identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum CutOffTarget {
    /// A known identity, once a second person has confirmed.
    Person(IdentityId),
    /// Any identity that appears with this key or issued name.
    Key {
        /// The kind of key (`worker_number`, `name`, `user_name`).
        kind: Arc<str>,
        /// The key.
        value: Arc<str>,
    },
    /// An account without an identity, by its name in a system.
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

/// An order to cut off a target that does not exist yet, or that one person alone may not cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOffOrder {
    /// Its id.
    pub id: CutOffOrderId,
    /// What it is about.
    pub target: CutOffTarget,
    /// The cut-off that a matching identity gets.
    pub cut: CutOff,
    /// Lifted, confirmed or withdrawn: when, and by whom.
    pub ended: Option<(Timestamp, IdentityId)>,
}
