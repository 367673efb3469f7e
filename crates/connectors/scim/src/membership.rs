//! One membership: read in the group itself, added and removed.

use crate::attribute::id_of;
use crate::classify::About;
use crate::groups::{Group, Member, NEVER_SHOWN, is};
use crate::http::Call;
use crate::known::OF_GROUP_MAX;
use crate::reply::{Reply, version_of};
use crate::service::Service;
use crate::shown::{Among, Members};
use crate::users::User;
use reqwest::Method;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use tenure_connect::{AccountRef, ConnectError, ErrorKind, Holds};
use tenure_scim::{Operation, Patch, field, quote, remove_field, set_field, urn};

impl Service {
    /// Whether an account is in a group, according to the group, the filter and the user. A yes of any of them is believed; a no must
    /// come from the group itself.
    pub(crate) async fn holds(&self, account: &AccountRef, name: &str) -> Result<Holds, ConnectError> {
        const OPERATION: &str = "holds";
        let user = self.user(OPERATION, account).await?;
        // A service that does not clean up still lists a deleted user.
        let Some(id) = user.as_ref().map(|u| u.id.clone()).or_else(|| account.external_id.clone()) else {
            return Ok(Holds::No);
        };
        let group = match self.group(OPERATION, name).await {
            Ok(group) => group,
            Err(e) if e.kind == ErrorKind::UnknownEntitlement => {
                let why = format!("{}: it was deleted, or the service hides it", e.message);
                return Ok(Holds::Unreadable(Arc::from(why)));
            }
            Err(e) => return Err(e),
        };
        if user.as_ref().is_some_and(|u| says_it_is_in(u, &group)) {
            return Ok(Holds::Yes);
        }
        let member = Member { id: &id, user: user.as_ref() };
        match self.among(OPERATION, &group, member).await? {
            Among::Yes => Ok(Holds::Yes),
            Among::Unreadable(why) => Ok(Holds::Unreadable(why)),
            Among::Silent if !self.shows_members(OPERATION).await? => {
                Ok(Holds::Unreadable(Arc::from(NEVER_SHOWN)))
            }
            Among::No | Among::Silent if self.config.nested => {
                let held = self.held(OPERATION, member).await?;
                Ok(held.indirect.get(name).map_or(Holds::No, |path| Holds::Through(path.clone())))
            }
            Among::No | Among::Silent => Ok(Holds::No),
        }
    }

    /// Whether a member is in a group: by the filter if it works, and by the group itself.
    async fn among(
        &self,
        operation: &'static str,
        group: &Group,
        member: Member<'_>,
    ) -> Result<Among, ConnectError> {
        let mut contradicted = None;
        if self.config.profile.member_filter {
            let mut direct = self.groups_with(operation, member).await?;
            if direct.groups.iter().any(|g| g.id == group.id) {
                return Ok(Among::Yes);
            }
            contradicted = direct.unread.entitlements.remove(&group.name);
        }
        let reply = self.by_id(operation, "Groups", &group.id, &[]).await?;
        let Some(body) = reply.and_then(|r| r.body).filter(|body| is(body, group)) else {
            let why = format!("the service lists `{}` and does not show it", group.name);
            return Ok(Among::Unreadable(Arc::from(why)));
        };
        let members = Members::of(&body);
        let among = members.among(member.id);
        if !matches!(among, Among::No | Among::Silent) {
            return Ok(among);
        }
        let mut left = OF_GROUP_MAX;
        let foreign = self.foreign(operation, group, &members, member, &mut left).await?;
        Ok(contradicted.or(foreign).map_or(among, Among::Unreadable))
    }

    /// Whether any group shows a member, so that missing members mean none.
    async fn shows_members(&self, operation: &'static str) -> Result<bool, ConnectError> {
        let all = self.all_members(operation).await?;
        Ok(all.proved)
    }

    /// Adds a user to a group or removes it; returns whether anything was written.
    pub(crate) async fn set_member(
        &self,
        operation: &'static str,
        who: Member<'_>,
        name: &str,
        wanted: bool,
    ) -> Result<bool, ConnectError> {
        let group = match self.group(operation, name).await {
            // An entitlement that does not exist is not held.
            Err(e) if !wanted && e.kind == ErrorKind::UnknownEntitlement => return Ok(false),
            // A group that cannot be read now is revoked anyway.
            Err(e) if !wanted => self.group_found(name).ok_or(e)?,
            other => other?,
        };
        let member = who.id;
        let is = match self.among(operation, &group, who).await {
            Err(e) if !wanted => Among::Unreadable(e.message),
            other => other?,
        };
        match (&is, wanted) {
            (Among::Yes, true) | (Among::No, false) => return Ok(false),
            _ => {}
        }
        let written = if self.config.profile.put {
            self.put_member(operation, &group, member, wanted).await
        } else {
            self.patch_member(operation, &group, member, wanted).await
        };
        let reply = match written {
            Ok(reply) => reply,
            // It was not certain that there is anything to remove; this will be read again.
            Err(e) if !wanted && is != Among::Yes && e.kind == ErrorKind::Invalid => return Ok(false),
            Err(e) => return Err(e),
        };
        let still = reply.body.as_ref().is_some_and(|b| Members::of(b).among(member) == Among::Yes);
        if !wanted && still {
            let what = format!(
                "the service accepted the removal from `{name}` and its answer still lists the member; \
                 if it reads removals as Entra's client means them, set remove_member = \"value\""
            );
            return Err(ConnectError::new(ErrorKind::Protocol, operation, what));
        }
        // If the state was not read, it is not known whether it changed.
        Ok(wanted || is == Among::Yes)
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

    /// The whole group, read and written back on condition that no other client wrote in between. A group whose members cannot be read
    /// is not written: they would be lost. A group that shows no members counts as empty here, otherwise no user could ever be added
    /// to a first group; its emptiness is never confirmed.
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
        let mut body = reply.body.filter(|body| is(body, group)).ok_or_else(gone)?;
        let shown = Members::of(&body);
        if let Some(why) = &shown.unreadable {
            let what = format!("`{}` is not written as a whole: {why}", group.name);
            return Err(ConnectError::new(ErrorKind::Protocol, operation, what));
        }
        let version = version_of(&body, reply.etag.as_ref());
        let mut members = match field(&body, "members") {
            Some(Json::Array(members)) => members.clone(),
            Some(one @ Json::Object(_)) => vec![one.clone()],
            _ => Vec::new(),
        };
        members.retain(|m| Members::of(&json!({ "members": [m] })).among(member) != Among::Yes);
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
}

/// Whether a user's own `groups` name a group. Services derive them, often late: they are no evidence of absence, but a reason not to
/// confirm it.
fn says_it_is_in(user: &User, group: &Group) -> bool {
    let groups = field(&user.resource, "groups").and_then(Json::as_array);
    groups.into_iter().flatten().any(|g| id_of(g, "value").as_deref() == Some(&*group.id))
}
