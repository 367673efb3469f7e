//! What is held and why: accounts, grants, justifications.

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

/// How usable an account is. Order: the later, the more usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountState {
    /// Not there.
    Absent,
    /// There, and nobody can use it.
    Disabled,
    /// There, and usable.
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

/// What was decided for an account: the state that tasks bring about. It holds what passed every gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountTarget {
    /// How usable it is to be.
    pub state: AccountState,
    /// Attributes that Tenure writes.
    pub attributes: BTreeMap<AttributeName, Value>,
    /// The name that it has, where that is not its holder's identifier: it was adopted under it, or is still to be renamed.
    pub name: Option<Arc<str>>,
}

/// What an account of nobody is, as far as anybody can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum OrphanClass {
    /// Somebody's whom no source knows.
    Human,
    /// A program's.
    Service,
    /// Of several people.
    Shared,
    /// It came with the system.
    BuiltIn,
    /// Nobody has said.
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

/// What the last look at an account showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed {
    /// Nobody looked yet.
    Unknown,
    /// It is not there.
    Absent {
        /// When it was read.
        at: Timestamp,
    },
    /// It is there.
    Present {
        /// When it was read.
        at: Timestamp,
        /// The system's own stable id (entryUUID, SCIM id).
        native: Arc<str>,
        /// Whether it can be used.
        enabled: bool,
        /// What it was called, where that is not its name by decision.
        name: Option<Arc<str>>,
        /// What the set-up declares of that which it holds through other entitlements, and the way that leads there, as the
        /// system names them.
        through: BTreeMap<EntitlementName, Arc<str>>,
    },
}

impl Observed {
    /// The name under which it was seen, where that is not its name by decision.
    #[must_use]
    pub fn other_name(&self) -> Option<&Arc<str>> {
        match self {
            Self::Present { name, .. } => name.as_ref(),
            Self::Unknown | Self::Absent { .. } => None,
        }
    }

    /// What it holds through other entitlements.
    pub fn through(&self) -> impl Iterator<Item = (&EntitlementName, &Arc<str>)> {
        let all = match self {
            Self::Present { through, .. } => Some(through),
            Self::Unknown | Self::Absent { .. } => None,
        };
        all.into_iter().flatten()
    }
}

/// An account as Tenure keeps it: decided and observed side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Which.
    pub key: AccountKey,
    /// What was decided.
    pub target: AccountTarget,
    /// Rises with every decision about the account; an older generation never overwrites a newer one.
    pub generation: u64,
    /// The last generation that was confirmed by a read.
    pub confirmed: u64,
    /// The system's own stable id, once known.
    pub native: Option<Arc<str>>,
    /// What the last look showed.
    pub observed: Observed,
}

/// Why an entitlement is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JustificationKind {
    /// A rule of the policy gives it.
    Baseline,
    /// It was asked for and approved.
    Request,
    /// It is outside policy and accepted for a time.
    Exception,
    /// It was needed at once.
    Emergency,
    /// It is kept for a time after a move.
    Handover,
    /// It was there when Tenure came.
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

/// One reason for a grant. It holds from `from` until just before `until`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Justification {
    /// What sort of reason.
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

/// Whether a grant is really there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holding {
    /// Decided, and not yet seen.
    Ordered,
    /// Seen in the system.
    Held,
    /// Decided to end, and still to be seen gone.
    Ending,
    /// Seen gone. The row stays for `explain` until erasure.
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
    /// Whether Tenure wants it there: what `diff` counts as held.
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
    /// Whether it is there.
    pub holding: Holding,
}
