//! Decisions of people about an identity: individual decisions, overrides, delegations, and what is remembered of reasons.

use crate::{
    AccountKey, Answer, AttributeName, CaseLabel, CutOff, EngagementId, EngagementType, EntitlementName,
    Hold, IdentityId, Justification, JustificationKind, Learnt, SystemName, Value,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An individual decision: an approved request, an exception, an emergency, an adoption. It justifies access by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndividualDecision {
    /// Which of the four (never `Baseline` or `Handover`, which follow from policy).
    pub kind: JustificationKind,
    /// The account that holds it.
    pub account: AccountKey,
    /// The entitlement. `bundle:name` means the contents of that bundle in the active configuration.
    pub entitlement: EntitlementName,
    /// The engagement that it belongs to: its end is the decision's ceiling.
    pub engagement: Option<EngagementId>,
    /// First instant.
    pub from: Option<Timestamp>,
    /// First instant after it.
    pub until: Option<Timestamp>,
    /// Its reference (request id, name of the exception).
    pub reference: Arc<str>,
    /// Its owner.
    pub owner: Option<IdentityId>,
    /// Why.
    pub reason: Arc<str>,
    /// The requester, who may not approve it.
    pub requester: Option<IdentityId>,
    /// The compensating control (exceptions); else empty.
    pub compensating: Arc<str>,
    /// When an authorised reviewer last kept it: earlier changes no longer end it.
    pub reviewed: Option<Timestamp>,
    /// The type of its engagement when it was last decided or reviewed, for requests.
    pub work: Option<EngagementType>,
    /// When a change of its engagement's type was noticed.
    pub converted: Option<Timestamp>,
    /// What became known after it had happened: it counts from when it became known.
    pub learnt: Vec<Learnt>,
    /// The early end that a brake counted when its cause was committed: no brake counts it again.
    pub counted: Option<Timestamp>,
}

impl IndividualDecision {
    /// The bundle that it is for.
    #[must_use]
    pub fn bundle(&self) -> Option<&str> {
        (self.entitlement.system_str() == BUNDLE).then(|| self.entitlement.local())
    }
}

/// The prefix in place of a system in the name of a bundle: `bundle:name`.
pub const BUNDLE: &str = "bundle";

/// A manual override of a source's value, for a limited time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Which attribute.
    pub attribute: AttributeName,
    /// The value.
    pub value: Value,
    /// Its owner.
    pub owner: IdentityId,
    /// Why.
    pub reason: Arc<str>,
    /// First instant after it: an override always expires.
    pub until: Timestamp,
}

/// A delegation of this person's answers, for a limited time. The delegate is asked at once; only after acceptance are they barred
/// from questions about this person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// The delegate.
    pub to: IdentityId,
    /// First instant after it.
    pub until: Timestamp,
    /// Why.
    pub reason: Arc<str>,
    /// When the delegate accepted, by command or by an answer that only a delegate could give.
    pub accepted: Option<Timestamp>,
}

impl Delegation {
    /// Whether it was accepted and in force at an instant.
    #[must_use]
    pub fn is_accepted_at(&self, at: Timestamp) -> bool {
        self.accepted.is_some_and(|accepted| accepted <= at) && at < self.until
    }
}

/// A link by which the holder sets the first password of an account, once. Only the salted hash of its secret is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Which account.
    pub account: AccountKey,
    /// Random.
    pub salt: [u8; 32],
    /// SHA-256 over salt and secret.
    pub hash: [u8; 32],
    /// First instant at which it no longer works.
    pub expires: Timestamp,
    /// Remaining attempts with a password that the system refuses.
    pub tries: u8,
}

/// All individual decisions about an identity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decisions {
    /// Approved requests, exceptions, emergencies, adoptions.
    pub individual: Vec<IndividualDecision>,
    /// Manual overrides.
    pub overrides: Vec<Override>,
    /// Delegations by this person.
    pub delegations: Vec<Delegation>,
    /// The cut-off, while it lasts.
    pub cut_off: Option<CutOff>,
    /// Holds on deletion and erasure, at most one of each class.
    pub holds: Vec<Hold>,
    /// Approvals given and refused, by the digest of what was asked (rule, reason, until, inputs).
    pub answers: BTreeMap<[u8; 32], Answer>,
    /// Existing reasons that are not in force: not approved, or suspended (absence, cut-off, engagement over).
    pub reasons: BTreeMap<Reason, Waiting>,
    /// Since when a non-human identity has no owner who answers.
    pub unanswered: Option<Timestamp>,
    /// Since when the identity is between two engagements, as long as it is.
    pub paused: Option<Timestamp>,
    /// Accounts whose password must not work when they are enabled again.
    pub void: Vec<AccountKey>,
    /// Accounts that were created, or voided, and whose first password delivery has not begun.
    pub inactive: Vec<AccountKey>,
    /// Links to set a first password.
    pub links: Vec<Link>,
    /// Accounts that were disabled in their system by hand.
    pub off_by_hand: BTreeMap<AccountKey, OffByHand>,
    /// Disabled accounts whose keys and sessions had to end since they were last usable: this is owed once.
    pub ended: Vec<AccountKey>,
    /// Future losses that a brake counted and released: the system whose brake no longer holds them, and the instant.
    pub released: Vec<(SystemName, Timestamp)>,
    /// Access held when an absence, a cut-off or a gap suspended it; it comes back with the return.
    pub suspended: BTreeMap<(AccountKey, EntitlementName), Suspended>,
}

/// An account that was disabled by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffByHand {
    /// When this was observed.
    pub since: Timestamp,
    /// Who decided that it stays disabled.
    pub kept: Option<IdentityId>,
}

/// One justification of one grant, independent of its dates: the subject of a rule's question and of an answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reason {
    /// The account that holds it.
    pub account: AccountKey,
    /// What is held.
    pub entitlement: EntitlementName,
    /// The kind of justification.
    pub kind: JustificationKind,
    /// The rule, request or exception that it refers to.
    pub reference: Arc<str>,
    /// The engagement that it belongs to; `None` for a request, which may be carried to the next one.
    pub engagement: Option<EngagementId>,
    /// When it was requested: a repeated request is a different one. `None` for all other kinds.
    pub from: Option<Timestamp>,
}

impl Reason {
    /// The reason that a justification of a grant is.
    #[must_use]
    pub fn of(account: &AccountKey, entitlement: &EntitlementName, justification: &Justification) -> Self {
        let is_request = justification.kind == JustificationKind::Request;
        Self {
            account: account.clone(),
            entitlement: entitlement.clone(),
            kind: justification.kind,
            reference: justification.reference.clone(),
            engagement: justification.engagement.filter(|_| !is_request),
            from: justification.from.filter(|_| is_request),
        }
    }
}

/// What is remembered of a reason while it is not in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// The labels of all changes since the reason was last absent or in force: rules that read `change` read each.
    pub changes: BTreeSet<CaseLabel>,
    /// It was in force and is suspended: it comes back without a question.
    pub suspended: Option<Suspended>,
    /// Its cause.
    pub provenance: Provenance,
}

/// The cause of a gain, as far as it determines who may answer the question about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Provenance {
    /// The people who caused it by an operation (a merge, a split, an answer, an override, …): its requesters.
    pub by: BTreeSet<IdentityId>,
    /// The references (manager, sponsor) changed together with it: an approver named by them does not answer alone.
    pub references: BTreeSet<AttributeName>,
    /// The person who caused it counts as its holder: it is asked about even if no rule asks.
    pub own: bool,
}

impl Provenance {
    /// Adds the causes of another change.
    pub fn add(&mut self, more: &Self) {
        self.by.extend(&more.by);
        self.references.extend(more.references.iter().cloned());
        self.own |= more.own;
    }
}

/// What was in force or held when something suspended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspended {
    /// Until when it was to be so; `None` is no end.
    pub until: Option<Timestamp>,
}
