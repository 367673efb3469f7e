//! Changes of users: the differences, as PATCH operations in the service's dialect or as the whole resource after it.

use crate::attribute::{Mapped, boolean};
use crate::classify::About;
use crate::http::Call;
use crate::service::Service;
use crate::users::{User, invalid};
use reqwest::Method;
use serde_json::{Value as Json, json};
use tenure_connect::{AccountChange, AccountRef, ConnectError, ErrorKind, Status, Written};
use tenure_model::{AttributeName, Value};
use tenure_scim::{Op, Operation, Patch, Path, field, remove_field, set_field, urn};

/// A change of a user: as PATCH operations and as the whole resource after it.
struct Edit {
    operations: Vec<Operation>,
    after: Json,
}

impl Service {
    /// Enables or disables a user; returns whether anything was written.
    pub(crate) async fn switch(
        &self,
        operation: &'static str,
        user: &User,
        on: bool,
    ) -> Result<bool, ConnectError> {
        if user.active() == Some(on) {
            return Ok(false);
        }
        let path = self.path(operation, "active")?;
        let value = boolean(on, self.config.profile.text_booleans);
        let edit = self.edit(operation, user, vec![(path, Some(value))])?;
        self.write_user(About::write(operation), user, edit, None).await?;
        Ok(true)
    }

    /// Writes the differences.
    pub(crate) async fn update_user(
        &self,
        account: &AccountRef,
        change: &AccountChange,
    ) -> Result<Written, ConnectError> {
        const OPERATION: &str = "update";
        if change.if_version.is_some() && !self.config.profile.etag {
            let what = "this system keeps no versions (etag = false)";
            return Err(ConnectError::new(ErrorKind::Unsupported, OPERATION, what));
        }
        let user = self.existing(OPERATION, account).await?;
        if change.if_version.is_some() && change.if_version != user.version {
            let now = user.version.as_deref().unwrap_or("none");
            return Err(ConnectError::new(
                ErrorKind::Conflict,
                OPERATION,
                format!("the version is {now} now"),
            ));
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
            return Ok(Written { external_id: user.id, changed: false });
        }
        let about = if rename.is_some() { About::named(OPERATION) } else { About::write(OPERATION) };
        let mut edit = self.edit(OPERATION, &user, edits)?;
        // A whole resource states whether the user is enabled, as decided if the service does not show it: some services read an
        // omitted value as "off" and others as "on".
        let is_odd = user.active().is_none() || field(&user.resource, "active").is_some_and(Json::is_number);
        if self.config.profile.put && is_odd {
            let on = user.active().or(change.enabled).unwrap_or(false);
            set_field(&mut edit.after, "active", boolean(on, self.config.profile.text_booleans));
        }
        self.write_user(about, &user, edit, change.if_version.as_deref()).await?;
        Ok(Written { external_id: user.id, changed: true })
    }

    /// A due value in the form of the service: for a reference, the id of the named account.
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
                let what = format!(
                    "`{}` names the account `{target}`, which this system does not have",
                    mapped.name
                );
                Err(invalid(operation, &what).with_status(Status::Temporary))
            }
        }
    }

    pub(crate) fn mapped(
        &self,
        operation: &'static str,
        name: &AttributeName,
    ) -> Result<&Mapped, ConnectError> {
        let found = self.config.attributes.iter().find(|m| m.name == *name);
        found.ok_or_else(|| {
            invalid(operation, &format!("the attribute `{name}` is not declared for this system"))
        })
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
                operations
                    .push(self.operation(&path, value.clone(), &after).map_err(|e| invalid(operation, &e))?);
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
            // A value without `value` has no meaning: the whole element is removed.
            let element = text.strip_suffix(".value").filter(|t| t.ends_with(']')).unwrap_or(text);
            return Ok(Operation::remove(element));
        };
        if !path.is_filtered() || path.has_element(before) {
            return Ok(Operation::replace(text, value));
        }
        // By the RFC `replace` has "no target" here, and services read `add` in different ways: so the element is added as it is.
        let list = text.split_once('[').map_or(text, |(list, _)| list);
        Ok(Operation::add(list, Json::Array(vec![path.element(value).map_err(|e| e.detail)?])))
    }

    async fn write_user(
        &self,
        about: About,
        user: &User,
        edit: Edit,
        version: Option<&str>,
    ) -> Result<(), ConnectError> {
        let path = ["Users", &*user.id];
        let versioned = self.config.profile.etag && self.able(about.operation).await?.etag;
        if self.config.profile.put {
            let mut body = edit.after;
            for made_there in ["meta", "groups"] {
                remove_field(&mut body, made_there);
            }
            name_schemas(&mut body);
            // A whole resource overwrites concurrent changes of other clients, so it is always conditional.
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

/// `schemas` names the extensions that the resource has values of.
pub(crate) fn name_schemas(body: &mut Json) {
    let extensions =
        body.as_object().into_iter().flatten().map(|(k, _)| k.clone()).filter(|k| k.starts_with("urn:"));
    let all: Vec<Json> = std::iter::once(urn::USER.to_owned()).chain(extensions).map(Json::from).collect();
    set_field(body, "schemas", Json::Array(all));
}

/// The attribute of a path after the change: `(extension, attribute, value)`.
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
    for (name, value) in
        operations.into_iter().filter_map(|o| o.value).filter_map(|v| v.as_object().cloned()).flatten()
    {
        match (tenure_scim::field_mut(&mut all, &name), value) {
            (Some(Json::Object(there)), Json::Object(more)) => there.extend(more),
            (_, value) => set_field(&mut all, &name, value),
        }
    }
    Operation { op: Op::Replace, path: None, value: Some(all) }
}
