//! Index of baseline rules by the value that they require.

use super::Read;
use super::constraint::{Demand, demands};
use crate::{Baseline, Given};
use std::collections::{BTreeMap, BTreeSet};
use tenure_model::Value;

/// The values that make up a class, and which rules a value makes possible.
#[derive(Debug, Clone, Default)]
pub struct Index {
    /// Sorted.
    reads: Vec<Read>,
    /// For each read: what an absent value reads as, and the rules that require a value.
    slots: Vec<Slot>,
    /// Rules that require no single value: always evaluated.
    rest: Vec<u32>,
    /// Rules whose requirement is their whole condition: a match in the index is enough.
    decided: BTreeSet<u32>,
}

#[derive(Debug, Clone, Default)]
struct Slot {
    absent: Option<Value>,
    rules: BTreeMap<Value, Vec<u32>>,
}

impl Index {
    /// Indexes rules by their position in the list.
    pub(crate) fn build(baselines: &[Baseline]) -> Self {
        let mut index = Self { reads: reads(baselines), ..Self::default() };
        index.slots = index.reads.iter().map(|_| Slot::default()).collect();
        let rules: Vec<(Vec<Demand>, bool)> = baselines.iter().map(|b| demands(b.when.node())).collect();
        let spread = spread(&rules);
        for (number, (demands, complete)) in (0_u32..).zip(&rules) {
            // The read with the most different values over all rules leaves the fewest candidates.
            let best = demands
                .iter()
                .filter(|d| !d.not)
                .max_by_key(|d| spread.get(&d.read).map_or(0, BTreeSet::len));
            match best {
                Some(demand) => index.put(number, demand, *complete && demands.len() == 1),
                None => index.rest.push(number),
            }
        }
        index
    }

    fn put(&mut self, rule: u32, demand: &Demand, decided: bool) {
        let Ok(slot) = self.reads.binary_search(&demand.read) else {
            self.rest.push(rule);
            return;
        };
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.absent = demand.absent();
            for value in &demand.any_of {
                slot.rules.entry(value.clone()).or_default().push(rule);
            }
        }
        if decided {
            self.decided.insert(rule);
        }
    }

    /// What the rules read, sorted: the values that make up a class.
    #[must_use]
    pub fn reads(&self) -> &[Read] {
        &self.reads
    }

    /// Whether a match in the index is enough for this rule.
    pub(crate) fn is_decided(&self, rule: u32) -> bool {
        self.decided.contains(&rule)
    }

    /// Rules that may apply for these values, in order.
    pub(crate) fn candidates(&self, values: &[Option<Value>]) -> Vec<u32> {
        let mut found = self.rest.clone();
        for (slot, value) in self.slots.iter().zip(values) {
            if slot.rules.is_empty() {
                continue;
            }
            match value.as_ref().or(slot.absent.as_ref()) {
                Some(Value::Texts(items)) => {
                    let rules = items.iter().filter_map(|i| slot.rules.get(&Value::Text(i.clone())));
                    found.extend(rules.flatten());
                }
                Some(value) => found.extend(slot.rules.get(value).into_iter().flatten()),
                None => {}
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn reads(baselines: &[Baseline]) -> Vec<Read> {
    let mut all = BTreeSet::new();
    for rule in baselines {
        let read = rule.when.reads();
        all.extend(read.attributes.iter().cloned().map(Read::Attribute));
        all.extend(read.builtins.iter().copied().map(Read::Builtin));
        all.extend(rule.grant.iter().filter_map(|given| match given {
            Given::Each { attribute, .. } => Some(Read::Attribute(attribute.clone())),
            Given::One(_) => None,
        }));
    }
    all.into_iter().collect()
}

/// The different values that rules require, for each read.
fn spread(rules: &[(Vec<Demand>, bool)]) -> BTreeMap<Read, BTreeSet<Value>> {
    let mut spread: BTreeMap<Read, BTreeSet<Value>> = BTreeMap::new();
    for demand in rules.iter().flat_map(|(demands, _)| demands).filter(|d| !d.not) {
        spread.entry(demand.read.clone()).or_default().extend(demand.any_of.iter().cloned());
    }
    spread
}
