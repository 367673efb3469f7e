//! Queries: filter, page, project (RFC 7644 §3.4.2, RFC 9865).

use super::answer::Answer;
use super::oddities::oddly;
use super::options::Quirks;
use super::state::Shared;
use super::store::{Store, Type};
use serde_json::Value;
use tenure_scim::{Filter, List, Projection, ScimError, ScimType, field, truth};

/// Most resources on a page, and the size of a page when the request names none.
pub(crate) const PAGE_MAX: usize = 1000;

/// What a query asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    pub(crate) filter: Option<String>,
    pub(crate) start: Option<i64>,
    pub(crate) count: Option<i64>,
    pub(crate) cursor: Option<String>,
    pub(crate) only: Option<String>,
    pub(crate) without: Option<String>,
}

impl Query {
    /// From the parameters of a URL.
    pub(crate) fn from_pairs(pairs: &[(String, String)]) -> Result<Self, ScimError> {
        let mut query = Self::default();
        for (name, value) in pairs {
            let number = || {
                let wrong =
                    |_| ScimError::new(ScimType::InvalidValue, format!("`{name}` must be a whole number"));
                value.parse::<i64>().map(Some).map_err(wrong)
            };
            match name.as_str() {
                "filter" => query.filter = Some(value.clone()),
                "startIndex" => query.start = number()?,
                "count" => query.count = number()?,
                "cursor" => query.cursor = Some(value.clone()),
                "attributes" => query.only = Some(value.clone()),
                "excludedAttributes" => query.without = Some(value.clone()),
                _ => {}
            }
        }
        Ok(query)
    }

    /// From the body of a POST to `.search`.
    pub(crate) fn from_body(body: &Value) -> Self {
        let text = |name| field(body, name).and_then(Value::as_str).map(str::to_owned);
        let number = |name| field(body, name).and_then(Value::as_i64);
        let list = |name| {
            let items = field(body, name).and_then(Value::as_array)?;
            Some(items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","))
        };
        Self {
            filter: text("filter"),
            start: number("startIndex"),
            count: number("count"),
            cursor: text("cursor"),
            only: list("attributes"),
            without: list("excludedAttributes"),
        }
    }
}

/// Answers a query over one type, or several in order.
pub(crate) fn run(
    shared: &Shared,
    store: &Store,
    quirks: &Quirks,
    types: &[Type],
    query: &Query,
) -> Result<Answer, ScimError> {
    let mut found = Vec::new();
    for of in types {
        match matching(shared, store, quirks, *of, query) {
            Ok(ids) => found.extend(ids.into_iter().map(|id| (*of, id))),
            // Over several types, a filter that a type cannot answer matches none of it (§3.4.2.1).
            Err(_) if types.len() > 1 => {}
            Err(e) => return Err(e),
        }
    }
    let total = found.len();
    let first = match &query.cursor {
        Some(cursor) if quirks.endless_cursor => {
            after_cursor(cursor, usize::MAX)?.min(total.saturating_sub(1))
        }
        Some(cursor) => after_cursor(cursor, total)?,
        None if quirks.ignores_start => 0,
        None => usize::try_from(query.start.unwrap_or(1).max(1)).unwrap_or(usize::MAX) - 1,
    };
    let mut count = usize::try_from(query.count.unwrap_or(i64::MAX).max(0)).unwrap_or(PAGE_MAX).min(PAGE_MAX);
    if quirks.page_max > 0 {
        count = count.min(quirks.page_max);
    }
    let mut resources = Vec::new();
    for (of, id) in found.iter().skip(first).take(count) {
        let schemas = shared.schemas(*of);
        let projection = Projection::parse(query.only.as_deref(), query.without.as_deref(), schemas)?;
        let view = oddly(store.view(*of, id, keeps_lists(&projection, *of), quirks)?, true, quirks);
        resources.push(if projection.is_everything() { view } else { projection.apply(&view, schemas) });
    }
    let end = first.saturating_add(resources.len());
    let more = query.cursor.is_some() && (end < total && !resources.is_empty() || quirks.endless_cursor);
    let counted = if quirks.counts_page_only { resources.len() } else { total };
    let end = if quirks.endless_cursor {
        end.saturating_add(usize::try_from(inner_number(query)).unwrap_or(0))
    } else {
        end
    };
    let list = List {
        total: if quirks.hides_total { None } else { u64::try_from(counted).ok() },
        start: query.cursor.is_none().then(|| u64::try_from(first.saturating_add(1)).unwrap_or(u64::MAX)),
        next_cursor: more.then(|| format!("after-{end}")),
        resources,
    };
    Ok(Answer::ok(list.into_json()))
}

/// A number that grows from cursor to cursor, so that none comes twice.
fn inner_number(query: &Query) -> u64 {
    let before = query.cursor.as_deref().and_then(|c| c.strip_prefix("after-")).and_then(|n| n.parse().ok());
    before.map_or(0, |n: u64| n.saturating_add(1))
}

fn keeps_lists(projection: &Projection, of: Type) -> bool {
    projection.keeps(if of == Type::Group { "members" } else { "groups" })
}

fn after_cursor(cursor: &str, total: usize) -> Result<usize, ScimError> {
    if cursor.is_empty() {
        return Ok(0);
    }
    let position = cursor.strip_prefix("after-").and_then(|n| n.parse().ok()).filter(|n| *n <= total);
    position.ok_or_else(|| ScimError::new(ScimType::InvalidCursor, "the cursor is none of this service"))
}

/// The ids that pass the filter, in the order of creation.
fn matching(
    shared: &Shared,
    store: &Store,
    quirks: &Quirks,
    of: Type,
    query: &Query,
) -> Result<Vec<String>, ScimError> {
    let found = all_matching(shared, store, quirks, of, query)?;
    let shown = |id: &String| {
        let row = store.table(of).rows.get(id);
        row.is_none_or(|r| field(&r.resource, "active").and_then(truth) != Some(false))
    };
    let hidden = |id: &String| {
        let name = quirks.hides_user.as_deref().filter(|_| of == Type::User);
        name.is_some_and(|name| store.users.named(name).any(|hidden| hidden == id))
    };
    let listed = |id: &String| (!quirks.hides_inactive || of == Type::Group || shown(id)) && !hidden(id);
    Ok(found.into_iter().filter(listed).collect())
}

fn all_matching(
    shared: &Shared,
    store: &Store,
    quirks: &Quirks,
    of: Type,
    query: &Query,
) -> Result<Vec<String>, ScimError> {
    let rows = &store.table(of).rows;
    let text = query.filter.as_deref().filter(|_| !quirks.ignores_filters);
    let Some(text) = text else { return Ok(rows.keys().cloned().collect()) };
    let filter = Filter::parse(text, shared.schemas(of))?;
    let indexed = candidates(store, quirks, of, &filter);
    if let Some(ids) = &indexed
        && filter.is_equality()
    {
        return Ok(ids.clone());
    }
    let ids = indexed.unwrap_or_else(|| rows.keys().cloned().collect());
    Ok(ids
        .into_iter()
        .filter(|id| store.view(of, id, true, quirks).is_ok_and(|v| filter.matches(&v)))
        .collect())
}

/// What an index says, where the filter asks for something that has one.
fn candidates(store: &Store, quirks: &Quirks, of: Type, filter: &Filter) -> Option<Vec<String>> {
    let rows = &store.table(of).rows;
    if let Some(id) = filter.must_equal("id") {
        return Some(rows.get_key_value(id).map(|(k, _)| k.clone()).into_iter().collect());
    }
    if of == Type::Group
        && let Some(member) = filter.must_equal("members.value")
    {
        let groups = store.memberships.get(member).filter(|_| !quirks.member_filter_finds_nothing);
        return Some(groups.into_iter().flatten().cloned().collect());
    }
    let name = filter.must_equal(if of == Type::User { "userName" } else { "displayName" })?;
    Some(store.table(of).named(name).cloned().collect())
}
