//! All group memberships at once: what a scan needs.

use crate::groups::{Group, NEVER_SHOWN};
use crate::known::is_uuid;
use crate::service::Service;
use crate::shown::{Among, Members};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::{ConnectError, Gap, Unread, longer};

/// Maximum nesting of groups that is followed.
const DEPTH_MAX: usize = 16;

#[derive(Debug, Default)]
pub(crate) struct Memberships {
    /// Groups by id of their member.
    groups_of: BTreeMap<Arc<str>, BTreeSet<Group>>,
    /// The names of all groups by id.
    names: BTreeMap<Arc<str>, Arc<str>>,
    /// Groups whose members were not all read, or that show no members.
    unread: Vec<(Group, Members)>,
    /// Why these may not be all groups.
    doubt: Option<Arc<str>>,
    /// Whether any group shows members.
    proved: bool,
}

impl Memberships {
    /// Names of the groups that contain the member directly.
    pub(crate) fn direct(&self, member: &str) -> BTreeSet<Arc<str>> {
        self.groups_of.get(member).into_iter().flatten().map(|g| g.name.clone()).collect()
    }

    /// Which of the member's groups could not be read; a group that has the member in a damaged form counts as held.
    pub(crate) fn unread(&self, member: &str, direct: &mut BTreeSet<Arc<str>>) -> Unread {
        let mut unread = Unread { others: self.doubt.clone(), ..Unread::default() };
        for (group, members) in &self.unread {
            let why = match members.among(member) {
                Among::Yes => {
                    direct.insert(group.name.clone());
                    continue;
                }
                Among::Unreadable(why) => why,
                Among::Silent if !self.proved => NEVER_SHOWN.into(),
                Among::Silent | Among::No => continue,
            };
            unread.entitlements.insert(group.name.clone(), why);
        }
        unread
    }

    /// Values that groups list as members.
    pub(crate) fn listed(&self) -> impl Iterator<Item = &Arc<str>> {
        self.groups_of.keys()
    }

    /// Whether the ids of the groups are UUIDs.
    pub(crate) fn of_uuids(&self) -> bool {
        !self.names.is_empty() && self.names.keys().all(|id| is_uuid(id))
    }

    /// Names of the groups that list a value as a member.
    pub(crate) fn listing(&self, value: &str) -> impl Iterator<Item = &Arc<str>> {
        self.groups_of.get(value).into_iter().flatten().map(|group| &group.name)
    }

    /// What these memberships do not show: groups with unreadable members, and groups that may be missing.
    pub(crate) fn gaps(&self) -> BTreeSet<Gap> {
        let of_groups = self.unread.iter().filter_map(|(group, members)| {
            Some(Gap { entitlement: Some(group.name.clone()), why: members.unreadable.clone()? })
        });
        let of_all = self.doubt.iter().map(|why| Gap { entitlement: None, why: why.clone() });
        of_groups.chain(of_all).collect()
    }

    /// Names of the groups whose members were read.
    pub(crate) fn read(&self) -> BTreeSet<Arc<str>> {
        let silent = |id: &Arc<str>| {
            let unread = self.unread.iter().find(|(group, _)| group.id == *id);
            unread.is_some_and(|(_, members)| members.unreadable.is_some() || !self.proved)
        };
        self.names.iter().filter(|(id, _)| !silent(id)).map(|(_, name)| name.clone()).collect()
    }

    /// Names of the groups that it inherits from other groups, with the path.
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

    /// Nested groups: members of the first one are inherited members of the second one, which contains it.
    pub(crate) fn contains(&self) -> BTreeSet<(Arc<str>, Arc<str>)> {
        let nested = self.groups_of.iter().filter_map(|(member, of)| Some((self.names.get(member)?, of)));
        nested.flat_map(|(name, of)| of.iter().map(|g| (name.clone(), g.name.clone()))).collect()
    }
}

impl Service {
    /// Reads all groups with their members.
    pub(crate) async fn memberships(&self, operation: &'static str) -> Result<Memberships, ConnectError> {
        let read = self.all_members(operation).await?;
        self.note_ids(read.groups.iter().map(|(group, _)| &group.id));
        let mut all = Memberships { doubt: read.doubt, proved: read.proved, ..Memberships::default() };
        for (group, members) in read.groups {
            for member in &members.ids {
                all.groups_of.entry(member.clone()).or_default().insert(group.clone());
            }
            all.names.insert(group.id.clone(), group.name.clone());
            if members.unreadable.is_some() || members.silent {
                all.unread.push((group, members));
            }
        }
        Ok(all)
    }
}
