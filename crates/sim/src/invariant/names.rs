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
            let first = issued.entry((kind.clone(), name.to_lowercase())).or_insert(id);
            // A name that was never used passes on once to the holder of an adopted account of that name.
            if *first != id && has_given_up(after, *first, name) {
                *first = id;
            }
            let first = *first;
            if root(after, first) != root(after, id) {
                notes.add(
                    Property::NameIssuedOnce,
                    format!("{kind} {name} was issued to {}, and now to {}", after.name(first), member.name),
                );
            }
        }
    }
}

/// Whether an identity that was given a name has another one now, and none of its accounts was ever created.
fn has_given_up(after: &Snapshot<'_>, id: IdentityId, name: &str) -> bool {
    after.members.get(&id).is_some_and(|m| {
        let has = m.identity.all_names().any(|(_, n)| n.to_lowercase() == name.to_lowercase());
        !has && m.accounts.iter().all(|a| a.external_id.is_none())
    })
}

/// The identity that an identity was finally merged into.
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
