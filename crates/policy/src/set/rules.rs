//! The rules of the policy, compiled.

use super::At;
use crate::{Condition, Expression};
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{
    Approver, AttributeName, BundleName, EngagementType, EntitlementName, IdentityKind, Phase, RuleName,
    SystemName,
};

/// Dates of an engagement's lifecycle, in its zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifecycle {
    /// Days before the first day from which accounts exist, disabled.
    pub prepare_days: u32,
    /// Which date ends access.
    pub ends_at: EndsAt,
    /// How long a night shift may continue into the next day.
    pub end_grace: SignedDuration,
    /// Days for which a departed person's accounts are kept, disabled, before deletion (where a system deletes).
    pub keep_days: u32,
    /// Longest gap between two engagements, in whole days, that counts as short: after a longer one credentials and passwords end as
    /// after a departure.
    pub short_gap_days: u32,
    /// What happens to an engagement whose source was removed from the configuration.
    pub sourceless: OnChange,
    /// Types of engagement that must state an end.
    pub end_required: BTreeSet<EngagementType>,
    /// Types of engagement, the primary one first.
    pub primary: Vec<EngagementType>,
    /// Time from runs_from to the last confirmation of a removal.
    pub deadline: SignedDuration,
    /// Time for the confirmation of a cut-off.
    pub cut_off_deadline: SignedDuration,
}

/// Which stated date ends access, by condition; the last one without condition is the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndsAt {
    /// The earliest of last working day and contract end.
    Earliest,
    /// The contract's end, even if the last working day is earlier.
    ContractEnd,
}

/// Attributes that only some roles may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// The attributes.
    pub attributes: BTreeSet<AttributeName>,
    /// Their readers: a person by key, or `group:name`. The person that they are about may always read them.
    pub readers: Arc<str>,
}

/// A rule of local law or agreement about the lifecycle: conditions, never a separate process.
#[derive(Debug, Clone)]
pub struct LocalRule {
    /// Its name.
    pub name: RuleName,
    /// Its condition.
    pub when: Condition,
    /// Which date ends access.
    pub ends_at: Option<EndsAt>,
    /// Number of days that accounts are kept.
    pub keep_days: Option<u32>,
    /// Attributes that only some roles may read.
    pub withheld: Option<Withheld>,
    /// Where it was declared.
    pub at: At,
}

/// What a baseline rule gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// This entitlement.
    One(EntitlementName),
    /// One for each text of an attribute: `git:project/{projects}` (prefix, attribute, suffix of the local name).
    Each {
        /// The system.
        system: SystemName,
        /// The text before the parameter in the local name.
        prefix: Arc<str>,
        /// The attribute whose texts replace the parameter.
        attribute: AttributeName,
        /// The text after it.
        suffix: Arc<str>,
    },
}

/// A rule that gives access to every engagement that it matches.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// Its name.
    pub name: RuleName,
    /// Its condition; evaluated once for each engagement.
    pub when: Condition,
    /// What it gives, bundles expanded.
    pub grant: Vec<Given>,
    /// The bundles that it names.
    pub bundles: Vec<BundleName>,
    /// In which phases.
    pub during: BTreeSet<Phase>,
    /// Its owner.
    pub owner: Arc<str>,
    /// Where it was declared.
    pub at: At,
}

/// A rule that requires approval before access begins.
#[derive(Debug, Clone)]
pub struct Approval {
    /// Its name.
    pub name: RuleName,
    /// When it asks. Reads attributes, `change`, `engagement.type`, `grant.system`, `grant.name`, `grant.risk`; without a `grant.` it
    /// asks for the activation of the accounts.
    pub when: Condition,
    /// Whether it reads `grant.`: then it asks for each grant.
    pub per_grant: bool,
    /// The approvers, stage by stage: the first is `by`, the next ones come from `then`.
    pub stages: Vec<Stage>,
    /// Where it was declared.
    pub at: At,
}

/// One stage of an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The approvers.
    pub by: Vec<Approver>,
    /// Whether all must say yes.
    pub all: bool,
    /// Their time limit.
    pub within: SignedDuration,
}

/// Grants that must not be held together.
#[derive(Debug, Clone)]
pub struct Separation {
    /// Its name.
    pub name: RuleName,
    /// The sides: holding entitlements of two different sides is a conflict.
    pub not_both: Vec<BTreeSet<EntitlementName>>,
    /// Its owner.
    pub owner: Arc<str>,
    /// Where it was declared.
    pub at: At,
}

/// Access that a mover keeps for a limited time.
#[derive(Debug, Clone)]
pub struct Handover {
    /// Its name.
    pub name: RuleName,
    /// Its condition (about the engagement after the move).
    pub when: Condition,
    /// What is kept (patterns with a trailing `*`).
    pub keep: Vec<EntitlementName>,
    /// Number of days.
    pub days: u32,
    /// Entitlements at or above this risk are not kept.
    pub below_risk: u8,
    /// Where it was declared.
    pub at: At,
}

/// Access outside policy, accepted for a limited time.
#[derive(Debug, Clone)]
pub struct PolicyException {
    /// Its name.
    pub name: RuleName,
    /// The person, by the configuration's `actor_key`.
    pub person: Arc<str>,
    /// The entitlement.
    pub grant: EntitlementName,
    /// First local day.
    pub from: jiff::civil::Date,
    /// Last local day.
    pub until: jiff::civil::Date,
    /// Why.
    pub reason: Arc<str>,
    /// The compensating control.
    pub compensating: Arc<str>,
    /// Its owner.
    pub owner: Arc<str>,
    /// Where it was declared.
    pub at: At,
}

/// A state that should not exist: a finding about each identity that it matches. It grants and revokes nothing.
#[derive(Debug, Clone)]
pub struct Watch {
    /// Its name.
    pub name: RuleName,
    /// Its condition; evaluated once for each engagement.
    pub when: Condition,
    /// The person who decides what to do.
    pub owner: Arc<str>,
    /// Where it was declared.
    pub at: At,
}

/// The permitted letters of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Letters {
    /// ASCII: other characters of a candidate are transliterated.
    #[default]
    Ascii,
    /// Those of any single script.
    Any,
}

/// A name that must be unique.
#[derive(Debug, Clone)]
pub struct Identifier {
    /// Its name (`user_name`).
    pub name: Arc<str>,
    /// Candidates in order; `{n}` in a result of the last one counts from 2.
    pub candidates: Vec<Expression>,
    /// For which kinds of identity.
    pub kinds: BTreeSet<IdentityKind>,
    /// Longest form, in characters.
    pub length_max: u32,
    /// Texts that are never issued.
    pub reserved: BTreeSet<Arc<str>>,
    /// Its permitted letters.
    pub letters: Letters,
    /// The approvers of a rename, stage by stage; `None`: an issued name is never changed.
    pub rename: Option<Vec<Stage>>,
    /// Where it was declared.
    pub at: At,
}

/// What an absence suspends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsenceRule {
    /// Days after which an identity counts as absent.
    pub after_days: u32,
    /// The systems whose accounts are then disabled. Grants follow `during`.
    pub suspend: BTreeSet<SystemName>,
}

/// What happens to requested access when its engagement changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnChange {
    /// It stays.
    Keep,
    /// It ends this many days after the change, unless it is reviewed and kept (zero: at once).
    EndAfterDays(u32),
}

/// `[request]`: what happens to requested access on a move, a conversion, an absence, and the limits of decisions by command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestRule {
    /// When the person's work changes.
    pub on_move: OnChange,
    /// When the type of the engagement changes.
    pub on_conversion: OnChange,
    /// When an absence begins.
    pub on_absence: OnChange,
    /// Maximum duration of emergency access.
    pub emergency_max: SignedDuration,
    /// Maximum duration of an exception signed by command, in days.
    pub exception_days: u32,
    /// Maximum total duration of all exceptions of one identity for one entitlement, in days.
    pub exception_total_days: u32,
    /// Maximum duration of a manual override, in days.
    pub override_days: u32,
    /// From this risk on, a reviewer may not keep what they approved themselves.
    pub review_risk: u8,
}

/// A named, owned, versioned set of entitlements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Its name.
    pub name: BundleName,
    /// Its version, as written.
    pub version: u32,
    /// Its owner.
    pub owner: Arc<str>,
    /// Its entitlements, bundles expanded.
    pub entitlements: BTreeSet<EntitlementName>,
    /// Its direct entitlements.
    pub own: BTreeSet<EntitlementName>,
    /// Its bundles.
    pub bundles: BTreeSet<BundleName>,
}

/// Limits of the custody of a non-human identity that is stated by command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustodyRule {
    /// The furthest expiry, in days from the day of the statement.
    pub longest_days: u32,
    /// Whether it may have no expiry.
    pub endless: bool,
    /// How many days an enabled identity without an owner continues.
    pub silence_days: u32,
    /// The attribute with the day on which it was last used.
    pub last_used: Option<AttributeName>,
    /// Number of days without use after which it counts as unused.
    pub unused_days: u32,
    /// Number of days after that until it is disabled.
    pub notice_days: u32,
}

/// `[retention]`: when the data of a departed identity may be erased, and who decides about holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retention {
    /// Days after departure from which on an identity may be erased; `None`: only the escalation group erases.
    pub erase_days: Option<u32>,
    /// Who sets and lifts holds and erases: a person by key, or `group:name`; `None`: the escalation group.
    pub by: Option<Arc<str>>,
}
