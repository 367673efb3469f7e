//! What of an expectation the engine alone can answer: nothing about systems, and every write has succeeded.

use super::organisation::SEEN;
use serde_json::Value;

/// Keys that need a store, a queue or a system.
pub(crate) const BLIND: &[&str] = &[
    "facts",
    "cases",
    "clocks",
    "tasks",
    "queue",
    "systems",
    "unlinked",
    "ledger",
    "named_in_ledger",
    "unevidenced",
    "acknowledged",
    "overdue",
    "owed",
    "sent",
    "population",
    "plan",
];

/// How grants end that wait for a system, in expectations of other stages.
const ORDERED: &str = " (ordered)";
const ENDING: &str = " (ending)";
/// What only a scan finds, and a decision keeps.
const BY_HAND: &str = "disabled-by-hand:";

/// The expectation as this stage can meet it: what scans and the brakes of systems find is left out; what is ordered
/// is held, and what is ending has ended.
pub(crate) fn visible(mut expected: Value) -> Value {
    let Some(whole) = expected.as_object_mut() else { return expected };
    if let Some(found) = whole.get_mut("findings").and_then(Value::as_array_mut) {
        found.retain(|f| f.as_str().is_none_or(|f| SEEN.iter().any(|kind| f.starts_with(kind))));
    }
    if let Some(held) = whole.get_mut("held").and_then(Value::as_array_mut) {
        held.retain(|h| {
            h.as_str().is_none_or(|h| !h.starts_with("system ") && !h.starts_with("configuration"))
        });
    }
    for person in whole.get_mut("people").and_then(Value::as_object_mut).into_iter().flatten() {
        if let Some(findings) = person.1.get_mut("findings").and_then(Value::as_array_mut) {
            findings.retain(|f| f.as_str().is_none_or(|f| !f.starts_with(BY_HAND)));
        }
        let Some(grants) = person.1.get_mut("grants").and_then(Value::as_array_mut) else { continue };
        grants.retain(|g| g.as_str().is_none_or(|g| !g.ends_with(ENDING)));
        for grant in grants {
            if let Some(text) = grant.as_str().and_then(|g| g.strip_suffix(ORDERED)) {
                *grant = Value::from(text);
            }
        }
    }
    expected
}
