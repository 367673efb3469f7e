//! What became known of an engagement after it had happened: for requests it counts from when it became known.

use crate::Context;
use crate::values::winning;
use crate::window::{Window, window};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeSet;
use tenure_model::when::start_of_day;
use tenure_model::{
    AttributeName, Engagement, EngagementId, Happened, Identity, IndividualDecision, JustificationKind,
    Learnt,
};

/// Maximum number of late-known changes that a request remembers; the earliest one ends it, so further ones add nothing.
const LEARNT_MAX: usize = 16;

/// Records on the requests of `after` what it states about the time until `now` that `before` did not.
pub(crate) fn learn(context: &Context, before: &Identity, after: &mut Identity, now: Timestamp) {
    let is_request = |s: &&IndividualDecision| s.kind == JustificationKind::Request;
    let of: BTreeSet<EngagementId> =
        after.decisions.individual.iter().filter(is_request).filter_map(|s| s.engagement).collect();
    for id in of {
        let found = learnt(context, before, after, id, now);
        let requests = after.decisions.individual.iter_mut().filter(|s| s.kind == JustificationKind::Request);
        for request in requests.filter(|s| s.engagement == Some(id)) {
            for one in &found {
                let known = request.learnt.iter().any(|l| l.what == one.what && l.from == one.from);
                if !known && request.learnt.len() < LEARNT_MAX {
                    request.learnt.push(one.clone());
                }
            }
        }
    }
}

fn learnt(
    context: &Context,
    before: &Identity,
    after: &Identity,
    id: EngagementId,
    now: Timestamp,
) -> Vec<Learnt> {
    let of = |identity: &'_ Identity| identity.engagements.iter().position(|e| e.id == id);
    let (Some(was), Some(is)) = (of(before), of(after)) else { return Vec::new() };
    let (was, is) = (&before.engagements[was], &after.engagements[is]);
    let then = window(context, before, was, now);
    let seat = window(context, after, is, now);
    let moved = moved_on(context, (before, was), (after, is), &seat).map(|day| start_of_day(day, &seat.zone));
    let away = seat.away.iter().map(|(from, _)| *from);
    let away = away.filter(|from| then.away.iter().all(|(f, _)| f != from)).min();
    let ended = seat.end.filter(|_| then.end.is_none_or(|end| end > now));
    let all = [(Happened::Move, moved), (Happened::Absence, away), (Happened::End, ended)];
    let late = all.into_iter().filter_map(|(what, from)| Some((what, from.filter(|from| *from <= now)?)));
    let begun = begun(context, before, after, id, now).map(|from| (Happened::Beginning, from));
    late.chain(begun).map(|(what, from)| Learnt { what, from, known: now }).collect()
}

/// The beginnings, until now, of other engagements that were not known before.
fn begun(
    context: &Context,
    before: &Identity,
    after: &Identity,
    beside: EngagementId,
    now: Timestamp,
) -> impl Iterator<Item = Timestamp> {
    let is_new = |e: &&Engagement| e.id != beside && before.engagements.iter().all(|known| known.id != e.id);
    let starts = after.engagements.iter().filter(is_new);
    let starts = starts.filter_map(|e| window(context, after, e, now).start);
    starts.filter(|start| *start <= now).collect::<Vec<_>>().into_iter()
}

/// Whether it became known after an instant that another engagement than the decision's began at `start`.
pub(crate) fn began_unknown(decision: &IndividualDecision, start: Timestamp, since: Timestamp) -> bool {
    let is = |l: &Learnt| l.what == Happened::Beginning && l.from == start && l.known > since;
    decision.learnt.iter().any(is)
}

/// The first day until today on which a mover attribute has another value than was known before.
fn moved_on(
    context: &Context,
    (before, was): (&Identity, &Engagement),
    (after, is): (&Identity, &Engagement),
    seat: &Window,
) -> Option<Date> {
    let lines = |identity: &'_ Identity, engagement: &'_ Engagement| {
        let own = engagement.attributes.iter();
        let all = own.chain(identity.supplements.iter().flat_map(|s| &s.attributes));
        let dated = |(name, line): (&AttributeName, &tenure_model::Timeline<tenure_model::Value>)| {
            line.entries().iter().filter_map(|e| Some((name.clone(), e.from?))).collect::<Vec<_>>()
        };
        let names = all.clone().map(|(name, _)| (name.clone(), seat.day));
        names.chain(all.clone().flat_map(dated)).collect::<BTreeSet<_>>()
    };
    let moves = |name: &AttributeName| context.setup.attributes.get(name).is_some_and(|d| d.moves);
    let on = |identity, engagement, name: &AttributeName, day| {
        winning(context, identity, engagement, name, day).and_then(|(line, _)| line.at(day)).cloned()
    };
    let days = lines(before, was).into_iter().chain(lines(after, is));
    let days = days.filter(|(name, day)| moves(name) && *day <= seat.day);
    days.filter(|(name, day)| on(before, was, name, *day) != on(after, is, name, *day))
        .map(|(_, day)| day)
        .min()
}

/// When something that took effect at `from` counts: then, or when it became known.
pub(crate) fn counts_from(decision: &IndividualDecision, what: Happened, from: Timestamp) -> Timestamp {
    let late = |l: &&Learnt| l.what == what && l.from <= from && from <= l.known;
    decision.learnt.iter().filter(late).map(|l| l.known).min().unwrap_or(from)
}
