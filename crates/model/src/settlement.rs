//! The answer of `settle`: what is due now, why, and when to ask again.

use crate::{
    AccountKey, AccountState, AskedReason, AttributeName, CaseLabel, EngagementId, EntitlementName,
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

/// A finding: something for a person to handle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Its kind.
    pub kind: FindingKind,
    /// Its subject: a reference, a rule, an entitlement, an account, a record.
    pub about: Arc<str>,
    /// In words: what happened, and what to do.
    pub text: Arc<str>,
}

/// Kinds of finding. The text form is stored and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// A manager, sponsor, owner or deputy that matches no identity or several.
    UnresolvedReference,
    /// A manager, sponsor, owner or deputy who has departed or is cut off.
    DepartedReference,
    /// A reference that leads back to its holder.
    CircularReference,
    /// A non-human identity without an owner.
    NoOwner,
    /// A non-human identity that was not used for a long time.
    Unused,
    /// The zone of an end is not stated.
    UnknownZone,
    /// An engagement whose source was removed from the configuration.
    NoSource,
    /// A source states an earlier end of an engagement than the source with the better rank.
    EarlierEnd,
    /// Two grants that must not be held together.
    SeparationConflict,
    /// A grant without a value for its parameter, or for an entitlement that the system does not have.
    UnknownEntitlement,
    /// No candidate for a name was free.
    NoIdentifier,
    /// An orphan account.
    Orphan,
    /// An entitlement that is held without justification.
    Unjustified,
    /// A nested entitlement that the configuration does not declare.
    UndeclaredContainment,
    /// An account that is usable and should not be.
    Reenabled,
    /// An account that was disabled in its system by hand.
    DisabledByHand,
    /// An account that should exist and does not.
    MissingAccount,
    /// An account that was moved out of the scanned containers.
    MovedAccount,
    /// An entitlement that should be held and is not.
    MissingEntitlement,
    /// A system that was never reconciled: no manual task to create its due accounts is assigned until it is.
    NeverReconciled,
    /// A scan that was not complete.
    PartialScan,
    /// A system that refuses Tenure's own access.
    RefusedAccess,
    /// A source that has not reported for longer than it declares.
    OverdueFeed,
    /// A feed that is older than the last accepted one.
    OldFeed,
    /// A number in the configuration that several people have had.
    RecycledName,
    /// An entitlement opens a shared identity that does not exist under this name.
    UnknownSecret,
    /// A row that could not be interpreted.
    Quarantined,
    /// A record that is missing from its feed, while a waiting row may be it: its key was mistyped.
    MistypedKey,
    /// An attribute that differs from what was decided.
    AttributeDrift,
    /// Access was used, or existed, after its true end.
    LateEnd,
    /// A cut-off that was not reviewed when due.
    CutOffReview,
    /// A match of a `[[watch]]` rule of the policy.
    Watched,
    /// A question that was not answered in time.
    Unanswered,
    /// An account that may belong to this person, or not.
    AmbiguousAccount,
    /// Access that must be reviewed, or it ends.
    Review,
    /// A rule asks people of whom none is available.
    NoApprover,
    /// The escalation group has too few available members to decide.
    LastResort,
    /// A held change that is past its deadline.
    OverdueHeldChange,
    /// A cut-off that is not confirmed by its deadline.
    OverdueCutOff,
    /// A record whose question "whose is it?" was not answered in time.
    UnansweredRecord,
    /// Stored data that cannot be read.
    Damage,
}

impl FindingKind {
    /// All kinds.
    pub const ALL: [Self; 41] = [
        Self::UnresolvedReference,
        Self::DepartedReference,
        Self::CircularReference,
        Self::NoOwner,
        Self::Unused,
        Self::UnknownZone,
        Self::NoSource,
        Self::EarlierEnd,
        Self::SeparationConflict,
        Self::UnknownEntitlement,
        Self::NoIdentifier,
        Self::Orphan,
        Self::Unjustified,
        Self::UndeclaredContainment,
        Self::Reenabled,
        Self::DisabledByHand,
        Self::MissingAccount,
        Self::MovedAccount,
        Self::MissingEntitlement,
        Self::NeverReconciled,
        Self::PartialScan,
        Self::RefusedAccess,
        Self::OverdueFeed,
        Self::OldFeed,
        Self::RecycledName,
        Self::UnknownSecret,
        Self::Quarantined,
        Self::MistypedKey,
        Self::AttributeDrift,
        Self::LateEnd,
        Self::Watched,
        Self::Unanswered,
        Self::AmbiguousAccount,
        Self::CutOffReview,
        Self::Review,
        Self::NoApprover,
        Self::LastResort,
        Self::OverdueHeldChange,
        Self::OverdueCutOff,
        Self::UnansweredRecord,
        Self::Damage,
    ];
    /// As stored and shown to people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnresolvedReference => "unresolved-reference",
            Self::DepartedReference => "departed-reference",
            Self::CircularReference => "circular-reference",
            Self::NoOwner => "no-owner",
            Self::Unused => "unused",
            Self::UnknownZone => "unknown-zone",
            Self::NoSource => "no-source",
            Self::EarlierEnd => "earlier-end",
            Self::SeparationConflict => "separation-conflict",
            Self::UnknownEntitlement => "unknown-entitlement",
            Self::NoIdentifier => "no-identifier",
            Self::Orphan => "orphan",
            Self::Unjustified => "unjustified",
            Self::UndeclaredContainment => "undeclared-containment",
            Self::Reenabled => "re-enabled",
            Self::DisabledByHand => "disabled-by-hand",
            Self::MissingAccount => "missing-account",
            Self::MovedAccount => "moved-account",
            Self::MissingEntitlement => "missing-entitlement",
            Self::NeverReconciled => "never-reconciled",
            Self::RefusedAccess => "refused-access",
            Self::PartialScan => "partial-scan",
            Self::OverdueFeed => "overdue-feed",
            Self::OldFeed => "old-feed",
            Self::RecycledName => "recycled-name",
            Self::UnknownSecret => "unknown-secret",
            Self::Quarantined => "quarantined",
            Self::MistypedKey => "mistyped-key",
            Self::AttributeDrift => "attribute-drift",
            Self::LateEnd => "late-end",
            Self::Watched => "watched",
            Self::Unanswered => "unanswered",
            Self::AmbiguousAccount => "ambiguous-account",
            Self::CutOffReview => "cut-off-review",
            Self::Review => "review",
            Self::NoApprover => "no-approver",
            Self::LastResort => "last-resort",
            Self::OverdueHeldChange => "overdue-held-change",
            Self::OverdueCutOff => "overdue-cut-off",
            Self::UnansweredRecord => "unanswered-record",
            Self::Damage => "damage",
        }
    }
    /// Whether it can never be acknowledged: it endangers the basis of everything else, so it must be fixed.
    #[must_use]
    pub fn is_firm(self) -> bool {
        matches!(self, Self::LastResort | Self::OverdueCutOff | Self::CutOffReview | Self::Damage)
    }
    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text)
    }
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
