//! What rules give at an instant, read off the configuration and the facts, and not off what the product decided.

use super::before::values;
use super::snapshot::Snapshot;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeSet;
use tenure_model::{Engagement, EngagementState, EntitlementName, Identity, Phase};
use tenure_policy::{Baseline, EndsAt, Given, Inputs, LocalRule};

/// Whether an engagement has begun and is not over at an instant.
pub(super) fn lasts(
    after: &Snapshot<'_>,
    identity: &Identity,
    engagement: &Engagement,
    at: Timestamp,
) -> bool {
    let zone = after.zone(&engagement.zone.name);
    let day = at.to_zoned(zone.clone()).date();
    let goes_on = match engagement.state {
        EngagementState::Stated => true,
        EngagementState::Missing { ends, .. } | EngagementState::Sourceless { ends, .. } => {
            ends.is_none_or(|ends| ends > at)
        }
        EngagementState::Withdrawn { at: withdrawn } => withdrawn > at,
    };
    let stated = match ends_with_contract(after, identity, engagement, at) {
        true => engagement.end.or(engagement.last_day),
        false => engagement.stated_end(),
    };
    let ends = stated.map(|end| end.instant(&zone));
    goes_on && ends.is_none_or(|end| end > at) && engagement.start.is_none_or(|start| start <= day)
}

/// Whether the policy, or a local rule that holds at an instant, lets access last until the contract ends.
fn ends_with_contract(
    after: &Snapshot<'_>,
    identity: &Identity,
    engagement: &Engagement,
    at: Timestamp,
) -> bool {
    let policy = &after.setup().policy;
    let values = values(after, identity, engagement, at);
    let inputs = Inputs {
        attributes: Some(&values),
        engagement_type: Some(&engagement.kind),
        engagement_source: Some(&engagement.source),
        identity_kind: Some(identity.kind),
        ..Inputs::default()
    };
    let holds = |rule: &&LocalRule| rule.when.holds(&inputs).unwrap_or(false);
    let local = policy.local.iter().filter(holds).find_map(|rule| rule.ends_at);
    local.unwrap_or(policy.lifecycle.ends_at) == EndsAt::ContractEnd
}

/// Rules that give something to an engagement of an identity that is active at an instant.
pub(super) fn rules<'s>(
    after: &'s Snapshot<'_>,
    identity: &Identity,
    engagement: &Engagement,
    at: Timestamp,
) -> Vec<&'s Baseline> {
    let values = values(after, identity, engagement, at);
    let inputs = Inputs {
        attributes: Some(&values),
        engagement_type: Some(&engagement.kind),
        engagement_source: Some(&engagement.source),
        identity_kind: Some(identity.kind),
        phase: Some(Phase::Active),
        identifiers: Some(&identity.identifiers),
        former: Some(&identity.naming.former),
        ..Inputs::default()
    };
    let gives = |b: &&Baseline| b.during.contains(&Phase::Active) && b.when.holds(&inputs).unwrap_or(false);
    after.setup().policy.baselines.iter().filter(gives).collect()
}

/// What a rule gives by name.
pub(super) fn entitlements(rule: &Baseline) -> impl Iterator<Item = &EntitlementName> {
    rule.grant.iter().filter_map(|given| match given {
        Given::One(entitlement) => Some(entitlement),
        Given::Each { .. } => None,
    })
}

/// Whether a rule gives something to an identity at an instant, by whichever engagement lasts then.
pub(super) fn is_given(
    after: &Snapshot<'_>,
    identity: &Identity,
    what: &EntitlementName,
    at: Timestamp,
) -> bool {
    identity.engagements.iter().filter(|e| lasts(after, identity, e, at)).any(|engagement| {
        let mut all = rules(after, identity, engagement, at).into_iter();
        all.any(|rule| entitlements(rule).any(|e| e == what))
    })
}

/// The days after today on which a value of an identity changes, as far as it is known.
pub(super) fn days_ahead(identity: &Identity, today: Date) -> BTreeSet<Date> {
    let own = identity.engagements.iter().flat_map(|e| e.attributes.values());
    let added = identity.supplements.iter().flat_map(|s| s.attributes.values());
    let entries = own.chain(added).flat_map(|line| line.entries());
    entries.filter_map(|entry| entry.from).filter(|from| *from > today).collect()
}
