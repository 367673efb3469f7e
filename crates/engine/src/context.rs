//! Values that stay the same over many settlements: the configuration, the time zones, and what is derived from them.

use crate::correlate::Blocking;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{AttributeName, EntitlementName, Kind, Name, SourceName, SystemName, Zones};
use tenure_policy::{COMMAND_SOURCE, Entitlement, SetUp};

/// A configuration prepared for settling. One for each configuration, shared by all workers.
#[derive(Debug, Clone)]
pub struct Context {
    /// The configuration.
    pub setup: Arc<SetUp>,
    /// The time-zone database.
    pub zones: Zones,
    /// Wake attributes: a change of one can change a settlement; only their dates schedule a new settlement.
    pub(crate) watched: BTreeSet<AttributeName>,
    /// Rank of each source; lower wins.
    pub(crate) ranks: BTreeMap<SourceName, u16>,
    /// The keys under which identities are found as candidates for records.
    pub blocking: Blocking,
    exact: BTreeMap<EntitlementName, (Arc<str>, usize)>,
    /// The names of baseline rules.
    baselines: BTreeSet<Arc<str>>,
}

impl Context {
    /// Prepares a configuration.
    #[must_use]
    pub fn new(setup: Arc<SetUp>, zones: Zones) -> Self {
        let mut watched = BTreeSet::new();
        let policy = &setup.policy;
        for (_, condition) in policy.conditions() {
            watched.extend(condition.reads().attributes.iter().cloned());
        }
        for candidate in policy.identifiers.iter().flat_map(|i| &i.candidates) {
            watched.extend(candidate.reads().attributes.iter().cloned());
        }
        for given in policy.baselines.iter().flat_map(|b| &b.grant) {
            if let tenure_policy::Given::Each { attribute, .. } = given {
                watched.insert(attribute.clone());
            }
        }
        for outbound in setup.systems.values().flat_map(|s| s.all_attributes()) {
            watched.extend(outbound.value.reads().attributes.iter().cloned());
            watched.extend(outbound.reference.iter().cloned());
        }
        watched.extend(
            setup.attributes.iter().filter(|(_, d)| d.reference.is_some() || d.moves).map(|(n, _)| n.clone()),
        );
        let exact = setup
            .systems
            .iter()
            .flat_map(|(name, system)| {
                let system_name: Arc<str> = Arc::from(tenure_model::Name::as_str(name));
                system
                    .entitlements
                    .iter()
                    .enumerate()
                    .filter(|(_, e)| !e.name.local().contains('{'))
                    .map(move |(i, e)| (e.name.clone(), (system_name.clone(), i)))
            })
            .collect();
        let mut ranks: BTreeMap<SourceName, u16> =
            setup.sources.iter().map(|(n, s)| (n.clone(), s.rank)).collect();
        // A value that a named person states with evidence is never overruled by a feed.
        ranks.extend(SourceName::new(COMMAND_SOURCE).map(|name| (name, 0)));
        let blocking = Blocking::new(setup.sources.values().flat_map(|s| &s.correlate));
        let baselines = setup.policy.baselines.iter().map(|b| Arc::from(b.name.as_str())).collect();
        Self { watched, ranks, blocking, exact, baselines, zones, setup }
    }

    /// Whether there is a baseline rule of this name.
    pub(crate) fn has_baseline(&self, name: &str) -> bool {
        self.baselines.contains(name)
    }

    /// What the configuration declares for an entitlement: by its own name, else by a matching pattern.
    #[must_use]
    pub fn entitlement(&self, name: &EntitlementName) -> Option<&Entitlement> {
        if let Some((system, index)) = self.exact.get(name) {
            return self.setup.systems.get(&**system).and_then(|s| s.entitlements.get(*index));
        }
        let system = self.setup.systems.get(name.system_str())?;
        system.entitlements.iter().find(|e| fits(e.name.local(), name.local()))
    }

    /// The kind of account that holds an entitlement.
    #[must_use]
    pub fn kind_of(&self, name: &EntitlementName) -> Kind {
        self.entitlement(name).map(|e| e.kind.clone()).unwrap_or_default()
    }

    /// Its risk, 0 to 100; an undeclared entitlement counts as the highest.
    #[must_use]
    pub fn risk_of(&self, name: &EntitlementName) -> u8 {
        self.entitlement(name).map_or(100, |e| e.risk)
    }

    /// Of the inherited entitlements of a system, by local name with the path, those that the configuration declares.
    #[must_use]
    pub fn declared_of(
        &self,
        system: &SystemName,
        indirect: &BTreeMap<Arc<str>, Arc<str>>,
    ) -> BTreeMap<EntitlementName, Arc<str>> {
        let all = indirect
            .iter()
            .filter_map(|(local, way)| Some((EntitlementName::of(system, local).ok()?, way.clone())));
        all.filter(|(name, _)| self.entitlement(name).is_some()).collect()
    }

    /// Whether Tenure manages it: only an entitlement with an owner is ever granted or revoked.
    #[must_use]
    pub fn is_managed(&self, name: &EntitlementName) -> bool {
        self.entitlement(name).is_some_and(|e| e.owner.is_some())
    }
}

/// Whether `name` matches a pattern with one `{parameter}` (not empty).
fn fits(pattern: &str, name: &str) -> bool {
    let (Some(open), Some(close)) = (pattern.find('{'), pattern.find('}')) else { return false };
    let prefix = pattern.get(..open).unwrap_or_default();
    let suffix = pattern.get(close + 1..).unwrap_or_default();
    name.len() > prefix.len() + suffix.len() && name.starts_with(prefix) && name.ends_with(suffix)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_pattern_takes_one_parameter() {
        assert!(fits("project/{project}", "project/alpha"));
        assert!(!fits("project/{project}", "project/"));
        assert!(!fits("project/alpha", "project/alpha"));
        assert!(fits("{team}-admin", "ops-admin"));
        assert!(!fits("{team}-admin", "-admin"));
    }
}
