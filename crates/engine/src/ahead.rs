//! Dated changes are asked about before their day: the questions that the settlement of that day would raise, put to that day's
//! approvers.

use crate::asking::Asking;
use crate::by_time::Earlier;
use crate::gap::{is_gone_between, note_gap};
use crate::individual::runs;
use crate::label::{IdentityChange, changes};
use crate::provenance::provenance;
use crate::settle::settle;
use crate::used_up::note_reasons;
use crate::{Context, advance_decisions};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{
    Answer, DueQuestion, Engagement, Grant, Holding, Identity, JustificationKind, Provenance, Reason,
    Settlement, Subject,
};
use tenure_policy::ClassCache;

/// Maximum number of future instants examined; the identity is settled again at each, and looks further then.
const LOOK_AHEAD_MAX: u32 = 8;

/// Adds the questions of its next instants to a settlement, and schedules the next settlement for when more must be asked. A request
/// made before the engagement begins is asked about at once, however far ahead. The identity must have stored what the settlement
/// remembers.
pub(crate) fn look_ahead(
    context: &Context,
    subject: &Subject,
    settlement: &mut Settlement,
    cache: &mut ClassCache,
    now: Timestamp,
) {
    let policy = &context.setup.policy;
    let lead = policy.ask_ahead;
    let requested = requested_ahead(context, &subject.identity, now);
    // Whether no further look ahead is needed, or a later settlement does it.
    let mut is_enough = policy.approvals.is_empty() || lead.is_zero();
    if settlement.cut_off || (is_enough && requested.is_empty()) {
        return;
    }
    let is_requested =
        |q: &DueQuestion| requested.contains(&(q.about.reason.reference.clone(), q.about.reason.from));
    let mut known: BTreeSet<[u8; 32]> = settlement.questions.iter().map(|q| q.binding).collect();
    let mut before = subject.clone();
    take(&mut before, settlement);
    let mut phase_before = settlement.phase;
    let mut edge = settlement.next;
    for _ in 0..LOOK_AHEAD_MAX {
        let Some(at) = edge else { return };
        let ask_at = at.checked_sub(lead).unwrap_or(now);
        // An identity that is settled again before that instant looks ahead again then.
        is_enough |= ask_at > now && settlement.next.is_some_and(|next| next <= ask_at);
        if is_enough && requested.is_empty() {
            return;
        }
        let then = on(context, &before, phase_before, at);
        let later = settle(context, &then, cache, at);
        let asked = later.questions.iter().filter(|q| !q.refused && !known.contains(&q.binding));
        let (asked, later_on): (Vec<_>, Vec<_>) =
            asked.cloned().partition(|q| is_requested(q) || (ask_at <= now && !is_enough));
        if !is_enough && !later_on.is_empty() {
            settlement.next = Some(settlement.next.map_or(ask_at, |next| next.min(ask_at)));
            is_enough = true;
        }
        known.extend(asked.iter().map(|q| q.binding));
        settlement.ahead.extend(asked.into_iter().map(|mut question| {
            question.on = Some(at);
            question
        }));
        edge = later.next.filter(|next| *next > at);
        before = then;
        take(&mut before, &later);
        note_gap(Some(phase_before), later.phase, &mut before.identity, at);
        phase_before = later.phase;
    }
}

/// The requests of an identity whose engagement has not begun, by name and time of creation.
fn requested_ahead(
    context: &Context,
    identity: &Identity,
    now: Timestamp,
) -> BTreeSet<(Arc<str>, Option<Timestamp>)> {
    let requests = identity.decisions.individual.iter().filter(|s| s.kind == JustificationKind::Request);
    let ahead = requests.filter(|s| !runs(context, identity, s, now));
    ahead.map(|s| (s.reference.clone(), s.from)).collect()
}

/// The subject as it will be at an instant, with the labels of the change that time brings.
pub(crate) fn on(
    context: &Context,
    before: &Subject,
    phase_before: tenure_model::Phase,
    at: Timestamp,
) -> Subject {
    let mut then = before.clone();
    advance_decisions(context, Some(&before.identity), &mut then.identity, at);
    let earlier = Earlier { identity: &before.identity, phase: phase_before, next: Some(at), changed: false };
    let change = IdentityChange::new(context, Some(earlier), &then.identity, at);
    let labels = changes(context, &change, None, at);
    let by_time = provenance(context, &change, None, at);
    then.provenance = Provenance { by: before.provenance.by.clone(), ..by_time };
    then.changes = labels;
    then
}

/// Stores a settlement in the subject as if it were carried out.
pub(crate) fn take(subject: &mut Subject, settlement: &Settlement) {
    note_reasons(&mut subject.identity, &[], settlement);
    subject.grants = settlement
        .grants
        .iter()
        .map(|due| Grant {
            account: due.account.clone(),
            entitlement: due.entitlement.clone(),
            justifications: due.justifications.clone(),
            holding: Holding::Held,
        })
        .collect();
}

/// Recomputes when each answer given ahead takes effect: its subject may be postponed or brought forward. An answer about something no
/// longer foreseen ends.
pub(crate) fn advance_decisions_ahead(
    context: &Context,
    subject: &mut Subject,
    cache: &mut ClassCache,
    now: Timestamp,
) {
    let is_ahead = |a: &Answer| a.ahead.is_some();
    let answers = subject.identity.decisions.answers.iter().filter(|(_, a)| is_ahead(a));
    let mut left: BTreeMap<[u8; 32], Reason> = answers.map(|(b, a)| (*b, a.reason.clone())).collect();
    if left.is_empty() {
        return;
    }
    let mut instants: BTreeMap<[u8; 32], Timestamp> = BTreeMap::new();
    let mut suspended: BTreeSet<Reason> = BTreeSet::new();
    let (mut before, mut at) = (subject.clone(), now);
    let mut later = settle(context, &before, cache, now);
    let mut edge = later.next;
    for _ in 0..LOOK_AHEAD_MAX {
        let judged = judged(&later);
        suspended.extend(later.reasons.keys().cloned());
        left.retain(|binding, reason| {
            let is_due = judged.contains(reason);
            instants.extend(is_due.then_some((*binding, at)));
            !is_due
        });
        let phase_before = later.phase;
        take(&mut before, &later);
        let Some(next) = edge.filter(|_| !left.is_empty()) else { break };
        at = next;
        before = on(context, &before, phase_before, at);
        later = settle(context, &before, cache, at);
        note_gap(Some(phase_before), later.phase, &mut before.identity, at);
        edge = later.next.filter(|next| *next > at);
    }
    let is_whole = edge.is_none();
    subject.identity.decisions.answers.retain(|binding, answer| {
        if let (Some(ahead), Some(at)) = (&mut answer.ahead, instants.get(binding)) {
            ahead.on = *at;
        }
        answer.ahead.is_none()
            || !left.contains_key(binding)
            || suspended.contains(&answer.reason)
            || !is_whole
    });
}

/// The reasons that a settlement puts in force or asks about.
fn judged(settlement: &Settlement) -> BTreeSet<Reason> {
    let in_force = settlement
        .grants
        .iter()
        .flat_map(|due| due.justifications.iter().map(|j| Reason::of(&due.account, &due.entitlement, j)));
    in_force.chain(settlement.questions.iter().map(|q| q.about.reason.clone())).collect()
}

/// The instants at which answers given ahead would take effect.
#[must_use]
pub(crate) fn instants_ahead(identity: &Identity) -> BTreeSet<Timestamp> {
    identity.decisions.answers.values().filter_map(|a| Some(a.ahead.as_ref()?.on)).collect()
}

/// Checks the answers given ahead of an instant against the approvers of that instant: an answer counts only if the same people still
/// hold its seats. An answer that does not count is asked again. Once the instant has come, an answer that counts is not checked
/// again.
pub(crate) fn confirm_ahead(identity: &mut Identity, asking: &Asking<'_>, on: Timestamp) {
    let is_come = on <= asking.now;
    identity.decisions.answers.retain(|_, answer| {
        if answer.ahead.as_ref().is_none_or(|ahead| ahead.on != on) {
            return true;
        }
        let stands = !answer.approved || asking.stands(answer, is_come);
        if is_come {
            answer.ahead = None;
        }
        stands
    });
}

/// Whether other identities must be settled again: the days of this identity's presence changed, so that questions asked ahead may go
/// to other approvers, or a gap between its engagements became long or short.
#[must_use]
pub(crate) fn is_there_on_other_days(
    context: &Context,
    before: &Identity,
    after: &Identity,
    now: Timestamp,
) -> bool {
    if is_gone_between(context, before, now) != is_gone_between(context, after, now) {
        return true;
    }
    let policy = &context.setup.policy;
    if policy.approvals.is_empty() || policy.ask_ahead.is_zero() {
        return false;
    }
    let days = |e: &Engagement| (e.id, e.start, e.last_day, e.end, e.absences.clone(), e.state.clone());
    !before.engagements.iter().map(days).eq(after.engagements.iter().map(days))
}
