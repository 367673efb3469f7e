//! Groups are the entitlements. Membership is read from the Group resource: a user's own `groups` attribute is read-only and derived
//! ("changes MUST be applied via the Group resource", RFC 7643 §4.1.2), often from a cache, so it is no evidence.

use crate::attribute::id_of;
use crate::known::OF_ANSWER_MAX;
use crate::service::{Bounds, Service};
use crate::shown::{Among, Members};
use crate::users::User;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::{ConnectError, ErrorKind, RemoteEntitlement, Unread, longer};
use tenure_scim::{eq, field, lenient};

/// Groups with their members on one page: members make pages large.
pub(crate) const GROUPS_PER_PAGE: u32 = 20;
/// Maximum nesting of groups that is followed.
const DEPTH_MAX: usize = 16;
/// Groups that are read individually to find one that shows its members.
const GROUPS_ASKED_MAX: usize = 20;
/// Why missing members are no evidence.
pub(crate) const NEVER_SHOWN: &str =
    "the service shows no members of any group: it is not known whether there are none or it hides them";

/// A group by id and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Group {
    pub(crate) id: Arc<str>,
    pub(crate) name: Arc<str>,
}

impl Group {
    pub(crate) fn of(operation: &'static str, resource: &Json) -> Result<Self, ConnectError> {
        let missing =
            |what| ConnectError::new(ErrorKind::Protocol, operation, format!("a group without `{what}`"));
        let id = id_of(resource, "id").ok_or_else(|| missing("id"))?;
        // The rest of a damaged name is no other group's name, and shows which group it is.
        let damaged = || field(resource, "displayName").and_then(lenient::left).map(Arc::from);
        let name = id_of(resource, "displayName").or_else(damaged).ok_or_else(|| missing("displayName"))?;
        Ok(Self { id, name })
    }
}

/// Whether an answer is about this group.
pub(crate) fn is(resource: &Json, group: &Group) -> bool {
    id_of(resource, "id").as_deref() == Some(&*group.id)
}

/// The member whose groups are searched.
#[derive(Clone, Copy)]
pub(crate) struct Member<'a> {
    pub(crate) id: &'a str,
    /// The user, if it is a user and exists.
    pub(crate) user: Option<&'a User>,
}

impl<'a> Member<'a> {
    /// A group, or a deleted user.
    pub(crate) fn only(id: &'a str) -> Self {
        Self { id, user: None }
    }
}

/// The groups of one member.
#[derive(Debug, Default)]
pub(crate) struct Direct {
    pub(crate) groups: Vec<Group>,
    pub(crate) unread: Unread,
}

/// What one member holds.
pub(crate) struct Held {
    pub(crate) direct: BTreeSet<Arc<str>>,
    pub(crate) indirect: BTreeMap<Arc<str>, Arc<str>>,
    pub(crate) unread: Unread,
}

/// All groups with their members.
pub(crate) struct AllMembers {
    pub(crate) groups: Vec<(Group, Members)>,
    /// Why these may not be all groups.
    pub(crate) doubt: Option<Arc<str>>,
    /// Whether any group shows members, so that another group without them has none.
    pub(crate) proved: bool,
}

impl Service {
    /// The group of exactly that name.
    pub(crate) async fn group(&self, operation: &'static str, name: &str) -> Result<Group, ConnectError> {
        let filter = eq("displayName", name);
        let query = [("filter", filter.as_str()), ("attributes", "displayName")];
        let list = self.list(operation, "Groups", &query).await?;
        // A group that is listed twice is one; an unreadable one does not affect the others.
        let (mut groups, mut unread) = (BTreeSet::new(), None);
        for resource in &list.resources {
            match Group::of(operation, resource) {
                Ok(group) => {
                    groups.insert(group);
                }
                Err(e) => unread = Some(e),
            }
        }
        let error = |kind, what: String| Err(ConnectError::new(kind, operation, what));
        let exact: Vec<&Group> = groups.iter().filter(|g| &*g.name == name).collect();
        match (exact.as_slice(), groups.first()) {
            ([one], _) => {
                self.note_group(one);
                Ok((*one).clone())
            }
            ([], _) if unread.is_some() => {
                unread.map_or_else(|| error(ErrorKind::Protocol, String::new()), Err)
            }
            ([], None) => error(ErrorKind::UnknownEntitlement, format!("there is no group `{name}`")),
            ([], Some(other)) => {
                let what = format!(
                    "there is no group `{name}`; there is `{}`, and names are compared exactly",
                    other.name
                );
                error(ErrorKind::UnknownEntitlement, what)
            }
            (several, _) => {
                let what = format!("{} groups are called `{name}`: give them different names", several.len());
                error(ErrorKind::Configuration, what)
            }
        }
    }

    /// The groups that contain a member directly, according to the Group resources, and what could not be read.
    pub(crate) async fn groups_with(
        &self,
        operation: &'static str,
        member: Member<'_>,
    ) -> Result<Direct, ConnectError> {
        if self.config.profile.member_filter && self.heeds_member_filter(operation).await? {
            return self.groups_by_filter(operation, member.id).await;
        }
        let mut direct = Direct::default();
        let all = self.all_members(operation).await?;
        direct.unread.others = all.doubt.clone();
        self.note_ids(all.groups.iter().map(|(group, _)| &group.id));
        let mut left = OF_ANSWER_MAX;
        for (group, members) in all.groups {
            let why = match members.among(member.id) {
                Among::Yes => {
                    direct.groups.push(group);
                    continue;
                }
                Among::No => match self.foreign(operation, &group, &members, member, &mut left).await? {
                    Some(why) => why,
                    None => continue,
                },
                Among::Silent if all.proved => continue,
                Among::Silent => NEVER_SHOWN.into(),
                Among::Unreadable(why) => why,
            };
            direct.unread.entitlements.insert(group.name, why);
        }
        Ok(direct)
    }

    /// The groups that the filter finds, each read: a group that lists others but not the member is not certainly held.
    async fn groups_by_filter(&self, operation: &'static str, member: &str) -> Result<Direct, ConnectError> {
        let mut direct = Direct::default();
        let filter = eq("members.value", member);
        let query = [("filter", filter.as_str()), ("attributes", "displayName")];
        let bounds = Bounds::of_member(self.config.page_size);
        let found = self.all(operation, "Groups", bounds, &query).await.map_err(hinted)?;
        direct.unread.others = found.doubt.map(Arc::from);
        for resource in &found.resources {
            let group = match Group::of(operation, resource) {
                Ok(group) => group,
                Err(e) => {
                    direct.unread.others = Some(e.message);
                    continue;
                }
            };
            let reply = self.by_id(operation, "Groups", &group.id, &[]).await?;
            let body = reply.and_then(|r| r.body).filter(|body| is(body, &group));
            let members = body.map(|body| Members::of(&body)).unwrap_or_default();
            let contradicts = !members.ids.is_empty() && members.among(member) == Among::No;
            if contradicts {
                let why = format!(
                    "the service finds the account in `{}` by a filter, and that group does not list it",
                    group.name
                );
                direct.unread.entitlements.insert(group.name, Arc::from(why));
            } else {
                direct.groups.push(group);
            }
        }
        Ok(direct)
    }

    /// All groups with their members, from the list; if the list shows no members of any group, from individual reads.
    pub(crate) async fn all_members(&self, operation: &'static str) -> Result<AllMembers, ConnectError> {
        let listed = self.all(operation, "Groups", Bounds::whole(GROUPS_PER_PAGE), &[]).await?;
        let mut all = AllMembers { groups: Vec::new(), doubt: listed.doubt.map(Arc::from), proved: false };
        for resource in &listed.resources {
            match Group::of(operation, resource) {
                Ok(group) => all.groups.push((group, Members::of(resource))),
                Err(e) => all.doubt = Some(e.message),
            }
        }
        all.proved = all.groups.iter().any(|(_, members)| !members.silent);
        for at in 0..all.groups.len() {
            if all.proved && at == 0 || !all.proved && at == GROUPS_ASKED_MAX {
                break;
            }
            let Some((group, members)) = all.groups.get_mut(at) else { break };
            let reply = self.by_id(operation, "Groups", &group.id, &[]).await?;
            if let Some(body) = reply.and_then(|r| r.body).filter(|b| is(b, group)) {
                *members = Members::of(&body);
                all.proved |= !members.silent;
            }
        }
        Ok(all)
    }

    /// What a member holds: directly, and inherited from groups in groups, with the path.
    pub(crate) async fn held(
        &self,
        operation: &'static str,
        member: Member<'_>,
    ) -> Result<Held, ConnectError> {
        let Direct { groups: direct, mut unread } = self.groups_with(operation, member).await?;
        let mut indirect: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::new();
        if self.config.nested {
            let mut seen: BTreeSet<Arc<str>> = direct.iter().map(|g| g.id.clone()).collect();
            let mut level: Vec<(Group, Arc<str>)> =
                direct.iter().map(|g| (g.clone(), g.name.clone())).collect();
            for _ in 0..DEPTH_MAX {
                let mut above = Vec::new();
                for (group, path) in &level {
                    let above_it = self.groups_with(operation, Member::only(&group.id)).await?;
                    unread.others = unread.others.or(above_it.unread.others);
                    unread.entitlements.extend(above_it.unread.entitlements);
                    for parent in above_it.groups {
                        if seen.insert(parent.id.clone()) {
                            let longer = longer(path, &parent.name);
                            indirect.insert(parent.name.clone(), longer.clone());
                            above.push((parent, longer));
                        }
                    }
                }
                level = above;
            }
        }
        Ok(Held { direct: direct.into_iter().map(|g| g.name).collect(), indirect, unread })
    }

    /// All groups.
    pub(crate) async fn all_groups(
        &self,
        operation: &'static str,
    ) -> Result<Vec<RemoteEntitlement>, ConnectError> {
        let bounds = Bounds::whole(self.config.page_size);
        let all = self.all(operation, "Groups", bounds, &[("attributes", "displayName")]).await?;
        let entitlement = |r: &Json| {
            let Group { id, name } = Group::of(operation, r)?;
            Ok(RemoteEntitlement { title: name.clone(), name, external_id: id })
        };
        all.resources.iter().map(entitlement).collect()
    }

    /// Proves that the filter by member works, on a group that has a member: its empty answer is evidence of absence only if it is
    /// known to find existing members.
    pub(crate) async fn prove_member_filter(&self, operation: &'static str) -> Result<(), ConnectError> {
        let count = GROUPS_PER_PAGE.to_string();
        let list = self.list(operation, "Groups", &[("startIndex", "1"), ("count", &count)]).await?;
        if !self.config.profile.member_filter {
            return Ok(());
        }
        if !self.heeds_member_filter(operation).await? {
            let what = "the service ignores the filter members.value and lists every group: set membership = \"list\"";
            return Err(ConnectError::new(ErrorKind::Configuration, operation, what));
        }
        let Some((group, member)) = list
            .resources
            .iter()
            .find_map(|r| Some((Group::of(operation, r).ok()?, Members::of(r).ids.into_iter().next()?)))
        else {
            return Ok(());
        };
        let found = self.groups_with(operation, Member::only(&member)).await?;
        if found.groups.iter().any(|g| g.id == group.id) {
            return Ok(());
        }
        let what = format!(
            "the filter members.value does not find a member of `{}` that is there: set membership = \"list\"",
            group.name
        );
        Err(ConnectError::new(ErrorKind::Configuration, operation, what))
    }
}

fn hinted(mut e: ConnectError) -> ConnectError {
    if matches!(e.kind, ErrorKind::Unsupported | ErrorKind::Invalid) {
        let what =
            format!("{}; the service may not filter by members.value: set membership = \"list\"", e.message);
        e.message = Arc::from(what.as_str());
    }
    e
}
