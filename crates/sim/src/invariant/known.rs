//! Violations that are known: the work that is left. The table may only get shorter.

use super::property::{Property, Violation};
use serde::Deserialize;
use std::sync::LazyLock;

static KNOWN: LazyLock<KnownViolations> =
    LazyLock::new(|| toml::from_str(include_str!("known.toml")).unwrap());

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownViolations {
    #[serde(default)]
    violation: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    property: String,
    scenario: String,
    stages: Vec<String>,
}

/// Of the violations of one run, by step, those that no table knows; and what the table knows that was not found.
pub(crate) fn sorted_out(
    scenario: &str,
    stage: &str,
    found: &[(usize, Violation)],
) -> (Vec<(usize, Violation)>, Vec<Property>) {
    let mine =
        KNOWN.violation.iter().filter(|r| r.scenario == scenario && r.stages.iter().any(|s| s == stage));
    let known: Vec<Property> = mine
        .map(|r| {
            Property::named(&r.property).unwrap_or_else(|| panic!("no property is called {}", r.property))
        })
        .collect();
    let new = found.iter().filter(|(_, v)| !known.contains(&v.property)).cloned().collect();
    let is_found = |p: &&Property| found.iter().any(|(_, v)| v.property == **p);
    (new, known.iter().filter(|p| !is_found(p)).copied().collect())
}
