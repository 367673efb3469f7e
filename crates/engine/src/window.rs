//! When an engagement prepares, begins, pauses and ends, as instants, and what its phase is at one of them.

use crate::Context;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tenure_model::when::{add_days, end_of_day, local_date, start_of_day};
use tenure_model::{
    Engagement, EngagementState, Finding, FindingKind, Identity, LocalEnd, Phase, ZoneSource,
};
use tenure_policy::EndsAt;

/// The instants of one engagement.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub(crate) zone: TimeZone,
    /// The local day at `now`.
    pub(crate) today: Date,
    /// The day whose attribute values count: today, held within the engagement.
    pub(crate) day: Date,
    pub(crate) phase: Phase,
    /// First instant of access; `None` is "always".
    pub(crate) start: Option<Timestamp>,
    /// First instant after access.
    pub(crate) end: Option<Timestamp>,
    /// First instant at which the accounts of a departed person may be deleted.
    pub(crate) keep_until: Option<Timestamp>,
    /// Absences that count, each from its first instant until just before the return.
    pub(crate) away: Vec<(Timestamp, Option<Timestamp>)>,
    /// Instants at which the phase changes by itself.
    pub(crate) edges: Vec<Timestamp>,
}

/// The window of an engagement at `now`.
pub(crate) fn window(
    context: &Context,
    identity: &Identity,
    engagement: &Engagement,
    now: Timestamp,
    findings: &mut Vec<Finding>,
) -> Window {
    let zone = zone_of(context, engagement, findings);
    let today = local_date(now, &zone);
    let lifecycle = &context.setup.policy.lifecycle;
    let (ends_at, keep_days) = crate::local::lifecycle(context, identity, engagement, today, now);
    let start = engagement.start.map(|d| start_of_day(d, &zone));
    let prepare = engagement.start.map(|d| start_of_day(add_days(d, -days(lifecycle.prepare_days)), &zone));
    let stated = stated_end(engagement, ends_at).map(|e| {
        let at = e.instant(&zone);
        // The grace is for a night shift that goes on after a last day; an end that states its time means it.
        let grace = if e.time.is_none() { lifecycle.end_grace } else { jiff::SignedDuration::ZERO };
        at.checked_add(grace).unwrap_or(at)
    });
    let end = match &engagement.state {
        EngagementState::Stated => stated,
        EngagementState::Missing { ends, .. } => earliest(stated, *ends),
        EngagementState::Withdrawn { at } => earliest(stated, Some(*at)),
    };
    let away = away(engagement, &zone, days(context.setup.policy.absence.after_days));
    let phase = phase_at(now, prepare, start, end, &away, &engagement.state);
    let keep_until = end.map(|e| end_of_day(add_days(local_date(e, &zone), days(keep_days)), &zone));
    let mut edges: Vec<Timestamp> = [prepare, start, end].into_iter().flatten().collect();
    edges.extend(away.iter().flat_map(|(from, until)| [Some(*from), *until]).flatten());
    let first = engagement.start.unwrap_or(Date::MIN);
    let last = end.map_or(Date::MAX, |e| local_date(e, &zone));
    let day = today.max(first).min(last.max(first));
    Window { zone, today, day, phase, start, end, keep_until, away, edges }
}

fn zone_of(context: &Context, engagement: &Engagement, findings: &mut Vec<Finding>) -> TimeZone {
    let name = &engagement.zone.name;
    match context.zones.get(name) {
        Ok(zone) => {
            if engagement.zone.source == ZoneSource::EarliestDeclared && engagement.stated_end().is_some() {
                findings.push(Finding {
                    kind: FindingKind::UnknownZone,
                    about: engagement.key_text(),
                    text: format!(
                        "the zone of the end of {}:{} is not known: the earliest that the source declares, {name}, is used",
                        engagement.source, engagement.key
                    )
                    .into(),
                });
            }
            zone
        }
        Err(e) => {
            findings.push(Finding {
                kind: FindingKind::UnknownZone,
                about: engagement.key_text(),
                text: format!("{e}: UTC+14, the earliest zone there is, is used; correct the source").into(),
            });
            TimeZone::fixed(jiff::tz::Offset::constant(14))
        }
    }
}

fn stated_end(engagement: &Engagement, ends_at: EndsAt) -> Option<LocalEnd> {
    match ends_at {
        EndsAt::Earliest => engagement.stated_end(),
        EndsAt::ContractEnd => engagement.end.or(engagement.last_day),
    }
}

fn away(engagement: &Engagement, zone: &TimeZone, after_days: i32) -> Vec<(Timestamp, Option<Timestamp>)> {
    engagement
        .absences
        .iter()
        .map(|a| (start_of_day(add_days(a.from, after_days), zone), a.until.map(|u| end_of_day(u, zone))))
        .filter(|(from, until)| until.is_none_or(|u| u > *from))
        .collect()
}

fn phase_at(
    now: Timestamp,
    prepare: Option<Timestamp>,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    away: &[(Timestamp, Option<Timestamp>)],
    state: &EngagementState,
) -> Phase {
    if end.is_some_and(|e| now >= e) || matches!(state, EngagementState::Withdrawn { at } if now >= *at) {
        Phase::Departed
    } else if prepare.is_some_and(|p| now < p) {
        Phase::Expected
    } else if start.is_some_and(|s| now < s) {
        Phase::Preparing
    } else if away.iter().any(|(from, until)| now >= *from && until.is_none_or(|u| now < u)) {
        Phase::Absent
    } else {
        Phase::Active
    }
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn days(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}
