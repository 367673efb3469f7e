//! Decisions of people about an identity: individual decisions, cut-offs, approvals.

use crate::{
    AccountKey, ApprovalId, AttributeName, CaseLabel, CutOff, EngagementId, EngagementType, EntitlementName,
    Hold, IdentityId, Justification, JustificationKind, Learnt, Renamed, RuleName, SystemName, Value,
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

/// The answer to a question of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The request.
    pub approval: ApprovalId,
    /// The rule that asked.
    pub rule: RuleName,
    /// What it was about.
    pub reason: Reason,
    /// Until when; `None` is no end. A yes covers every earlier end.
    pub until: Option<Timestamp>,
    /// Digest of the inputs that the rule reads: the answer is valid for these.
    pub inputs: [u8; 32],
    /// The change during which it was asked.
    pub change: CaseLabel,
    /// Given ahead of the instant from which it would take effect, and not checked again on that day yet.
    pub ahead: Option<AnsweredAhead>,
    /// It is a no because the escalation group, asked in place of others, did not answer in time.
    pub unanswered: bool,
    /// Yes or no. An expired request is a no.
    pub approved: bool,
    /// When.
    pub at: Timestamp,
}

/// The instant that an answer was given ahead of, and who filled which seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredAhead {
    /// The instant from which it would take effect.
    pub on: Timestamp,
    /// The engagement whose manager or sponsor answers.
    pub engagement: Option<EngagementId>,
    /// The requester of the access, if a person asked for it.
    pub requester: Option<IdentityId>,
    /// Seats, each with the person who filled it.
    pub seats: Vec<(Arc<str>, IdentityId)>,
}

/// One place of a question that needs a yes: an expression of the rule, and the system or entitlement that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApproverSeat {
    /// Its name, independent of its holder: `manager`, `system_owner git`, `group:security`.
    pub name: Arc<str>,
    /// The people named by the rule who are available.
    pub holders: Vec<IdentityId>,
    /// Those who answer in place of others: delegates of a person named by the rule, or, if escalated, the escalation group.
    pub delegates: Vec<IdentityId>,
    /// The person named by the rule, if it names one person.
    pub missing: Option<IdentityId>,
    /// Whether the escalation group answers, because no one else is available.
    pub escalated: bool,
    /// Since when it has its present holders.
    pub since: Option<Timestamp>,
}

impl ApproverSeat {
    /// Whether there is an available approver.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        !(self.holders.is_empty() && self.delegates.is_empty())
    }
}

/// An approver as a rule names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Approver {
    /// The identity that a reference of the engagement names (`manager`, `sponsor`, `owner`, …).
    Reference(AttributeName),
    /// The owner of each system in question.
    SystemOwner,
    /// The owner of each entitlement in question.
    EntitlementOwner,
    /// A person named in the policy, by declared key.
    Named(Arc<str>),
    /// Any member of a group named in the policy.
    Group(Arc<str>),
}

/// One answer by one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// The voter.
    pub by: IdentityId,
    /// Yes or no.
    pub approved: bool,
    /// When.
    pub at: Timestamp,
    /// The voter's comment.
    pub comment: Arc<str>,
    /// The seats that the voter could fill: the vote counts for these.
    pub seats: Vec<Arc<str>>,
    /// The delegators for whom it was given: the delegate counts as each of them.
    pub instead_of: Vec<IdentityId>,
}

/// State of an approval request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApprovalState {
    /// Waits for answers; goes to the next stage or ends at `deadline`.
    Pending {
        /// First instant after the time limit.
        deadline: Timestamp,
    },
    /// Enough approvers said yes.
    Approved {
        /// When.
        at: Timestamp,
    },
    /// An approver said no.
    Denied {
        /// When.
        at: Timestamp,
    },
    /// Not enough answers in time, in any stage: this counts as a no.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// What it asked for is no longer due.
    Moot {
        /// When.
        at: Timestamp,
    },
}

/// One reason that a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedReason {
    /// Which.
    pub reason: Reason,
    /// Until when it is requested; `None` is no end.
    pub until: Option<Timestamp>,
    /// Digest of the inputs that the rule reads.
    pub inputs: [u8; 32],
}

/// A question to approvers: may this identity have these grants, or these names?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRequest {
    /// Its id.
    pub id: ApprovalId,
    /// The identity that it is about.
    pub identity: IdentityId,
    /// The rule that asks.
    pub rule: RuleName,
    /// What would be granted, each once.
    pub grants: Vec<EntitlementName>,
    /// Why: each reason is answered, and ends, separately.
    pub reasons: Vec<AskedReason>,
    /// The proposed renames; such a question is about no grants.
    pub renames: Vec<Renamed>,
    /// For each reason, the digest of rule, reason, until and the inputs that the rule names; or one digest of the new names and their
    /// inputs. An answer binds to it.
    pub bindings: Vec<[u8; 32]>,
    /// The change during which it was asked.
    pub change: CaseLabel,
    /// The requester (`None`: a feed).
    pub requester: Option<IdentityId>,
    /// The cause of what is asked.
    pub provenance: Provenance,
    /// The engagement that the grants belong to: its manager or sponsor answers.
    pub engagement: Option<EngagementId>,
    /// The instant from which the access would be due, if it was asked about ahead.
    pub on: Option<Timestamp>,
    /// Increases with every write: two concurrent answers cannot overwrite each other.
    pub revision: u64,
    /// Stage, from 0.
    pub stage: u32,
    /// The first stage to which it may be assigned: the time of earlier stages is over.
    pub floor: u32,
    /// The seats of this stage, with those who may answer.
    pub seats: Vec<ApproverSeat>,
    /// Whether every seat needs a yes (`all`) or one is enough (`any`).
    pub all: bool,
    /// Answers so far.
    pub votes: Vec<Vote>,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Its state.
    pub state: ApprovalState,
}

impl ApprovalRequest {
    /// The deadline of a question without an available approver: its time has not begun.
    pub const UNTIMED: Timestamp = Timestamp::constant(253_370_678_400, 0);

    /// Its requesters: the person who asked for it, and people who caused it by an operation.
    pub fn requesters(&self) -> impl Iterator<Item = IdentityId> + '_ {
        self.requester.into_iter().chain(self.provenance.by.iter().copied())
    }

    /// All people who may answer.
    #[must_use]
    pub fn put_to(&self) -> BTreeSet<IdentityId> {
        self.seats.iter().flat_map(|s| s.holders.iter().chain(&s.delegates)).copied().collect()
    }

    /// The request reduced to the bindings that still wait, with their present causes; `None` if none waits.
    #[must_use]
    pub fn narrowed(&self, waiting: &BTreeMap<[u8; 32], Provenance>) -> Option<Self> {
        let mut left = self.clone();
        left.bindings.retain(|b| waiting.contains_key(b));
        if left.bindings.is_empty() {
            return None;
        }
        let reasons = self.reasons.iter().zip(&self.bindings).filter(|(_, b)| waiting.contains_key(*b));
        left.reasons = reasons.map(|(reason, _)| reason.clone()).collect();
        for since in left.bindings.iter().filter_map(|b| waiting.get(b)) {
            left.provenance.by.extend(&since.by);
            left.provenance.references.extend(since.references.iter().cloned());
        }
        left.grants.retain(|g| left.reasons.iter().any(|r| r.reason.entitlement == *g));
        Some(left)
    }
}
