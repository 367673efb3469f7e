//! JSON objects with case-insensitive names: "Attribute names are case insensitive" (RFC 7643 §2.1).

use serde_json::{Map, Value};

/// The member with that name, in any case. `null` counts as absent (RFC 7643 §2.5).
#[must_use]
pub fn field<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    let map = object.as_object()?;
    let found = map.get(name).or_else(|| key(map, name).and_then(|k| map.get(k)))?;
    (!found.is_null()).then_some(found)
}

/// The member with that name, in any case, as mutable.
pub fn field_mut<'a>(object: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    let map = object.as_object_mut()?;
    let spelling = key(map, name)?.to_owned();
    map.get_mut(&spelling)
}

/// Sets a member, keeping the existing spelling of its name. Does nothing if the value is not an object.
pub fn set_field(object: &mut Value, name: &str, value: Value) {
    if let Some(map) = object.as_object_mut() {
        let spelling = key(map, name).unwrap_or(name).to_owned();
        map.insert(spelling, value);
    }
}

/// Removes a member; returns whether there was one.
pub fn remove_field(object: &mut Value, name: &str) -> bool {
    let Some(map) = object.as_object_mut() else { return false };
    let Some(spelling) = key(map, name).map(str::to_owned) else { return false };
    map.shift_remove(&spelling).is_some()
}

fn key<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    map.keys().map(String::as_str).find(|k| k.eq_ignore_ascii_case(name))
}

/// A boolean in JSON, or as the text that some services and clients send (`"False"`).
#[must_use]
pub fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(b) => Some(*b),
        Value::String(s) if s.eq_ignore_ascii_case("true") => Some(true),
        Value::String(s) if s.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Null, an empty array and an empty object are equivalent to no value (RFC 7643 §2.5).
pub(crate) fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_match_in_any_case() {
        let mut v = json!({ "UserName": "a", "title": null });
        assert_eq!(field(&v, "username"), Some(&json!("a")));
        assert_eq!(field(&v, "title"), None);
        set_field(&mut v, "userName", json!("b"));
        assert_eq!(v, json!({ "UserName": "b", "title": null }));
        assert!(remove_field(&mut v, "USERNAME"));
        assert_eq!(truth(&json!("False")), Some(false));
    }
}
