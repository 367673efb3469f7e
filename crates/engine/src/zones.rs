//! The zones in which the days of an engagement begin and end: if not stated, early for ends and late for beginnings.

use crate::Context;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use std::sync::Arc;
use tenure_model::when::start_of_day;
use tenure_model::{Engagement, Finding, FindingDetail, ZoneSource};
use tenure_policy::ZoneRule;

/// The zones of one engagement.
pub(crate) struct EngagementZones {
    /// For its ends and its days.
    pub(crate) ends: TimeZone,
    /// For its beginning.
    pub(crate) starts: TimeZone,
}

/// The zones of an engagement, with a finding if its source does not state its location.
pub(crate) fn zones(
    context: &Context,
    engagement: &Engagement,
    now: Timestamp,
    findings: &mut Vec<Finding>,
) -> EngagementZones {
    let name = &engagement.zone.name;
    let (ends, detail) = match context.zones.get(name) {
        Ok(zone) if engagement.zone.source != ZoneSource::EarliestDeclared => {
            return EngagementZones { starts: zone.clone(), ends: zone };
        }
        Ok(zone) => {
            let (source, key) = (engagement.source.clone(), engagement.key.clone());
            (zone, FindingDetail::ZoneAssumed { source, key, zone: name.clone() })
        }
        Err(e) => {
            let detail = FindingDetail::ZoneUnreadable { problem: e.to_string().into() };
            (TimeZone::fixed(Offset::constant(14)), detail)
        }
    };
    let starts = latest(context, engagement);
    // An engagement that began long ago and states no end has no date that depends on it.
    if engagement.stated_end().is_some()
        || engagement.start.is_some_and(|day| start_of_day(day, &starts) > now)
    {
        findings.push(Finding::new(engagement.key_text(), detail));
    }
    EngagementZones { ends, starts }
}

/// Of the zones that the source declares, the one in which the first day begins last; UTC−12, the latest one, if it declares none.
fn latest(context: &Context, engagement: &Engagement) -> TimeZone {
    let day = engagement.start.unwrap_or(Date::constant(2000, 1, 1));
    let declared = context.setup.sources.get(&engagement.source).map(|s| names(&s.zone)).unwrap_or_default();
    let known = declared.into_iter().filter_map(|name| context.zones.get(name).ok());
    known.max_by_key(|zone| start_of_day(day, zone)).unwrap_or(TimeZone::fixed(Offset::constant(-12)))
}

fn names(rule: &ZoneRule) -> Vec<&Arc<str>> {
    let tables = [&rule.location, &rule.entity].into_iter().flatten();
    let listed = tables.flat_map(|(_, table)| table.values());
    listed.chain(&rule.default).chain(&rule.earliest).collect()
}
