//! One engagement stated by two sources: the end of the source with the better rank applies; an earlier end in the other is reported.

use crate::Context;
use tenure_model::{Engagement, EngagementState, Identity};
use tenure_policy::CorrelateRule;

/// The statement of the same engagement by a source with a better rank: of the same type, under the same strong key, for a time that
/// overlaps.
pub(crate) fn better_stated<'i>(
    context: &Context,
    identity: &'i Identity,
    engagement: &Engagement,
) -> Option<&'i Engagement> {
    if identity.engagements.len() < 2 {
        return None;
    }
    let rank = |e: &Engagement| context.ranks.get(&e.source).copied().unwrap_or(u16::MAX);
    let same = |other: &&Engagement| {
        other.source != engagement.source
            && other.kind == engagement.kind
            && other.state == EngagementState::Stated
            && rank(other) < rank(engagement)
            && share_a_key(context, engagement, other)
            && overlap(engagement, other)
    };
    identity.engagements.iter().filter(same).min_by_key(|e| rank(e))
}

/// Whether both sources state the same value for a key by which both link without asking.
pub(crate) fn share_a_key(context: &Context, a: &Engagement, b: &Engagement) -> bool {
    let strong = |engagement: &Engagement, key: &str| {
        let rules = context.setup.sources.get(&engagement.source).map(|s| &s.correlate);
        rules.is_some_and(|all| {
            all.iter().any(|r| matches!(r, CorrelateRule::Exact { key: k, .. } if &**k == key))
        })
    };
    a.keys.iter().any(|(key, value)| b.keys.get(key) == Some(value) && strong(a, key) && strong(b, key))
}

fn overlap(a: &Engagement, b: &Engagement) -> bool {
    let begins_within = |one: &Engagement, other: &Engagement| match (one.start, other.stated_end()) {
        (Some(start), Some(end)) => start <= end.date,
        _ => true,
    };
    begins_within(a, b) && begins_within(b, a)
}
