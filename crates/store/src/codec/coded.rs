//! Forms of statements with codes: the code, and the parameters by name.

use super::form::Form;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize as _, Serializer};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{AskReason, FindingDetail, Parameter};

/// The parameters of a statement, as JSON.
#[must_use]
pub fn parameters_json(parameters: BTreeMap<Arc<str>, Parameter>) -> Value {
    value(&Parameter::Record(parameters))
}

/// The parameters of a statement, from JSON; `None` if it has none, or one of them is not one.
#[must_use]
pub fn parameters_of(json: Value) -> Option<BTreeMap<Arc<str>, Parameter>> {
    match parameter(json)? {
        Parameter::Record(parameters) => Some(parameters),
        _ => None,
    }
}

fn value(parameter: &Parameter) -> Value {
    match parameter {
        Parameter::Absent => Value::Null,
        Parameter::Flag(is) => Value::Bool(*is),
        Parameter::Number(n) => Value::from(*n),
        Parameter::Text(text) => Value::from(&**text),
        Parameter::List(all) => Value::Array(all.iter().map(value).collect()),
        Parameter::Record(all) => {
            Value::Object(all.iter().map(|(name, inner)| (name.to_string(), value(inner))).collect())
        }
    }
}

/// `None` for a number that no parameter has.
fn parameter(value: Value) -> Option<Parameter> {
    Some(match value {
        Value::Null => Parameter::Absent,
        Value::Bool(is) => Parameter::Flag(is),
        Value::Number(n) => Parameter::Number(n.as_u64()?),
        Value::String(text) => Parameter::Text(text.into()),
        Value::Array(all) => Parameter::List(all.into_iter().map(parameter).collect::<Option<_>>()?),
        Value::Object(all) => {
            let all = all.into_iter().map(|(name, inner)| Some((name.into(), parameter(inner)?)));
            Parameter::Record(all.collect::<Option<_>>()?)
        }
    })
}

fn put<S: Serializer>(
    code: &str,
    parameters: BTreeMap<Arc<str>, Parameter>,
    s: S,
) -> Result<S::Ok, S::Error> {
    let mut all = Map::new();
    all.insert("code".to_owned(), Value::from(code));
    all.insert("parameters".to_owned(), parameters_json(parameters));
    all.serialize(s)
}

fn get<'de, D: Deserializer<'de>, T>(
    d: D,
    read: fn(&str, &BTreeMap<Arc<str>, Parameter>) -> Option<T>,
) -> Result<T, D::Error> {
    let mut all = Map::<String, Value>::deserialize(d)?;
    let code = all.remove("code");
    let code = code.as_ref().and_then(Value::as_str).ok_or_else(|| D::Error::missing_field("code"))?;
    let stated = all.remove("parameters").and_then(parameters_of);
    let parameters = stated.ok_or_else(|| D::Error::missing_field("parameters"))?;
    read(code, &parameters)
        .ok_or_else(|| D::Error::custom(format_args!("`{code}` is not known, or lacks a parameter")))
}

/// As `{"code":…,"parameters":{…}}`.
macro_rules! coded {
    ($($type:ty),+ $(,)?) => {$(
        impl Form for $type {
            fn put<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                put(self.code(), self.parameters(), s)
            }
            fn get<'de, D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                get(d, Self::read)
            }
        }
    )+};
}

coded!(AskReason, FindingDetail);
