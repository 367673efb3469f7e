//! What people decided about an identity: standing decisions, cut-offs, approvals.

use crate::{
    AccountKey, ApprovalId, AttributeName, CaseLabel, CutOff, EngagementId, EngagementType, EntitlementName,
    Hold, IdentityId, Justification, JustificationKind, Learnt, Renamed, RuleName, SystemName, Value,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A decision that justifies access by itself: an approved request, an exception, an emergency, an adoption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which of the four (never `Baseline` or `Handover`, which follow from policy).
    pub kind: JustificationKind,
    /// The account that holds it.
    pub account: AccountKey,
    /// What is held. `bundle:name` is whatever that bundle holds in the active set-up.
    pub entitlement: EntitlementName,
    /// The engagement that it belongs to: its end is the decision's ceiling.
    pub engagement: Option<EngagementId>,
    /// First instant.
    pub from: Option<Timestamp>,
    /// First instant after it.
    pub until: Option<Timestamp>,
    /// Its reference (request id, name of the exception).
    pub reference: Arc<str>,
    /// Who answers for it.
    pub owner: Option<IdentityId>,
    /// Why.
    pub reason: Arc<str>,
    /// Who asked for it: nobody approves what they asked for.
    pub requester: Option<IdentityId>,
    /// What is done instead of what policy wants (exceptions); else empty.
    pub compensating: Arc<str>,
    /// When somebody who may looked at it and let it be: what changed before that ends it no more.
    pub reviewed: Option<Timestamp>,
    /// The type of its engagement when it was decided or reviewed last, for what was requested.
    pub work: Option<EngagementType>,
    /// When the type of its engagement was seen to be another one.
    pub converted: Option<Timestamp>,
    /// What became known after it had happened: it counts from when it was known.
    pub learnt: Vec<Learnt>,
    /// The end, before its own, that a brake counted when its cause was committed: no brake counts it again.
    pub counted: Option<Timestamp>,
}

impl Standing {
    /// The bundle that it stands for.
    #[must_use]
    pub fn bundle(&self) -> Option<&str> {
        (self.entitlement.system_str() == BUNDLE).then(|| self.entitlement.local())
    }
}

/// What stands in the place of a system in the name of a bundle: `bundle:name`.
pub const BUNDLE: &str = "bundle";

/// A value that a person set over the source's, for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Which attribute.
    pub attribute: AttributeName,
    /// The value.
    pub value: Value,
    /// Who answers for it.
    pub owner: IdentityId,
    /// Why.
    pub reason: Arc<str>,
    /// First instant after it: an override always expires.
    pub until: Timestamp,
}

/// A delegate answers in the place of this person, for a time. They are asked at once; only who accepted is barred from
/// what is about this person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// Who.
    pub to: IdentityId,
    /// First instant after it.
    pub until: Timestamp,
    /// Why.
    pub reason: Arc<str>,
    /// When the delegate accepted, by command or by an answer that was asked of them only as delegate.
    pub accepted: Option<Timestamp>,
}

impl Delegation {
    /// Whether it was accepted and in force at an instant.
    #[must_use]
    pub fn is_accepted_at(&self, at: Timestamp) -> bool {
        self.accepted.is_some_and(|accepted| accepted <= at) && at < self.until
    }
}

/// A link by which somebody sets the first password of an account, once. What it says is not kept, only its salted hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Which account.
    pub account: AccountKey,
    /// Random.
    pub salt: [u8; 32],
    /// SHA-256 over salt and secret.
    pub hash: [u8; 32],
    /// First instant at which it does not work any more.
    pub expires: Timestamp,
    /// How often it may still be tried with a password that the system refuses.
    pub tries: u8,
}

/// All standing decisions about an identity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decisions {
    /// Approved requests, exceptions, emergencies, adoptions.
    pub standing: Vec<Standing>,
    /// Values set by hand.
    pub overrides: Vec<Override>,
    /// Who answers in the place of this person.
    pub delegations: Vec<Delegation>,
    /// The cut-off, while it lasts.
    pub cut_off: Option<CutOff>,
    /// Stops on deletion and erasure, at most one of each class.
    pub holds: Vec<Hold>,
    /// Approvals given and refused, by the digest of what was asked (rule, reason, until, inputs).
    pub answers: BTreeMap<[u8; 32], Answer>,
    /// Reasons that are there and not in force: not agreed to, or suspended (absence, cut-off, engagement over).
    pub reasons: BTreeMap<Reason, Waiting>,
    /// Since when nobody answers for it, where it is no person.
    pub unanswered: Option<Timestamp>,
    /// Since when the identity is between two engagements, while it is.
    pub paused: Option<Timestamp>,
    /// Accounts whose password must not work any more when they are enabled again.
    pub void: Vec<AccountKey>,
    /// Accounts that were made, or voided, and whose first password was not begun to be handed over.
    pub inactive: Vec<AccountKey>,
    /// Links that set a first password.
    pub links: Vec<Link>,
    /// Accounts that were made unusable in their system by hand.
    pub off_by_hand: BTreeMap<AccountKey, OffByHand>,
    /// Accounts that are off, and whose keys and sessions were to end for good since they were last usable: that is owed once.
    pub ended: Vec<AccountKey>,
    /// Losses that are still to come and were counted and let go ahead: the system whose brake holds them no more, and the instant.
    pub released: Vec<(SystemName, Timestamp)>,
    /// What was held when an absence, a cut-off or a gap suspended it, and comes back with the return.
    pub suspended: BTreeMap<(AccountKey, EntitlementName), Suspended>,
}

/// An account that was made unusable by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffByHand {
    /// When that was seen.
    pub since: Timestamp,
    /// Who said that it stays so.
    pub kept: Option<IdentityId>,
}

/// One justification of one grant, whatever its dates are: what a rule asks about and what an answer belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reason {
    /// The account that holds it.
    pub account: AccountKey,
    /// What is held.
    pub entitlement: EntitlementName,
    /// What sort of justification.
    pub kind: JustificationKind,
    /// The rule, request or exception that it refers to.
    pub reference: Arc<str>,
    /// The engagement that it belongs to; none of a request, which may go over to the next one.
    pub engagement: Option<EngagementId>,
    /// When it was asked for: a request that is made again is another one. None of all others.
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
    /// The labels of all changes since the reason was last not there, or last in force: rules that read `change` read each.
    pub changes: BTreeSet<CaseLabel>,
    /// It was in force and is suspended: it comes back without a question.
    pub suspended: Option<Suspended>,
    /// What brought it about.
    pub provenance: Provenance,
}

/// What brought a gain about, as far as it bears on who may answer the question about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Provenance {
    /// Who caused it by an operation (a merge, a split, an answer, an override, …): its requesters.
    pub by: BTreeSet<IdentityId>,
    /// The references (manager, sponsor) that got another value by the change that brought it: whom they name does not answer alone.
    pub references: BTreeSet<AttributeName>,
    /// Who caused it counts as its holder: it is asked about also where no rule asks.
    pub own: bool,
}

impl Provenance {
    /// Adds what another change brought.
    pub fn add(&mut self, more: &Self) {
        self.by.extend(&more.by);
        self.references.extend(more.references.iter().cloned());
        self.own |= more.own;
    }
}

/// What was in force or held when something suspended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspended {
    /// Until when it was to be so; `None` is without an end.
    pub until: Option<Timestamp>,
}

/// What was answered to a question that policy asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The request.
    pub approval: ApprovalId,
    /// The rule that asked.
    pub rule: RuleName,
    /// What it was about.
    pub reason: Reason,
    /// Until when; `None` is without an end. A yes covers every earlier end.
    pub until: Option<Timestamp>,
    /// Digest of the inputs that the rule reads: the answer is one about these.
    pub inputs: [u8; 32],
    /// The change during which it was asked.
    pub change: CaseLabel,
    /// Given ahead of the instant from which it would take effect, and not yet looked at again on that day.
    pub ahead: Option<Ahead>,
    /// It is a no because the escalation group, which was asked in the place of others, did not answer in time.
    pub unanswered: bool,
    /// Yes or no. An expired request is a no.
    pub approved: bool,
    /// When.
    pub at: Timestamp,
}

/// What an answer was given ahead of, and who filled which seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ahead {
    /// The instant from which it would take effect.
    pub on: Timestamp,
    /// The engagement whose manager or sponsor was meant.
    pub engagement: Option<EngagementId>,
    /// Who asked for the access, where that was a person.
    pub requester: Option<IdentityId>,
    /// Seats, each with whom it was filled by.
    pub seats: Vec<(Arc<str>, IdentityId)>,
}

/// One place of a question in which a yes is needed: an expression of the rule, and the system or entitlement that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApproverSeat {
    /// Its name, the same whoever holds it: `manager`, `system_owner git`, `group:security`.
    pub name: Arc<str>,
    /// Whom the rule names and who can answer.
    pub holders: Vec<IdentityId>,
    /// Those who answer in the place of others: of one whom the rule names, or, where it is escalated, the escalation group.
    pub delegates: Vec<IdentityId>,
    /// Whom the rule names, where that is one person.
    pub missing: Option<IdentityId>,
    /// Whether the escalation group answers, because nobody else can.
    pub escalated: bool,
    /// Since when it is filled as it is.
    pub since: Option<Timestamp>,
}

impl ApproverSeat {
    /// Whether anybody can answer.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        !(self.holders.is_empty() && self.delegates.is_empty())
    }
}

/// Whom a rule asks.
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
    /// Anybody of a group named in the policy.
    Group(Arc<str>),
}

/// One answer by one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// Who.
    pub by: IdentityId,
    /// Yes or no.
    pub approved: bool,
    /// When.
    pub at: Timestamp,
    /// What was said.
    pub comment: Arc<str>,
    /// The seats that its giver could fill: it is a vote for these.
    pub seats: Vec<Arc<str>>,
    /// In whose place, as a delegate: a delegate counts as each of them.
    pub instead_of: Vec<IdentityId>,
}

/// Where a request for approval stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApprovalState {
    /// Waits for answers; goes to the next stage or ends at `deadline`.
    Pending {
        /// First instant at which it is too late.
        deadline: Timestamp,
    },
    /// Enough said yes.
    Approved {
        /// When.
        at: Timestamp,
    },
    /// Somebody said no.
    Denied {
        /// When.
        at: Timestamp,
    },
    /// Nobody said enough in time, in no stage: that is a no.
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
    /// Until when it is asked for; `None` is without an end.
    pub until: Option<Timestamp>,
    /// Digest of the inputs that the rule reads.
    pub inputs: [u8; 32],
}

/// A question to people: may this identity have these grants, or these names?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRequest {
    /// Its id.
    pub id: ApprovalId,
    /// About whom.
    pub identity: IdentityId,
    /// The rule that asks.
    pub rule: RuleName,
    /// What would be granted, each once.
    pub grants: Vec<EntitlementName>,
    /// Why: each reason is answered, and ends, by itself.
    pub reasons: Vec<AskedReason>,
    /// The other names that the identity would be given; such a question is about no grants.
    pub renames: Vec<Renamed>,
    /// Per reason, the digest of rule, reason, until and the inputs that the rule names, or the one of the new names and what they
    /// are made of: what an answer binds to.
    pub bindings: Vec<[u8; 32]>,
    /// The change during which it was asked.
    pub change: CaseLabel,
    /// Who asked (nobody: a feed).
    pub requester: Option<IdentityId>,
    /// What brought about what is asked.
    pub provenance: Provenance,
    /// The engagement that the grants belong to: its manager or sponsor is meant.
    pub engagement: Option<EngagementId>,
    /// The instant from which the access would be due, where it was asked about ahead.
    pub on: Option<Timestamp>,
    /// Rises with every write: two answers at once cannot overwrite each other.
    pub revision: u64,
    /// Stage, from 0.
    pub stage: u32,
    /// The first stage that it may be put to: those before it had their time.
    pub floor: u32,
    /// The seats of this stage, with those who may answer.
    pub seats: Vec<ApproverSeat>,
    /// Whether every seat needs a yes (`all`) or one is enough (`any`).
    pub all: bool,
    /// Answers so far.
    pub votes: Vec<Vote>,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Where it stands.
    pub state: ApprovalState,
}

impl ApprovalRequest {
    /// The deadline of a question that nobody can answer yet: its time has not begun.
    pub const UNTIMED: Timestamp = Timestamp::constant(253_370_678_400, 0);

    /// Its requesters: who asked for it, and who caused it by an operation.
    pub fn requesters(&self) -> impl Iterator<Item = IdentityId> + '_ {
        self.requester.into_iter().chain(self.provenance.by.iter().copied())
    }

    /// Everybody who may answer.
    #[must_use]
    pub fn put_to(&self) -> BTreeSet<IdentityId> {
        self.seats.iter().flat_map(|s| s.holders.iter().chain(&s.delegates)).copied().collect()
    }

    /// The request about those bindings only that still wait, with what brought them about since; `None` where none does.
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
