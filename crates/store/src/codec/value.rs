//! Forms of attribute values and their timelines: the largest part of the stored data, so they are short and direct.
//!
//! A text, a number and a boolean are themselves in JSON; a date is `{"d":"2026-03-31"}`, a set of texts `{"t":["a","b"]}`. A timeline
//! that always has one value is that value; any other is a list of `[from, value]`.

use super::form::{Form, In, Out};
use jiff::civil::Date;
use serde::Deserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap as _, Serializer};
use std::fmt;
use std::sync::Arc;
use tenure_model::{Timeline, TimelineEntry, Value};

impl Form for Value {
    fn put<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => s.serialize_str(text),
            Self::Int(number) => s.serialize_i64(*number),
            Self::Bool(yes) => s.serialize_bool(*yes),
            Self::Date(date) => single(s, "d", &Out(date)),
            Self::Texts(texts) => single(s, "t", texts),
        }
    }
    fn get<'de, D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(ValueVisitor)
    }
}

fn single<S: Serializer>(s: S, key: &'static str, value: &impl serde::Serialize) -> Result<S::Ok, S::Error> {
    let mut map = s.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value: a text, a whole number, a yes or no, a date or a set of texts")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::text(text))
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        i64::try_from(number).map(Value::Int).map_err(E::custom)
    }
    fn visit_bool<E: Error>(self, yes: bool) -> Result<Value, E> {
        Ok(Value::Bool(yes))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        match map.next_key::<&str>()? {
            Some("d") => Ok(Value::Date(map.next_value::<In<Date>>()?.0)),
            Some("t") => Ok(Value::texts(map.next_value::<Vec<Arc<str>>>()?)),
            other => Err(A::Error::custom(format_args!("a value has no key {other:?}"))),
        }
    }
}

impl Form for Timeline<Value> {
    fn put<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self.entries() {
            [TimelineEntry { from: None, value: Some(value) }] => value.put(s),
            entries => s.collect_seq(entries.iter().map(|e| (Out(&e.from), Out(&e.value)))),
        }
    }
    fn get<'de, D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(TimelineVisitor)
    }
}

struct TimelineVisitor;

impl<'de> Visitor<'de> for TimelineVisitor {
    type Value = Timeline<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, or a list of values with the days on which they begin")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        ValueVisitor.visit_str(text).map(Timeline::always)
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        ValueVisitor.visit_i64(number).map(Timeline::always)
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        ValueVisitor.visit_u64(number).map(Timeline::always)
    }
    fn visit_bool<E: Error>(self, yes: bool) -> Result<Self::Value, E> {
        ValueVisitor.visit_bool(yes).map(Timeline::always)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        ValueVisitor.visit_map(map).map(Timeline::always)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((from, value)) = list.next_element::<(In<Option<Date>>, In<Option<Value>>)>()? {
            entries.push(TimelineEntry { from: from.0, value: value.0 });
        }
        Ok(Timeline::from_entries(entries))
    }
}
