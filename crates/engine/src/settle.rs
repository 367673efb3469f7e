//! The settle function: what is due for an identity now, why, and when to ask again.

use crate::Context;
use crate::accounts::accounts;
use crate::custody::custody;
use crate::gap::gap;
use crate::grants::{Collected, EvaluatedEngagement, baseline, exceptions, handover};
use crate::individual::individual_decisions;
use crate::owners::owners;
use crate::reasons::{Judging, judge};
use crate::references::{reference_texts, references};
use crate::separation::separate;
use crate::sourceless::without_source;
use crate::suspended::suspended;
use crate::values::{Values, next_value_change};
use crate::watch::watched;
use crate::window::Timeline;
use jiff::Timestamp;
use std::cmp::Reverse;
use tenure_model::{DueGrant, Engagement, Finding, Identity, Pause, Phase, Settlement, Subject};
use tenure_policy::ClassCache;

/// The settlement of one identity at `now`. Total and deterministic: equal arguments give equal answers, and settling again after
/// carrying out this answer changes nothing before [`Settlement::next`].
///
/// `cache` only saves work; it must belong to the context's configuration.
#[must_use]
pub fn settle(context: &Context, subject: &Subject, cache: &mut ClassCache, now: Timestamp) -> Settlement {
    let mut settlement = answer(context, subject, cache, now);
    // An edge that changes nothing schedules nothing: look past it, with the same code.
    for _ in 0..LOOK_AHEAD_MAX {
        let Some(edge) = settlement.next else { break };
        let later = answer(context, subject, cache, edge);
        let named_otherwise = || crate::rename::named_otherwise(context, &subject.identity, now, edge);
        if differs(&settlement, &later) || refers_elsewhere(context, subject, now, edge) || named_otherwise()
        {
            break;
        }
        settlement.next = later.next;
    }
    settlement
}

/// Maximum number of edges that are skipped; after that many without effect, a settlement is scheduled for nothing.
const LOOK_AHEAD_MAX: u32 = 16;

/// Whether a later answer differs.
fn differs(now: &Settlement, later: &Settlement) -> bool {
    let accounts = |s: &Settlement| -> Vec<_> {
        s.accounts.iter().map(|a| (a.key.clone(), a.state, a.attributes.clone())).collect()
    };
    let findings =
        |s: &Settlement| -> Vec<_> { s.findings.iter().map(|f| (f.kind(), f.about.clone())).collect() };
    now.phase != later.phase
        || now.engagements != later.engagements
        || now.grants != later.grants
        || now.questions != later.questions
        || now.suspended != later.suspended
        || accounts(now) != accounts(later)
        || findings(now) != findings(later)
}

/// Whether the identity refers to a different person then: that reference, and what follows from it, can only be resolved at that
/// instant.
fn refers_elsewhere(context: &Context, subject: &Subject, now: Timestamp, later: Timestamp) -> bool {
    reference_texts(context, &subject.identity, now) != reference_texts(context, &subject.identity, later)
}

/// The answer at an instant; `next` is the first edge after it, whether it changes anything or not.
fn answer(context: &Context, subject: &Subject, cache: &mut ClassCache, now: Timestamp) -> Settlement {
    let identity = &subject.identity;
    let mut out = Collected::default();
    let seats = seats(context, identity, now, &mut out.findings);
    let phase = seats.iter().map(|s| s.window.phase).max().unwrap_or(match identity.erased {
        Some(_) => Phase::Erased,
        None => Phase::Expected,
    });
    let cut_off = identity.is_cut_off();
    for seat in &seats {
        baseline(context, identity, seat, cache, &mut out);
    }
    individual_decisions(context, identity, &seats, now, &mut out);
    exceptions(context, identity, &seats, now, &mut out);
    let owners = owners(context, subject, &mut out);
    if cut_off {
        out.suspend_all();
    }
    let primary = primary(context, &seats);
    judge(&Judging { context, subject, seats: &seats, primary, now }, &mut out);
    handover(context, subject, &seats, now, &mut out);
    separate(context, subject, now, &mut out);
    for justifications in out.due.values_mut() {
        justifications.sort();
        justifications.dedup();
    }
    let reads = references(subject, &seats, owners, &mut out.findings);
    watched(context, identity, &seats, &mut out.findings);
    let custody = custody(context, subject, primary, now, &mut out);
    let accounts = accounts(context, subject, &seats, primary, phase, custody, now, &mut out);
    edges(context, identity, &seats, now, &mut out);
    crate::cut_off::review(identity, now, &mut out);
    let (suspended, forgone) = suspended(context, subject, &seats, phase, now, &out);
    out.findings.sort();
    out.findings.dedup();
    let waits = matches!(phase, Phase::Expected | Phase::Preparing);
    let gap = gap(context, seats.iter().map(|s| &s.window), now).filter(|g| waits && g.from <= now);
    Settlement {
        phase,
        cut_off,
        between: gap.map(|g| if g.is_long { Pause::Long } else { Pause::Short }),
        engagements: seats.iter().map(|s| (s.engagement.id, s.window.phase)).collect(),
        primary: primary.map(|s| s.engagement.id),
        accounts,
        grants: out
            .due
            .into_iter()
            .map(|((account, entitlement), justifications)| DueGrant { account, entitlement, justifications })
            .collect(),
        questions: out.questions,
        ahead: Vec::new(),
        reasons: out.reasons,
        suspended,
        forgone,
        next: out.edges.into_iter().filter(|e| *e > now).min(),
        reads,
        findings: out.findings,
    }
}

/// The phase of an identity at an instant: that of its most active engagement.
#[must_use]
pub fn phase(context: &Context, identity: &Identity, now: Timestamp) -> Phase {
    Timeline::of(context, identity, now).phase()
}

pub(crate) fn seats<'a>(
    context: &Context,
    identity: &'a Identity,
    now: Timestamp,
    findings: &mut Vec<Finding>,
) -> Vec<EvaluatedEngagement<'a>> {
    Timeline::of(context, identity, now)
        .into_iter()
        .map(|(engagement, mut window)| {
            findings.append(&mut window.findings);
            findings.extend(without_source(engagement, window.phase));
            let values = Values::of(context, identity, engagement, window.day, now);
            EvaluatedEngagement { engagement, window, values }
        })
        .collect()
}

/// The engagement that single-valued attributes come from: the most active, then the first by [`precedence`].
fn primary<'s, 'a>(
    context: &Context,
    seats: &'s [EvaluatedEngagement<'a>],
) -> Option<&'s EvaluatedEngagement<'a>> {
    let here = seats.iter().filter(|s| s.window.phase != Phase::Departed);
    here.min_by_key(|s| rank(context, s.engagement, s.window.phase))
}

/// The lowest is the primary one.
pub(crate) fn rank(context: &Context, engagement: &Engagement, phase: Phase) -> impl Ord + use<> {
    (Reverse(phase), precedence(context, engagement))
}

/// The order of engagements, independent of their order of arrival: the declared order of types, the source's rank, the earlier start,
/// then the key.
pub(crate) fn precedence(context: &Context, engagement: &Engagement) -> impl Ord + use<> {
    let order = &context.setup.policy.lifecycle.primary;
    let place = order.iter().position(|o| *o == engagement.kind).unwrap_or(order.len());
    let source = context.ranks.get(&engagement.source).copied().unwrap_or(u16::MAX);
    (place, source, engagement.start, engagement.key.clone(), engagement.source.clone(), engagement.id)
}

/// The engagement from which single-valued attributes come at an instant, and to which individual decisions belong; `None` for a
/// departed identity.
#[must_use]
pub fn primary_engagement(
    context: &Context,
    identity: &Identity,
    now: Timestamp,
) -> Option<tenure_model::EngagementId> {
    let seats = seats(context, identity, now, &mut Vec::new());
    primary(context, &seats).map(|s| s.engagement.id)
}

fn edges(
    context: &Context,
    identity: &Identity,
    seats: &[EvaluatedEngagement<'_>],
    now: Timestamp,
    out: &mut Collected,
) {
    for seat in seats {
        out.edges.extend(seat.window.edges.iter().copied());
        if seat.window.phase != Phase::Departed {
            let next =
                next_value_change(context, identity, seat.engagement, seat.window.day, &seat.window.zone);
            out.edges.extend(next);
        }
    }
    out.edges.extend(identity.decisions.overrides.iter().map(|o| o.until).filter(|u| *u > now));
}

/// The class of each engagement at `now`, as stored bytes: what-if counts these instead of people.
#[must_use]
pub fn classes(
    context: &Context,
    identity: &Identity,
    now: Timestamp,
) -> Vec<(tenure_model::EngagementId, std::sync::Arc<[u8]>)> {
    let policy = &context.setup.policy;
    seats(context, identity, now, &mut Vec::new())
        .iter()
        .filter(|s| s.window.phase != Phase::Departed)
        .map(|s| (s.engagement.id, crate::encode_class(&policy.class_of(&s.inputs(identity)))))
        .collect()
}
