//! Questions of the policy to approvers, and their answers.

use crate::{
    ApprovalId, AttributeName, CaseLabel, EngagementId, EntitlementName, IdentityId, Provenance, Reason,
    Renamed, RuleName,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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
