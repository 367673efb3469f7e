//! When an engagement prepares, begins, pauses and ends, as instants, and its phase at an instant.

use crate::Context;
use crate::overruled::better_stated;
use crate::zones::{EngagementZones, zones};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tenure_model::when::{add_days, end_of_day, local_date, start_of_day};
use tenure_model::{
    Engagement, EngagementId, EngagementState, Finding, FindingDetail, Identity, LocalEnd, Phase,
};
use tenure_policy::EndsAt;

/// The instants of one engagement.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub(crate) zone: TimeZone,
    /// The local day at `now`.
    pub(crate) today: Date,
    /// The day whose attribute values count: today, limited to the days of the engagement.
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
    /// What is doubtful about these instants.
    pub(crate) findings: Vec<Finding>,
}

/// The windows of an identity's engagements at one moment, each computed once.
#[derive(Debug)]
pub(crate) struct Timeline<'a>(Vec<(&'a Engagement, Window)>);

impl<'a> Timeline<'a> {
    /// The timeline of an identity at `now`.
    pub(crate) fn of(context: &Context, identity: &'a Identity, now: Timestamp) -> Self {
        Self(identity.engagements.iter().map(|e| (e, window(context, identity, e, now))).collect())
    }

    /// The phase of the identity: that of its most active engagement.
    pub(crate) fn phase(&self) -> Phase {
        self.windows().map(|w| w.phase).max().unwrap_or(Phase::Expected)
    }

    /// Its engagements, each with its window.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a Engagement, &Window)> {
        self.0.iter().map(|(engagement, window)| (*engagement, window))
    }

    /// The windows of its engagements.
    pub(crate) fn windows(&self) -> impl Iterator<Item = &Window> {
        self.0.iter().map(|(_, window)| window)
    }

    /// The window of one of its engagements.
    pub(crate) fn window_of(&self, engagement: EngagementId) -> Option<&Window> {
        self.iter().find(|(e, _)| e.id == engagement).map(|(_, window)| window)
    }
}

impl<'a> IntoIterator for Timeline<'a> {
    type Item = (&'a Engagement, Window);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The window of one engagement at `now`.
pub(crate) fn window(
    context: &Context,
    identity: &Identity,
    engagement: &Engagement,
    now: Timestamp,
) -> Window {
    let mut findings = Vec::new();
    let EngagementZones { ends: zone, starts } = zones(context, engagement, now, &mut findings);
    let today = local_date(now, &zone);
    let lifecycle = &context.setup.policy.lifecycle;
    let (ends_at, keep_days) = crate::local::lifecycle(context, identity, engagement, today, now);
    let start = engagement.start.map(|d| start_of_day(d, &starts));
    let prepare = engagement.start.map(|d| start_of_day(add_days(d, -days(lifecycle.prepare_days)), &starts));
    let own = own_end(context, engagement, ends_at, &zone);
    let end = match better_stated(context, identity, engagement) {
        Some(better) => overruled(context, identity, engagement, own, better, now, &mut findings),
        None => own,
    };
    let away = away(engagement, &zone, days(context.setup.policy.absence.after_days));
    let phase = phase_at(now, prepare, start, end, &away, &engagement.state);
    let keep_until = end.map(|e| {
        // The last day of access is the day before an end at midnight; a grace period belongs to the day before it.
        let moment_before = e.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(e);
        let stated = stated_end(engagement, ends_at).filter(|_| end == own && is_stated(engagement));
        let last = stated.map_or(local_date(moment_before, &zone), |s| s.date);
        end_of_day(add_days(last, days(keep_days)), &zone)
    });
    let mut edges: Vec<Timestamp> = [prepare, start, end].into_iter().flatten().collect();
    edges.extend(away.iter().flat_map(|(from, until)| [Some(*from), *until]).flatten());
    let first = engagement.start.unwrap_or(Date::MIN);
    let last = end.map_or(Date::MAX, |e| local_date(e, &zone));
    let day = today.max(first).min(last.max(first));
    Window { zone, today, day, phase, start, end, keep_until, away, edges, findings }
}

/// The first instant after access, as the engagement's own source states it.
fn own_end(
    context: &Context,
    engagement: &Engagement,
    ends_at: EndsAt,
    zone: &TimeZone,
) -> Option<Timestamp> {
    let stated = stated_end(engagement, ends_at).map(|e| {
        let at = e.instant(zone);
        // The grace period is for a night shift that continues after a last day; an end with a stated time has none.
        let grace = match e.time {
            None => context.setup.policy.lifecycle.end_grace,
            Some(_) => SignedDuration::ZERO,
        };
        tenure_model::range::moved(at, grace)
    });
    match &engagement.state {
        EngagementState::Stated => stated,
        EngagementState::Missing { ends, .. } | EngagementState::Sourceless { ends, .. } => {
            earliest(stated, *ends)
        }
        EngagementState::Withdrawn { at } => earliest(stated, Some(*at)),
    }
}

/// The end that counts if a source with a better rank states the same engagement: that source's. An earlier one is reported as soon as
/// it is known.
fn overruled(
    context: &Context,
    identity: &Identity,
    engagement: &Engagement,
    own: Option<Timestamp>,
    better: &Engagement,
    now: Timestamp,
    findings: &mut Vec<Finding>,
) -> Option<Timestamp> {
    // A withdrawal is not a different statement of a date.
    if !is_stated(engagement) {
        return own;
    }
    let end = window(context, identity, better, now).end;
    if let Some(own) = own.filter(|own| end.is_none_or(|end| *own < end)) {
        let record = engagement.key_text();
        let better = better.key_text();
        let detail = FindingDetail::EarlierEnd { record: record.clone(), end: own, better, better_end: end };
        findings.push(Finding::new(record, detail));
    }
    end
}

fn is_stated(engagement: &Engagement) -> bool {
    engagement.state == EngagementState::Stated
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
