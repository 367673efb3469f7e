//! The effect of a changed policy, by classes: the cost follows the number of distinct classes, not of people.

use crate::decode_class;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::EntitlementName;
use tenure_policy::{ClassCache, Policy};

/// A class whose answer changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedClass {
    /// The caller's number for the class.
    pub id: i64,
    /// Number of engagements in it.
    pub count: u64,
    /// What they would gain.
    pub gains: BTreeSet<EntitlementName>,
    /// What they would lose.
    pub loses: BTreeSet<EntitlementName>,
}

/// Whether two policies read the same values: only then can stored classes answer for both.
#[must_use]
pub fn same_classes(old: &Policy, new: &Policy) -> bool {
    old.index.reads() == new.index.reads()
}

/// The classes whose answers differ between two policies that read the same values. Classes whose bytes do not match such a policy are
/// returned as the second part: they must be settled one by one.
#[must_use]
pub fn compare_classes(
    old: &Policy,
    new: &Policy,
    classes: impl IntoIterator<Item = (i64, Arc<[u8]>, u64)>,
) -> (Vec<ChangedClass>, Vec<i64>) {
    let (mut before, mut after) = (ClassCache::default(), ClassCache::default());
    let (mut changed, mut unknown) = (Vec::new(), Vec::new());
    for (id, bytes, count) in classes {
        let Some(key) = decode_class(&bytes).filter(|k| k.values().len() == old.index.reads().len()) else {
            unknown.push(id);
            continue;
        };
        let was = before.answer(old, key.clone());
        let is = after.answer(new, key);
        let was: BTreeSet<&EntitlementName> = was.grants.iter().map(|(_, e)| e).collect();
        let is: BTreeSet<&EntitlementName> = is.grants.iter().map(|(_, e)| e).collect();
        if was != is {
            changed.push(ChangedClass {
                id,
                count,
                gains: is.difference(&was).map(|e| (*e).clone()).collect(),
                loses: was.difference(&is).map(|e| (*e).clone()).collect(),
            });
        }
    }
    (changed, unknown)
}
