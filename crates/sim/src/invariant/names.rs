//! Names are issued once, for ever.

use super::checker::Notes;
use super::property::Property;
use super::snapshot::Snapshot;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::IdentityId;

pub(super) fn check(
    after: &Snapshot<'_>,
    issued: &mut BTreeMap<(Arc<str>, String), IdentityId>,
    notes: &mut Notes,
) {
    for member in after.members.values() {
        for (kind, name) in member.identity.all_names() {
            let id = member.identity.id;
            let first = *issued.entry((kind.clone(), name.to_lowercase())).or_insert(id);
            if root(after, first) != root(after, id) {
                notes.add(
                    Property::NameIssuedOnce,
                    format!("{kind} {name} was issued to {}, and now to {}", after.name(first), member.name),
                );
            }
        }
    }
}

/// Into whom an identity was merged at last.
fn root(after: &Snapshot<'_>, id: IdentityId) -> IdentityId {
    let mut at = id;
    for _ in 0..after.members.len() {
        match after.members.get(&at).and_then(|m| m.identity.merged_into) {
            Some(into) => at = into,
            None => break,
        }
    }
    at
}
