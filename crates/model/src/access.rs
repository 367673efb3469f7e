//! Accounts, grants and justifications: what is held, and why.

use crate::{AttributeName, EngagementId, EntitlementName, Kind, SystemName, Value};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// An account of an identity: which system, which kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey {
    /// The system.
    pub system: SystemName,
    /// The kind of account there.
    pub kind: Kind,
}

impl fmt::Display for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind == Kind::default() {
            self.system.fmt(f)
        } else {
            write!(f, "{}/{}", self.system, self.kind)
        }
    }
}

/// State of an account. Order: the later, the more usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountState {
    /// It does not exist.
    Absent,
    /// It exists and cannot be used.
    Disabled,
    /// It exists and can be used.
    Enabled,
}

impl AccountState {
    /// As shown to people and stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
        }
    }
    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Absent, Self::Disabled, Self::Enabled].into_iter().find(|s| s.as_str() == text)
    }
}

/// What was decided for an account: the state that tasks bring about. It contains what passed every gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountTarget {
    /// The due state.
    pub state: AccountState,
    /// Attributes that Tenure writes.
    pub attributes: BTreeMap<AttributeName, Value>,
    /// The account's name, if it is not its holder's identifier: it was adopted under this name, or a rename is due.
    pub name: Option<Arc<str>>,
}

/// The class of an orphan account, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum OrphanClass {
    /// A human's account whose holder no source knows.
    Human,
    /// A program's account.
    Service,
    /// An account that several people use.
    Shared,
    /// A built-in account of the system.
    BuiltIn,
    /// Not classified yet.
    #[default]
    Unknown,
}

impl OrphanClass {
    /// All classes.
    pub const ALL: [Self; 5] = [Self::Human, Self::Service, Self::Shared, Self::BuiltIn, Self::Unknown];
    /// As stored and shown to people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Service => "service",
            Self::Shared => "shared",
            Self::BuiltIn => "built-in",
            Self::Unknown => "unknown",
        }
    }
    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == text)
    }
}

/// Result of the last read of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed {
    /// It was not read yet.
    Unknown,
    /// It does not exist.
    Absent {
        /// When it was read.
        at: Timestamp,
    },
    /// It exists.
    Present {
        /// When it was read.
        at: Timestamp,
        /// The external id: the system's own stable id (entryUUID, SCIM id).
        external_id: Arc<str>,
        /// Whether it can be used.
        enabled: bool,
        /// Its observed name, if it differs from the decided one.
        name: Option<Arc<str>>,
        /// The entitlements that it inherits from others, of those that the configuration declares, and the path, in the system's own
        /// names.
        through: BTreeMap<EntitlementName, Arc<str>>,
    },
}

impl Observed {
    /// Its observed name, if it differs from the decided one.
    #[must_use]
    pub fn other_name(&self) -> Option<&Arc<str>> {
        match self {
            Self::Present { name, .. } => name.as_ref(),
            Self::Unknown | Self::Absent { .. } => None,
        }
    }

    /// The entitlements that it inherits from others.
    pub fn through(&self) -> impl Iterator<Item = (&EntitlementName, &Arc<str>)> {
        let all = match self {
            Self::Present { through, .. } => Some(through),
            Self::Unknown | Self::Absent { .. } => None,
        };
        all.into_iter().flatten()
    }
}

/// An account as Tenure stores it: decided and observed side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its key.
    pub key: AccountKey,
    /// What was decided.
    pub target: AccountTarget,
    /// Increases with every decision about the account; an older generation never overwrites a newer one.
    pub generation: u64,
    /// The last generation confirmed by a read.
    pub confirmed: u64,
    /// The external id: the system's own stable id, once known.
    pub external_id: Option<Arc<str>>,
    /// Result of the last read.
    pub observed: Observed,
}

/// Why an entitlement is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JustificationKind {
    /// A rule of the policy gives it.
    Baseline,
    /// It was requested and approved.
    Request,
    /// It is outside policy and accepted for a time.
    Exception,
    /// Immediate access in an emergency.
    Emergency,
    /// It is kept for a limited time after a move.
    Handover,
    /// It existed before Tenure managed it.
    Adopted,
}

impl JustificationKind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::Baseline, Self::Request, Self::Exception, Self::Emergency, Self::Handover, Self::Adopted];
    /// As stored and shown to people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Request => "request",
            Self::Exception => "exception",
            Self::Emergency => "emergency",
            Self::Handover => "handover",
            Self::Adopted => "adopted",
        }
    }
    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text)
    }
}

/// One reason for a grant. In force from `from` until just before `until`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Justification {
    /// The kind of reason.
    pub kind: JustificationKind,
    /// The rule, request, exception or handover that it refers to.
    pub reference: Arc<str>,
    /// The engagement that it belongs to and ends with.
    pub engagement: Option<EngagementId>,
    /// First instant.
    pub from: Option<Timestamp>,
    /// First instant after it.
    pub until: Option<Timestamp>,
}

/// Whether a grant exists in the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holding {
    /// Decided, not confirmed yet.
    Ordered,
    /// Observed in the system.
    Held,
    /// Decided to end, the end not confirmed yet.
    Ending,
    /// Confirmed as removed. The row stays for `explain` until erasure.
    Ended,
}

impl Holding {
    /// As stored and shown to people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Held => "held",
            Self::Ending => "ending",
            Self::Ended => "ended",
        }
    }
    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ordered, Self::Held, Self::Ending, Self::Ended].into_iter().find(|h| h.as_str() == text)
    }
    /// Whether Tenure decided that it exists: what `diff` counts as held.
    #[must_use]
    pub fn is_decided(self) -> bool {
        matches!(self, Self::Ordered | Self::Held)
    }
}

/// An entitlement of an identity with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The account that holds it.
    pub account: AccountKey,
    /// What is held.
    pub entitlement: EntitlementName,
    /// Why, as last settled; empty when it is not due.
    pub justifications: Vec<Justification>,
    /// Whether it exists.
    pub holding: Holding,
}
