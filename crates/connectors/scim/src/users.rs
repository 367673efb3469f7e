//! Users: search, create, change, delete.

use crate::attribute::{boolean, id_of};
use crate::classify::About;
use crate::edits::name_schemas;
use crate::http::Call;
use crate::reply::{Reply, version_of};
use crate::service::Service;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_connect::{
    AccountRef, ConnectError, Created, ErrorKind, NewAccount, RemoteAccount, Status, Unread,
};
use tenure_model::{AttributeName, Kind, Value};
use tenure_scim::{eq, field, lenient, truth, urn};

/// Maximum time that a service takes to create a user, by its own two dates.
const CREATION_MAX: SignedDuration = SignedDuration::from_mins(10);
/// The same if it does not answer that it created one (201).
const JUST_NOW: SignedDuration = SignedDuration::from_mins(1);
/// Maximum number of characters of an unreadable value in a message.
const SHOWN_MAX: usize = 40;

/// A user as the service shows it.
pub(crate) struct User {
    pub(crate) id: Arc<str>,
    pub(crate) name: Arc<str>,
    pub(crate) version: Option<Arc<str>>,
    pub(crate) resource: Json,
}

impl User {
    /// Reads a resource. One without id or name is no user, and one with any unreadable value is not trusted.
    pub(crate) fn of(
        operation: &'static str,
        resource: Json,
        etag: Option<&Arc<str>>,
    ) -> Result<Self, ConnectError> {
        let missing =
            |what| ConnectError::new(ErrorKind::Protocol, operation, format!("a user without `{what}`"));
        if let Some(why) = lenient::unreadable(&resource) {
            let called = |name| id_of(&resource, name).map(|text| format!("`{text}`"));
            let who = called("userName").or_else(|| called("id"));
            let what =
                format!("the user {} cannot be read: {why}", who.as_deref().unwrap_or("of unknown id"));
            return Err(ConnectError::new(ErrorKind::Protocol, operation, what));
        }
        let id = id_of(&resource, "id").ok_or_else(|| missing("id"))?;
        let name = id_of(&resource, "userName").ok_or_else(|| missing("userName"))?;
        let version = version_of(&resource, etag);
        Ok(Self { id, name, version, resource })
    }
    /// A user of which only the id is known.
    pub(crate) fn unread(id: Arc<str>, name: Arc<str>) -> Self {
        Self { id, name, version: None, resource: json!({}) }
    }

    /// Whether the service states that it is enabled. `None` if it states nothing, or neither true nor false.
    pub(crate) fn active(&self) -> Option<bool> {
        match field(&self.resource, "active")? {
            Json::Number(n) if n.as_u64() == Some(1) => Some(true),
            Json::Number(n) if n.as_u64() == Some(0) => Some(false),
            Json::String(text) => truth(&Json::from(text.trim())),
            other => truth(other),
        }
    }

    /// The value in place of `active` if that cannot be read.
    fn active_unread(&self) -> Option<String> {
        let mut all = self.resource.as_object()?.iter();
        let (_, shown) = all.find(|(name, _)| name.eq_ignore_ascii_case("active"))?;
        if self.active().is_some() {
            return None;
        }
        Some(shown.to_string().chars().take(SHOWN_MAX).collect())
    }
}

/// The result of a search for a user.
pub(crate) enum Sight {
    User(Box<User>),
    /// The service says that it does not exist.
    Gone,
    /// Its id is known, but its resource cannot be read; and why.
    Unread(Arc<str>, ConnectError),
}

impl Service {
    /// The user of an account reference: by id if known, else by name.
    pub(crate) async fn user(
        &self,
        operation: &'static str,
        account: &AccountRef,
    ) -> Result<Option<User>, ConnectError> {
        match self.sight(operation, account).await? {
            Sight::User(user) => Ok(Some(*user)),
            Sight::Gone => Ok(None),
            Sight::Unread(_, why) => Err(why),
        }
    }

    /// The same, distinguishing an unreadable user from an answer about another one.
    pub(crate) async fn sight(
        &self,
        operation: &'static str,
        account: &AccountRef,
    ) -> Result<Sight, ConnectError> {
        let Some(id) = &account.external_id else {
            let found = self.user_named(operation, &account.name).await?;
            return Ok(found.map_or(Sight::Gone, |user| Sight::User(Box::new(user))));
        };
        let unread = |why| Ok(Sight::Unread(id.clone(), why));
        let reply = match self.by_id(operation, "Users", id, &[]).await {
            Ok(Some(reply)) => reply,
            Ok(None) => {
                return self.is_not_listed(operation, id, &account.name).await.map(|()| Sight::Gone);
            }
            Err(e) => return unread(e),
        };
        let Some(body) = reply.body else {
            return unread(ConnectError::new(ErrorKind::Protocol, operation, "a user without a body"));
        };
        if let Some(other) = id_of(&body, "id").filter(|other| other != id) {
            let what = format!("asked for the user `{id}`, the service answered with `{other}`");
            return Err(ConnectError::new(ErrorKind::Protocol, operation, what));
        }
        match User::of(operation, body, reply.etag.as_ref()) {
            Ok(user) => Ok(Sight::User(Box::new(user))),
            Err(e) => unread(e),
        }
    }

    /// Checks that a user that does not exist by its id is not in a list either.
    async fn is_not_listed(&self, operation: &'static str, id: &str, name: &str) -> Result<(), ConnectError> {
        if name.is_empty() || self.user_named(operation, name).await?.is_none_or(|user| *user.id != *id) {
            return Ok(());
        }
        let what = format!("the service lists the user `{name}` as `{id}` and does not show that id");
        Err(ConnectError::new(ErrorKind::Protocol, operation, what).with_status(Status::Temporary))
    }

    /// The user of that name. Every answer is checked: a service that ignores the filter proves nothing.
    pub(crate) async fn user_named(
        &self,
        operation: &'static str,
        name: &str,
    ) -> Result<Option<User>, ConnectError> {
        let filter = eq("userName", name);
        let list = self.list(operation, "Users", &[("filter", &filter)]).await?;
        let count = list.resources.len();
        let more = list.next_cursor.is_some() || list.total.is_some_and(|t| t > 0 && t != number(count));
        let wrong = |what: String| Err(ConnectError::new(ErrorKind::Protocol, operation, what));
        let mut found = Vec::new();
        for resource in list.resources {
            let user = User::of(operation, resource, None)?;
            if same_name(&user.name, name) {
                found.push(user);
            }
        }
        match (found.len(), count) {
            _ if more => wrong(format!("the service shows {count} users of more by the name `{name}`")),
            (0, 0) => Ok(None),
            (1, 1) => Ok(found.pop()),
            (0 | 1, _) => {
                wrong("the service ignored a filter by userName: its answer proves nothing".to_owned())
            }
            (n, _) => wrong(format!("{n} users have the userName `{name}`")),
        }
    }

    /// The users that show a value in an attribute. Every answer is checked: a service that ignores the filter proves nothing.
    pub(crate) async fn users_showing(
        &self,
        operation: &'static str,
        attribute: &AttributeName,
        value: &str,
    ) -> Result<Vec<User>, ConnectError> {
        let Some(mapped) = self.config.attributes.iter().find(|m| m.name == *attribute) else {
            let what = format!("`{attribute}` is no attribute that is read of users");
            return Err(ConnectError::new(ErrorKind::Unsupported, operation, what));
        };
        let filter = eq(mapped.path.as_str(), value);
        let list = self.list(operation, "Users", &[("filter", &filter)]).await?;
        let count = list.resources.len();
        let more = list.next_cursor.is_some() || list.total.is_some_and(|t| t > 0 && t != number(count));
        let mut found = Vec::new();
        for resource in list.resources {
            let shown = mapped.read(&resource).map(|v| v.to_string().to_lowercase());
            if shown.is_some_and(|shown| shown == value.to_lowercase()) {
                found.push(User::of(operation, resource, None)?);
            }
        }
        if more || found.len() != count {
            let what = format!("the service ignored a filter by {attribute}: its answer proves nothing");
            return Err(ConnectError::new(ErrorKind::Unsupported, operation, what));
        }
        Ok(found)
    }

    /// The user of a reference, which must exist.
    pub(crate) async fn existing(
        &self,
        operation: &'static str,
        account: &AccountRef,
    ) -> Result<User, ConnectError> {
        self.user(operation, account).await?.ok_or_else(|| gone(operation, account))
    }

    /// A user in the form of the contract, without entitlements.
    pub(crate) async fn shown(
        &self,
        operation: &'static str,
        user: &User,
        names: &mut BTreeMap<Arc<str>, Arc<str>>,
    ) -> Result<RemoteAccount, ConnectError> {
        let mut attributes = BTreeMap::new();
        for mapped in &self.config.attributes {
            let Some(value) = mapped.read(&user.resource) else { continue };
            let value = match (&value, mapped.reference) {
                (Value::Text(id), true) => Value::Text(self.name_of(operation, id, names).await?),
                _ => value,
            };
            attributes.insert(mapped.name.clone(), value);
        }
        Ok(RemoteAccount {
            external_id: user.id.clone(),
            name: user.name.clone(),
            kind: Kind::default(),
            enabled: user.active() != Some(false),
            attributes,
            entitlements: Default::default(),
            indirect: BTreeMap::new(),
            version: user.version.clone().filter(|_| self.config.profile.etag),
            unread: Unread { enabled: self.why_unknown(user), ..Unread::default() },
            outside: None,
        })
    }

    /// Why it is not known whether a user is enabled.
    fn why_unknown(&self, user: &User) -> Option<Arc<str>> {
        if let Some(shown) = user.active_unread() {
            let why = format!(
                "the service shows `active` as {shown}, which is neither true nor false: have it send true or false"
            );
            return Some(Arc::from(why));
        }
        let silent = user.active().is_none() && !self.config.profile.silent_is_on;
        silent.then(|| {
            Arc::from(
                "the service does not say whether the user is active; where it leaves out only what is on, set active = \"optional\"",
            )
        })
    }

    /// The name of the user with that id; the id itself if no user has it, so that the difference is visible.
    async fn name_of(
        &self,
        operation: &'static str,
        id: &Arc<str>,
        names: &mut BTreeMap<Arc<str>, Arc<str>>,
    ) -> Result<Arc<str>, ConnectError> {
        if let Some(name) = names.get(id) {
            return Ok(name.clone());
        }
        let reply = self.by_id(operation, "Users", id, &[("attributes", "userName")]).await?;
        let name = reply.and_then(|r| id_of(r.body.as_ref()?, "userName")).unwrap_or_else(|| id.clone());
        names.insert(id.clone(), name.clone());
        Ok(name)
    }

    /// Creates a disabled user without a password. A reference to an account that does not exist yet is left out: the account does not
    /// wait for it, and the next comparison shows it as missing.
    pub(crate) async fn create_user(&self, account: &NewAccount) -> Result<Created, ConnectError> {
        const OPERATION: &str = "create";
        if account.kind != Kind::default() {
            let what = format!("this system has one kind of account, not `{}`", account.kind);
            return Err(ConnectError::new(ErrorKind::Invalid, OPERATION, what));
        }
        // Rejecting duplicates is optional for services (RFC 7644 §3.3.1 only says "if"): search first.
        if self.user_named(OPERATION, &account.name).await?.is_some() {
            let what = format!("there is a user `{}` already", account.name);
            return Err(ConnectError::new(ErrorKind::Exists, OPERATION, what));
        }
        let off = boolean(false, self.config.profile.text_booleans);
        let mut body = json!({ "schemas": [urn::USER], "userName": &*account.name, "active": off });
        for (name, value) in &account.attributes {
            let mapped = self.mapped(OPERATION, name)?;
            let value = match (value, mapped.reference) {
                (Value::Text(target), true) if !target.is_empty() => {
                    let Some(user) = self.user_named(OPERATION, target).await? else { continue };
                    Value::Text(user.id)
                }
                _ => value.clone(),
            };
            let value = mapped.write(&value, self.config.profile.text_booleans);
            mapped.path.assign(&mut body, value).map_err(|e| invalid(OPERATION, &e.detail))?;
        }
        name_schemas(&mut body);
        let call = Call::write(About::named(OPERATION), Method::POST, &["Users"], Some(&body));
        let reply = self.http.send(call).await?;
        let user = self.created(&reply, &account.name).await?;
        Ok(Created { usable: user.active() != Some(false), external_id: user.id })
    }

    /// The created user, read back at this service. Some services answer with an existing user (matched by mail or another id), or
    /// name one elsewhere: that one is not the created user, and nothing is written to it.
    async fn created(&self, reply: &Reply, name: &Arc<str>) -> Result<User, ConnectError> {
        const OPERATION: &str = "create";
        let other = |what: String| {
            let what = format!(
                "the service answered the creation of `{name}` with {what}: nothing was written to it"
            );
            Err(ConnectError::new(ErrorKind::Protocol, OPERATION, what))
        };
        let body = reply.body.as_ref();
        let id = body
            .and_then(|b| id_of(b, "id"))
            .or_else(|| self.http.id_at(reply.location.as_deref()?, "Users"));
        let account = AccountRef { external_id: id, name: name.clone(), kind: Kind::default() };
        let Some(user) = self.user(OPERATION, &account).await? else {
            let what = format!("the service accepted the user `{name}` and does not show it");
            let lost = ConnectError::new(ErrorKind::Protocol, OPERATION, what);
            return Err(lost.with_status(Status::UnknownOutcome));
        };
        let said = body.and_then(|b| id_of(b, "userName"));
        if !same_name(&user.name, name) || said.is_some_and(|said| !same_name(&said, name)) {
            return other(format!("the user `{}`", user.name));
        }
        if is_older(&user.resource) || age(&user.resource, reply.date).is_some_and(|age| age > CREATION_MAX) {
            return other("a user that was there before".to_owned());
        }
        // 201 says that one was created (RFC 7644 §3.3); 200 is also the answer for an existing one.
        let is_new = age(&user.resource, reply.date).is_some_and(|age| age <= JUST_NOW);
        if reply.status == 200 && !is_new {
            let what =
                "status 200 and a user of which it does not say that it is new: a person says whose it is";
            return other(what.to_owned());
        }
        Ok(user)
    }

    /// Deletes a user; returns its id if there was one.
    pub(crate) async fn delete_user(&self, account: &AccountRef) -> Result<Option<Arc<str>>, ConnectError> {
        const OPERATION: &str = "delete";
        let Some(user) = self.user(OPERATION, account).await? else { return Ok(None) };
        let path = ["Users", &*user.id];
        match self.http.send(Call::write(About::write(OPERATION), Method::DELETE, &path, None)).await {
            Ok(_) => Ok(Some(user.id)),
            Err(e) if e.kind == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }
}

/// The error for a user that must exist and does not.
pub(crate) fn gone(operation: &'static str, account: &AccountRef) -> ConnectError {
    ConnectError::new(ErrorKind::NotFound, operation, format!("there is no user `{}`", account.name))
}

/// Whether a user was created some time before its last change: then it was not created just now.
fn is_older(resource: &Json) -> bool {
    let at = |name| {
        let text = field(field(resource, "meta")?, name)?.as_str()?;
        text.parse::<Timestamp>().ok()
    };
    let (Some(created), Some(modified)) = (at("created"), at("lastModified")) else { return false };
    created.duration_until(modified) > CREATION_MAX
}

/// How long before an answer a user was created, by the service's own clock.
fn age(resource: &Json, answered: Option<Timestamp>) -> Option<SignedDuration> {
    let created = field(field(resource, "meta")?, "created")?.as_str()?.parse::<Timestamp>().ok()?;
    Some(created.duration_until(answered?))
}

fn same_name(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

pub(crate) fn invalid(operation: &'static str, what: &str) -> ConnectError {
    ConnectError::new(ErrorKind::Invalid, operation, what)
}
