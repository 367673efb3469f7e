//! What is known about one obligation in one system. A 2xx is not evidence.

use crate::{AccountKey, CaseId, EntitlementName, IdentityId};
use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;

/// What must become true when access ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obligation {
    /// The account cannot be used (or is gone).
    AccountUnusable,
    /// The account is deleted.
    AccountDeleted,
    /// The entitlement is not held.
    EntitlementGone(EntitlementName),
    /// No session is left.
    SessionsEnded,
    /// Keys and tokens are revoked.
    CredentialsRevoked,
    /// The password or secret is newer than this instant, at which the old one became known to somebody who may not have
    /// it, or useless by decision.
    CredentialsReset(Timestamp),
    /// The secret of this shared identity, which they knew, is another one now: work on its account, not on theirs.
    SecretRotated(Arc<str>),
    /// The first password of this account reached whose it is: by a link that was used, or by hand.
    Activated(AccountKey),
    /// Somebody else answers for what this one owned: no account, a person does it.
    HandedOver {
        /// What was owned.
        identity: IdentityId,
        /// What it was called when it came up.
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

/// What was seen, where, when and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// When.
    pub at: Timestamp,
    /// How: the read that was made (`read account`, `scan 17`, `export vpn.csv`).
    pub by: Arc<str>,
    /// What it showed, in words.
    pub seen: Arc<str>,
}

/// How sure Tenure is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactState {
    /// Nothing is known yet.
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
    /// A person vouches for a system that cannot be read.
    Attested {
        /// Who; never who did the work.
        by: IdentityId,
        /// What was seen.
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

/// One obligation of one account and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Whose.
    pub identity: IdentityId,
    /// Which account; `None` where no task on an account of theirs can bring it about.
    pub account: Option<AccountKey>,
    /// What must become true.
    pub obligation: Obligation,
    /// The generation of the account that asked for it.
    pub generation: u64,
    /// The case that waits for it.
    pub case: CaseId,
    /// What is known.
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
