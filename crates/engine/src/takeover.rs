//! One engagement under another number or in another source: approvals and requests continue, because nothing grew.

use crate::Context;
use crate::binding::binding;
use crate::overruled::share_a_key;
use crate::sourceless::states_same;
use jiff::Timestamp;
use tenure_model::{Engagement, EngagementId, EngagementState, Identity, Name as _, Reason};

/// The engagement that another one replaces: of the same type and with the same first day, no longer stated and not over before now.
/// Its source was removed, or its record is missing and the other one names its number or has a key by which both link without asking.
pub(crate) fn predecessor<'i>(
    context: &Context,
    identity: &'i Identity,
    next: &Engagement,
    now: Timestamp,
) -> Option<&'i Engagement> {
    if identity.engagements.len() < 2 || next.state != EngagementState::Stated {
        return None;
    }
    let names = |old: &Engagement| next.keys.values().any(|value| **value == *old.key.as_str());
    let continues = |old: &&Engagement| {
        let lasts = |ends: Option<Timestamp>| ends.is_none_or(|ends| ends >= now);
        let is_left = match old.state {
            EngagementState::Sourceless { ends, .. } => lasts(ends) && states_same(context, old, next),
            EngagementState::Missing { ends, .. } => {
                lasts(ends) && (names(old) || share_a_key(context, old, next))
            }
            _ => false,
        };
        is_left && old.id != next.id && old.kind == next.kind && old.start == next.start
    };
    identity.engagements.iter().find(continues)
}

/// Moves what was decided for an engagement to the one that replaces it.
pub(crate) fn take_over(context: &Context, identity: &mut Identity, now: Timestamp) {
    let pair = |next: &Engagement| Some((predecessor(context, identity, next, now)?.id, next.id));
    let pairs: Vec<(EngagementId, EngagementId)> = identity.engagements.iter().filter_map(pair).collect();
    for (old, next) in pairs {
        let (whose, decisions) = (identity.id, &mut identity.decisions);
        for decision in decisions.individual.iter_mut().filter(|d| d.engagement == Some(old)) {
            decision.engagement = Some(next);
        }
        let of_next = |reason: &Reason| Reason { engagement: Some(next), ..reason.clone() };
        // Both exist for a while: the old one keeps its answers until it is over.
        let of_old: Vec<_> =
            decisions.answers.values().filter(|a| a.reason.engagement == Some(old)).cloned().collect();
        for mut answer in of_old {
            answer.reason = of_next(&answer.reason);
            let key = binding(whose, &answer.rule, (&answer.reason, answer.until, &answer.inputs));
            decisions.answers.entry(key).or_insert(answer);
        }
        let of_old: Vec<_> = decisions.reasons.iter().filter(|(r, _)| r.engagement == Some(old)).collect();
        let of_old: Vec<_> = of_old.into_iter().map(|(r, w)| (of_next(r), w.clone())).collect();
        for (reason, waiting) in of_old {
            decisions.reasons.entry(reason).or_insert(waiting);
        }
    }
}
