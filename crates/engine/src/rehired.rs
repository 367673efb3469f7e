//! An engagement that a status code ended after it had begun, and that is stated again: a rehire. No decision made for the first time
//! continues.

use jiff::{SignedDuration, Timestamp};
use tenure_model::when::start_of_day;
use tenure_model::{Engagement, EngagementId, EngagementState, Identity};

/// When a source's status ended an engagement that had begun: this is not a stated end that could be rescinded.
fn left_by_status(engagement: &Engagement) -> Option<Timestamp> {
    let EngagementState::Withdrawn { at } = engagement.state else { return None };
    // 24 hours after a day began in UTC, it has begun in every time zone.
    let begun = |start| start_of_day(start, &jiff::tz::TimeZone::UTC) + SignedDuration::from_hours(24) <= at;
    engagement.start.is_none_or(begun).then_some(at)
}

/// The engagements that a status had ended and that are stated again, each with when it ended.
pub(crate) fn began_anew<'i>(
    before: &'i Identity,
    after: &'i Identity,
) -> impl Iterator<Item = (EngagementId, Timestamp)> + 'i {
    let is_there = |e: &Engagement| !matches!(e.state, EngagementState::Withdrawn { .. });
    let ended = before.engagements.iter().filter_map(|e| Some((e.id, left_by_status(e)?)));
    ended.filter(move |(id, _)| after.engagements.iter().any(|e| e.id == *id && is_there(e)))
}

/// Ends what was decided for an engagement that begins anew: requests ended with it, and an answer of the first time is no answer for
/// the second.
pub(crate) fn forget_first(before: &Identity, after: &mut Identity) {
    let anew: Vec<(EngagementId, Timestamp)> = began_anew(before, after).collect();
    for (id, at) in anew {
        let decisions = &mut after.decisions;
        for decision in decisions.individual.iter_mut().filter(|d| d.engagement == Some(id)) {
            decision.until = Some(decision.until.map_or(at, |until| until.min(at)));
        }
        decisions.answers.retain(|_, a| a.reason.engagement != Some(id));
        decisions.reasons.retain(|reason, _| reason.engagement != Some(id));
    }
}
