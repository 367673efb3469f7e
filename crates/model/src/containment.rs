//! Nested entitlements as observed in systems: a holder of the outer one inherits the inner one.

use crate::EntitlementName;
use std::collections::{BTreeMap, BTreeSet};

/// Entitlements within entitlements, as scans observed them. May contain cycles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Containment(BTreeMap<EntitlementName, BTreeSet<EntitlementName>>);

impl Containment {
    /// What an entitlement directly contains.
    pub fn within(&self, outer: &EntitlementName) -> impl Iterator<Item = &EntitlementName> {
        self.0.get(outer).into_iter().flatten()
    }
    /// All pairs: outer, inner.
    pub fn iter(&self) -> impl Iterator<Item = (&EntitlementName, &EntitlementName)> {
        self.0.iter().flat_map(|(outer, all)| all.iter().map(move |inner| (outer, inner)))
    }
    /// Whether there is no nesting.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(EntitlementName, EntitlementName)> for Containment {
    fn from_iter<T: IntoIterator<Item = (EntitlementName, EntitlementName)>>(all: T) -> Self {
        let mut it = Self::default();
        for (outer, inner) in all {
            it.0.entry(outer).or_default().insert(inner);
        }
        it
    }
}
