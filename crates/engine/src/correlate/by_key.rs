//! The identity that a declared key gives for a record in question: shown to people before they answer many questions at once.

use super::Keys;
use std::sync::Arc;
use tenure_model::IdentityId;
use tenure_policy::CorrelateRule;

/// The only candidate one of whose exact keys equals the record's value for `kind` (for example its previous number).
#[must_use]
pub fn named_by(
    record: &Keys,
    kind: &str,
    rules: &[CorrelateRule],
    candidates: &[(IdentityId, Vec<&Keys>)],
) -> Option<IdentityId> {
    let value = record.get(kind)?.trim().to_lowercase();
    let exact = |rule: &CorrelateRule| match rule {
        CorrelateRule::Exact { key, .. } => Some(key.clone()),
        CorrelateRule::Fuzzy { .. } => None,
    };
    let exact: Vec<Arc<str>> = rules.iter().filter_map(exact).collect();
    let has = |keys: &&Keys| {
        exact.iter().any(|kind| keys.get(kind).is_some_and(|v| v.trim().to_lowercase() == value))
    };
    let mut named = candidates.iter().filter(|(_, keys)| keys.iter().any(has)).map(|(id, _)| *id);
    let first = named.next();
    first.filter(|_| named.next().is_none())
}
