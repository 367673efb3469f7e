//! Decided state: each grant has a reason that is in force, belongs to something that there is, and ends with it.

use super::checker::{Held, Notes};
use super::property::Property;
use super::snapshot::{Member, Snapshot};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use tenure_model::{
    AccountState, EngagementState, Grant, Justification, JustificationKind, Name as _, Phase,
};

/// Rules may end access later than the last day (`end_access`, a grace); nothing does so by more than this.
const END_LEEWAY: SignedDuration = SignedDuration::from_hours(72);

pub(super) fn check(after: &Snapshot<'_>, new: &BTreeSet<&Held>, notes: &mut Notes) {
    for member in after.living() {
        cut_off(member, notes);
        for grant in member.decided().filter(|g| after.is_enforced(&g.account.system)) {
            reasons(after, member, grant, notes);
        }
        if after.passed && member.next.is_some_and(|next| next <= after.now) {
            notes.add(
                Property::NothingOverdue,
                format!("{} was to be settled at {:?}", member.name, member.next),
            );
        }
    }
    separation(after, new, notes);
}

/// Nothing is decided for an identity that is cut off.
fn cut_off(member: &Member, notes: &mut Notes) {
    if !member.identity.is_cut_off() {
        return;
    }
    for account in member.accounts.iter().filter(|a| a.target.state == AccountState::Enabled) {
        notes.add(
            Property::CutOffIsOff,
            format!("{} is cut off, and {} is to be enabled", member.name, account.key),
        );
    }
}

fn reasons(after: &Snapshot<'_>, member: &Member, grant: &Grant, notes: &mut Notes) {
    let what = format!("{} {}", member.name, grant.entitlement);
    let lasts = |j: &&Justification| {
        j.from.is_none_or(|from| from <= after.now) && j.until.is_none_or(|until| after.now < until)
    };
    if after.passed && !grant.justifications.iter().any(|j| lasts(&j)) {
        notes.add(Property::GrantHasReason, what.clone());
    }
    for reason in grant.justifications.iter().filter(lasts) {
        let words = format!("{what} because {} {}", reason.kind.as_str(), reason.reference);
        if !exists(after, member, reason) {
            notes.add(Property::ReasonExists, words.clone());
        }
        if after.passed && has_ended(after, member, reason) {
            notes.add(Property::ReasonEndsWithEngagement, words);
        }
    }
}

/// Whether there is what a justification refers to.
fn exists(after: &Snapshot<'_>, member: &Member, reason: &Justification) -> bool {
    let policy = &after.setup().policy;
    let is = |name: &str| *name == *reason.reference;
    let individual = || {
        let mut all = member.identity.decisions.standing.iter();
        all.any(|s| s.kind == reason.kind && s.reference == reason.reference)
    };
    match reason.kind {
        JustificationKind::Baseline => policy.baselines.iter().any(|b| is(b.name.as_str())),
        JustificationKind::Handover => policy.handovers.iter().any(|h| is(h.name.as_str())),
        JustificationKind::Exception => individual() || policy.exceptions.iter().any(|e| is(e.name.as_str())),
        JustificationKind::Request | JustificationKind::Emergency | JustificationKind::Adopted => {
            individual()
        }
    }
}

/// Whether the engagement of a justification is long over, and no rule gives it to those who have left.
fn has_ended(after: &Snapshot<'_>, member: &Member, reason: &Justification) -> bool {
    // What was requested goes on for a time, or for good, with the engagement that follows at once: policy says how long.
    if reason.kind == JustificationKind::Request && member.phase != Phase::Departed {
        return false;
    }
    let Some(id) = reason.engagement else { return false };
    let Some(engagement) = member.identity.engagements.iter().find(|e| e.id == id) else { return true };
    let rules = &after.setup().policy.baselines;
    let rule = rules.iter().find(|b| *b.name.as_str() == *reason.reference);
    if reason.kind == JustificationKind::Baseline && rule.is_some_and(|r| r.during.contains(&Phase::Departed))
    {
        return false;
    }
    let end: Option<Timestamp> = match engagement.state {
        EngagementState::Withdrawn { at } => Some(at),
        EngagementState::Missing { ends, .. } | EngagementState::Sourceless { ends, .. } => ends,
        // Policy says which of the two stated ends counts: nothing outlives both.
        EngagementState::Stated => {
            let zone = after.zone(&engagement.zone.name);
            [engagement.last_day, engagement.end].into_iter().flatten().map(|e| e.instant(&zone)).max()
        }
    };
    end.and_then(|end| end.checked_add(END_LEEWAY).ok()).is_some_and(|end| end < after.now)
}

/// Nothing new is held beside what separation keeps it apart from.
fn separation(after: &Snapshot<'_>, new: &BTreeSet<&Held>, notes: &mut Notes) {
    for (id, account, entitlement) in new {
        let member = &after.members[id];
        // What was adopted was there before the rule could block it; an exception and an emergency are signed.
        let blocked =
            |j: &Justification| matches!(j.kind, JustificationKind::Baseline | JustificationKind::Request);
        let ruled = |g: &&Grant| g.justifications.iter().all(blocked);
        let own = member.decided().find(|g| &g.account == account && &g.entitlement == entitlement);
        if !own.iter().all(ruled) {
            continue;
        }
        for rule in &after.setup().policy.separations {
            let mine = rule.not_both.iter().position(|side| side.contains(entitlement));
            let Some(mine) = mine else { continue };
            let others = member.decided().filter(|g| {
                let side = rule.not_both.iter().position(|side| side.contains(&g.entitlement));
                side.is_some_and(|side| side != mine)
            });
            for other in others {
                notes.add(
                    Property::SeparationBlocks,
                    format!("{} {entitlement} beside {} ({})", member.name, other.entitlement, rule.name),
                );
            }
        }
    }
}
