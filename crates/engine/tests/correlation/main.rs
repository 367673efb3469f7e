//! A thousand labelled pairs, made by a seeded generator from our own list of names in many languages: there must be no wrong link.
#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    reason = "helpers of tests are tests too: they fail loudly, print what was found, and count small numbers"
)]

mod cases;
mod names;
mod pairs;
mod random;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::correlate::Keys;
use tenure_policy::CorrelateRule;

/// The rules that the labelled set is tested with: those of a careful configuration.
pub(crate) fn rules() -> Vec<CorrelateRule> {
    let weights = [("name", 50), ("birth_date", 30), ("email", 10), ("previous_number", 10)];
    vec![
        CorrelateRule::Exact { key: Arc::from("worker_number"), types: BTreeSet::new() },
        CorrelateRule::Exact { key: Arc::from("email"), types: BTreeSet::new() },
        CorrelateRule::Fuzzy {
            weights: weights.into_iter().map(|(k, w)| (Arc::from(k), w)).collect(),
            ask_from: 65,
        },
    ]
}

pub(crate) fn keys(pairs: &[(&str, &str)]) -> Keys {
    let filled = pairs.iter().filter(|(_, v)| !v.is_empty());
    filled.map(|(k, v)| (Arc::from(*k), Arc::from(*v))).collect::<BTreeMap<_, _>>()
}
