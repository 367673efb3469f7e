//! Facts: what is known about one obligation in one system. A 2xx is not evidence.

use crate::{AccountKey, CaseId, EntitlementName, IdentityId};
use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;

/// What must become true when access ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obligation {
    /// The account cannot be used, or does not exist.
    AccountUnusable,
    /// The account is deleted.
    AccountDeleted,
    /// The entitlement is not held.
    EntitlementGone(EntitlementName),
    /// No session is left.
    SessionsEnded,
    /// Keys and tokens are revoked.
    CredentialsRevoked,
    /// The password or secret is newer than this instant. At it the old one became known to a person who may no longer know it, or was
    /// made invalid by a decision.
    CredentialsReset(Timestamp),
    /// The secret of this shared identity, which the person knew, is rotated: work on the shared account, not on the person's.
    SecretRotated(Arc<str>),
    /// The first password of this account was delivered to its holder: by a link that was used, or by hand.
    Activated(AccountKey),
    /// An identity that this one owned has a new owner: done by a person, not on an account.
    HandedOver {
        /// The owned identity.
        identity: IdentityId,
        /// Its name at that time.
        name: Arc<str>,
    },
}

impl Obligation {
    /// The entitlement that it is about.
    #[must_use]
    pub fn entitlement(&self) -> Option<&EntitlementName> {
        if let Self::EntitlementGone(entitlement) = self { Some(entitlement) } else { None }
    }
}

impl fmt::Display for Obligation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AccountUnusable => f.write_str("account unusable"),
            Self::AccountDeleted => f.write_str("account deleted"),
            Self::EntitlementGone(e) => write!(f, "{} gone", e.local()),
            Self::SessionsEnded => f.write_str("sessions ended"),
            Self::CredentialsRevoked => f.write_str("credentials revoked"),
            Self::CredentialsReset(_) => f.write_str("credentials reset"),
            Self::SecretRotated(name) => write!(f, "secret of {name} rotated"),
            Self::Activated(account) => write!(f, "{account} activated"),
            Self::HandedOver { name, .. } => write!(f, "{name} handed over"),
        }
    }
}

/// What was observed, where, when and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// When.
    pub at: Timestamp,
    /// How: the read that was made (`read account`, `scan 17`, `export vpn.csv`).
    pub by: Arc<str>,
    /// The result, in words.
    pub seen: Arc<str>,
}

/// State of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactState {
    /// Not confirmed: not read yet, or not readable.
    Unknown,
    /// The system said so.
    Claimed(Observation),
    /// A later independent read shows it.
    Confirmed(Observation),
    /// It ends by itself at a proved time.
    Expiring {
        /// When.
        until: Timestamp,
        /// By what proof.
        why: Arc<str>,
    },
    /// A person attests for a system that cannot be read.
    Attested {
        /// Who; never the person who did the work.
        by: IdentityId,
        /// What was observed.
        observation: Observation,
    },
    /// A residual risk, signed by the system's owner.
    Accepted {
        /// Who.
        by: IdentityId,
        /// Why.
        reason: Arc<str>,
        /// Until when.
        until: Timestamp,
    },
}

impl FactState {
    /// As stored and shown to people.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Claimed(_) => "claimed",
            Self::Confirmed(_) => "confirmed",
            Self::Expiring { .. } => "expiring",
            Self::Attested { .. } => "attested",
            Self::Accepted { .. } => "accepted",
        }
    }
    /// Whether a case with this fact is still open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Unknown | Self::Claimed(_) | Self::Expiring { .. })
    }
    /// Whether a case with this fact closes with reservations.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        matches!(self, Self::Attested { .. } | Self::Accepted { .. })
    }
}

/// One obligation of one account and its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The identity.
    pub identity: IdentityId,
    /// Which account; `None` if no task on one of its accounts can bring it about.
    pub account: Option<AccountKey>,
    /// What must become true.
    pub obligation: Obligation,
    /// The generation of the account that created the obligation.
    pub generation: u64,
    /// The case that waits for it.
    pub case: CaseId,
    /// Its state.
    pub state: FactState,
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.account {
            Some(account) => write!(f, "{account}: {}", self.obligation),
            None => self.obligation.fmt(f),
        }
    }
}

impl Fact {
    /// Whether it is about this account.
    #[must_use]
    pub fn is_of(&self, account: &AccountKey) -> bool {
        self.account.as_ref() == Some(account)
    }
}
