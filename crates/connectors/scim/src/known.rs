//! Which values are ids of this service: a member value that is no id of a user or group may be any user, written in another form.

use crate::groups::{Group, Member};
use crate::service::Service;
use crate::shown::Members;
use crate::users::User;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tenure_connect::{ConnectError, ErrorKind};
use tenure_scim::field;
use tokio::time::Instant;

/// Maximum number of ids remembered as seen.
const KNOWN_MAX: usize = 1_000_000;
/// Maximum number of groups remembered by name.
const GROUPS_KNOWN_MAX: usize = 100_000;
/// Maximum number of members of one group that are looked up.
pub(crate) const OF_GROUP_MAX: usize = 20;
/// Maximum number of members that are looked up for one answer over all groups.
pub(crate) const OF_ANSWER_MAX: usize = 60;
/// Maximum number of members that are looked up at the end of a scan.
pub(crate) const OF_SCAN_MAX: usize = 1_000;
/// How long a filter that was proved to be applied is assumed to be.
const HEEDED_FOR: Duration = Duration::from_secs(10);
/// An id that no service issues.
const NEVER_AN_ID: &str = "00000000-0000-4000-8000-00000000dead";

impl Service {
    /// Remembers ids of users or groups that the service showed.
    pub(crate) fn note_ids<'a>(&self, ids: impl IntoIterator<Item = &'a Arc<str>>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for id in ids {
            if known.len() < KNOWN_MAX && !known.contains(id) {
                known.insert(id.clone());
            }
        }
    }

    /// Remembers a group that was found by its name.
    pub(crate) fn note_group(&self, group: &Group) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if found.len() < GROUPS_KNOWN_MAX {
            found.insert(group.name.clone(), group.clone());
        }
    }

    /// The group that was last found by that name.
    pub(crate) fn group_found(&self, name: &str) -> Option<Group> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// The values that were not seen as ids yet.
    pub(crate) fn not_seen<'a>(&self, values: impl IntoIterator<Item = &'a Arc<str>>) -> Vec<Arc<str>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        values.into_iter().filter(|value| !known.contains(*value)).cloned().collect()
    }

    /// Whether a value is the id of a user or a group.
    pub(crate) async fn is_id(
        &self,
        operation: &'static str,
        value: &Arc<str>,
    ) -> Result<bool, ConnectError> {
        for (endpoint, shown) in [("Users", "userName"), ("Groups", "displayName")] {
            let reply = match self.by_id(operation, endpoint, value, &[("attributes", shown)]).await {
                Ok(reply) => reply,
                // A value that cannot be an id may be refused.
                Err(e) if matches!(e.kind, ErrorKind::Invalid | ErrorKind::Unsupported) => None,
                Err(e) => return Err(e),
            };
            let body = reply.and_then(|r| r.body);
            if body.and_then(|b| crate::attribute::id_of(&b, "id")).as_ref() == Some(value) {
                self.note_ids([value]);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Why a group's list does not prove that a member is not in it: it lists a value that is the id of no user and no group. The
    /// user's own names are looked up first. `left`: how many values may still be looked up.
    pub(crate) async fn foreign(
        &self,
        operation: &'static str,
        group: &Group,
        members: &Members,
        member: Member<'_>,
        left: &mut usize,
    ) -> Result<Option<Arc<str>>, ConnectError> {
        let called = member.user.map(called).unwrap_or_default();
        let is_own = |value: &Arc<str>| called.contains(&value.trim().to_lowercase());
        let mut values = self.not_seen(&members.ids);
        // If ids are UUIDs, another UUID is the id of another resource, of any kind.
        values.retain(|value| is_own(value) || !(is_uuid(value) && is_uuid(member.id)));
        values.sort_by_key(|value| !is_own(value));
        for value in values.iter().take(OF_GROUP_MAX) {
            // A value that may be this very user is looked up in any case.
            if *left == 0 && !is_own(value) {
                break;
            }
            *left = left.saturating_sub(1);
            if !self.is_id(operation, value).await? {
                return Ok(Some(unreadable(&group.name, value, is_own(value))));
            }
        }
        Ok(None)
    }

    /// Whether the filter by member is applied: searched for a value that no group can have, it finds nothing.
    pub(crate) async fn heeds_member_filter(&self, operation: &'static str) -> Result<bool, ConnectError> {
        let heeded = *self.heeded.lock().unwrap_or_else(PoisonError::into_inner);
        if heeded.is_some_and(|at| at.elapsed() < HEEDED_FOR) {
            return Ok(true);
        }
        let heeds = self.asks_member_filter(operation).await?;
        *self.heeded.lock().unwrap_or_else(PoisonError::into_inner) = heeds.then(Instant::now);
        Ok(heeds)
    }

    async fn asks_member_filter(&self, operation: &'static str) -> Result<bool, ConnectError> {
        let filter = tenure_scim::eq("members.value", NEVER_AN_ID);
        let query = [("filter", filter.as_str()), ("attributes", "displayName"), ("count", "1")];
        match self.list(operation, "Groups", &query).await {
            Ok(list) => Ok(list.resources.is_empty()),
            // It evaluated the value, or reports that it does not filter: the next query shows which.
            Err(e) if matches!(e.kind, ErrorKind::Invalid | ErrorKind::NotFound | ErrorKind::Unsupported) => {
                Ok(true)
            }
            Err(e) => Err(e),
        }
    }
}

/// Whether a value is a UUID.
pub(crate) fn is_uuid(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Why a group's list of members does not prove who is not in it.
pub(crate) fn unreadable(group: &str, value: &str, own: bool) -> Arc<str> {
    let whose = if own { "; the account has this name" } else { "" };
    Arc::from(format!(
        "`{group}` lists the member `{value}`, which is the id of no user and no group{whose}: it is not known which \
         account it means"
    ))
}

/// A user's names, in lower case: what a service may list in place of its id.
fn called(user: &User) -> BTreeSet<String> {
    let resource = &user.resource;
    let text = |of: &Json, name: &str| field(of, name).and_then(Json::as_str).map(str::to_owned);
    let mut all: BTreeSet<String> = ["userName", "displayName", "externalId", "nickName"]
        .iter()
        .filter_map(|name| text(resource, name))
        .collect();
    all.extend(field(resource, "name").and_then(|name| text(name, "formatted")));
    let mails = field(resource, "emails").and_then(Json::as_array).into_iter().flatten();
    all.extend(mails.filter_map(|mail| text(mail, "value").or_else(|| mail.as_str().map(str::to_owned))));
    all.into_iter().map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty()).collect()
}
