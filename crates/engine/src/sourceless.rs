//! Engagements whose source was removed from the configuration: they are reported, and end by a rule of the policy, never silently.

use crate::Context;
use crate::individual::after_days;
use crate::window::window;
use jiff::Timestamp;
use tenure_model::{Engagement, EngagementState, Finding, FindingDetail, Identity, Phase};
use tenure_policy::OnChange;

/// Adapts engagements to the sources that the configuration has at `now`. An engagement without a source ends by `[lifecycle]
/// sourceless`, or at once if another source states the same under the same keys. One whose source is back is stated again.
pub(crate) fn follow_sources(context: &Context, identity: &mut Identity, now: Timestamp) {
    let has_source = |e: &Engagement| context.ranks.contains_key(&e.source);
    if identity.engagements.iter().all(|e| has_source(e) && !is_sourceless(e)) {
        return;
    }
    for place in 0..identity.engagements.len() {
        let engagement = &identity.engagements[place];
        let state = match (&engagement.state, has_source(engagement)) {
            (EngagementState::Sourceless { .. }, true) => EngagementState::Stated,
            (EngagementState::Stated, false) => sourceless(context, identity, engagement, now, now),
            (EngagementState::Sourceless { since, ends }, false) if ends.is_none_or(|e| e > now) => {
                sourceless(context, identity, engagement, *since, now)
            }
            _ => continue,
        };
        identity.engagements[place].state = state;
    }
}

fn sourceless(
    context: &Context,
    identity: &Identity,
    engagement: &Engagement,
    since: Timestamp,
    now: Timestamp,
) -> EngagementState {
    let ends = match context.setup.policy.lifecycle.sourceless {
        _ if is_taken_over(context, identity, engagement, now) => Some(now),
        OnChange::Keep => None,
        OnChange::EndAfterDays(0) => Some(since),
        OnChange::EndAfterDays(days) => {
            let zone = window(context, identity, engagement, now).zone;
            Some(after_days(since, days, &zone))
        }
    };
    EngagementState::Sourceless { since, ends }
}

/// Whether another configured source states the same: the same type under one of the same keys.
fn is_taken_over(context: &Context, identity: &Identity, engagement: &Engagement, now: Timestamp) -> bool {
    let same = |other: &&Engagement| states_same(context, engagement, other);
    let runs =
        |e: &Engagement| matches!(window(context, identity, e, now).phase, Phase::Active | Phase::Absent);
    identity.engagements.iter().filter(same).any(runs)
}

/// Whether another engagement is of the same type, under one of the same keys, and its source still exists.
pub(crate) fn states_same(context: &Context, engagement: &Engagement, other: &Engagement) -> bool {
    other.id != engagement.id
        && other.kind == engagement.kind
        && other.state == EngagementState::Stated
        && context.ranks.contains_key(&other.source)
        && (other.key == engagement.key
            || engagement.keys.iter().any(|(kind, value)| other.keys.get(kind) == Some(value)))
}

fn is_sourceless(engagement: &Engagement) -> bool {
    matches!(engagement.state, EngagementState::Sourceless { .. })
}

/// A finding for an engagement that no source states any more and that is not over.
pub(crate) fn without_source(engagement: &Engagement, phase: Phase) -> Option<Finding> {
    let EngagementState::Sourceless { ends, .. } = &engagement.state else { return None };
    (phase != Phase::Departed).then(|| {
        let detail = FindingDetail::SourceRemoved { source: engagement.source.clone(), ends: *ends };
        Finding::new(engagement.key_text(), detail)
    })
}
