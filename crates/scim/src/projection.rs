//! `attributes` and `excludedAttributes` (RFC 7644 §3.9): which part of a resource an answer contains.

use crate::schema::Returned;
use crate::{Path, Schemas, ScimError, ScimType};
use serde_json::{Map, Value};

/// Which attributes to include.
#[derive(Debug, Clone, Default)]
pub struct Projection {
    only: Vec<Path>,
    without: Vec<Path>,
}

impl Projection {
    /// Reads the two lists (comma-separated). Attributes unknown to the schemas are ignored: a query over several resource types names
    /// attributes that one of them lacks.
    ///
    /// # Errors
    /// `invalidValue` if both are given: they exclude each other.
    pub fn parse(only: Option<&str>, without: Option<&str>, schemas: &Schemas) -> Result<Self, ScimError> {
        if only.is_some_and(|o| !o.is_empty()) && without.is_some_and(|w| !w.is_empty()) {
            let what = "give `attributes` or `excludedAttributes`, not both";
            return Err(ScimError::new(ScimType::InvalidValue, what));
        }
        let paths = |list: Option<&str>| -> Vec<Path> {
            let texts = list.unwrap_or_default().split(',').map(str::trim).filter(|t| !t.is_empty());
            texts.filter_map(|t| Path::parse(t, schemas).ok()).collect()
        };
        // A requested list without known names leaves only what is always returned.
        let mut parsed = Self { only: paths(only), without: paths(without) };
        if only.is_some_and(|o| !o.is_empty()) && parsed.only.is_empty() {
            parsed.only = paths(Some("id"));
        }
        Ok(parsed)
    }

    /// Whether everything that is returned by default stays.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.only.is_empty() && self.without.is_empty()
    }

    /// Whether the answer will contain a core attribute.
    #[must_use]
    pub fn keeps(&self, attribute: &str) -> bool {
        let names = |p: &Path| p.extension.is_none() && p.attribute.as_deref() == Some(attribute);
        if self.only.is_empty() {
            !self.without.iter().any(|p| names(p) && p.sub.is_none())
        } else {
            self.only.iter().any(names)
        }
    }

    /// The included part of a resource. Attributes that are never returned (`password`) are left out; those always returned are included.
    #[must_use]
    pub fn apply(&self, resource: &Value, schemas: &Schemas) -> Value {
        let returned = |name: &str| schemas.core(name).map_or(Returned::Default, |a| a.returned);
        let Some(map) = resource.as_object() else { return resource.clone() };
        let visible = map.iter().filter(|(name, _)| returned(name) != Returned::Never);
        if self.only.is_empty() {
            let mut all = Value::Object(visible.map(|(k, v)| (k.clone(), v.clone())).collect());
            for path in self.without.iter().filter(|p| {
                p.attribute().is_none_or(|name| p.extension().is_some() || returned(name) != Returned::Always)
            }) {
                drop_path(&mut all, path);
            }
            return all;
        }
        let mut some = Value::Object(Map::new());
        for (name, value) in visible {
            if returned(name) == Returned::Always {
                crate::set_field(&mut some, name, value.clone());
            }
        }
        for path in &self.only {
            copy_path(resource, &mut some, path);
        }
        some
    }
}

fn drop_path(resource: &mut Value, path: &Path) {
    let base = match path.extension() {
        Some(urn) if path.attribute().is_none() => {
            crate::remove_field(resource, urn);
            return;
        }
        Some(urn) => crate::field_mut(resource, urn),
        None => Some(resource),
    };
    let (Some(base), Some(name)) = (base, path.attribute()) else { return };
    let Some(sub) = &path.sub else {
        crate::remove_field(base, name);
        return;
    };
    match crate::field_mut(base, name) {
        Some(Value::Array(items)) => items.iter_mut().for_each(|i| {
            crate::remove_field(i, sub);
        }),
        Some(single) => {
            crate::remove_field(single, sub);
        }
        None => {}
    }
}

fn copy_path(from: &Value, to: &mut Value, path: &Path) {
    let Some(urn) = path.extension() else {
        if let Some(name) = path.attribute() {
            copy_attribute(from, to, name, path.sub.as_deref());
        }
        return;
    };
    let Some(source) = crate::field(from, urn) else { return };
    let Some(name) = path.attribute() else {
        crate::set_field(to, urn, source.clone());
        return;
    };
    if crate::field(to, urn).is_none() {
        crate::set_field(to, urn, Value::Object(Map::new()));
    }
    if let Some(target) = crate::field_mut(to, urn) {
        copy_attribute(source, target, name, path.sub.as_deref());
    }
}

fn copy_attribute(from: &Value, to: &mut Value, name: &str, sub: Option<&str>) {
    let Some(value) = crate::field(from, name) else { return };
    let Some(sub) = sub else {
        crate::set_field(to, name, value.clone());
        return;
    };
    let part = |v: &Value| {
        let member = crate::field(v, sub).map(|s| (sub.to_owned(), s.clone()));
        Value::Object(member.into_iter().collect())
    };
    let kept = match value {
        Value::Array(items) => Value::Array(items.iter().map(part).collect()),
        single => part(single),
    };
    match crate::field_mut(to, name) {
        Some(Value::Object(there)) => {
            if let Value::Object(more) = kept {
                there.extend(more);
            }
        }
        _ => crate::set_field(to, name, kept),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_and_without_leave_the_right_parts() {
        let schemas = Schemas::user().unwrap();
        let r = json!({ "schemas": ["u"], "id": "1", "userName": "a", "password": "p", "name": { "givenName": "G", "familyName": "F" } });
        let only = Projection::parse(Some("name.givenname"), None, &schemas).unwrap();
        assert_eq!(
            only.apply(&r, &schemas),
            json!({ "schemas": ["u"], "id": "1", "name": { "givenName": "G" } })
        );
        let without = Projection::parse(None, Some("name.givenName, id"), &schemas).unwrap();
        let left = json!({ "schemas": ["u"], "id": "1", "userName": "a", "name": { "familyName": "F" } });
        assert_eq!(without.apply(&r, &schemas), left);
        assert!(Projection::parse(Some("id"), Some("name"), &schemas).is_err());
    }
}
