//! The immutable difference between due and held, in order.

use crate::{AccountKey, AttributeName, EntitlementName, HeldChangeId, IdentityId, Justification, RuleName};
use std::sync::Arc;

/// What one step does. Order is the order in which steps run on an account: first what closes, then what
/// opens; an account is enabled last and disabled first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    /// Make the account unusable.
    Disable,
    /// End what is open now.
    EndSessions,
    /// Take an entitlement away.
    Revoke(EntitlementName),
    /// Remove the account.
    Delete,
    /// Make the account (unusable until `Enable`).
    Create,
    /// Call it by this name.
    Rename(Arc<str>),
    /// Write attributes.
    Update(Vec<AttributeName>),
    /// Give an entitlement.
    Grant(EntitlementName),
    /// Make the old password or secret useless.
    Reset,
    /// Make the account usable.
    Enable,
    /// Let whose account it is come by a first password.
    Activate,
}

impl StepKind {
    /// Whether somebody loses access by it: what brakes count and approvals never gate.
    #[must_use]
    pub fn removes(&self) -> bool {
        matches!(self, Self::Disable | Self::EndSessions | Self::Revoke(_) | Self::Delete)
    }
    /// The entitlement that it gives or takes away.
    #[must_use]
    pub fn entitlement(&self) -> Option<&EntitlementName> {
        match self {
            Self::Grant(entitlement) | Self::Revoke(entitlement) => Some(entitlement),
            _ => None,
        }
    }
    /// Whether somebody gains access by it: what approvals and separation gate.
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
    /// A system mode that does not let Tenure do this by itself (`observe`, `end_only`, `add_only`).
    Mode,
}

/// One step on one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The account.
    pub account: AccountKey,
    /// What.
    pub kind: StepKind,
    /// What must be true first.
    pub gate: Gate,
    /// The reasons that came (for what opens) or went (for what closes).
    pub because: Vec<Justification>,
    /// In words, where a reason is not a justification.
    pub note: Arc<str>,
}

/// The difference for one identity. Applied to what is held it gives what is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Whose.
    pub identity: IdentityId,
    /// Steps in the order in which they run.
    pub steps: Vec<Step>,
}

impl Plan {
    /// Whether nothing would happen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
    /// Whether the identity gains or loses access by it now, by Tenure or by hand.
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
