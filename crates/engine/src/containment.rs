//! Nested entitlements: as the configuration declares them, and as they were observed in systems.

use crate::Context;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use tenure_model::{Containment, EntitlementName};

/// Follows containment.
#[derive(Debug, Clone, Copy)]
pub struct Reach<'a> {
    context: &'a Context,
    seen: Option<&'a Containment>,
}

impl<'a> Reach<'a> {
    /// Only what the configuration declares.
    #[must_use]
    pub fn declared(context: &'a Context) -> Self {
        Self { context, seen: None }
    }

    /// What the configuration declares and what was observed in systems.
    #[must_use]
    pub fn of(context: &'a Context, seen: &'a Containment) -> Self {
        Self { context, seen: Some(seen) }
    }

    fn within(self, outer: &'a EntitlementName) -> impl Iterator<Item = &'a EntitlementName> {
        let declared = self.context.entitlement(outer).into_iter().flat_map(|e| &e.contains);
        declared.chain(self.seen.into_iter().flat_map(|seen| seen.within(outer)))
    }

    /// An entitlement and all that it contains. Terminates on cycles, because each entitlement is followed once.
    #[must_use]
    pub fn from(self, entitlement: &'a EntitlementName) -> BTreeSet<&'a EntitlementName> {
        self.ways(entitlement).into_keys().collect()
    }

    /// A shortest path from one entitlement to another, without its end; `None` if there is no path.
    #[must_use]
    pub fn way(self, from: &'a EntitlementName, to: &EntitlementName) -> Option<Vec<&'a EntitlementName>> {
        let before = self.ways(from);
        let mut way = Vec::new();
        let mut at = *before.get(to)?;
        while let Some(step) = at {
            way.push(step);
            at = before.get(step).copied().flatten();
        }
        way.reverse();
        Some(way)
    }

    /// All that an entitlement contains, each with the entitlement that contains it directly.
    fn ways(self, from: &'a EntitlementName) -> BTreeMap<&'a EntitlementName, Option<&'a EntitlementName>> {
        let mut before = BTreeMap::from([(from, None)]);
        let mut open = VecDeque::from([from]);
        while let Some(outer) = open.pop_front() {
            for inner in self.within(outer) {
                if !before.contains_key(inner) {
                    before.insert(inner, Some(outer));
                    open.push_back(inner);
                }
            }
        }
        before
    }
}

/// Cycles of entitlements that contain each other: each cycle once, in the order of names. A holder of one member holds all.
#[must_use]
pub fn circles(seen: &Containment) -> Vec<BTreeSet<EntitlementName>> {
    let mut edges: BTreeSet<(&EntitlementName, &EntitlementName)> = seen.iter().collect();
    // An entitlement that is contained in nothing, or contains nothing, is in no cycle. This removes most nested entitlements.
    loop {
        let outer: BTreeSet<_> = edges.iter().map(|(outer, _)| *outer).collect();
        let inner: BTreeSet<_> = edges.iter().map(|(_, inner)| *inner).collect();
        let before = edges.len();
        edges.retain(|(o, i)| inner.contains(o) && outer.contains(i));
        if edges.len() == before {
            break;
        }
    }
    let reached: BTreeMap<_, _> = edges.iter().map(|(outer, _)| (*outer, follow(&edges, outer))).collect();
    let circle = |of: &EntitlementName, there: &BTreeSet<&EntitlementName>| -> BTreeSet<EntitlementName> {
        let mutual = reached.iter().filter(|(other, back)| there.contains(*other) && back.contains(of));
        mutual.map(|(other, _)| (*other).clone()).collect()
    };
    let all: BTreeSet<_> =
        reached.iter().map(|(of, there)| circle(of, there)).filter(|c| !c.is_empty()).collect();
    all.into_iter().collect()
}

fn follow<'a>(
    edges: &BTreeSet<(&'a EntitlementName, &'a EntitlementName)>,
    from: &'a EntitlementName,
) -> BTreeSet<&'a EntitlementName> {
    let (mut all, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(outer) = open.pop() {
        let inner = edges.iter().filter(|(o, _)| *o == outer).map(|(_, i)| *i);
        open.extend(inner.filter(|i| all.insert(*i)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use tenure_model::Name as _;

    fn name(text: &str) -> EntitlementName {
        EntitlementName::new(&format!("d:{text}")).unwrap()
    }

    #[test]
    fn each_circle_is_found_once_and_nothing_else() {
        let pairs = ["a b", "b c", "c b", "c d", "d e", "e f", "f e", "g g", "x y"];
        let pairs = pairs.map(|p| p.split_once(' ').unwrap());
        let seen: Containment = pairs.into_iter().map(|(o, i)| (name(o), name(i))).collect();
        let set = |all: &[&str]| all.iter().map(|n| name(n)).collect::<BTreeSet<_>>();
        assert_eq!(circles(&seen), [set(&["b", "c"]), set(&["e", "f"]), set(&["g"])]);
        assert_eq!(circles(&Containment::default()), []);
    }
}
