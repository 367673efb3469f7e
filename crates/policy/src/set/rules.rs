//! The rules of the policy, compiled.

use super::At;
use crate::{Condition, Expression, Index};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{
    Approver, AttributeName, BundleName, CaseLabel, EngagementType, EntitlementName, IdentityKind, Phase,
    RuleName, SystemName,
};

/// Dates of a working life, in the engagement's zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifecycle {
    /// Days before the first day from which accounts exist, disabled.
    pub prepare_days: u32,
    /// Which date ends access.
    pub ends_at: EndsAt,
    /// How long a night shift lasts into the next day.
    pub end_grace: SignedDuration,
    /// Days for which a departed person's accounts are kept, disabled, before deletion (where a system deletes).
    pub keep_days: u32,
    /// Whole days without an engagement between two of them from which on credentials and passwords end as after a departure:
    /// a gap of more days than these.
    pub short_gap_days: u32,
    /// What becomes of an engagement whose source left the configuration.
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
    /// The contract's end, even when the last working day is before it.
    ContractEnd,
}

/// Attributes that only some people read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// Which.
    pub attributes: BTreeSet<AttributeName>,
    /// Who reads them: a person by key, or `group:name`. The person whom they are about always may.
    pub readers: Arc<str>,
}

/// A rule of local law or agreement over the lifecycle: conditions, never another process.
#[derive(Debug, Clone)]
pub struct LocalRule {
    /// Its name.
    pub name: RuleName,
    /// For whom.
    pub when: Condition,
    /// Which date ends access there.
    pub ends_at: Option<EndsAt>,
    /// Days for which accounts are kept there.
    pub keep_days: Option<u32>,
    /// What only some people read there.
    pub withheld: Option<Withheld>,
    /// Where it was declared.
    pub at: At,
}

/// What a baseline rule gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// This entitlement.
    One(EntitlementName),
    /// One per text of an attribute: `git:project/{projects}` (prefix, attribute, suffix of the local name).
    Each {
        /// The system.
        system: SystemName,
        /// What stands before the parameter in the local name.
        prefix: Arc<str>,
        /// The attribute whose texts fill in.
        attribute: AttributeName,
        /// What stands after it.
        suffix: Arc<str>,
    },
}

/// A rule that gives access to everybody it matches.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// Its name.
    pub name: RuleName,
    /// For whom; evaluated once per engagement.
    pub when: Condition,
    /// What it gives, bundles unfolded.
    pub grant: Vec<Given>,
    /// The bundles that it names.
    pub bundles: Vec<BundleName>,
    /// In which phases.
    pub during: BTreeSet<Phase>,
    /// Who answers for it.
    pub owner: Arc<str>,
    /// Where it was declared.
    pub at: At,
}

/// A rule that asks people before access begins.
#[derive(Debug, Clone)]
pub struct Approval {
    /// Its name.
    pub name: RuleName,
    /// When it asks. Reads attributes, `change`, `engagement.type`, `grant.system`, `grant.name`, `grant.risk`; without a
    /// `grant.` it asks for the activation of the accounts.
    pub when: Condition,
    /// Whether it reads `grant.`: then it asks per grant.
    pub per_grant: bool,
    /// Whom, stage by stage: the first is `by`, the next ones come from `then`.
    pub stages: Vec<Stage>,
    /// Where it was declared.
    pub at: At,
}

/// One stage of an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Whom.
    pub by: Vec<Approver>,
    /// Whether all must say yes.
    pub all: bool,
    /// How long they have.
    pub within: SignedDuration,
}

/// Grants that must not be held together.
#[derive(Debug, Clone)]
pub struct Separation {
    /// Its name.
    pub name: RuleName,
    /// The sides: holding anything of two different sides is a conflict.
    pub not_both: Vec<BTreeSet<EntitlementName>>,
    /// Who answers for it.
    pub owner: Arc<str>,
    /// Where it was declared.
    pub at: At,
}

/// Access that a mover keeps for a time.
#[derive(Debug, Clone)]
pub struct Handover {
    /// Its name.
    pub name: RuleName,
    /// For whom (over the engagement as it is after the move).
    pub when: Condition,
    /// What is kept (patterns with a trailing `*`).
    pub keep: Vec<EntitlementName>,
    /// For how many days.
    pub days: u32,
    /// Entitlements at or above this risk are not kept.
    pub below_risk: u8,
    /// Where it was declared.
    pub at: At,
}

/// Access outside policy, accepted for a time.
#[derive(Debug, Clone)]
pub struct PolicyException {
    /// Its name.
    pub name: RuleName,
    /// Who, by the set-up's `actor_key`.
    pub person: Arc<str>,
    /// What.
    pub grant: EntitlementName,
    /// First local day.
    pub from: jiff::civil::Date,
    /// Last local day.
    pub until: jiff::civil::Date,
    /// Why.
    pub reason: Arc<str>,
    /// What is done instead.
    pub compensating: Arc<str>,
    /// Who answers for it.
    pub owner: Arc<str>,
    /// Where it was declared.
    pub at: At,
}

/// Facts that should not be so: a finding about each whom it matches. It gives nothing and takes nothing.
#[derive(Debug, Clone)]
pub struct Watch {
    /// Its name.
    pub name: RuleName,
    /// About whom; evaluated once per engagement.
    pub when: Condition,
    /// Who decides what is to become of it.
    pub owner: Arc<str>,
    /// Where it was declared.
    pub at: At,
}

/// The letters of which names are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Letters {
    /// ASCII: what a candidate has beyond it is transliterated.
    #[default]
    Ascii,
    /// Those of any one script.
    Any,
}

/// A name that must be unique.
#[derive(Debug, Clone)]
pub struct Identifier {
    /// What it is called (`user_name`).
    pub name: Arc<str>,
    /// Candidates in order; `{n}` in a result of the last one counts up from 2.
    pub candidates: Vec<Expression>,
    /// For which kinds of identity.
    pub kinds: BTreeSet<IdentityKind>,
    /// Longest form, in characters.
    pub length_max: u32,
    /// Texts that are never issued.
    pub reserved: BTreeSet<Arc<str>>,
    /// Of which letters it may be.
    pub letters: Letters,
    /// Whom a rename is put to, stage by stage; `None`: what was issued stays.
    pub rename: Option<Vec<Stage>>,
    /// Where it was declared.
    pub at: At,
}

/// What an absence suspends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsenceRule {
    /// Days after which somebody counts as absent.
    pub after_days: u32,
    /// What is suspended then: systems whose accounts are disabled. Grants follow `during`.
    pub suspend: BTreeSet<SystemName>,
}

/// What becomes of requested access when the engagement that it belongs to changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnChange {
    /// It stays.
    Keep,
    /// It ends this many days after the change, unless somebody reviews and keeps it (zero: at once).
    EndAfterDays(u32),
}

/// `[request]`: what requested access does on a move, a conversion, an absence, and how far people may go by command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestRule {
    /// When what the person does changes.
    pub on_move: OnChange,
    /// When the type of the engagement changes.
    pub on_conversion: OnChange,
    /// When an absence begins.
    pub on_absence: OnChange,
    /// How long emergency access lasts at most.
    pub emergency_max: SignedDuration,
    /// How many days an exception that is signed by command lasts at most.
    pub exception_days: u32,
    /// How many days all exceptions of somebody for one entitlement last together at most.
    pub exception_total_days: u32,
    /// How many days a value that is set by hand lasts at most.
    pub override_days: u32,
    /// From this risk on nobody keeps what they approved themselves.
    pub review_risk: u8,
}

/// A named, owned, versioned set of entitlements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Its name.
    pub name: BundleName,
    /// Its version, as written.
    pub version: u32,
    /// Who answers for it.
    pub owner: Arc<str>,
    /// What it holds, bundles unfolded.
    pub entitlements: BTreeSet<EntitlementName>,
    /// What it holds by itself.
    pub own: BTreeSet<EntitlementName>,
    /// The bundles that it holds.
    pub bundles: BTreeSet<BundleName>,
}

/// How long somebody may answer for an identity that is no person, where that is stated by command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustodyRule {
    /// The furthest expiry, in days from the day on which it is stated.
    pub longest_days: u32,
    /// Whether it may be without expiry.
    pub endless: bool,
    /// For how many days one that runs goes on when nobody answers for it.
    pub silence_days: u32,
    /// The attribute that says on which day it was last used.
    pub last_used: Option<AttributeName>,
    /// After how many days without use it counts as unused.
    pub unused_days: u32,
    /// How many days after that it is disabled.
    pub notice_days: u32,
}

/// `[retention]`: when what is known of somebody who left may be erased, and who decides about holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retention {
    /// Days after the departure from which on somebody may be erased; `None`: only the last resort erases.
    pub erase_days: Option<u32>,
    /// Who sets and lifts holds and erases: a person by key, or `group:name`; `None`: the last resort.
    pub by: Option<Arc<str>>,
}

/// The policy, compiled.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Dates.
    pub lifecycle: Lifecycle,
    /// Local rules over them; the first that matches wins per setting.
    pub local: Vec<LocalRule>,
    /// Rules that give.
    pub baselines: Vec<Baseline>,
    /// Rules that ask.
    pub approvals: Vec<Approval>,
    /// How long before a dated change people are asked about it.
    pub ask_ahead: SignedDuration,
    /// Rules that keep apart.
    pub separations: Vec<Separation>,
    /// Rules that keep for a time.
    pub handovers: Vec<Handover>,
    /// Accepted exceptions.
    pub exceptions: Vec<PolicyException>,
    /// Rules that only report.
    pub watches: Vec<Watch>,
    /// Unique names.
    pub identifiers: Vec<Identifier>,
    /// Absences.
    pub absence: AbsenceRule,
    /// What becomes of requested access when the engagement changes.
    pub request: RequestRule,
    /// Identities that are no person.
    pub custody: CustodyRule,
    /// Holds and erasure.
    pub retention: Retention,
    /// Bundles.
    pub bundles: BTreeMap<BundleName, Bundle>,
    /// Order in which a change is labelled when several labels fit.
    pub labels: Vec<CaseLabel>,
    /// Rules by attribute value, and what a class consists of.
    pub index: Index,
}

impl Policy {
    /// Every condition of the policy with the name of its rule: the one list for all that looks at conditions as such. A rule
    /// kind that is not in it sleeps through dates and is never checked.
    pub fn conditions(&self) -> impl Iterator<Item = (&RuleName, &Condition)> {
        let baselines = self.baselines.iter().map(|r| (&r.name, &r.when));
        baselines
            .chain(self.local.iter().map(|r| (&r.name, &r.when)))
            .chain(self.approvals.iter().map(|r| (&r.name, &r.when)))
            .chain(self.handovers.iter().map(|r| (&r.name, &r.when)))
            .chain(self.watches.iter().map(|r| (&r.name, &r.when)))
    }
}
