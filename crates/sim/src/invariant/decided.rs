//! Decided state: each grant has a reason that is in force, belongs to something that there is, and ends with it.

use super::checker::{Held, Notes};
use super::kept::Kept;
use super::property::Property;
use super::snapshot::{Member, Snapshot};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use tenure_model::{AccountState, EngagementState, Grant, Justification, JustificationKind, Phase};

/// Rules may end access later than the last day (`end_access`, a grace); nothing does so by more than this.
const END_LEEWAY: SignedDuration = SignedDuration::from_hours(72);

pub(super) fn check(after: &Snapshot<'_>, new: &BTreeSet<&Held>, kept: &Kept, notes: &mut Notes) {
    for member in after.living() {
        cut_off(member, notes);
        for grant in member.decided().filter(|g| after.is_enforced(&g.account.system)) {
            reasons(after, member, grant, kept, notes);
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

fn reasons(after: &Snapshot<'_>, member: &Member, grant: &Grant, kept: &Kept, notes: &mut Notes) {
    let what = format!("{} {}", member.name, grant.entitlement);
    let lasts = |j: &&Justification| {
        j.from.is_none_or(|from| from <= after.now) && j.until.is_none_or(|until| after.now < until)
    };
    if after.passed && !grant.justifications.iter().any(|j| lasts(&j)) {
        notes.add(Property::GrantHasReason, what.clone());
    }
    for reason in grant.justifications.iter().filter(lasts) {
        let words = format!("{what} because {} {}", reason.kind.as_str(), reason.reference);
        if !exists(member, grant, reason, kept) {
            notes.add(Property::ReasonExists, words.clone());
        }
        if after.passed && has_ended(after, member, reason) && !kept.outlives(member, grant, reason) {
            notes.add(Property::ReasonEndsWithEngagement, words);
        }
    }
}

/// Whether there is what a justification refers to.
fn exists(member: &Member, grant: &Grant, reason: &Justification, kept: &Kept) -> bool {
    let individual = || {
        let mut all = member.identity.decisions.individual.iter();
        all.any(|s| s.kind == reason.kind && s.reference == reason.reference)
    };
    match reason.kind {
        JustificationKind::Baseline | JustificationKind::Handover => kept.knows(member, grant, reason),
        JustificationKind::Exception => individual() || kept.knows(member, grant, reason),
        JustificationKind::Request | JustificationKind::Emergency | JustificationKind::Adopted => {
            individual()
        }
    }
}

/// Whether the engagement of a justification is long over.
fn has_ended(after: &Snapshot<'_>, member: &Member, reason: &Justification) -> bool {
    // What was requested goes on for a time, or for good, with the engagement that follows at once: policy says how long.
    if reason.kind == JustificationKind::Request && member.phase != Phase::Departed {
        return false;
    }
    let Some(id) = reason.engagement else { return false };
    let Some(engagement) = member.identity.engagements.iter().find(|e| e.id == id) else { return true };
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
