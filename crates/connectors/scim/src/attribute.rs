//! An attribute of accounts: its path in the resource, and the form of its values there.

use jiff::civil::Date;
use serde_json::{Number, Value as Json, json};
use std::sync::Arc;
use tenure_connect::AttributeSpec;
use tenure_model::{AttributeName, Name as _, Value, ValueType};
use tenure_scim::{Kind, Path, Schemas, field, truth, urn};

/// A configured attribute and its path.
#[derive(Debug, Clone)]
pub(crate) struct Mapped {
    pub(crate) name: AttributeName,
    value_type: ValueType,
    /// The value is another account's name; the service stores its id.
    pub(crate) reference: bool,
    pub(crate) path: Path,
}

impl Mapped {
    /// Validates a configured attribute against the schemas. A name that only the enterprise extension has (`manager`, `department`)
    /// may be written without its URN.
    pub(crate) fn new(spec: &AttributeSpec, schemas: &Schemas) -> Result<Self, String> {
        let text = spec.name.as_str();
        let path = Path::parse(text, schemas)
            .or_else(|e| Path::parse(&format!("{}:{text}", urn::ENTERPRISE_USER), schemas).map_err(|_| e))
            .map_err(|e| format!("{}; write a dotted path (name.givenName), a value filter (emails[type eq \"work\"].value) or an extension's URN", e.detail))?;
        let path = with_value(path, schemas)?;
        let own = path.extension().is_none()
            && path.attribute().is_some_and(|a| {
                ["userName", "active", "id", "groups", "password", "schemas", "meta"].contains(&a)
            });
        if own {
            return Err("the connector writes this itself, or the service does: leave it out".to_owned());
        }
        if path.is_list() && spec.value_type != ValueType::Texts {
            let name = path.attribute().unwrap_or_default();
            return Err(format!(
                "`{name}` has several values: pick one ({name}[type eq \"work\"].value), or declare it as texts"
            ));
        }
        if spec.reference && spec.value_type != ValueType::Text {
            return Err("a reference is a text: the name of another account".to_owned());
        }
        Ok(Self { name: spec.name.clone(), value_type: spec.value_type, reference: spec.reference, path })
    }

    /// The value in a resource, as the service stores it (for a reference: the id).
    pub(crate) fn read(&self, resource: &Json) -> Option<Value> {
        let found = self.path.values(resource);
        if self.value_type == ValueType::Texts {
            let texts: Vec<String> =
                found.into_iter().map(|v| text_of(field(v, "value").unwrap_or(v))).collect();
            return (!texts.is_empty()).then(|| Value::texts(texts));
        }
        let first = found.first()?;
        let first = field(first, "value").unwrap_or(first);
        let typed = match self.value_type {
            ValueType::Int => first.as_i64().or_else(|| first.as_str()?.parse().ok()).map(Value::Int),
            ValueType::Bool => truth(first).map(Value::Bool),
            // An xsd:dateTime is read as its date.
            ValueType::Date => {
                first.as_str().and_then(|t| t.get(..10)?.parse::<Date>().ok()).map(Value::Date)
            }
            ValueType::Text | ValueType::Texts => None,
        };
        // A value of another type is shown as it is: it differs from the due one and will be overwritten.
        typed.or_else(|| Some(Value::text(&text_of(first))))
    }

    /// A value in the form of the service; `None` for a blank one.
    pub(crate) fn write(&self, value: &Value, text_booleans: bool) -> Option<Json> {
        if value.is_blank() {
            return None;
        }
        let leaf = self.path.leaf();
        Some(match value {
            Value::Text(t) => Json::from(&**t),
            Value::Int(n) if leaf.is_some_and(|l| l.kind != Kind::Number) => Json::from(n.to_string()),
            Value::Int(n) => Json::Number(Number::from(*n)),
            Value::Bool(b) => boolean(*b, text_booleans),
            Value::Date(d) if leaf.is_some_and(|l| l.kind == Kind::DateTime) => {
                Json::from(format!("{d}T00:00:00Z"))
            }
            Value::Date(d) => Json::from(d.to_string()),
            Value::Texts(all) if self.path.is_complex() => {
                all.iter().map(|t| json!({ "value": &**t })).collect()
            }
            Value::Texts(all) => all.iter().map(|t| Json::from(&**t)).collect(),
        })
    }

    /// Whether the resource already has the value. Written values are compared in the form in which they are read.
    pub(crate) fn has(&self, resource: &Json, wanted: Option<&Value>) -> bool {
        let wanted = wanted.filter(|w| !w.is_blank());
        self.read(resource).as_ref() == wanted
    }
}

/// True and false in the form of the service.
pub(crate) fn boolean(value: bool, as_text: bool) -> Json {
    match (as_text, value) {
        (false, b) => Json::Bool(b),
        (true, true) => Json::from("True"),
        (true, false) => Json::from("False"),
    }
}

/// A path to one complex value means its `value`: `manager` is written as `manager.value`.
fn with_value(path: Path, schemas: &Schemas) -> Result<Path, String> {
    let has_value = path.leaf().is_some_and(|l| l.sub("value").is_some());
    if !path.is_complex() || path.is_list() {
        return Ok(path);
    }
    if !has_value {
        return Err(format!("`{}` has parts: name one of them (such as name.givenName)", path.as_str()));
    }
    Path::parse(&format!("{}.value", path.as_str()), schemas).map_err(|e| e.detail)
}

fn text_of(value: &Json) -> String {
    match value {
        Json::String(s) => s.clone(),
        other => other.to_string(),
    }
}

/// The text of an id or a name. A whole number becomes its digits: some services use numbers.
pub(crate) fn id_of(resource: &Json, name: &str) -> Option<Arc<str>> {
    match field(resource, name)? {
        Json::String(text) if !text.is_empty() => Some(Arc::from(text.as_str())),
        Json::Number(number) if number.is_u64() || number.is_i64() => Some(Arc::from(number.to_string())),
        _ => None,
    }
}
