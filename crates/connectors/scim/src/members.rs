//! Who is in which group, all of it at once: what a scan needs.

use crate::groups::{GROUPS_PER_PAGE, Group, members_of};
use crate::service::Service;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::{ConnectError, longer};

/// How deep groups in groups are followed.
const DEPTH_MAX: usize = 16;

#[derive(Debug, Default)]
pub(crate) struct Memberships {
    /// Groups by id of their member.
    groups_of: BTreeMap<Arc<str>, BTreeSet<Group>>,
    /// The names of all groups by id.
    names: BTreeMap<Arc<str>, Arc<str>>,
}

impl Memberships {
    /// Names of the groups that hold the member directly.
    pub(crate) fn direct(&self, member: &str) -> BTreeSet<Arc<str>> {
        self.groups_of.get(member).into_iter().flatten().map(|g| g.name.clone()).collect()
    }

    /// Names of the groups that hold it through other groups, with the path.
    pub(crate) fn indirect(&self, member: &str) -> BTreeMap<Arc<str>, Arc<str>> {
        let mut found = BTreeMap::new();
        let direct = self.groups_of.get(member).into_iter().flatten();
        let mut level: Vec<(&Group, Arc<str>)> = direct.map(|g| (g, g.name.clone())).collect();
        let mut seen: BTreeSet<&str> = level.iter().map(|(g, _)| &*g.id).collect();
        for _ in 0..DEPTH_MAX {
            let mut above = Vec::new();
            for (group, path) in &level {
                for parent in self.groups_of.get(&group.id).into_iter().flatten() {
                    if seen.insert(&parent.id) {
                        let longer = longer(path, &parent.name);
                        found.insert(parent.name.clone(), longer.clone());
                        above.push((parent, longer));
                    }
                }
            }
            level = above;
        }
        found
    }

    /// Groups within groups: who is in the first one is by that in the second one, of which it is a member.
    pub(crate) fn contains(&self) -> BTreeSet<(Arc<str>, Arc<str>)> {
        let nested = self.groups_of.iter().filter_map(|(member, of)| Some((self.names.get(member)?, of)));
        nested.flat_map(|(name, of)| of.iter().map(|g| (name.clone(), g.name.clone()))).collect()
    }
}

impl Service {
    /// Reads all groups with their members.
    pub(crate) async fn memberships(&self, operation: &'static str) -> Result<Memberships, ConnectError> {
        let mut all = Memberships::default();
        for resource in self.all(operation, "Groups", GROUPS_PER_PAGE, &[]).await? {
            let group = Group::of(operation, &resource)?;
            for member in members_of(&resource) {
                all.groups_of.entry(member).or_default().insert(group.clone());
            }
            all.names.insert(group.id, group.name);
        }
        Ok(all)
    }
}
