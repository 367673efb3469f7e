//! Who is in which group, all of it at once: what a scan needs.

use crate::groups::{GROUPS_PER_PAGE, Group, members_of};
use crate::service::Service;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::ConnectError;

/// How deep groups in groups are followed.
const DEPTH_MAX: usize = 16;

/// Groups by id of their member.
#[derive(Debug, Default)]
pub(crate) struct Memberships(BTreeMap<Arc<str>, BTreeSet<Group>>);

impl Memberships {
    /// Names of the groups that hold the member directly.
    pub(crate) fn direct(&self, member: &str) -> BTreeSet<Arc<str>> {
        self.0.get(member).into_iter().flatten().map(|g| g.name.clone()).collect()
    }

    /// Names of the groups that hold it through other groups, with the path.
    pub(crate) fn indirect(&self, member: &str) -> BTreeMap<Arc<str>, Arc<str>> {
        let mut found = BTreeMap::new();
        let direct = self.0.get(member).into_iter().flatten();
        let mut level: Vec<(&Group, String)> = direct.map(|g| (g, g.name.to_string())).collect();
        let mut seen: BTreeSet<&str> = level.iter().map(|(g, _)| &*g.id).collect();
        for _ in 0..DEPTH_MAX {
            let mut above = Vec::new();
            for (group, path) in &level {
                for parent in self.0.get(&group.id).into_iter().flatten() {
                    if seen.insert(&parent.id) {
                        let longer = format!("{path} > {}", parent.name);
                        found.insert(parent.name.clone(), Arc::from(longer.as_str()));
                        above.push((parent, longer));
                    }
                }
            }
            level = above;
        }
        found
    }
}

impl Service {
    /// Reads all groups with their members.
    pub(crate) async fn memberships(&self, operation: &'static str) -> Result<Memberships, ConnectError> {
        let mut all = Memberships::default();
        for resource in self.all(operation, "Groups", GROUPS_PER_PAGE, &[]).await? {
            let group = Group::of(operation, &resource)?;
            for member in members_of(&resource) {
                all.0.entry(member).or_default().insert(group.clone());
            }
        }
        Ok(all)
    }
}
