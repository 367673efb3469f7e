//! A path to an attribute: dotted, with a value filter, or below an extension's URN (RFC 7644 §3.5.2, §3.10).

use crate::filter::{self, Node};
use crate::json::is_unassigned;
use crate::schema::{Attribute, Kind, Schemas};
use crate::{ScimError, ScimType, field, field_mut, remove_field, set_field};
use scim_v2::filter::{AttrPath, PatchPath};
use serde_json::{Map, Value, json};

/// Maximum size of a path in bytes.
const PATH_BYTES_MAX: usize = 4096;

/// A path that was checked against the schemas of its resource type.
#[derive(Debug, Clone)]
pub struct Path {
    /// The extension's URN; `None` for the core schema.
    pub(crate) extension: Option<String>,
    /// The attribute; `None` for an extension as a whole.
    pub(crate) attribute: Option<String>,
    /// Selects among several values.
    pub(crate) filter: Option<Node>,
    /// The sub-attribute.
    pub(crate) sub: Option<String>,
    /// The schema's definition of the attribute, if there is one.
    pub(crate) definition: Option<Attribute>,
    pub(crate) text: String,
}

impl Path {
    /// Reads a path. Names ignore case; names unknown to the schemas are refused.
    ///
    /// # Errors
    /// `invalidPath`, with a message that contains the path.
    pub fn parse(text: &str, schemas: &Schemas) -> Result<Self, ScimError> {
        let wrong =
            |what: &str| ScimError::new(ScimType::InvalidPath, format!("path `{}`: {what}", shown(text)));
        if text.len() > PATH_BYTES_MAX {
            return Err(wrong(&format!("longer than {PATH_BYTES_MAX} bytes")));
        }
        let text = text.trim();
        if let Some(urn) = schemas.extension(text) {
            return Ok(Self::whole(urn, text));
        }
        let parsed: PatchPath = text.parse().map_err(|_| wrong("this is not an attribute path"))?;
        let (attr, filter, sub) = match parsed {
            PatchPath::Attr(a) => (a, None, None),
            PatchPath::Value(v) => (v.attr, Some(v.filter), v.sub_attr),
        };
        let resolved = resolve(&attr, schemas).ok_or_else(|| wrong("the schema has no such attribute"))?;
        let Resolved { extension, name, sub: dotted, definition } = resolved;
        let Some(name) = name else {
            return match extension {
                Some(urn) if filter.is_none() => Ok(Self::whole(&urn, text)),
                _ => Err(wrong("an extension as a whole takes no filter")),
            };
        };
        let filter = match (&filter, &definition) {
            (None, _) => None,
            (Some(_), Some(d)) if !d.multi => {
                return Err(wrong("a filter needs an attribute with several values"));
            }
            (Some(_), _) if dotted.is_some() => return Err(wrong("a sub-attribute takes no filter")),
            (Some(f), d) => Some(filter::compile_element(f, d.as_ref()).map_err(|e| wrong(&e.detail))?),
        };
        let sub = match dotted.or(sub) {
            Some(s) => Some(sub_name(definition.as_ref(), &s).ok_or_else(|| wrong("no such sub-attribute"))?),
            None => None,
        };
        Ok(Self { extension, attribute: Some(name), filter, sub, definition, text: text.to_owned() })
    }

    fn whole(urn: &str, text: &str) -> Self {
        let extension = Some(urn.to_owned());
        Self { extension, attribute: None, filter: None, sub: None, definition: None, text: text.to_owned() }
    }

    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
    /// The extension that contains it.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.extension.as_deref()
    }
    /// The name of the attribute, without sub-attribute; `None` for an extension as a whole.
    #[must_use]
    pub fn attribute(&self) -> Option<&str> {
        self.attribute.as_deref()
    }
    /// Whether the attribute is multi-valued by the schema and the path selects no value.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.filter.is_none() && self.definition.as_ref().is_some_and(|d| d.multi)
    }
    /// Whether the path selects values by a filter.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        self.filter.is_some()
    }
    /// Whether its target has sub-attributes.
    #[must_use]
    pub fn is_complex(&self) -> bool {
        self.sub.is_none() && self.definition.as_ref().is_some_and(|d| d.kind == Kind::Complex)
    }
    /// The schema's definition of its target.
    #[must_use]
    pub fn leaf(&self) -> Option<&Attribute> {
        let definition = self.definition.as_ref()?;
        match &self.sub {
            Some(sub) => definition.sub(sub),
            None => Some(definition),
        }
    }

    /// The values at the path; several if the attribute has several and no filter selects one.
    #[must_use]
    pub fn values<'a>(&self, resource: &'a Value) -> Vec<&'a Value> {
        let base = match &self.extension {
            Some(urn) => field(resource, urn),
            None => Some(resource),
        };
        let Some(name) = &self.attribute else { return base.into_iter().collect() };
        let Some(value) = base.and_then(|b| field(b, name)) else { return Vec::new() };
        let elements: Vec<&Value> = match value {
            Value::Array(items) => items.iter().collect(),
            single => vec![single],
        };
        let kept = elements.into_iter().filter(|e| self.filter.as_ref().is_none_or(|f| f.matches(e)));
        match &self.sub {
            Some(sub) => kept.filter_map(|e| field(e, sub)).collect(),
            None => kept.collect(),
        }
    }

    /// Whether the attribute has an element selected by the filter (any element without a filter).
    #[must_use]
    pub fn has_element(&self, resource: &Value) -> bool {
        let whole = Self { sub: None, ..self.clone() };
        !whole.values(resource).is_empty()
    }

    /// Sets the target, creating missing parents; `None` removes it. If a filter selects no value, one is created from the filter's
    /// equalities: `emails[type eq "work"].value` creates `{type: work, value: …}`.
    ///
    /// # Errors
    /// `noTarget` if the filter selects nothing and does not describe a value to create.
    pub fn assign(&self, resource: &mut Value, value: Option<Value>) -> Result<(), ScimError> {
        let value = value.filter(|v| !is_unassigned(v));
        let Some(name) = &self.attribute else {
            set_or_remove(resource, self.extension.as_deref().unwrap_or_default(), value);
            return Ok(());
        };
        let Some(urn) = &self.extension else { return self.assign_in(resource, name, value) };
        if field(resource, urn).is_none() {
            set_field(resource, urn, json!({}));
        }
        if let Some(extension) = field_mut(resource, urn) {
            self.assign_in(extension, name, value)?;
        }
        if field(resource, urn).is_some_and(is_unassigned) {
            remove_field(resource, urn);
        }
        Ok(())
    }

    fn assign_in(&self, base: &mut Value, name: &str, value: Option<Value>) -> Result<(), ScimError> {
        if self.filter.is_none() {
            let Some(sub) = &self.sub else {
                set_or_remove(base, name, value);
                return Ok(());
            };
            let mut complex = field(base, name).cloned().unwrap_or_else(|| json!({}));
            set_or_remove(&mut complex, sub, value);
            set_or_remove(base, name, Some(complex).filter(|c| !is_unassigned(c)));
            return Ok(());
        }
        let mut items = match field(base, name) {
            Some(Value::Array(items)) => items.clone(),
            Some(single) => vec![single.clone()],
            None => Vec::new(),
        };
        if self.is_picked(&items) {
            self.change_picked(&mut items, value.as_ref());
        } else if let Some(value) = value {
            items.push(self.element(value)?);
        }
        set_or_remove(base, name, Some(Value::Array(items)).filter(|v| !is_unassigned(v)));
        Ok(())
    }

    fn is_picked(&self, items: &[Value]) -> bool {
        items.iter().any(|i| self.filter.as_ref().is_some_and(|f| f.matches(i)))
    }

    fn change_picked(&self, items: &mut Vec<Value>, value: Option<&Value>) {
        let picks = |i: &Value| self.filter.as_ref().is_some_and(|f| f.matches(i));
        match (&self.sub, value) {
            (Some(sub), _) => {
                for item in items.iter_mut().filter(|i| picks(i)) {
                    set_or_remove(item, sub, value.cloned());
                }
                // A value without content is no value: removing `value` would leave a lone `type`.
                if value.is_none() && sub == "value" {
                    items.retain(|i| !picks(i) || field(i, "value").is_some());
                }
            }
            (None, Some(new)) => items.iter_mut().filter(|i| picks(i)).for_each(|i| *i = new.clone()),
            (None, None) => items.retain(|i| !picks(i)),
        }
    }

    /// The element that the filter describes, with `value`: added if the filter selects nothing.
    ///
    /// # Errors
    /// `noTarget` when the filter is not a conjunction of equalities.
    pub fn element(&self, value: Value) -> Result<Value, ScimError> {
        let none =
            || ScimError::new(ScimType::NoTarget, format!("path `{}` picks no value", shown(&self.text)));
        let mut made = Value::Object(self.filter.as_ref().and_then(Node::described).ok_or_else(none)?);
        match (&self.sub, value) {
            (Some(sub), value) => set_field(&mut made, sub, value),
            (None, Value::Object(members)) => {
                members.into_iter().for_each(|(k, v)| set_field(&mut made, &k, v))
            }
            (None, value) => set_field(&mut made, "value", value),
        }
        Ok(made)
    }
}

pub(crate) fn set_or_remove(object: &mut Value, name: &str, value: Option<Value>) {
    match value {
        Some(v) => set_field(object, name, v),
        None => {
            remove_field(object, name);
        }
    }
}

/// A text of the peer, shortened for a message.
pub(crate) fn shown(text: &str) -> String {
    const SHOWN_CHARS_MAX: usize = 120;
    text.chars().take(SHOWN_CHARS_MAX).collect()
}

/// An attribute path resolved in the schemas.
pub(crate) struct Resolved {
    pub(crate) extension: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) sub: Option<String>,
    pub(crate) definition: Option<Attribute>,
}

pub(crate) fn resolve(path: &AttrPath, schemas: &Schemas) -> Option<Resolved> {
    let sub = path.sub_attr.clone();
    let core = |name: &str| {
        let d = schemas.core(name)?;
        Some(Resolved {
            extension: None,
            name: Some(d.name.clone()),
            sub: sub.clone(),
            definition: Some(d.clone()),
        })
    };
    let Some(uri) = &path.uri else { return core(&path.name) };
    if uri.eq_ignore_ascii_case(schemas.core_urn) {
        return core(&path.name);
    }
    // The parser splits at the last colon: `urn:…:2.0:User` alone arrives as `urn:…:2.0` and `User`.
    if let Some(whole) = schemas.extension(&format!("{uri}:{}", path.name)) {
        return Some(Resolved { extension: Some(whole.to_owned()), name: None, sub: None, definition: None });
    }
    let extension = schemas.extension_of(uri)?;
    let definition = match &extension.attributes {
        Some(attributes) => Some(crate::schema::find(attributes, &path.name)?.clone()),
        None => None,
    };
    let name = definition.as_ref().map_or_else(|| path.name.clone(), |d| d.name.clone());
    Some(Resolved { extension: Some(extension.urn.clone()), name: Some(name), sub, definition })
}

/// The spelling of a sub-attribute; as written if no schema defines it.
pub(crate) fn sub_name(definition: Option<&Attribute>, sub: &str) -> Option<String> {
    match definition {
        None => Some(sub.to_owned()),
        Some(d) => match d.sub(sub) {
            Some(s) => Some(s.name.clone()),
            // `$ref` cannot be written in a path; simple lists have the one sub-attribute `value` (RFC 7643 §2.4).
            None if d.kind != Kind::Complex && d.multi && sub.eq_ignore_ascii_case("value") => {
                Some("value".to_owned())
            }
            None => None,
        },
    }
}

/// What a conjunction of equalities describes.
pub(crate) type Described = Map<String, Value>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::urn;

    fn user() -> Schemas {
        Schemas::user().unwrap()
    }

    #[test]
    fn paths_resolve_against_the_schemas() {
        let text = format!("{}:manager.value", urn::ENTERPRISE_USER);
        let p = Path::parse(&text, &user()).unwrap();
        assert_eq!(
            (p.extension(), p.attribute(), p.sub.as_deref()),
            (Some(urn::ENTERPRISE_USER), Some("manager"), Some("value"))
        );
        assert!(Path::parse(urn::ENTERPRISE_USER, &user()).unwrap().attribute().is_none());
        assert_eq!(Path::parse("NAME.givenname", &user()).unwrap().sub.as_deref(), Some("givenName"));
        for wrong in [
            "nmae.givenName",
            "name.given",
            "name[x eq 1]",
            "emails[",
            "",
            "urn:other:User:x",
            "emails[typo eq 1]",
        ] {
            let e = Path::parse(wrong, &user()).unwrap_err();
            assert_eq!(e.scim_type, Some(ScimType::InvalidPath), "{wrong}");
        }
    }

    #[test]
    fn assigning_makes_what_is_missing_and_leaves_the_rest() {
        let mut r = json!({ "emails": [{ "type": "home", "value": "h@x.test" }] });
        let work = Path::parse(r#"emails[type eq "work"].value"#, &user()).unwrap();
        work.assign(&mut r, Some(json!("w@x.test"))).unwrap();
        assert_eq!(r["emails"][1], json!({ "type": "work", "value": "w@x.test" }));
        assert_eq!(work.values(&r), [&json!("w@x.test")]);
        work.assign(&mut r, None).unwrap();
        assert_eq!(r["emails"], json!([{ "type": "home", "value": "h@x.test" }]));
        let dept = Path::parse(&format!("{}:department", urn::ENTERPRISE_USER), &user()).unwrap();
        dept.assign(&mut r, Some(json!("R&D"))).unwrap();
        assert_eq!(r[urn::ENTERPRISE_USER]["department"], "R&D");
        dept.assign(&mut r, None).unwrap();
        assert!(r.get(urn::ENTERPRISE_USER).is_none());
    }
}
