//! A configuration of a scenario on its way: at once, or after a second person.

use crate::files::Files;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_policy::{Widening, widening};

/// What changed files widen, as the application compares them.
pub(crate) fn widened(active: &Files, proposed: &Files) -> Widening {
    let files = |files: &Files| files.iter().map(|(p, t)| (p.clone(), t.clone())).collect::<Vec<_>>();
    widening(&files(active), &files(proposed))
}

/// Whether a configuration waits, as the step says.
pub(crate) fn waits(widening: &Widening, expected: Option<&str>, by: Option<&str>) -> Result<bool, String> {
    let keys: Vec<&str> = widening.keys.iter().map(|k| &*k.key).collect();
    match (expected, by) {
        (None, None) => Ok(false),
        (None, Some(_)) if keys.is_empty() => Ok(false),
        (None, Some(by)) => {
            Err(format!("the configuration of {by} waits for a second person: it widens {keys:?}"))
        }
        (Some(_), None) => Err("only the configuration of a named author waits: `set_up_by`".to_owned()),
        (Some(what), Some(_)) if keys.iter().any(|k| k.contains(what)) => Ok(true),
        (Some(what), Some(_)) => Err(format!("the configuration does not widen `{what}`: {keys:?}")),
    }
}

/// Files as the store keeps them.
pub(crate) fn stored(files: &Files) -> BTreeMap<Arc<str>, Arc<str>> {
    files.iter().map(|(p, t)| (Arc::from(p.as_str()), Arc::from(t.as_str()))).collect()
}
