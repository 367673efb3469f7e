//! The messages around resources: pages of a query (RFC 7644 §3.4.2, RFC 9865) and a service's capabilities (RFC 7643 §5).

use crate::{ScimError, field, truth, urn};
use serde_json::{Value, json};

/// A page of a query.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// Total number of matching resources, if the service states it (with cursors it may not).
    pub total: Option<u64>,
    /// Index of the first resource of this page, from 1.
    pub start: Option<u64>,
    /// Where the next page begins, with cursors; `None` on the last page.
    pub next_cursor: Option<String>,
    /// The resources.
    pub resources: Vec<Value>,
}

impl List {
    /// Reads an answer. The name `Resources` may have any case: some services write `resources`.
    ///
    /// # Errors
    /// When the answer is not a list, with an explanation.
    pub fn read(mut body: Value) -> Result<Self, ScimError> {
        let wrong = |what: &str| ScimError::status(502, format!("the answer is no SCIM list: {what}"));
        if !body.is_object() {
            return Err(wrong("it is no JSON object"));
        }
        let number = |name: &str| match field(&body, name) {
            None => Ok(None),
            Some(v) => v.as_u64().map(Some).ok_or_else(|| wrong(&format!("`{name}` is no whole number"))),
        };
        let (total, start) = (number("totalResults")?, number("startIndex")?);
        // A page after the last one has none either.
        let is_behind = total.zip(start).is_some_and(|(total, start)| start > total);
        let may_lack = total == Some(0) || is_behind || total.is_some() && number("itemsPerPage")? == Some(0);
        let next_cursor = match field(&body, "nextCursor") {
            None | Some(Value::Null) => None,
            Some(Value::String(cursor)) => (!cursor.is_empty()).then(|| cursor.clone()),
            Some(Value::Number(cursor)) => Some(cursor.to_string()),
            // If taken for the end, a part would count as the whole.
            Some(_) => return Err(wrong("`nextCursor` is no text")),
        };
        let resources = match crate::field_mut(&mut body, "Resources").map(Value::take) {
            Some(Value::Array(items)) => items,
            // "Resources … REQUIRED if totalResults is non-zero": an empty list may leave it out.
            None | Some(Value::Null) if may_lack => Vec::new(),
            None | Some(Value::Null) => return Err(wrong("`Resources` is missing")),
            Some(_) => return Err(wrong("`Resources` is no list")),
        };
        Ok(Self { total, start, next_cursor, resources })
    }

    /// The body that is sent.
    #[must_use]
    pub fn into_json(self) -> Value {
        let mut body = json!({ "schemas": [urn::LIST_RESPONSE], "itemsPerPage": self.resources.len() });
        if let Value::Object(map) = &mut body {
            let mut put = |name: &str, value: Option<Value>| value.map(|v| map.insert(name.to_owned(), v));
            put("totalResults", self.total.map(Value::from));
            put("startIndex", self.start.map(Value::from));
            put("nextCursor", self.next_cursor.map(Value::from));
            put("Resources", Some(Value::Array(self.resources)));
        }
        body
    }
}

/// Capabilities of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceConfig {
    /// PATCH works.
    pub patch: bool,
    /// Filters work.
    pub filter: bool,
    /// Versions are maintained and `If-Match` is honoured.
    pub etag: bool,
    /// Cursors work (RFC 9865).
    pub cursor: bool,
    /// Index paging works; stated only since RFC 9865, before that always true.
    pub index: bool,
    /// Maximum number of resources on a page, if the service states it.
    pub page_max: Option<u64>,
}

impl ServiceConfig {
    /// Reads `/ServiceProviderConfig`. What is not stated is not supported.
    #[must_use]
    pub fn read(body: &Value) -> Self {
        let supported = |name: &str| flag(field(body, name), "supported").unwrap_or(false);
        let pagination = field(body, "pagination");
        Self {
            patch: supported("patch"),
            filter: supported("filter"),
            etag: supported("etag"),
            cursor: flag(pagination, "cursor").unwrap_or(false),
            index: flag(pagination, "index").unwrap_or(true),
            page_max: pagination.and_then(|p| field(p, "maxPageSize")).and_then(Value::as_u64),
        }
    }
}

fn flag(object: Option<&Value>, name: &str) -> Option<bool> {
    object.and_then(|o| field(o, name)).and_then(truth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_leniently_and_never_guessed() {
        let l = List::read(json!({ "totalResults": 1, "resources": [{ "id": "1" }] })).unwrap();
        assert_eq!((l.total, l.resources.len()), (Some(1), 1));
        assert!(List::read(json!({ "totalResults": 0 })).unwrap().resources.is_empty());
        let l = List::read(json!({ "totalResults": 9, "Resources": [], "nextCursor": 7 })).unwrap();
        assert_eq!(l.next_cursor.as_deref(), Some("7"));
        assert!(List::read(json!({ "totalResults": 0, "nextCursor": {} })).is_err());
        for wrong in
            [json!({ "totalResults": 3 }), json!([]), json!({ "totalResults": "x", "Resources": [] })]
        {
            assert!(List::read(wrong).is_err());
        }
        let sent =
            List { total: Some(2), start: Some(1), next_cursor: Some("c".into()), resources: vec![json!(1)] };
        assert_eq!(List::read(sent.clone().into_json()).unwrap(), sent);
    }

    #[test]
    fn what_is_not_said_is_not_supported() {
        let c = ServiceConfig::read(
            &json!({ "patch": { "supported": "true" }, "pagination": { "cursor": true } }),
        );
        assert!(c.patch && c.cursor && c.index && !c.etag);
    }
}
