//! What was expected beside what was seen, as lines that a person can read.

use crate::codes::{Named, same_name};
use serde_json::Value;

/// What a pass did, by label: every one of them counts.
const LABELS: &str = "labels";

/// Differences of `seen` from `expected`: tables are compared by the keys of `expected` (labels and empty tables whole), lists whole and without order.
/// The text `nothing` expects that there is none. `blind` are keys that this stage cannot see: they are passed over wherever they occur.
#[must_use]
pub fn differences(expected: &Value, seen: &Value, blind: &[&str]) -> Vec<String> {
    let mut lines = Vec::new();
    compare("", expected, seen, blind, &mut lines);
    lines
}

fn compare(path: &str, expected: &Value, seen: &Value, blind: &[&str], lines: &mut Vec<String>) {
    match (expected, seen) {
        (Value::Object(expected), Value::Object(seen)) => {
            // A result of a pass that is not expected is as wrong as a missing one; and an empty table is an expectation too.
            let whole = path == LABELS || (expected.is_empty() && !path.is_empty());
            let more = |key: &&String| whole && !expected.contains_key(*key);
            for key in seen.keys().filter(more) {
                lines.push(format!("  {path}.{key}\n    + {}", words(&seen[key])));
            }
            for (key, expected) in expected.iter().filter(|(key, _)| !blind.contains(&key.as_str())) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                compare(&path, expected, seen.get(key).unwrap_or(&Value::Null), blind, lines);
            }
        }
        (Value::Array(expected), Value::Array(seen)) => lists(path, expected, seen, lines),
        (Value::String(text), Value::Null) if text == "nothing" => {}
        _ if expected == seen => {}
        _ => lines.push(format!("  {path}\n    - {}\n    + {}", words(expected), words(seen))),
    }
}

fn lists(path: &str, expected: &[Value], seen: &[Value], lines: &mut Vec<String>) {
    let mut left: Vec<&Value> = seen.iter().collect();
    let mut missing = Vec::new();
    for value in expected {
        match left.iter().position(|s| *s == value || is_named_so(path, value, s)) {
            Some(place) => drop(left.remove(place)),
            None => missing.push(value),
        }
    }
    if missing.is_empty() && left.is_empty() {
        return;
    }
    let minus = missing.iter().map(|v| format!("\n    - {}", words(v)));
    let plus = left.iter().map(|v| format!("\n    + {}", words(v)));
    lines.push(format!("  {path}{}", minus.chain(plus).collect::<String>()));
}

/// Findings, facts and the rules of grants may be expected by an older name.
fn is_named_so(path: &str, expected: &Value, seen: &Value) -> bool {
    let named = match path.rsplit('.').next() {
        Some("findings") => Named::Finding,
        Some("facts" | "owed") => Named::Fact,
        Some("overdue") => Named::Overdue,
        Some("grants") => Named::Grant,
        _ => return false,
    };
    matches!((expected, seen), (Value::String(e), Value::String(s)) if same_name(named, e, s))
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
