//! What was known before a change took effect, and what became known long after.

use crate::Context;
use crate::custody::falls_silent;
use crate::dated::goes_on;
use crate::individual::ended_unreviewed;
use crate::label::{IdentityChange, effective_at};
use crate::reasons::end;
use crate::suspended::counts;
use jiff::{SignedDuration, Timestamp};
use tenure_model::{
    Account, AccountKey, AccountState, CaseLabel, DueGrant, Engagement, EngagementState, EntitlementName,
    Finding, FindingDetail, Grant, Identity, IndividualDecision, JustificationKind, Phase, Settlement,
    Subject, SystemName,
};

/// An end that becomes known later than this is a finding: a daily feed reports each within a day.
const LATE_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Whether no brake counts a change: a cut-off, or something stated before that time alone brought (an end, an absence, the end of a
/// handover). An end caused by a missing record, or by a review that was not held, was not stated.
#[must_use]
pub(crate) fn foreseen(context: &Context, change: &IdentityChange<'_>, now: Timestamp) -> bool {
    let Some(woken) = change.woken_at.filter(|w| *w <= now) else { return change.after.is_cut_off() };
    // A record that is missing does not make another end on the way: one that was stated before, or of another engagement.
    let ended = |ends: Option<Timestamp>| ends.is_some_and(|at| woken <= at && at <= now);
    let stated = |e: &Engagement| match e.state {
        EngagementState::Missing { ends, .. } | EngagementState::Sourceless { ends, .. } => !ended(ends),
        EngagementState::Stated | EngagementState::Withdrawn { .. } => true,
    };
    let ran_out = |s: &IndividualDecision| {
        s.kind == JustificationKind::Adopted && s.until.is_some_and(|until| woken <= until && until <= now)
    };
    // Decisions that expired are dropped; that alone is no change.
    let mut before = change.before.cloned();
    before.iter_mut().for_each(|b| {
        crate::advance_decisions(context, None, b, now);
        // A proposed rename removes nothing yet.
        b.naming.clone_from(&change.after.naming);
        b.decisions.paused = change.after.decisions.paused;
        // Nor does the record of a reason that is no longer in force.
        b.decisions.reasons.clone_from(&change.after.decisions.reasons);
        // Nor does the second check of an answer given ahead of this instant.
        b.decisions.answers.clone_from(&change.after.decisions.answers);
        b.decisions.suspended.clone_from(&change.after.decisions.suspended);
    });
    let unreviewed = change.before.is_some_and(|b| ended_unreviewed(context, b, woken, now));
    let timed = before.as_ref() == Some(change.after)
        && !unreviewed
        && change.after.engagements.iter().all(stated)
        && !change.after.decisions.individual.iter().any(ran_out);
    timed || change.after.is_cut_off()
}

/// Access that was due for longer before a settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaterLoss {
    /// The system.
    pub system: SystemName,
    /// When it ends, or is first absent; `None` if what suspends it has no known end.
    pub at: Option<Timestamp>,
}

/// Access that, before this settlement, was to stay or come back for longer. Causes: an end stated anew or brought forward,
/// a handover, a request that a change cuts short, a missing record, a value from a later day on. It includes suspended access that
/// will not come back, and what a non-human identity loses because it has no owner from now on. What is lost at once is in the plan.
/// What had this end before, or was never held, is no new loss.
#[must_use]
pub(crate) fn losses_later(
    context: &Context,
    before: Option<&Identity>,
    subject: &Subject,
    settlement: &Settlement,
) -> Vec<LaterLoss> {
    let held = later(context, subject, settlement);
    let held = held.filter(|(key, at)| !goes_on(context, subject, settlement, *key, *at));
    let held = held.map(|((account, _), at)| (&account.system, at));
    let held = held.map(|(system, at)| LaterLoss { system: system.clone(), at: Some(at) });
    let suspended = settlement.forgone.iter();
    let suspended = suspended.map(|f| LaterLoss { system: f.account.system.clone(), at: f.at });
    let silent = falls_silent(context, before, &subject.identity);
    let usable = subject.accounts.iter().filter(|a| a.target.state == AccountState::Enabled);
    let silenced = usable.filter_map(|a| Some(LaterLoss { system: a.key.system.clone(), at: Some(silent?) }));
    held.chain(suspended).chain(silenced).collect()
}

/// An account, and what is held there.
type Key<'s> = (&'s AccountKey, &'s EntitlementName);

/// What was to be held for longer until now, with its new end.
pub(crate) fn later<'s>(
    context: &'s Context,
    subject: &'s Subject,
    settlement: &'s Settlement,
) -> impl Iterator<Item = (Key<'s>, Timestamp)> {
    let counts = move |g: &&Grant| g.holding.is_decided() && counts(context, &g.entitlement);
    let earlier = move |held: &'s Grant| {
        let same = |due: &&DueGrant| due.account == held.account && due.entitlement == held.entitlement;
        let new = end(&settlement.grants.iter().find(same)?.justifications)?;
        let is_earlier = end(&held.justifications).is_none_or(|old| new < old);
        is_earlier.then_some(((&held.account, &held.entitlement), new))
    };
    subject.grants.iter().filter(counts).filter_map(earlier)
}

/// A finding for an end that became known long after it: what was usable meanwhile should not have been. `accounts` are the accounts
/// before the change.
#[must_use]
pub(crate) fn late_end(
    context: &Context,
    change: &IdentityChange<'_>,
    accounts: &[Account],
    label: Option<CaseLabel>,
    now: Timestamp,
) -> Option<Finding> {
    // An absent identity keeps the access that policy gives during absence.
    let has_access = || accounts.iter().any(|a| a.target.state == AccountState::Enabled);
    let was_in = change.phase_before == Phase::Active || change.phase_before == Phase::Absent && has_access();
    let usable = was_in && label == Some(CaseLabel::Leaver);
    let told = change.woken_at.is_none_or(|w| w > now);
    let ended = effective_at(context, change, label?, now);
    // A cut-off identity could use nothing from then on.
    let cut = change.after.decisions.cut_off.as_ref().map_or(now, |cut| cut.at.min(now));
    if !usable || !told || cut.duration_since(ended) <= LATE_AFTER {
        return None;
    }
    let about = change.after.engagements.last()?.key_text();
    Some(Finding::new(about, FindingDetail::LateEnd { ended, known: now, usable: cut }))
}
