//! Groups are the entitlements. Membership is read from the Group resource: a user's own `groups` attribute is read-only
//! and derived ("changes MUST be applied via the Group resource", RFC 7643 §4.1.2), often from a cache, so it is no evidence.

use crate::attribute::id_of;
use crate::classify::About;
use crate::http::Call;
use crate::reply::{Reply, version_of};
use crate::service::Service;
use reqwest::Method;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::{ConnectError, ErrorKind, RemoteEntitlement, longer};
use tenure_scim::{Operation, Patch, eq, field, quote, remove_field, set_field, urn};

/// Groups with their members on a page: members make pages large.
pub(crate) const GROUPS_PER_PAGE: u32 = 20;
/// How deep groups in groups are followed.
const DEPTH_MAX: usize = 16;

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
        let name = id_of(resource, "displayName").ok_or_else(|| missing("displayName"))?;
        Ok(Self { id, name })
    }
}

/// Ids of a group's members.
pub(crate) fn members_of(resource: &Json) -> BTreeSet<Arc<str>> {
    let listed = field(resource, "members").and_then(Json::as_array);
    listed.into_iter().flatten().filter_map(|m| id_of(m, "value")).collect()
}

impl Service {
    /// The group of exactly that name.
    async fn group(&self, operation: &'static str, name: &str) -> Result<Group, ConnectError> {
        let filter = eq("displayName", name);
        let query = [("filter", filter.as_str()), ("attributes", "displayName")];
        let list = self.list(operation, "Groups", &query).await?;
        let groups = list.resources.iter().map(|r| Group::of(operation, r)).collect::<Result<Vec<_>, _>>()?;
        let error = |kind, what: String| Err(ConnectError::new(kind, operation, what));
        let exact: Vec<&Group> = groups.iter().filter(|g| &*g.name == name).collect();
        match (exact.as_slice(), groups.first()) {
            ([one], _) => Ok((*one).clone()),
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

    /// The groups that hold a member directly, as the Group resources say it.
    pub(crate) async fn groups_with(
        &self,
        operation: &'static str,
        member: &str,
    ) -> Result<Vec<Group>, ConnectError> {
        if self.config.profile.member_filter {
            let filter = eq("members.value", member);
            let query = [("filter", filter.as_str()), ("attributes", "displayName")];
            let found = self.all(operation, "Groups", self.config.page_size, &query).await.map_err(hinted)?;
            return found.iter().map(|r| Group::of(operation, r)).collect();
        }
        let all = self.all(operation, "Groups", GROUPS_PER_PAGE, &[]).await?;
        all.iter().filter(|r| members_of(r).contains(member)).map(|r| Group::of(operation, r)).collect()
    }

    /// What a member holds: directly, and through groups in groups with the path that leads there.
    pub(crate) async fn held(
        &self,
        operation: &'static str,
        member: &str,
    ) -> Result<(BTreeSet<Arc<str>>, BTreeMap<Arc<str>, Arc<str>>), ConnectError> {
        let direct = self.groups_with(operation, member).await?;
        let mut indirect: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::new();
        if self.config.nested {
            let mut seen: BTreeSet<Arc<str>> = direct.iter().map(|g| g.id.clone()).collect();
            let mut level: Vec<(Group, Arc<str>)> =
                direct.iter().map(|g| (g.clone(), g.name.clone())).collect();
            for _ in 0..DEPTH_MAX {
                let mut above = Vec::new();
                for (group, path) in &level {
                    for parent in self.groups_with(operation, &group.id).await? {
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
        Ok((direct.into_iter().map(|g| g.name).collect(), indirect))
    }

    /// All groups.
    pub(crate) async fn all_groups(
        &self,
        operation: &'static str,
    ) -> Result<Vec<RemoteEntitlement>, ConnectError> {
        let all =
            self.all(operation, "Groups", self.config.page_size, &[("attributes", "displayName")]).await?;
        let entitlement = |r: &Json| {
            let Group { id, name } = Group::of(operation, r)?;
            Ok(RemoteEntitlement { title: name.clone(), name, native: id })
        };
        all.iter().map(entitlement).collect()
    }

    /// Makes a user a member, or no member; says whether anything was written.
    pub(crate) async fn set_member(
        &self,
        operation: &'static str,
        member: &str,
        name: &str,
        wanted: bool,
    ) -> Result<bool, ConnectError> {
        let group = match self.group(operation, name).await {
            // Nobody holds what is not there.
            Err(e) if !wanted && e.kind == ErrorKind::UnknownEntitlement => return Ok(false),
            other => other?,
        };
        if self.is_member(operation, &group, member).await? == wanted {
            return Ok(false);
        }
        let reply = if self.config.profile.put {
            self.put_member(operation, &group, member, wanted).await?
        } else {
            self.patch_member(operation, &group, member, wanted).await?
        };
        let still = reply.body.as_ref().is_some_and(|b| members_of(b).contains(member));
        if !wanted && still {
            let what = format!(
                "the service accepted the removal from `{name}` and its answer still lists the member; \
                 if it reads removals as Entra's client means them, set remove_member = \"value\""
            );
            return Err(ConnectError::new(ErrorKind::Protocol, operation, what));
        }
        Ok(true)
    }

    async fn is_member(
        &self,
        operation: &'static str,
        group: &Group,
        member: &str,
    ) -> Result<bool, ConnectError> {
        if self.config.profile.member_filter {
            return Ok(self.groups_with(operation, member).await?.iter().any(|g| g.id == group.id));
        }
        let reply = self.by_id(operation, "Groups", &group.id, &[]).await?;
        Ok(reply.and_then(|r| r.body).is_some_and(|b| members_of(&b).contains(member)))
    }

    async fn patch_member(
        &self,
        operation: &'static str,
        group: &Group,
        member: &str,
        wanted: bool,
    ) -> Result<Reply, ConnectError> {
        let value = json!([{ "value": member }]);
        let change = match (wanted, self.config.profile.remove_listed) {
            (true, _) => Operation::add("members", value),
            (false, true) => Operation { value: Some(value), ..Operation::remove("members") },
            (false, false) => Operation::remove(&format!("members[value eq {}]", quote(member))),
        };
        let body = Patch { operations: vec![change] }.to_json(self.config.profile.titled);
        let path = ["Groups", &*group.id];
        self.http.send(Call::write(About::write(operation), Method::PATCH, &path, Some(&body))).await
    }

    /// The whole group, read and written back on condition that nobody wrote in between.
    async fn put_member(
        &self,
        operation: &'static str,
        group: &Group,
        member: &str,
        wanted: bool,
    ) -> Result<Reply, ConnectError> {
        let gone = || {
            ConnectError::new(
                ErrorKind::UnknownEntitlement,
                operation,
                format!("the group `{}` is gone", group.name),
            )
        };
        let reply = self.by_id(operation, "Groups", &group.id, &[]).await?.ok_or_else(gone)?;
        let mut body = reply.body.ok_or_else(gone)?;
        let version = version_of(&body, reply.etag.as_ref());
        let mut members = field(&body, "members").and_then(Json::as_array).cloned().unwrap_or_default();
        members.retain(|m| id_of(m, "value").as_deref() != Some(member));
        if wanted {
            members.push(json!({ "value": member }));
        }
        set_field(&mut body, "members", Json::Array(members));
        set_field(&mut body, "schemas", json!([urn::GROUP]));
        remove_field(&mut body, "meta");
        let versioned = self.config.profile.etag && self.able(operation).await?.etag;
        let if_match = version.as_deref().filter(|_| versioned);
        let path = ["Groups", &*group.id];
        let call = Call { if_match, ..Call::write(About::write(operation), Method::PUT, &path, Some(&body)) };
        self.http.send(call).await
    }

    /// Proves that the filter by member works, on a group that has a member: an empty answer to it is evidence of
    /// absence only when it is known to find what is there.
    pub(crate) async fn prove_member_filter(&self, operation: &'static str) -> Result<(), ConnectError> {
        let count = GROUPS_PER_PAGE.to_string();
        let list = self.list(operation, "Groups", &[("startIndex", "1"), ("count", &count)]).await?;
        if !self.config.profile.member_filter {
            return Ok(());
        }
        let Some((group, member)) =
            list.resources.iter().find_map(|r| Some((r, members_of(r).into_iter().next()?)))
        else {
            return Ok(());
        };
        let group = Group::of(operation, group)?;
        let found = self.groups_with(operation, &member).await?;
        if found.iter().any(|g| g.id == group.id) {
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
