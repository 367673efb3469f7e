//! Bundles as a whole: the path by which something is contained, and that a change of content is a new version.

use super::{Baseline, Policy};
use std::collections::BTreeSet;
use tenure_model::{BundleName, EntitlementName};

impl Policy {
    /// The bundles through which a rule gives an entitlement, the outermost first; empty if the rule names it directly.
    #[must_use]
    pub fn way<'p>(&'p self, rule: &'p Baseline, entitlement: &EntitlementName) -> Vec<&'p BundleName> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<Vec<&'p BundleName>> = rule.bundles.iter().rev().map(|b| vec![b]).collect();
        while let Some(way) = open.pop() {
            let Some(bundle) = way.last().and_then(|name| self.bundles.get(*name)) else { continue };
            if bundle.own.contains(entitlement) {
                return way;
            }
            if seen.insert(&bundle.name) {
                open.extend(bundle.bundles.iter().rev().map(|inner| {
                    let mut way = way.clone();
                    way.push(inner);
                    way
                }));
            }
        }
        Vec::new()
    }

    /// Bundles whose content differs from that of an older policy although their version did not increase, with both versions.
    #[must_use]
    pub fn unversioned(&self, older: &Self) -> Vec<(BundleName, u32, u32)> {
        let changed = self.bundles.values().filter_map(|new| {
            let old = older.bundles.get(&new.name)?;
            let differs = old.own != new.own || old.bundles != new.bundles;
            (differs && new.version <= old.version).then(|| (new.name.clone(), old.version, new.version))
        });
        changed.collect()
    }
}
