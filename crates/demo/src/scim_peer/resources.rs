//! Single resources: create, read, replace, change, delete (RFC 7644 §3.3 to §3.6).

use super::answer::Answer;
use super::oddities::oddly;
use super::options::{CreatedAs, Quirks};
use super::query::Query;
use super::state::{Inner, Shared};
use super::store::{Store, Type, missing};
use serde_json::{Value, json};
use tenure_scim::{
    Filter, Op, Operation, Patch, Projection, Schemas, ScimError, Write, field, normalise, quote, set_field,
};

/// The conditional headers of a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    pub(crate) if_match: Option<String>,
    pub(crate) if_none_match: Option<String>,
}

pub(crate) fn create(
    shared: &Shared,
    inner: &mut Inner,
    of: Type,
    body: &Value,
) -> Result<Answer, ScimError> {
    let mut resource = normalise(body, shared.schemas(of), Write::Whole)?;
    if of == Type::User && (inner.quirks.creates_active || field(&resource, "active").is_none()) {
        set_field(&mut resource, "active", Value::Bool(true));
    }
    inner.before_write();
    let made_as = inner.quirks.created_as.clone().filter(|_| of == Type::User);
    let known = |inner: &Inner, name: &str| inner.store.users.named(name).next().cloned();
    let id = match &made_as {
        Some(CreatedAs::Renamed(name)) => {
            let id = known(inner, name).ok_or_else(|| missing(of, name))?;
            inner.store.replace(of, &id, resource, &shared.options.clock)?;
            id
        }
        Some(CreatedAs::Other(name)) => known(inner, name).ok_or_else(|| missing(of, name))?,
        _ => inner.store.create(of, resource, &shared.options.clock)?,
    };
    let location = inner.store.location(of, &id);
    let mut answer = answered(shared, &inner.store, &inner.quirks, (of, &id), &Query::default())?;
    answer.status = if inner.quirks.create_answers_200 { 200 } else { 201 };
    answer.at = inner.store.changed_at(of, &id);
    answer.location = Some(location);
    if inner.quirks.create_answers_nothing {
        (answer.body, answer.location) = (None, None);
    }
    if let Some(CreatedAs::Address(address)) = made_as {
        (answer.body, answer.location) = (None, Some(address.replace("{id}", &id)));
    }
    Ok(answer)
}

pub(crate) fn read(
    shared: &Shared,
    store: &Store,
    quirks: &Quirks,
    (of, id): (Type, &str),
    query: &Query,
    conditions: &Conditions,
) -> Result<Answer, ScimError> {
    let answer = answered(shared, store, quirks, (of, id), query).map_err(|e| missing_as(e, quirks))?;
    if let (Some(known), Some(now)) = (&conditions.if_none_match, &answer.etag)
        && matches(known, now)
    {
        return Ok(Answer { status: 304, body: None, ..answer });
    }
    Ok(answer)
}

pub(crate) fn replace(
    shared: &Shared,
    inner: &mut Inner,
    (of, id): (Type, &str),
    body: &Value,
    conditions: &Conditions,
) -> Result<Answer, ScimError> {
    check(inner, of, id, conditions)?;
    let mut resource = normalise(body, shared.schemas(of), Write::Whole)?;
    if of == Type::User && inner.quirks.put_without_active_is_off && field(&resource, "active").is_none() {
        set_field(&mut resource, "active", Value::Bool(false));
    }
    inner.before_write();
    inner.store.replace(of, id, resource, &shared.options.clock)?;
    answered(shared, &inner.store, &inner.quirks, (of, id), &Query::default())
}

pub(crate) fn change(
    shared: &Shared,
    inner: &mut Inner,
    (of, id): (Type, &str),
    body: &Value,
    query: &Query,
    conditions: &Conditions,
) -> Result<Answer, ScimError> {
    if inner.quirks.refuses_patch {
        return Err(ScimError::status(405, "PATCH is not supported"));
    }
    check(inner, of, id, conditions)?;
    let mut patch = Patch::parse(body)?;
    if inner.quirks.ignores_filtered_removes {
        patch
            .operations
            .retain(|o| o.op != Op::Remove || !o.path.as_deref().unwrap_or_default().contains('['));
    }
    inner.before_write();
    let quirks = inner.quirks.clone();
    if of == Type::Group && quirks.ignores_members {
        return Ok(Answer::nothing().with_version(inner.store.version(of, id)));
    }
    inner.store.patch((of, id), &patch, shared.schemas(of), &quirks, &shared.options.clock)?;
    // A group is not sent back for each change of a member: it may have thousands. "MUST return a 200 OK if the
    // `attributes` parameter is specified" (RFC 7644 §3.5.2).
    let brief = quirks.patch_answers_204 || (of == Type::Group && !quirks.patch_answers_groups);
    if brief && query.only.is_none() && query.without.is_none() {
        return Ok(Answer::nothing().with_version(inner.store.version(of, id)));
    }
    answered(shared, &inner.store, &inner.quirks, (of, id), query)
}

pub(crate) fn delete(
    inner: &mut Inner,
    (of, id): (Type, &str),
    conditions: &Conditions,
) -> Result<Answer, ScimError> {
    check(inner, of, id, conditions)?;
    inner.before_write();
    inner.store.delete(of, id)?;
    Ok(Answer::nothing())
}

fn answered(
    shared: &Shared,
    store: &Store,
    quirks: &Quirks,
    (of, id): (Type, &str),
    query: &Query,
) -> Result<Answer, ScimError> {
    let schemas = shared.schemas(of);
    let projection = Projection::parse(query.only.as_deref(), query.without.as_deref(), schemas)?;
    let lists = projection.keeps(if of == Type::Group { "members" } else { "groups" });
    let view = oddly(store.view(of, id, lists, quirks)?, false, quirks);
    let body = if projection.is_everything() { view } else { projection.apply(&view, schemas) };
    Ok(Answer::ok(body).with_version(store.version(of, id)))
}

fn check(inner: &Inner, of: Type, id: &str, conditions: &Conditions) -> Result<(), ScimError> {
    let now = inner.store.version(of, id).ok_or_else(|| missing_as(missing(of, id), &inner.quirks))?;
    match &conditions.if_match {
        Some(known) if !matches(known, &now) => {
            Err(ScimError::status(412, format!("the version is {now}, not {known}")))
        }
        _ => Ok(()),
    }
}

fn missing_as(mut error: ScimError, quirks: &Quirks) -> ScimError {
    if quirks.missing_is_400 && error.status == 404 {
        error.status = 400;
    }
    error
}

/// Weak comparison: SCIM prefers weak tags (RFC 7644 §3.14), which the strong one never matches.
fn matches(listed: &str, now: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    listed.split(',').any(|tag| tag.trim() == "*" || opaque(tag) == opaque(now))
}

/// The changes of a PATCH that does nothing but add members and remove single ones: (added?, member).
pub(crate) fn plain_memberships(patch: &Patch, schemas: &Schemas) -> Option<Vec<(bool, String)>> {
    let mut changes = Vec::new();
    for operation in &patch.operations {
        changes.extend(plain_membership(operation, schemas)?);
    }
    Some(changes)
}

fn plain_membership(operation: &Operation, schemas: &Schemas) -> Option<Vec<(bool, String)>> {
    let path = operation.path.as_deref()?;
    match (operation.op, &operation.value) {
        (Op::Add, Some(Value::Array(items))) if path.eq_ignore_ascii_case("members") => {
            items.iter().map(|i| Some((true, i.get("value")?.as_str()?.to_owned()))).collect()
        }
        (Op::Remove, None) => {
            // A path with a filter reads as a filter, too; it is plain when it says nothing but this.
            let filter = Filter::parse(path, schemas).ok()?;
            let member = filter.must_equal("members.value")?;
            let plain = path.eq_ignore_ascii_case(&format!("members[value eq {}]", quote(member)));
            plain.then(|| vec![(false, member.to_owned())])
        }
        _ => None,
    }
}

/// The body of a request, for those that carry one.
pub(crate) fn parsed(body: &[u8]) -> Result<Value, ScimError> {
    if body.is_empty() {
        return Ok(json!(null));
    }
    serde_json::from_slice(body).map_err(|e| {
        ScimError::new(tenure_scim::ScimType::InvalidSyntax, format!("the body is no JSON: {e}"))
    })
}
