//! Individual decisions that give access: how long each lasts with its present engagement, and who must review it.

use crate::Context;
use crate::accounts::follow_by_hand;
use crate::grants::{Collected, EvaluatedEngagement, account_of, soonest, unmanaged};
use crate::learnt::{began_unknown, counts_from, learn};
use crate::rehired::forget_first;
use crate::remembered::undeclared;
use crate::settle::seats;
use crate::sourceless::follow_sources;
use crate::takeover::take_over;
use crate::values::winning;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use tenure_model::when::{add_days, local_date, start_of_day};
use tenure_model::{
    AccountKey, EngagementId, EngagementType, EntitlementName, Finding, FindingDetail, Happened, Identity,
    IndividualDecision, Justification, JustificationKind, Phase, RequestEnd,
};
use tenure_policy::OnChange;

/// How many days before an exception ends it is reported.
const EXCEPTION_REVIEW_DAYS: i32 = 14;

/// Something that ends a request unless a person keeps it.
struct Ending {
    /// What happened.
    why: RequestEnd,
    /// The instant.
    since: Timestamp,
    /// First instant without it.
    until: Timestamp,
}

/// Adds approved requests, exceptions, emergencies and adoptions.
pub(crate) fn individual_decisions(
    context: &Context,
    identity: &Identity,
    seats: &[EvaluatedEngagement<'_>],
    now: Timestamp,
    out: &mut Collected,
) {
    for decision in &identity.decisions.individual {
        let ending = ending(context, identity, seats, decision);
        review(decision, ending.as_ref(), seats, now, out);
        let ceiling = last_end(context, seats, decision);
        let until = soonest(soonest(decision.until, ending.map(|e| e.until)), ceiling.flatten());
        if let Some(from) = decision.from.filter(|f| now < *f) {
            out.edges.extend(ceiling.map(|_| from));
            continue;
        }
        if until.is_some_and(|u| now >= u) {
            continue;
        }
        let justification = Justification {
            kind: decision.kind,
            reference: decision.reference.clone(),
            engagement: decision.engagement,
            from: decision.from,
            until,
        };
        out.undeclared.extend(undeclared(context, decision).map(|e| (e.clone(), justification.clone())));
        if ceiling.is_none() {
            // Its engagement is not running: a rescinded resignation brings it back.
            let all = contents(context, decision, &mut Collected::default());
            out.suspended.extend(all.into_iter().map(|key| (key, justification.clone())));
            continue;
        }
        for key in contents(context, decision, out) {
            out.add(key, justification.clone());
        }
    }
}

/// What a decision gives: one entitlement, or the contents of its bundle in this configuration.
fn contents(
    context: &Context,
    decision: &IndividualDecision,
    out: &mut Collected,
) -> Vec<(AccountKey, EntitlementName)> {
    let is_request = decision.kind == JustificationKind::Request;
    let Some(bundle) = decision.bundle() else {
        if is_request && !context.is_managed(&decision.entitlement) {
            out.findings.push(unmanaged("request", &decision.entitlement));
            return Vec::new();
        }
        return vec![(decision.account.clone(), decision.entitlement.clone())];
    };
    let Some(bundle) = context.setup.policy.bundles.get(bundle) else {
        let detail = FindingDetail::BundleGone { bundle: decision.reference.clone() };
        out.findings.push(Finding::new(decision.reference.clone(), detail));
        return Vec::new();
    };
    let (managed, others): (Vec<_>, Vec<_>) = bundle.entitlements.iter().partition(|e| context.is_managed(e));
    out.findings.extend(others.into_iter().map(|e| unmanaged(&decision.reference, e)));
    managed.into_iter().map(|e| (account_of(context, e), e.clone())).collect()
}

/// The latest end among the engagements that a decision may depend on; the outer `None`: none of them is running.
fn last_end(
    context: &Context,
    seats: &[EvaluatedEngagement<'_>],
    decision: &IndividualDecision,
) -> Option<Option<Timestamp>> {
    if let Some((next, until)) = carried(context, seats, decision) {
        let runs =
            |id: Option<EngagementId>| seats.iter().any(|s| Some(s.engagement.id) == id && is_running(s));
        return (runs(decision.engagement) || runs(Some(next.engagement.id))).then_some(Some(until));
    }
    ceiling(seats, decision.engagement)
}

/// Whether the engagement of a decision is running, or one that it was carried to.
pub(crate) fn runs(
    context: &Context,
    identity: &Identity,
    decision: &IndividualDecision,
    now: Timestamp,
) -> bool {
    last_end(context, &seats(context, identity, now, &mut Vec::new()), decision).is_some()
}

fn is_running(seat: &EvaluatedEngagement<'_>) -> bool {
    matches!(seat.window.phase, Phase::Active | Phase::Absent)
}

/// The latest end of the given running engagement, or of all; the outer `None`: it is not running.
pub(crate) fn ceiling(
    seats: &[EvaluatedEngagement<'_>],
    engagement: Option<EngagementId>,
) -> Option<Option<Timestamp>> {
    let meant =
        |s: &&EvaluatedEngagement<'_>| is_running(s) && engagement.is_none_or(|id| s.engagement.id == id);
    let ends = seats.iter().filter(meant).map(|s| s.window.end).collect::<Vec<_>>();
    if ends.is_empty() {
        return None;
    }
    Some(if ends.contains(&None) { None } else { ends.into_iter().flatten().max() })
}

/// The engagement that follows without a gap the one that a request belongs to, and until when the request continues there: it began
/// after the request, and not later than the end of the old one. A parallel engagement that existed before follows nothing.
fn carried<'s, 'a>(
    context: &Context,
    seats: &'s [EvaluatedEngagement<'a>],
    decision: &IndividualDecision,
) -> Option<(&'s EvaluatedEngagement<'a>, Timestamp)> {
    let OnChange::EndAfterDays(days @ 1..) = context.setup.policy.request.on_conversion else {
        return kept_on(context, seats, decision);
    };
    let (end, next) = follower(seats, decision)?;
    let until = after_days(counts_from(decision, Happened::End, end), days, &next.window.zone);
    Some((next, next.window.end.map_or(until, |e| e.min(until))))
}

/// As [`carried`], if a request stays whatever the engagement becomes.
fn kept_on<'s, 'a>(
    context: &Context,
    seats: &'s [EvaluatedEngagement<'a>],
    decision: &IndividualDecision,
) -> Option<(&'s EvaluatedEngagement<'a>, Timestamp)> {
    if context.setup.policy.request.on_conversion != OnChange::Keep {
        return None;
    }
    let (_, next) = follower(seats, decision)?;
    Some((next, next.window.end.unwrap_or(tenure_model::Instant::LAST.get())))
}

fn follower<'s, 'a>(
    seats: &'s [EvaluatedEngagement<'a>],
    decision: &IndividualDecision,
) -> Option<(Timestamp, &'s EvaluatedEngagement<'a>)> {
    if decision.kind != JustificationKind::Request {
        return None;
    }
    let since = since(decision)?;
    let end = seats.iter().find(|s| Some(s.engagement.id) == decision.engagement)?.window.end?;
    // An engagement that began before the request follows too if its beginning became known after the request.
    let began = |start: Timestamp| start > since || began_unknown(decision, start, since);
    let follows = |s: &&EvaluatedEngagement<'_>| {
        Some(s.engagement.id) != decision.engagement
            && s.window.start.is_some_and(|start| start <= end && began(start))
            && s.window.end.is_none_or(|e| e > end)
    };
    let next = seats.iter().filter(follows).min_by_key(|s| (s.window.start, s.engagement.id))?;
    Some((end, next))
}

/// When a person last confirmed that it is needed.
fn since(decision: &IndividualDecision) -> Option<Timestamp> {
    decision.reviewed.max(decision.from)
}

/// The first event since it was decided or reviewed that ends a request, by the policy.
fn ending(
    context: &Context,
    identity: &Identity,
    seats: &[EvaluatedEngagement<'_>],
    decision: &IndividualDecision,
) -> Option<Ending> {
    if decision.kind != JustificationKind::Request {
        return None;
    }
    let rule = &context.setup.policy.request;
    let since = since(decision)?;
    let seat = seats.iter().find(|s| Some(s.engagement.id) == decision.engagement)?;
    let zone = &seat.window.zone;
    let ends = |on: OnChange, why: RequestEnd, at: Timestamp| match on {
        OnChange::Keep => None,
        OnChange::EndAfterDays(days) => {
            Some(Ending { why, since: at, until: if days == 0 { at } else { after_days(at, days, zone) } })
        }
    };
    let moved = moved(context, identity, seat, decision, since)
        .and_then(|at| ends(rule.on_move, RequestEnd::Moved, at));
    let away = seat
        .window
        .away
        .iter()
        .map(|(from, until)| (*from, counts_from(decision, Happened::Absence, *from), *until));
    let away = away.filter(|(_, at, _)| *at > since).find_map(|(from, at, until)| {
        let ends = |at| ends(rule.on_absence, RequestEnd::Absent, at);
        // A person who is back before it would have ended keeps it, whenever the absence became known.
        ends(from).filter(|e| until.is_none_or(|back| back > e.until)).and_then(|_| ends(at))
    });
    let converted = decision.converted.filter(|at| *at > since);
    let converted = converted.and_then(|at| ends(rule.on_conversion, RequestEnd::Converted, at));
    let carried =
        carried(context, seats, decision).and_then(|_| follower(seats, decision)).and_then(|(end, _)| {
            ends(rule.on_conversion, RequestEnd::Continued, counts_from(decision, Happened::End, end))
        });
    [moved, away, converted, carried].into_iter().flatten().min_by_key(|e| e.until)
}

pub(crate) fn after_days(at: Timestamp, days: u32, zone: &TimeZone) -> Timestamp {
    start_of_day(add_days(local_date(at, zone), i32::try_from(days).unwrap_or(i32::MAX)), zone)
}

/// The first instant after `since` from which a change of a mover attribute counts, regardless of manual overrides.
fn moved(
    context: &Context,
    identity: &Identity,
    seat: &EvaluatedEngagement<'_>,
    decision: &IndividualDecision,
    since: Timestamp,
) -> Option<Timestamp> {
    let zone = &seat.window.zone;
    let day = local_date(since, zone);
    let lines = seat.engagement.attributes.iter();
    let lines = lines.chain(identity.supplements.iter().flat_map(|s| &s.attributes));
    let moves = |name| context.setup.attributes.get(name).is_some_and(|d| d.moves);
    let dates = lines.filter(|(name, _)| moves(*name)).flat_map(|(name, line)| {
        line.entries().iter().filter_map(move |e| Some((e.from.filter(|from| *from > day)?, name)))
    });
    let differs = |(from, name): &(Date, &tenure_model::AttributeName)| {
        let on =
            |day| winning(context, identity, seat.engagement, name, day).and_then(|(line, _)| line.at(day));
        on(add_days(*from, -1)) != on(*from)
    };
    let stated = dates.filter(differs).map(|(from, _)| start_of_day(from, zone));
    let counted = stated.map(|from| counts_from(decision, Happened::Move, from));
    let late = decision.learnt.iter().filter(|l| l.what == Happened::Move).map(|l| l.known);
    counted.chain(late).filter(|at| *at > since).min()
}

/// What must be reviewed: a request that something would end, an emergency, an exception that ends soon.
fn review(
    decision: &IndividualDecision,
    ending: Option<&Ending>,
    seats: &[EvaluatedEngagement<'_>],
    now: Timestamp,
    out: &mut Collected,
) {
    let (since, until, detail) = match (decision.kind, ending) {
        (JustificationKind::Request, Some(e)) if decision.until.is_none_or(|u| u > e.until) => {
            let Ending { why, since, until } = *e;
            (since, Some(until), FindingDetail::RequestReview { why, since, until })
        }
        (JustificationKind::Emergency, _) if decision.reviewed.is_none() => {
            let Some(from) = decision.from else { return };
            (from, None, FindingDetail::EmergencyReview)
        }
        (JustificationKind::Exception, _) => {
            let Some((seat, until)) = seats.first().zip(decision.until) else { return };
            let zone = &seat.window.zone;
            let since = start_of_day(add_days(local_date(until, zone), -EXCEPTION_REVIEW_DAYS), zone);
            (since, Some(until), FindingDetail::ExceptionReview { until })
        }
        _ => return,
    };
    if now < since {
        out.edges.push(since);
    } else if until.is_none_or(|until| now < until) {
        out.edges.extend(until);
        out.findings.push(Finding::new(decision.reference.clone(), detail));
    }
}

/// Brings decisions up to `now`: records a change of an engagement's type, and drops requests, reviewed emergencies and manual
/// overrides whose own time is over, so that no later correction revives them. What only the engagement ends stays: a rescinded end
/// brings it back.
///
/// `before` is the identity as last decided: what it did not know of the past became known now.
pub fn advance_decisions(
    context: &Context,
    before: Option<&Identity>,
    identity: &mut Identity,
    now: Timestamp,
) {
    // What a delegate approved counts as the delegator's approval, also after the delegation.
    identity
        .decisions
        .delegations
        .retain(|d| now < d.until || d.accepted.is_some_and(|accepted| accepted < d.until));
    follow_sources(context, identity, now);
    take_over(context, identity, now);
    follow_by_hand(context, identity, now);
    if let Some(before) = before {
        forget_first(before, identity);
    }
    if identity.decisions.individual.is_empty() && identity.decisions.overrides.is_empty() {
        return;
    }
    identity.decisions.overrides.retain(|o| now < o.until);
    if let Some(before) = before {
        learn(context, before, identity, now);
    }
    let kinds: BTreeMap<EngagementId, EngagementType> =
        identity.engagements.iter().map(|e| (e.id, e.kind.clone())).collect();
    for decision in &mut identity.decisions.individual {
        let kind = decision.engagement.and_then(|id| kinds.get(&id));
        if let (Some(was), Some(is)) = (&decision.work, kind)
            && was != is
        {
            (decision.work, decision.converted) = (Some(is.clone()), Some(now));
        }
    }
    let lasts: Vec<bool> = {
        let seats = seats(context, identity, now, &mut Vec::new());
        identity.decisions.individual.iter().map(|d| !is_over(context, identity, &seats, d, now)).collect()
    };
    let mut lasts = lasts.into_iter();
    identity.decisions.individual.retain(|_| lasts.next().unwrap_or(true));
}

fn is_over(
    context: &Context,
    identity: &Identity,
    seats: &[EvaluatedEngagement<'_>],
    decision: &IndividualDecision,
    now: Timestamp,
) -> bool {
    let by_itself = || decision.until.is_some_and(|u| u <= now);
    match decision.kind {
        JustificationKind::Request => {
            by_itself() || ending(context, identity, seats, decision).is_some_and(|e| e.until <= now)
        }
        JustificationKind::Emergency => decision.reviewed.is_some() && by_itself(),
        _ => false,
    }
}

/// Marks what ends requests as counted: the brake of the source that causes it has counted it.
pub(crate) fn mark_counted(context: &Context, identity: &mut Identity, now: Timestamp) {
    if identity.decisions.individual.is_empty() {
        return;
    }
    let ends: Vec<Option<Timestamp>> = {
        let seats = seats(context, identity, now, &mut Vec::new());
        let of = |d: &IndividualDecision| ending(context, identity, &seats, d).map(|e| e.until);
        identity.decisions.individual.iter().map(of).collect()
    };
    for (decision, end) in identity.decisions.individual.iter_mut().zip(ends) {
        decision.counted = end.or(decision.counted);
    }
}

/// Whether a request ended between two instants because it was not reviewed.
pub(crate) fn ended_unreviewed(
    context: &Context,
    identity: &Identity,
    from: Timestamp,
    now: Timestamp,
) -> bool {
    let seats = seats(context, identity, now, &mut Vec::new());
    identity.decisions.individual.iter().any(|d| {
        let ending = ending(context, identity, &seats, d);
        let is_new = |e: &Ending| d.until.is_none_or(|u| u > e.until) && d.counted != Some(e.until);
        ending.is_some_and(|e| from <= e.until && e.until <= now && is_new(&e))
    })
}
