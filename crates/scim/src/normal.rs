//! The service's form of a resource sent by a client: canonical names, right types, read-only values ignored.

use crate::json::is_unassigned;
use crate::schema::{Attribute, Kind, Mutability, Schemas};
use crate::{ScimError, ScimType, field, truth};
use serde_json::{Map, Number, Value};

/// The request that contained the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// POST or PUT: missing values are removed, required attributes must be present.
    Whole,
    /// Part of a PATCH.
    Part,
}

/// A resource as it is stored: names spelt as in the schemas, read-only and unknown attributes dropped ("SHALL be ignored", RFC 7644
/// §3.5.1), empty values dropped, types checked, `schemas` computed from the content.
///
/// # Errors
/// `invalidSyntax` if it is not an object, `invalidValue` for a wrong type, a missing required attribute or two primary values.
pub fn normalise(body: &Value, schemas: &Schemas, write: Write) -> Result<Value, ScimError> {
    let Some(given) = body.as_object() else {
        return Err(ScimError::new(ScimType::InvalidSyntax, "a resource is a JSON object"));
    };
    let mut kept = Map::new();
    let mut urns = vec![Value::from(schemas.core_urn)];
    kept.insert("schemas".to_owned(), Value::Null);
    attributes(given, &schemas.core, &mut kept, "")?;
    for (name, value) in given {
        let Some(extension) = schemas.extension_of(name) else { continue };
        let Some(members) = value.as_object() else { continue };
        let mut inner = Map::new();
        match &extension.attributes {
            Some(known) => attributes(members, known, &mut inner, &format!("{}:", extension.urn))?,
            None => inner.extend(
                members.iter().filter(|(_, v)| !is_unassigned(v)).map(|(k, v)| (k.clone(), v.clone())),
            ),
        }
        if !inner.is_empty() {
            urns.push(Value::from(extension.urn.as_str()));
            kept.insert(extension.urn.clone(), Value::Object(inner));
        }
    }
    kept.insert("schemas".to_owned(), Value::Array(urns));
    let kept = Value::Object(kept);
    if write == Write::Whole {
        let writable = |a: &&Attribute| a.required && a.mutability != Mutability::ReadOnly;
        let is_missing = |a: &&Attribute| field(&kept, &a.name).is_none_or(|v| v.as_str() == Some(""));
        if let Some(a) = schemas.core.iter().filter(writable).find(is_missing) {
            return Err(ScimError::new(ScimType::InvalidValue, format!("`{}` is required", a.name)));
        }
    }
    Ok(kept)
}

fn attributes(
    given: &Map<String, Value>,
    known: &[Attribute],
    kept: &mut Map<String, Value>,
    prefix: &str,
) -> Result<(), ScimError> {
    for (name, value) in given {
        let Some(a) = crate::schema::find(known, name) else { continue };
        if a.mutability == Mutability::ReadOnly || is_unassigned(value) {
            continue;
        }
        let value = typed(value, a, &format!("{prefix}{}", a.name))?;
        if !is_unassigned(&value) {
            kept.insert(a.name.clone(), value);
        }
    }
    Ok(())
}

/// A value in the type that the schema gives its attribute; texts are accepted for booleans.
pub(crate) fn typed(value: &Value, a: &Attribute, name: &str) -> Result<Value, ScimError> {
    if !a.multi {
        return single(value, a, name);
    }
    let items = match value {
        Value::Array(items) => items.iter().map(|i| single(i, a, name)).collect::<Result<Vec<_>, _>>()?,
        one => vec![single(one, a, name)?],
    };
    if items.iter().filter(|i| field(i, "primary").and_then(truth) == Some(true)).count() > 1 {
        return Err(ScimError::new(
            ScimType::InvalidValue,
            format!("`{name}` has more than one primary value"),
        ));
    }
    Ok(Value::Array(items.into_iter().filter(|i| !is_unassigned(i)).collect()))
}

/// One value of an attribute, or of one of several.
pub(crate) fn single(value: &Value, a: &Attribute, name: &str) -> Result<Value, ScimError> {
    let wrong = |wanted: &str| {
        Err(ScimError::new(
            ScimType::InvalidValue,
            format!("`{name}` must be {wanted}, not {}", kind_of(value)),
        ))
    };
    match (a.kind, value) {
        (Kind::Complex, Value::Object(members)) => {
            let mut inner = Map::new();
            for (k, v) in members {
                let Some(sub) = a.sub(k) else { continue };
                let typed = typed(v, sub, &format!("{name}.{}", sub.name))?;
                if !is_unassigned(&typed) {
                    inner.insert(sub.name.clone(), typed);
                }
            }
            Ok(Value::Object(inner))
        }
        // A plain text represents the sub-attribute `value`, as Entra sends `manager` (RFC 7643 §2.4 gives the name).
        (Kind::Complex, Value::String(_)) if a.sub("value").is_some() => {
            Ok(Value::Object(Map::from_iter([("value".to_owned(), value.clone())])))
        }
        (Kind::Complex, _) => wrong("an object"),
        (Kind::Boolean, v) => truth(v).map(Value::Bool).map_or_else(|| wrong("true or false"), Ok),
        (Kind::Number, Value::Number(n)) => Ok(Value::Number(Number::clone(n))),
        (Kind::Number, _) => wrong("a number"),
        (_, Value::String(_)) => Ok(value.clone()),
        (_, Value::Null) => Ok(Value::Null),
        _ => wrong("a text"),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_resource_is_kept_in_canonical_form() {
        let s = Schemas::user().unwrap();
        let body = json!({ "USERNAME": "a", "id": "forged", "active": "False", "groups": [{ "value": "g" }], "nickName": null, "odd": 1,
            "URN:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "manager": "m1" } });
        let kept = normalise(&body, &s, Write::Whole).unwrap();
        let wanted = json!({ "schemas": [crate::urn::USER, crate::urn::ENTERPRISE_USER], "userName": "a", "active": false,
            (crate::urn::ENTERPRISE_USER): { "manager": { "value": "m1" } } });
        assert_eq!(kept, wanted);
        assert_eq!(normalise(&kept, &s, Write::Whole).unwrap(), kept);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let s = Schemas::user().unwrap();
        let said = |b: Value| normalise(&b, &s, Write::Whole).unwrap_err().detail;
        assert_eq!(said(json!({})), "`userName` is required");
        assert_eq!(said(json!({ "userName": 7 })), "`userName` must be a text, not a number");
        assert_eq!(
            said(json!({ "userName": "a", "active": "maybe" })),
            "`active` must be true or false, not a text"
        );
        let two = json!({ "userName": "a", "emails": [{ "value": "x", "primary": true }, { "value": "y", "primary": true }] });
        assert_eq!(said(two), "`emails` has more than one primary value");
    }
}
