//! PATCH (RFC 7644 §3.5.2): operations in order, all or nothing.

use crate::json::is_unassigned;
use crate::normal::{single, typed};
use crate::path::{Path, set_or_remove, shown};
use crate::schema::{Attribute, Mutability, Schemas};
use crate::{ScimError, ScimType, Write, field, field_mut, normalise, set_field, truth, urn};
use serde_json::{Value, json};

/// Maximum number of operations in one request.
pub const OPERATIONS_MAX: usize = 1000;

/// The action of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Adds values, or sets.
    Add,
    /// Removes.
    Remove,
    /// Sets.
    Replace,
}

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What it does.
    pub op: Op,
    /// The target; without it the value is an object of attributes.
    pub path: Option<String>,
    /// The value to write.
    pub value: Option<Value>,
}

/// A PATCH request.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// In the order in which they are applied.
    pub operations: Vec<Operation>,
}

/// How a service interprets what the standard defines differently, or not at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PatchRules {
    /// `remove` of `members` with a list of values removes those values. The standard removes all members
    /// (§3.5.2.2: "no filter is specified, the attribute and all values are removed").
    pub remove_listed_values: bool,
}

impl Patch {
    /// Reads a request. `op` may be written in any case, as Entra does.
    ///
    /// # Errors
    /// `invalidSyntax` with an explanation, `tooMany` above [`OPERATIONS_MAX`].
    pub fn parse(body: &Value) -> Result<Self, ScimError> {
        let wrong = |what: String| ScimError::new(ScimType::InvalidSyntax, what);
        let Some(Value::Array(items)) = field(body, "Operations") else {
            return Err(wrong("`Operations` is missing or no list".to_owned()));
        };
        if items.len() > OPERATIONS_MAX {
            return Err(ScimError::new(ScimType::TooMany, format!("more than {OPERATIONS_MAX} operations")));
        }
        let operation = |(n, item): (usize, &Value)| {
            let op = match field(item, "op").and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
                Some("add") => Op::Add,
                Some("remove") => Op::Remove,
                Some("replace") => Op::Replace,
                _ => return Err(wrong(format!("operation {}: `op` must be add, remove or replace", n + 1))),
            };
            let path = match field(item, "path") {
                None => None,
                Some(Value::String(p)) => Some(p.clone()),
                Some(_) => return Err(ScimError::new(ScimType::InvalidPath, "`path` must be a text")),
            };
            let value = item.get("value").or_else(|| field(item, "value")).cloned();
            if op == Op::Add && value.is_none() {
                return Err(ScimError::new(
                    ScimType::InvalidValue,
                    format!("operation {}: `value` is missing", n + 1),
                ));
            }
            Ok(Operation { op, path, value })
        };
        Ok(Self { operations: items.iter().enumerate().map(operation).collect::<Result<_, _>>()? })
    }

    /// The body that is sent; `titled` writes `Add`, `Remove`, `Replace`.
    #[must_use]
    pub fn to_json(&self, titled: bool) -> Value {
        let operation = |o: &Operation| {
            let word = match (o.op, titled) {
                (Op::Add, false) => "add",
                (Op::Remove, false) => "remove",
                (Op::Replace, false) => "replace",
                (Op::Add, true) => "Add",
                (Op::Remove, true) => "Remove",
                (Op::Replace, true) => "Replace",
            };
            let mut body = json!({ "op": word });
            if let Some(path) = &o.path {
                set_field(&mut body, "path", Value::from(path.as_str()));
            }
            if let Some(value) = &o.value {
                set_field(&mut body, "value", value.clone());
            }
            body
        };
        let operations: Vec<Value> = self.operations.iter().map(operation).collect();
        json!({ "schemas": [urn::PATCH_OP], "Operations": operations })
    }

    /// The resource after all operations; the given one is not modified, so a failure changes nothing.
    ///
    /// # Errors
    /// `invalidPath`, `noTarget`, `mutability` or `invalidValue` for the first operation that fails.
    pub fn apply(&self, resource: &Value, schemas: &Schemas, rules: PatchRules) -> Result<Value, ScimError> {
        let mut changed = resource.clone();
        for operation in &self.operations {
            operation.apply(&mut changed, schemas, rules)?;
        }
        tidy(&mut changed, schemas)?;
        Ok(changed)
    }
}

impl Operation {
    /// An addition.
    #[must_use]
    pub fn add(path: &str, value: Value) -> Self {
        Self { op: Op::Add, path: Some(path.to_owned()), value: Some(value) }
    }
    /// A replacement.
    #[must_use]
    pub fn replace(path: &str, value: Value) -> Self {
        Self { op: Op::Replace, path: Some(path.to_owned()), value: Some(value) }
    }
    /// A removal of everything at the path.
    #[must_use]
    pub fn remove(path: &str) -> Self {
        Self { op: Op::Remove, path: Some(path.to_owned()), value: None }
    }

    fn apply(&self, resource: &mut Value, schemas: &Schemas, rules: PatchRules) -> Result<(), ScimError> {
        if let Some(path) = self.path.as_deref().filter(|p| !p.trim().is_empty()) {
            let path = Path::parse(path, schemas)?;
            return self.apply_at(resource, &path, self.value.as_ref(), schemas, rules);
        }
        match (self.op, &self.value) {
            (Op::Remove, _) => Err(ScimError::new(ScimType::NoTarget, "`remove` needs a path")),
            (_, Some(Value::Object(members))) => {
                for (name, value) in members {
                    // Metadata of the message is not a target; dotted names and URNs are paths, as Entra sends them.
                    if name.eq_ignore_ascii_case("schemas") {
                        continue;
                    }
                    let path = Path::parse(name, schemas)?;
                    self.apply_at(resource, &path, Some(value), schemas, rules)?;
                }
                Ok(())
            }
            _ => Err(ScimError::new(ScimType::InvalidValue, "without a path the value must be an object")),
        }
    }

    fn apply_at(
        &self,
        resource: &mut Value,
        path: &Path,
        value: Option<&Value>,
        schemas: &Schemas,
        rules: PatchRules,
    ) -> Result<(), ScimError> {
        writable(path, resource)?;
        let value = value.filter(|v| !is_unassigned(v));
        let Some(value) = value.filter(|_| self.op != Op::Remove) else {
            // `replace` without a value is `remove`; `add` without a value adds nothing.
            return match (self.op, value) {
                (Op::Add, _) => Ok(()),
                (Op::Remove, Some(listed))
                    if rules.remove_listed_values && path.is_list() && path.sub.is_none() =>
                {
                    remove_listed(resource, path, listed)
                }
                _ => remove(resource, path),
            };
        };
        if path.attribute().is_none() {
            return merge_extension(resource, path, value, schemas);
        }
        let typed = typed_for(path, value)?;
        let primary_before = primaries(resource, path);
        match self.op {
            Op::Add => add(resource, path, typed)?,
            _ => replace(resource, path, typed)?,
        }
        // A null sub-attribute is unassigned (RFC 7643 §2.5): it is removed, while sub-attributes that are not named stay.
        if path.is_complex() && !path.is_list() {
            for part in nulls(value) {
                Path { sub: Some(part.clone()), ..path.clone() }.assign(resource, None)?;
            }
        }
        one_primary(resource, path, &primary_before);
        Ok(())
    }
}

/// "readOnly … MUST NOT be modified": a PATCH that tries is refused (RFC 7644 §3.5.2, RFC 7643 §7).
fn writable(path: &Path, resource: &Value) -> Result<(), ScimError> {
    let refused =
        |what| Err(ScimError::new(ScimType::Mutability, format!("`{}` {what}", shown(path.as_str()))));
    let read_only = |a: Option<&Attribute>| a.is_some_and(|a| a.mutability == Mutability::ReadOnly);
    if read_only(path.definition.as_ref()) || read_only(path.leaf()) {
        return refused("is read-only");
    }
    let immutable = path.leaf().is_some_and(|a| a.mutability == Mutability::Immutable);
    if immutable && !path.values(resource).is_empty() {
        return refused("cannot be changed once it is set");
    }
    Ok(())
}

fn typed_for(path: &Path, value: &Value) -> Result<Value, ScimError> {
    let name = shown(path.as_str());
    match (path.leaf(), &path.filter, &path.sub) {
        (None, _, _) => Ok(value.clone()),
        (Some(leaf), Some(_), None) => single(value, leaf, &name),
        (Some(leaf), _, _) => typed(value, leaf, &name),
    }
}

fn add(resource: &mut Value, path: &Path, value: Value) -> Result<(), ScimError> {
    if path.is_list() && path.sub.is_none() {
        let mut items = path.values(resource).into_iter().cloned().collect::<Vec<_>>();
        let new = if let Value::Array(new) = value { new } else { vec![value] };
        for item in new {
            // "If the value already exists, no change": compared by `value`, which identifies a member.
            if !items.iter().any(|have| same(have, &item)) {
                items.push(item);
            }
        }
        return path.assign(resource, Some(Value::Array(items)));
    }
    set(resource, path, value)
}

fn same(have: &Value, new: &Value) -> bool {
    match (field(have, "value"), field(new, "value")) {
        (Some(a), Some(b)) => a == b && field(have, "type") == field(new, "type"),
        _ => have == new,
    }
}

/// "If the target location is a multi-valued attribute … and no values match, the service provider SHALL indicate failure … noTarget"
/// (§3.5.2.3). `add` creates the value instead, if the filter describes it.
fn replace(resource: &mut Value, path: &Path, value: Value) -> Result<(), ScimError> {
    if path.is_filtered() && !path.has_element(resource) {
        let what = format!("`{}` picks no value", shown(path.as_str()));
        return Err(ScimError::new(ScimType::NoTarget, what));
    }
    set(resource, path, value)
}

fn set(resource: &mut Value, path: &Path, value: Value) -> Result<(), ScimError> {
    // Sub-attributes that are not named stay (§3.5.2.3), in single complex values and in those selected by a filter.
    if let (true, Value::Object(members)) = (path.is_complex() && !path.is_list(), &value)
        && path.has_element(resource)
    {
        for (sub, v) in members {
            let below = Path { sub: Some(sub.clone()), ..path.clone() };
            below.assign(resource, Some(v.clone()))?;
        }
        return Ok(());
    }
    path.assign(resource, Some(value))
}

fn remove(resource: &mut Value, path: &Path) -> Result<(), ScimError> {
    if path.leaf().is_some_and(|a| a.required)
        && path.filter.is_none()
        && path.extension().is_none()
        && path.sub.is_none()
    {
        return Err(ScimError::new(ScimType::Mutability, format!("`{}` is required", shown(path.as_str()))));
    }
    path.assign(resource, None)
}

fn remove_listed(resource: &mut Value, path: &Path, listed: &Value) -> Result<(), ScimError> {
    let listed = listed.as_array().cloned().unwrap_or_else(|| vec![listed.clone()]);
    let is_listed = |item: &Value| {
        let value = field(item, "value").unwrap_or(item);
        listed.iter().any(|l| field(l, "value").unwrap_or(l) == value)
    };
    let kept: Vec<Value> = path.values(resource).into_iter().filter(|i| !is_listed(i)).cloned().collect();
    path.assign(resource, Some(Value::Array(kept)))
}

fn merge_extension(
    resource: &mut Value,
    path: &Path,
    value: &Value,
    schemas: &Schemas,
) -> Result<(), ScimError> {
    let urn = path.extension().unwrap_or_default();
    let given = normalise(&json!({ (urn): value }), schemas, Write::Part)?;
    let mut merged = field(resource, urn).cloned().unwrap_or_else(|| json!({}));
    for (name, v) in field(&given, urn).and_then(Value::as_object).into_iter().flatten() {
        set_field(&mut merged, name, v.clone());
    }
    for part in nulls(value) {
        crate::remove_field(&mut merged, part);
    }
    set_or_remove(resource, urn, Some(merged).filter(|m| !is_unassigned(m)));
    Ok(())
}

/// Names of the members that are null.
fn nulls(value: &Value) -> impl Iterator<Item = &String> {
    value.as_object().into_iter().flatten().filter(|(_, v)| v.is_null()).map(|(k, _)| k)
}

fn primaries(resource: &Value, path: &Path) -> Vec<Value> {
    all_elements(path).values(resource).into_iter().filter(|e| is_primary(e)).cloned().collect()
}

fn all_elements(path: &Path) -> Path {
    Path { filter: None, sub: None, ..path.clone() }
}

fn is_primary(element: &Value) -> bool {
    field(element, "primary").and_then(truth) == Some(true)
}

/// Setting `primary` on one value removes it from the others ("SHALL cause the server to automatically set "primary" to "false" for
/// any other values", §3.5.2).
fn one_primary(resource: &mut Value, path: &Path, before: &[Value]) {
    let whole = all_elements(path);
    let now = primaries(resource, path);
    if now.len() < 2 {
        return;
    }
    let named = |e: &Value| before.iter().any(|b| same(b, e));
    let newest = now.iter().rev().find(|e| !named(e)).or_else(|| now.last()).cloned();
    let items: Vec<Value> = whole
        .values(resource)
        .into_iter()
        .map(|e| {
            let mut e = e.clone();
            if is_primary(&e) && Some(&e) != newest.as_ref() {
                set_field(&mut e, "primary", Value::Bool(false));
            }
            e
        })
        .collect();
    if let (Some(name), None) = (whole.attribute(), whole.extension()) {
        set_field(resource, name, Value::Array(items));
    }
}

/// Checks that required attributes are still present, and updates `schemas` to the extensions that have values.
fn tidy(resource: &mut Value, schemas: &Schemas) -> Result<(), ScimError> {
    let blank = |a: &&Attribute| {
        a.required
            && a.mutability != Mutability::ReadOnly
            && field(resource, &a.name).is_none_or(|v| v.as_str() == Some(""))
    };
    if let Some(a) = schemas.core.iter().find(blank) {
        return Err(ScimError::new(ScimType::InvalidValue, format!("`{}` is required", a.name)));
    }
    let mut urns = vec![Value::from(schemas.core_urn)];
    urns.extend(
        schemas
            .extensions
            .iter()
            .filter(|e| field(resource, &e.urn).is_some())
            .map(|e| Value::from(e.urn.as_str())),
    );
    match field_mut(resource, "schemas") {
        Some(there) => *there = Value::Array(urns),
        None => set_field(resource, "schemas", Value::Array(urns)),
    }
    Ok(())
}
