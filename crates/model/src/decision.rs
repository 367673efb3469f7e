//! What people decided about an identity: standing decisions, cut-offs, approvals.

use crate::{
    AccountKey, ApprovalId, AttributeName, CaseLabel, CutOff, EngagementId, EngagementType, EntitlementName,
    Hold, IdentityId, JustificationKind, Renamed, RuleName, Value,
};
use jiff::Timestamp;
use std::collections::BTreeMap;
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

/// A move, an absence or an end that became known after it had taken effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learnt {
    /// What happened.
    pub what: Happened,
    /// When it took effect: the first instant of a move or an absence, the first one after an end.
    pub from: Timestamp,
    /// When it became known.
    pub known: Timestamp,
}

/// What can happen to the engagement that a decision belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// An attribute that moves people has another value.
    Move,
    /// An absence began.
    Absence,
    /// The engagement ended.
    End,
}

impl Happened {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Move, Self::Absence, Self::End];

    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Move => "move",
            Self::Absence => "absence",
            Self::End => "end",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|w| w.as_str() == text)
    }
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

/// Somebody answers in the place of this person, for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// Who.
    pub to: IdentityId,
    /// First instant after it.
    pub until: Timestamp,
    /// Why.
    pub reason: Arc<str>,
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
    /// Approvals given and refused, by the digest of what was asked (rule, grant, until, inputs).
    pub answers: BTreeMap<[u8; 32], Answer>,
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
}

/// What was answered to a question that policy asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The request.
    pub approval: ApprovalId,
    /// The rule that asked.
    pub rule: RuleName,
    /// The grant it was about.
    pub grant: EntitlementName,
    /// The change during which it was asked.
    pub change: CaseLabel,
    /// Yes or no. An expired request is a no.
    pub approved: bool,
    /// When.
    pub at: Timestamp,
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

/// A question to people: may this identity have these grants, or these names?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRequest {
    /// Its id.
    pub id: ApprovalId,
    /// About whom.
    pub identity: IdentityId,
    /// The rule that asks.
    pub rule: RuleName,
    /// What would be granted.
    pub grants: Vec<EntitlementName>,
    /// The other names that the identity would be given; such a question is about no grants.
    pub renames: Vec<Renamed>,
    /// Per grant, the digest of rule, grant, until and the inputs that the rule names, or the one of the new names and what they
    /// are made of: what an answer binds to.
    pub bindings: Vec<[u8; 32]>,
    /// The change during which it was asked.
    pub change: CaseLabel,
    /// Who asked (nobody: a feed).
    pub requester: Option<IdentityId>,
    /// The engagement that the grants belong to: its manager or sponsor is meant.
    pub engagement: Option<EngagementId>,
    /// Stage, from 0.
    pub stage: u32,
    /// The first stage that it may be put to: those before it had their time.
    pub floor: u32,
    /// Who may answer in this stage: each inner list is one approver expression, resolved. All lists must
    /// be satisfied, or any one, as the rule says.
    pub approvers: Vec<Vec<IdentityId>>,
    /// Whether every list must say yes (`all`) or one is enough (`any`).
    pub all: bool,
    /// Answers so far.
    pub votes: Vec<Vote>,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Where it stands.
    pub state: ApprovalState,
}
