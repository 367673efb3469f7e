//! The answer of `settle`: what is due now, why, and when to ask again.

use crate::{
    AccountKey, AccountState, AskedReason, AttributeName, CaseLabel, EngagementId, EntitlementName, Finding,
    IdentityId, Justification, Phase, Provenance, Reason, RuleName, Suspended, Value, Waiting,
};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An account that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueAccount {
    /// Which.
    pub key: AccountKey,
    /// Its due state (`Absent` if it is to be deleted).
    pub state: AccountState,
    /// Its due attributes.
    pub attributes: BTreeMap<AttributeName, Value>,
    /// Why it is in this state, in words.
    pub because: Arc<str>,
}

/// A due grant, with every reason in force now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueGrant {
    /// The account that holds it.
    pub account: AccountKey,
    /// The entitlement.
    pub entitlement: EntitlementName,
    /// Why; never empty.
    pub justifications: Vec<Justification>,
}

/// Access that an identity was to hold for longer: suspended and not coming back as planned, or ending on a day known now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgone {
    /// The account that held it.
    pub account: AccountKey,
    /// The entitlement.
    pub entitlement: EntitlementName,
    /// When it is first absent, if that is known and in the future.
    pub at: Option<Timestamp>,
}

/// A due reason that is not in force, because a rule asks about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueQuestion {
    /// The rule that asks.
    pub rule: RuleName,
    /// The reason, its end, and the inputs.
    pub about: AskedReason,
    /// The justification as it would be in force.
    pub due: Justification,
    /// The instant from which it would be in force, if that is in the future.
    pub on: Option<Timestamp>,
    /// What an answer binds to.
    pub binding: [u8; 32],
    /// The change that the rule asks about.
    pub change: CaseLabel,
    /// The engagement whose values counted: its manager or sponsor answers.
    pub engagement: Option<EngagementId>,
    /// The requester of the access, if a person asked for it.
    pub requester: Option<IdentityId>,
    /// Its cause.
    pub provenance: Provenance,
    /// Time brings it: a person who acts on the identity at the same moment is not its cause.
    pub by_time: bool,
    /// It was refused, and stays refused while nothing that the rule reads changes.
    pub refused: bool,
}

/// A time without access between two engagements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// Not longer than `[lifecycle] short_gap`.
    Short,
    /// Longer: credentials and passwords end as after a departure.
    Long,
}

/// The pure result of `settle`. Everything in it is sorted: equal inputs give equal bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The identity's phase: that of its most active engagement.
    pub phase: Phase,
    /// Whether the identity is cut off (sticky override).
    pub cut_off: bool,
    /// Whether it is between two engagements, and how long the gap is.
    pub between: Option<Pause>,
    /// Each engagement's phase, in the identity's order.
    pub engagements: Vec<(EngagementId, Phase)>,
    /// The engagement that single-valued attributes come from.
    pub primary: Option<EngagementId>,
    /// Accounts due, sorted by key.
    pub accounts: Vec<DueAccount>,
    /// Grants due, sorted by account and entitlement, each with the justifications in force.
    pub grants: Vec<DueGrant>,
    /// Questions of rules about justifications that are due and not in force.
    pub questions: Vec<DueQuestion>,
    /// Questions of future instants that are near enough to be asked now.
    pub ahead: Vec<DueQuestion>,
    /// What is remembered of reasons that are not in force.
    pub reasons: BTreeMap<Reason, Waiting>,
    /// Access that was held, is suspended, and comes back by itself.
    pub suspended: BTreeMap<(AccountKey, EntitlementName), Suspended>,
    /// Access that was suspended and does not come back as planned, and access that ends on a day known now.
    pub forgone: Vec<Forgone>,
    /// The next instant at which this answer changes by itself.
    pub next: Option<Timestamp>,
    /// Identities whose phase was read: a change there settles this identity again.
    pub reads: Vec<IdentityId>,
    /// Findings.
    pub findings: Vec<Finding>,
}

impl Settlement {
    /// Grants with all due justifications, including those that wait for a yes or were refused.
    #[must_use]
    pub fn wanted(&self) -> Vec<DueGrant> {
        let mut all = self.grants.clone();
        for DueQuestion { about: AskedReason { reason, .. }, due, .. } in &self.questions {
            let same = |g: &&mut DueGrant| g.account == reason.account && g.entitlement == reason.entitlement;
            let is_same = |j: &Justification| Reason::of(&reason.account, &reason.entitlement, j) == *reason;
            match all.iter_mut().find(same) {
                Some(grant) if grant.justifications.iter().any(is_same) => {}
                Some(grant) => grant.justifications.push(due.clone()),
                None => all.push(DueGrant {
                    account: reason.account.clone(),
                    entitlement: reason.entitlement.clone(),
                    justifications: vec![due.clone()],
                }),
            }
        }
        all.sort_by(|a, b| (&a.account, &a.entitlement).cmp(&(&b.account, &b.entitlement)));
        all
    }
}
