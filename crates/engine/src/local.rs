//! Local law and agreements: which date ends access, how long accounts are kept, and who may read what.

use crate::Context;
use crate::values::Values;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{AttributeName, Engagement, Identity};
use tenure_policy::{EndsAt, Inputs, LocalRule};

/// The date that ends access and the keeping time, after local rules; the first rule that states one wins.
pub(crate) fn lifecycle(
    context: &Context,
    identity: &Identity,
    engagement: &Engagement,
    today: Date,
    now: Timestamp,
) -> (EndsAt, u32) {
    let policy = &context.setup.policy;
    let (mut ends_at, mut keep_days) = (None, None);
    // A rule that cannot be evaluated does not apply: access then ends at the policy's own, earlier, date.
    for rule in rules(context, identity, engagement, today, now, false) {
        ends_at = ends_at.or(rule.ends_at);
        keep_days = keep_days.or(rule.keep_days);
    }
    (ends_at.unwrap_or(policy.lifecycle.ends_at), keep_days.unwrap_or(policy.lifecycle.keep_days))
}

/// Attributes of an engagement that only some roles may read, with those roles; the first rule that names one wins. A rule that cannot
/// be evaluated withholds.
#[must_use]
pub fn withheld(
    context: &Context,
    identity: &Identity,
    engagement: &Engagement,
    today: Date,
    now: Timestamp,
) -> BTreeMap<AttributeName, Arc<str>> {
    let mut found = BTreeMap::new();
    for rule in rules(context, identity, engagement, today, now, true) {
        let Some(withheld) = &rule.withheld else { continue };
        for attribute in &withheld.attributes {
            found.entry(attribute.clone()).or_insert_with(|| withheld.readers.clone());
        }
    }
    found
}

/// Local rules that apply to an engagement, in order; `doubtful` is the result for a rule that cannot be evaluated.
fn rules<'c>(
    context: &'c Context,
    identity: &Identity,
    engagement: &Engagement,
    today: Date,
    now: Timestamp,
    doubtful: bool,
) -> Vec<&'c LocalRule> {
    let policy = &context.setup.policy;
    if policy.local.is_empty() {
        return Vec::new();
    }
    let values = Values::of(context, identity, engagement, today, now);
    let inputs = Inputs {
        engagement_type: Some(&engagement.kind),
        engagement_source: Some(&engagement.source),
        identity_kind: Some(identity.kind),
        ..values.inputs()
    };
    policy.local.iter().filter(|r| r.when.holds(&inputs).unwrap_or(doubtful)).collect()
}
