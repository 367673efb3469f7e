//! The parts of a configuration that give changed access: their authors caused what follows.

use crate::{Baseline, Given, Handover, Policy, SetUp};
use std::collections::BTreeSet;
use tenure_model::{ConfigPart, EntitlementName, Name as _};

/// Every part of a configuration that gives or keeps access. The pattern names each kind of rule, so that a new one is decided here.
#[must_use]
pub fn giving(setup: &SetUp) -> BTreeSet<ConfigPart> {
    let Policy {
        baselines,
        handovers,
        bundles,
        // An exception is control: a configuration that gives more by one waits for a second person.
        exceptions: _,
        // These give no access: they ask, forbid, report, name, or set dates.
        local: _,
        approvals: _,
        separations: _,
        watches: _,
        identifiers: _,
        lifecycle: _,
        absence: _,
        request: _,
        ask_ahead: _,
        custody: _,
        retention: _,
        labels: _,
        index: _,
    } = &setup.policy;
    let baselines = baselines.iter().map(|r| ConfigPart::Baseline(r.name.clone()));
    baselines
        .chain(handovers.iter().map(|r| ConfigPart::Handover(r.name.clone())))
        .chain(bundles.keys().cloned().map(ConfigPart::Bundle))
        .chain(setup.sources.keys().cloned().map(ConfigPart::Source))
        .collect()
}

/// The parts that differ in the active configuration. A rule also differs if a bundle that it gives, or the owner of an entitlement
/// that it names, changes what it gives.
#[must_use]
pub fn given_anew(active: &SetUp, proposed: &SetUp) -> BTreeSet<ConfigPart> {
    giving(proposed).into_iter().filter(|part| is_anew(part, active, proposed)).collect()
}

fn is_anew(part: &ConfigPart, active: &SetUp, proposed: &SetUp) -> bool {
    let (old, new) = (&active.policy, &proposed.policy);
    match part {
        ConfigPart::Baseline(name) => {
            let rule = |setup: &SetUp| {
                let found = setup.policy.baselines.iter().find(|r| r.name == *name);
                found.map(|rule| baseline(rule, setup))
            };
            rule(active) != rule(proposed)
        }
        ConfigPart::Handover(name) => {
            let rule = |rules: &[Handover]| rules.iter().find(|r| r.name == *name).map(handover);
            rule(&old.handovers) != rule(&new.handovers)
        }
        ConfigPart::Bundle(name) => {
            old.bundles.get(name).map(|b| &b.entitlements) != new.bundles.get(name).map(|b| &b.entitlements)
        }
        ConfigPart::Source(name) => {
            let reading = |setup: &SetUp| setup.sources.get(name).map(crate::Source::reading);
            reading(active) != reading(proposed)
        }
    }
}

/// The content of a rule, independent of its place, with the managed part of it: nothing else is granted.
fn baseline(rule: &Baseline, setup: &SetUp) -> String {
    let managed: Vec<Vec<String>> = rule.grant.iter().map(|given| managed(given, setup)).collect();
    format!("{} {:?} {:?} {managed:?}", rule.when.source(), rule.grant, rule.during)
}

/// The declared entitlements with an owner that match a grant of a rule.
fn managed(given: &Given, setup: &SetUp) -> Vec<String> {
    let system = match given {
        Given::One(entitlement) => setup.systems.get(entitlement.system_str()),
        Given::Each { system, .. } => setup.systems.get(system),
    };
    let is_meant = |name: &EntitlementName| match given {
        Given::One(entitlement) => name == entitlement || name.local().contains('{'),
        Given::Each { .. } => true,
    };
    let all = system.into_iter().flat_map(|s| &s.entitlements);
    all.filter(|e| e.owner.is_some() && is_meant(&e.name)).map(|e| e.name.as_str().to_owned()).collect()
}

fn handover(rule: &Handover) -> String {
    format!("{} {:?} {} {}", rule.when.source(), rule.keep, rule.days, rule.below_risk)
}
