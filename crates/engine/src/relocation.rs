//! A new zone moves the ends that were agreed to as local days: the last day stays the same, and its midnight is a different instant.

use crate::Context;
use crate::binding::binding;
use crate::settle::primary_engagement;
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use tenure_model::when::start_of_day;
use tenure_model::{EngagementId, Identity, JustificationKind, Reason, Zone};

/// Moves the future ends that belong to the engagement at `place`, before its zone changes: of requests, exceptions, kept access,
/// manual overrides, delegations and approvals. An emergency lasts minutes and has no day.
pub(crate) fn relocate(context: &Context, identity: &mut Identity, place: usize, to: &Zone, now: Timestamp) {
    let Some(engagement) = identity.engagements.get(place).filter(|e| e.zone.name != to.name) else { return };
    let zone = |name: &str| context.zones.get(name).unwrap_or(TimeZone::UTC);
    let (old, new, id) = (zone(&engagement.zone.name), zone(&to.name), engagement.id);
    let is_primary = primary_engagement(context, identity, now) == Some(id);
    let moved = |end: Timestamp| if end <= now { end } else { same_day(end, &old, &new) };
    let is_of = |e: Option<EngagementId>| e.map_or(is_primary, |e| e == id);
    let (whose, decisions) = (identity.id, &mut identity.decisions);
    let mut requests = BTreeSet::new();
    for decision in decisions.individual.iter_mut().filter(|d| is_of(d.engagement)) {
        if decision.kind == JustificationKind::Emergency {
            continue;
        }
        decision.until = decision.until.map(moved);
        decision.counted = decision.counted.map(moved);
        requests.insert((decision.reference.clone(), decision.from));
    }
    if is_primary {
        decisions.overrides.iter_mut().for_each(|o| o.until = moved(o.until));
        decisions.delegations.iter_mut().for_each(|d| d.until = moved(d.until));
    }
    let is_about = |reason: &Reason| match reason.kind {
        JustificationKind::Request => requests.contains(&(reason.reference.clone(), reason.from)),
        _ => reason.engagement == Some(id),
    };
    let answers = std::mem::take(&mut decisions.answers).into_iter().map(|(key, mut answer)| {
        let until = answer.until.map(moved);
        if until == answer.until || !is_about(&answer.reason) {
            return (key, answer);
        }
        answer.until = until;
        (binding(whose, &answer.rule, (&answer.reason, until, &answer.inputs)), answer)
    });
    decisions.answers = answers.collect();
}

/// The instant at which clocks in the new zone show what they show at this one in the old zone.
fn same_day(end: Timestamp, old: &TimeZone, new: &TimeZone) -> Timestamp {
    let shown = old.to_datetime(end);
    if shown.time() == Time::midnight() {
        return start_of_day(shown.date(), new);
    }
    new.to_ambiguous_timestamp(shown).compatible().unwrap_or(end)
}
