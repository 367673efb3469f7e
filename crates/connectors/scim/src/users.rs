//! Users: found, made, changed, removed.

use crate::attribute::{Mapped, boolean, id_of};
use crate::classify::About;
use crate::http::Call;
use crate::reply::version_of;
use crate::service::Service;
use reqwest::Method;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_connect::{AccountRef, Change, ConnectError, ErrorKind, NewAccount, RemoteAccount, Status, Written};
use tenure_model::{AttributeName, Kind, Value};
use tenure_scim::{Op, Operation, Patch, Path, eq, field, remove_field, set_field, truth, urn};

/// A user as the service shows it.
pub(crate) struct User {
    pub(crate) id: Arc<str>,
    pub(crate) name: Arc<str>,
    pub(crate) version: Option<Arc<str>>,
    pub(crate) resource: Json,
}

impl User {
    /// Reads a resource. One without id or name is no user.
    pub(crate) fn of(operation: &'static str, resource: Json, etag: Option<&Arc<str>>) -> Result<Self, ConnectError> {
        let missing = |what| ConnectError::new(ErrorKind::Protocol, operation, format!("a user without `{what}`"));
        let id = id_of(&resource, "id").ok_or_else(|| missing("id"))?;
        let name = id_of(&resource, "userName").ok_or_else(|| missing("userName"))?;
        let version = version_of(&resource, etag);
        Ok(Self { id, name, version, resource })
    }
    /// Whether the service says that it is off. Silence is no such statement.
    pub(crate) fn is_off(&self) -> bool {
        field(&self.resource, "active").and_then(truth) == Some(false)
    }
}

/// What the service must do to a user: the same change as PATCH operations and as the whole resource after it.
struct Edit {
    operations: Vec<Operation>,
    after: Json,
}

impl Service {
    /// The user of an account reference: by id where it is known, else by name.
    pub(crate) async fn user(&self, operation: &'static str, account: &AccountRef) -> Result<Option<User>, ConnectError> {
        let Some(id) = &account.native else { return self.user_named(operation, &account.name).await };
        let Some(reply) = self.by_id(operation, "Users", id, &[]).await? else { return Ok(None) };
        let body = reply.body.ok_or_else(|| ConnectError::new(ErrorKind::Protocol, operation, "a user without a body"))?;
        let user = User::of(operation, body, reply.etag.as_ref())?;
        if user.id != *id {
            let what = format!("asked for the user `{id}`, the service answered with `{}`", user.id);
            return Err(ConnectError::new(ErrorKind::Protocol, operation, what));
        }
        Ok(Some(user))
    }

    /// The user of that name. Every answer is checked: a service that ignores the filter proves nothing.
    pub(crate) async fn user_named(&self, operation: &'static str, name: &str) -> Result<Option<User>, ConnectError> {
        let filter = eq("userName", name);
        let list = self.list(operation, "Users", &[("filter", &filter)]).await?;
        let count = list.resources.len();
        let wrong = |what: String| Err(ConnectError::new(ErrorKind::Protocol, operation, what));
        let mut found = Vec::new();
        for resource in list.resources {
            let user = User::of(operation, resource, None)?;
            if same_name(&user.name, name) {
                found.push(user);
            }
        }
        match (found.len(), count) {
            (0, 0) if list.total.unwrap_or(0) == 0 => Ok(None),
            (1, 1) => Ok(found.pop()),
            (0 | 1, _) => wrong("the service ignored a filter by userName: its answer proves nothing".to_owned()),
            (n, _) => wrong(format!("{n} users have the userName `{name}`")),
        }
    }

    /// The user of a reference that must be there.
    pub(crate) async fn existing(&self, operation: &'static str, account: &AccountRef) -> Result<User, ConnectError> {
        let gone = || ConnectError::new(ErrorKind::NotFound, operation, format!("there is no user `{}`", account.name));
        self.user(operation, account).await?.ok_or_else(gone)
    }

    /// A user as the contract shows it, without entitlements.
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
            native: user.id.clone(),
            name: user.name.clone(),
            kind: Kind::default(),
            enabled: !user.is_off(),
            attributes,
            entitlements: Default::default(),
            indirect: BTreeMap::new(),
            version: user.version.clone().filter(|_| self.config.profile.etag),
        })
    }

    /// The name of the user with that id; the id itself where nobody has it any more, so that the difference is seen.
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

    /// Makes a user that is off and has no password. A reference to an account that is not there yet is left out: the
    /// account does not wait for it, and the next comparison shows it missing.
    pub(crate) async fn create_user(&self, account: &NewAccount) -> Result<Written, ConnectError> {
        const OPERATION: &str = "create";
        if account.kind != Kind::default() {
            let what = format!("this system has one kind of account, not `{}`", account.kind);
            return Err(ConnectError::new(ErrorKind::Invalid, OPERATION, what));
        }
        // Rejecting duplicates is optional for services (RFC 7644 §3.3.1 only says "if"): look first.
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
        let user = match reply.body {
            Some(resource) => User::of(OPERATION, resource, reply.etag.as_ref())?,
            // "SHOULD contain the representation": where it does not, the user is looked up.
            None => self.created(OPERATION, reply.location.as_deref(), &account.name).await?,
        };
        if !user.is_off() {
            self.switch(OPERATION, &user, false).await?;
        }
        Ok(Written { native: user.id, changed: true })
    }

    async fn created(&self, operation: &'static str, location: Option<&str>, name: &Arc<str>) -> Result<User, ConnectError> {
        let id = location.and_then(|l| l.trim_end_matches('/').rsplit('/').next()).filter(|id| !id.contains(['%', '?']));
        let account = AccountRef { native: id.map(Arc::from), name: name.clone(), kind: Kind::default() };
        let lost = || {
            let what = format!("the service accepted the user `{name}` and does not show it");
            ConnectError::new(ErrorKind::Protocol, operation, what).with_status(Status::UnknownOutcome)
        };
        self.user(operation, &account).await?.ok_or_else(lost)
    }

    /// Switches a user on or off; says whether anything was written.
    pub(crate) async fn switch(&self, operation: &'static str, user: &User, on: bool) -> Result<bool, ConnectError> {
        let active = field(&user.resource, "active").and_then(truth);
        if active == Some(on) {
            return Ok(false);
        }
        let path = self.path(operation, "active")?;
        let value = boolean(on, self.config.profile.text_booleans);
        let edit = self.edit(operation, user, vec![(path, Some(value))])?;
        self.write_user(About::write(operation), user, edit, None).await?;
        Ok(true)
    }

    /// Writes what differs.
    pub(crate) async fn update_user(&self, account: &AccountRef, change: &Change) -> Result<Written, ConnectError> {
        const OPERATION: &str = "update";
        if change.if_version.is_some() && !self.config.profile.etag {
            let what = "this system keeps no versions (etag = false)";
            return Err(ConnectError::new(ErrorKind::Unsupported, OPERATION, what));
        }
        let user = self.existing(OPERATION, account).await?;
        if change.if_version.is_some() && change.if_version != user.version {
            let now = user.version.as_deref().unwrap_or("none");
            return Err(ConnectError::new(ErrorKind::Conflict, OPERATION, format!("the version is {now} now")));
        }
        let mut edits: Vec<(Path, Option<Json>)> = Vec::new();
        for (name, wanted) in &change.attributes {
            let mapped = self.mapped(OPERATION, name)?;
            let wanted = self.resolved(OPERATION, mapped, wanted.as_ref()).await?;
            if !mapped.has(&user.resource, wanted.as_ref()) {
                let json = wanted.and_then(|v| mapped.write(&v, self.config.profile.text_booleans));
                edits.push((mapped.path.clone(), json));
            }
        }
        let rename = change.rename.as_ref().filter(|new| ***new != *user.name);
        if let Some(new) = rename {
            let taken = self.user_named(OPERATION, new).await?.is_some_and(|other| other.id != user.id);
            if taken {
                let what = format!("there is a user `{new}` already");
                return Err(ConnectError::new(ErrorKind::Exists, OPERATION, what));
            }
            edits.push((self.path(OPERATION, "userName")?, Some(Json::from(&**new))));
        }
        if edits.is_empty() {
            return Ok(Written { native: user.id, changed: false });
        }
        let about = if rename.is_some() { About::named(OPERATION) } else { About::write(OPERATION) };
        let edit = self.edit(OPERATION, &user, edits)?;
        self.write_user(about, &user, edit, change.if_version.as_deref()).await?;
        Ok(Written { native: user.id, changed: true })
    }

    /// A wanted value as the service keeps it: for a reference, the id of the account that it names.
    async fn resolved(
        &self,
        operation: &'static str,
        mapped: &Mapped,
        wanted: Option<&Value>,
    ) -> Result<Option<Value>, ConnectError> {
        let (Some(Value::Text(target)), true) = (wanted.filter(|w| !w.is_blank()), mapped.reference) else {
            return Ok(wanted.cloned());
        };
        match self.user_named(operation, target).await? {
            Some(user) => Ok(Some(Value::Text(user.id))),
            None => {
                let what = format!("`{}` names the account `{target}`, which this system does not have", mapped.name);
                Err(invalid(operation, &what).with_status(Status::Temporary))
            }
        }
    }

    /// Removes a user; says whether there was one.
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

    fn mapped(&self, operation: &'static str, name: &AttributeName) -> Result<&Mapped, ConnectError> {
        let found = self.config.attributes.iter().find(|m| m.name == *name);
        found.ok_or_else(|| invalid(operation, &format!("the attribute `{name}` is not declared for this system")))
    }

    fn path(&self, operation: &'static str, text: &str) -> Result<Path, ConnectError> {
        Path::parse(text, &self.config.schemas).map_err(|e| invalid(operation, &e.detail))
    }

    fn edit(
        &self,
        operation: &'static str,
        user: &User,
        edits: Vec<(Path, Option<Json>)>,
    ) -> Result<Edit, ConnectError> {
        let mut after = user.resource.clone();
        let mut operations = Vec::new();
        for (path, value) in edits {
            if !self.config.profile.pathless {
                operations.push(self.operation(&path, value.clone(), &after).map_err(|e| invalid(operation, &e))?);
            }
            path.assign(&mut after, value).map_err(|e| invalid(operation, &e.detail))?;
            if self.config.profile.pathless {
                operations.push(pathless(&path, &after));
            } else if path.is_filtered() && !self.config.profile.filter_paths {
                operations.pop();
                operations.push(whole_attribute(&path, &after));
            }
        }
        if self.config.profile.pathless {
            operations = vec![merged(operations)];
        }
        Ok(Edit { operations, after })
    }

    /// One attribute as a PATCH operation.
    fn operation(&self, path: &Path, value: Option<Json>, before: &Json) -> Result<Operation, String> {
        let text = path.as_str();
        let Some(value) = value else {
            // A value without `value` says nothing: the whole element goes.
            let element = text.strip_suffix(".value").filter(|t| t.ends_with(']')).unwrap_or(text);
            return Ok(Operation::remove(element));
        };
        if !path.is_filtered() || path.has_element(before) {
            return Ok(Operation::replace(text, value));
        }
        // "No target" for `replace` by the RFC, and read in different ways for `add`: so the element is added as it is.
        let list = text.split_once('[').map_or(text, |(list, _)| list);
        Ok(Operation::add(list, Json::Array(vec![path.element(value).map_err(|e| e.detail)?])))
    }

    async fn write_user(&self, about: About, user: &User, edit: Edit, version: Option<&str>) -> Result<(), ConnectError> {
        let path = ["Users", &*user.id];
        let versioned = self.config.profile.etag && self.able(about.operation).await?.etag;
        if self.config.profile.put {
            let mut body = edit.after;
            for made_there in ["meta", "groups"] {
                remove_field(&mut body, made_there);
            }
            name_schemas(&mut body);
            // A whole resource overwrites what others wrote since it was read, so it is always conditional.
            let if_match = user.version.as_deref().filter(|_| versioned);
            let call = Call { if_match, ..Call::write(about, Method::PUT, &path, Some(&body)) };
            return self.http.send(call).await.map(|_| ());
        }
        let body = Patch { operations: edit.operations }.to_json(self.config.profile.titled);
        let if_match = version.filter(|_| versioned);
        let call = Call { if_match, ..Call::write(about, Method::PATCH, &path, Some(&body)) };
        self.http.send(call).await.map(|_| ())
    }
}

fn same_name(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

fn invalid(operation: &'static str, what: &str) -> ConnectError {
    ConnectError::new(ErrorKind::Invalid, operation, what)
}

/// `schemas` names the extensions that the resource has values of.
fn name_schemas(body: &mut Json) {
    let extensions = body.as_object().into_iter().flatten().map(|(k, _)| k.clone()).filter(|k| k.starts_with("urn:"));
    let all: Vec<Json> = std::iter::once(urn::USER.to_owned()).chain(extensions).map(Json::from).collect();
    set_field(body, "schemas", Json::Array(all));
}

/// The attribute of a path as it is after the change: `(extension, attribute, value)`.
fn top_level<'a>(path: &'a Path, after: &Json) -> (Option<&'a str>, &'a str, Json) {
    let base = path.extension().map_or(Some(after), |urn| field(after, urn));
    let name = path.attribute().unwrap_or_default();
    (path.extension(), name, base.and_then(|b| field(b, name)).cloned().unwrap_or(Json::Null))
}

fn pathless(path: &Path, after: &Json) -> Operation {
    let (extension, name, value) = top_level(path, after);
    let value = match extension {
        Some(urn) => json!({ (urn): { (name): value } }),
        None => json!({ (name): value }),
    };
    Operation { op: Op::Replace, path: None, value: Some(value) }
}

fn whole_attribute(path: &Path, after: &Json) -> Operation {
    let (extension, name, value) = top_level(path, after);
    let text = extension.map_or_else(|| name.to_owned(), |urn| format!("{urn}:{name}"));
    if value.is_null() { Operation::remove(&text) } else { Operation::replace(&text, value) }
}

/// Several path-less replacements as one.
fn merged(operations: Vec<Operation>) -> Operation {
    let mut all = json!({});
    for (name, value) in operations.into_iter().filter_map(|o| o.value).filter_map(|v| v.as_object().cloned()).flatten() {
        match (tenure_scim::field_mut(&mut all, &name), value) {
            (Some(Json::Object(there)), Json::Object(more)) => there.extend(more),
            (_, value) => set_field(&mut all, &name, value),
        }
    }
    Operation { op: Op::Replace, path: None, value: Some(all) }
}
