//! An expectation as JSON, checked for unknown keys.

use crate::codes::label;
use serde_json::Value;

/// What may be expected of the whole, and of a person.
const WHOLE: &[&str] = &[
    "people",
    "labels",
    "held",
    "owed",
    "sent",
    "asked",
    "approvals",
    "quarantine",
    "refused",
    "findings",
    "acknowledged",
    "queue",
    "systems",
    "unlinked",
    "ledger",
    "named_in_ledger",
    "unevidenced",
    "overdue",
    "cut_off_orders",
    "population",
    "plan",
];
pub(crate) const PERSON: &[&str] = &[
    "phase",
    "cut_off",
    "accounts",
    "grants",
    "attributes",
    "names",
    "former",
    "proposed",
    "facts",
    "cases",
    "clocks",
    "tasks",
    "findings",
    "next",
];

/// Turns TOML into JSON and refuses what no stage could ever see.
pub(crate) fn expectation(table: &toml::Table) -> Result<Value, String> {
    let mut value = serde_json::to_value(table).map_err(|e| e.to_string())?;
    if let Some(labels) = value.get_mut("labels").and_then(Value::as_object_mut) {
        *labels = std::mem::take(labels).into_iter().map(|(name, n)| (label(&name), n)).collect();
    }
    known(&value, WHOLE, "expect")?;
    for (name, person) in value["people"].as_object().into_iter().flatten() {
        known(person, PERSON, &format!("expect.people.{name}"))?;
    }
    Ok(value)
}

fn known(value: &Value, keys: &[&str], place: &str) -> Result<(), String> {
    match value.as_object().into_iter().flatten().find(|(key, _)| !keys.contains(&key.as_str())) {
        Some((key, _)) => Err(format!("{place} knows no `{key}`: it knows {}", keys.join(", "))),
        None => Ok(()),
    }
}
