//! The immutable difference between due and held, in order.

use crate::{AccountKey, AttributeName, EntitlementName, HeldChangeId, IdentityId, Justification, RuleName};
use std::sync::Arc;

/// The action of one step. Order is the order of execution on an account: first what removes access, then what adds it; an account is
/// enabled last and disabled first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    /// Make the account unusable.
    Disable,
    /// End open sessions.
    EndSessions,
    /// Revoke an entitlement.
    Revoke(EntitlementName),
    /// Delete the account.
    Delete,
    /// Create the account (unusable until `Enable`).
    Create,
    /// Rename it.
    Rename(Arc<str>),
    /// Write attributes.
    Update(Vec<AttributeName>),
    /// Grant an entitlement.
    Grant(EntitlementName),
    /// Make the old password or secret invalid.
    Reset,
    /// Make the account usable.
    Enable,
    /// Deliver a first password to the account's holder.
    Activate,
}

impl StepKind {
    /// Whether it removes access: what brakes count and approvals never gate.
    #[must_use]
    pub fn removes(&self) -> bool {
        matches!(self, Self::Disable | Self::EndSessions | Self::Revoke(_) | Self::Delete)
    }
    /// The entitlement that it grants or revokes.
    #[must_use]
    pub fn entitlement(&self) -> Option<&EntitlementName> {
        match self {
            Self::Grant(entitlement) | Self::Revoke(entitlement) => Some(entitlement),
            _ => None,
        }
    }
    /// Whether it adds access: what approvals and separation gate.
    #[must_use]
    pub fn adds(&self) -> bool {
        matches!(self, Self::Grant(_) | Self::Enable)
    }
}

/// What must be true before a step runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gate {
    /// Nothing.
    Open,
    /// A yes to a rule's question.
    Approval(RuleName),
    /// The end of a conflict with what is held.
    Separation(RuleName),
    /// The release of a held change.
    Brake(HeldChangeId),
    /// The system's mode does not let Tenure do this (`observe`, `end_only`, `add_only`).
    Mode,
}

/// One step on one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The account.
    pub account: AccountKey,
    /// The action.
    pub kind: StepKind,
    /// What must be true first.
    pub gate: Gate,
    /// The reasons that began (if it adds access) or ended (if it removes access).
    pub because: Vec<Justification>,
    /// An explanation, if the cause is not a justification.
    pub note: Arc<str>,
}

/// The difference for one identity. Applied to what is held it gives what is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The identity.
    pub identity: IdentityId,
    /// Steps in order of execution.
    pub steps: Vec<Step>,
}

impl Plan {
    /// Whether nothing would happen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
    /// Whether the identity gains or loses access by it now, by Tenure or by a manual task.
    #[must_use]
    pub fn acts_on_access(&self) -> bool {
        let acts = |s: &Step| matches!(s.gate, Gate::Open | Gate::Mode);
        self.steps.iter().any(|s| acts(s) && (s.kind.adds() || s.kind.removes()))
    }
    /// Whether the identity loses access by it.
    #[must_use]
    pub fn removes(&self) -> bool {
        self.steps.iter().any(|s| s.kind.removes())
    }
}
