//! Reads JSON Lines: one object a line, flattened into texts.
//!
//! - `{"address": {"city": "Oslo"}}` is the column `address.city`.
//! - A list of plain values is one text, its parts joined with `;` (map it with `separator = ";"`). A part that holds
//!   `;`, or that is a list or an object, is an error of the row.
//! - Numbers and booleans are their text. A number that a double cannot hold exactly is an error, never another number.
//! - `null`, and a key that a row does not have, are "no value".

use crate::separated::Row;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::io::BufRead;
use tenure_model::FeedFault;

/// Between the parts of a list.
pub(crate) const LIST_SEPARATOR: char = ';';
/// Beyond this, doubles skip whole numbers (2^53).
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// Hands out the lines of a file; `false` at its end. Blank lines are passed over.
pub(crate) fn next_line<R: BufRead>(
    reader: &mut R,
    row: &mut Row,
    line: &mut u64,
    row_bytes_max: u32,
    encoding: &'static str,
) -> Result<bool, FeedFault> {
    loop {
        row.line = *line;
        row.text.clear();
        row.ends.clear();
        row.terminated = false;
        while !row.terminated {
            let chunk = reader.fill_buf().map_err(|e| crate::input::unreadable(&e))?;
            if chunk.is_empty() {
                break;
            }
            let end = chunk.iter().position(|b| *b == b'\n');
            let taken = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            if taken.contains(&0) {
                return Err(FeedFault::Binary { line: *line, encoding });
            }
            row.text.extend_from_slice(taken);
            row.terminated = end.is_some();
            let used = taken.len() + usize::from(end.is_some());
            reader.consume(used);
            if row.text.len() > row_bytes_max as usize {
                return Err(FeedFault::RowTooLong { line: *line, limit: row_bytes_max });
            }
        }
        *line += u64::from(row.terminated);
        if !row.text.iter().all(u8::is_ascii_whitespace) {
            return Ok(true);
        }
        if !row.terminated {
            return Ok(false);
        }
    }
}

/// The flat fields of one line: column and text, in the order of the line.
pub(crate) type Fields = BTreeMap<String, Option<String>>;

/// Flattens one line. The error says what is wrong, and in which column where one is meant.
pub(crate) fn flatten(line: &str) -> Result<(Fields, Vec<String>), (Option<String>, String)> {
    let mut sink = Sink::default();
    let mut json = serde_json::Deserializer::from_str(line);
    let done = Object { sink: &mut sink, prefix: "" }.deserialize(&mut json).and_then(|()| json.end());
    match done {
        Ok(()) => Ok((sink.fields, sink.order)),
        Err(e) if e.is_data() && sink.at.is_some() => Err((sink.at, without_position(&e))),
        Err(e) => Err((None, format!("is not a JSON object: {}", without_position(&e)))),
    }
}

/// The line is in the message already, and the column of a JSON reader would be taken for a column of the feed.
fn without_position(e: &serde_json::Error) -> String {
    let text = e.to_string();
    text.rfind(" at line ").and_then(|i| text.get(..i)).unwrap_or(&text).to_owned()
}

#[derive(Default)]
struct Sink {
    fields: Fields,
    order: Vec<String>,
    /// The column that is being read, for errors.
    at: Option<String>,
}

impl Sink {
    fn put<E: Error>(&mut self, column: String, text: Option<String>) -> Result<(), E> {
        if self.fields.contains_key(&column) {
            self.at = Some(column);
            return Err(E::custom("stands in the object twice"));
        }
        self.order.push(column.clone());
        self.fields.insert(column, text);
        Ok(())
    }
}

/// The members of an object, under the keys that lead to it.
struct Object<'s> {
    sink: &'s mut Sink,
    prefix: &'s str,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one JSON object a line")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let column = if self.prefix.is_empty() { key } else { format!("{}.{key}", self.prefix) };
            map.next_value_seed(Member { sink: &mut *self.sink, column })?;
        }
        Ok(())
    }
}

/// One member: a plain value, a list of them, or an object.
struct Member<'s> {
    sink: &'s mut Sink,
    column: String,
}

impl Member<'_> {
    fn put<E: Error>(self, text: Result<String, String>) -> Result<(), E> {
        match text {
            Ok(text) => self.sink.put(self.column, Some(text)),
            Err(reason) => {
                self.sink.at = Some(self.column);
                Err(E::custom(reason))
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_str<E: Error>(self, v: &str) -> Result<(), E> {
        self.put(Ok(v.to_owned()))
    }
    fn visit_bool<E: Error>(self, v: bool) -> Result<(), E> {
        self.put(Ok(v.to_string()))
    }
    fn visit_i64<E: Error>(self, v: i64) -> Result<(), E> {
        self.put(Ok(v.to_string()))
    }
    fn visit_u64<E: Error>(self, v: u64) -> Result<(), E> {
        self.put(Ok(v.to_string()))
    }
    fn visit_f64<E: Error>(self, v: f64) -> Result<(), E> {
        self.put(number(v))
    }
    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.sink.put(self.column, None)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        Object { sink: self.sink, prefix: &self.column }.visit_map(map)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut joined = String::new();
        let mut first = true;
        loop {
            let part = match seq.next_element::<Part>() {
                Ok(None) => break,
                Ok(Some(part)) => part.0,
                Err(e) => {
                    self.sink.at = Some(self.column);
                    return Err(e);
                }
            };
            if part.contains(LIST_SEPARATOR) {
                return self.put(Err(format!("is a list with {LIST_SEPARATOR:?} inside a part")));
            }
            if !first {
                joined.push(LIST_SEPARATOR);
            }
            first = false;
            joined.push_str(&part);
        }
        self.put(Ok(joined))
    }
}

/// One part of a list.
struct Part(String);

impl<'de> serde::Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Plain;
        impl Visitor<'_> for Plain {
            type Value = Part;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of plain values")
            }
            fn visit_str<E: Error>(self, v: &str) -> Result<Part, E> {
                Ok(Part(v.to_owned()))
            }
            fn visit_bool<E: Error>(self, v: bool) -> Result<Part, E> {
                Ok(Part(v.to_string()))
            }
            fn visit_i64<E: Error>(self, v: i64) -> Result<Part, E> {
                Ok(Part(v.to_string()))
            }
            fn visit_u64<E: Error>(self, v: u64) -> Result<Part, E> {
                Ok(Part(v.to_string()))
            }
            fn visit_f64<E: Error>(self, v: f64) -> Result<Part, E> {
                number(v).map(Part).map_err(E::custom)
            }
        }
        d.deserialize_any(Plain)
    }
}

fn number(v: f64) -> Result<String, String> {
    if v.abs() < EXACT_MAX {
        Ok(v.to_string())
    } else {
        Err("is a number too large to be exact: write it as text".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(line: &str) -> String {
        match flatten(line) {
            Ok((fields, order)) => {
                order.iter().map(|c| format!("{c}={:?}", fields[c])).collect::<Vec<_>>().join(" ")
            }
            Err((at, reason)) => format!("{at:?} {reason}"),
        }
    }

    #[test]
    fn objects_lists_and_plain_values_become_texts() {
        let line =
            r#"{"id":7,"a":{"city":"Oslo","b":{"c":null}},"t":true,"p":["x",1,false],"e":[],"f":1.5,"n":-3}"#;
        assert_eq!(
            flat(line),
            r#"id=Some("7") a.city=Some("Oslo") a.b.c=None t=Some("true") p=Some("x;1;false") e=Some("") f=Some("1.5") n=Some("-3")"#
        );
    }

    #[test]
    fn what_has_no_single_meaning_is_an_error_with_its_column() {
        for (line, expected) in [
            (r#"{"a":1,"a":2}"#, r#"Some("a") stands in the object twice"#),
            (r#"{"a.b":1,"a":{"b":2}}"#, r#"Some("a.b") stands in the object twice"#),
            (r#"{"a":["x;y"]}"#, r#"Some("a") is a list with ';' inside a part"#),
            (r#"{"a":[{"b":1}]}"#, r#"Some("a") invalid type: map, expected a list of plain values"#),
            (
                r#"{"n":12345678901234567890123}"#,
                r#"Some("n") is a number too large to be exact: write it as text"#,
            ),
            (r#"[1]"#, "None is not a JSON object: invalid type: sequence, expected one JSON object a line"),
            (r#"{"a":1} x"#, "None is not a JSON object: trailing characters"),
            (r#"{"a":"#, "None is not a JSON object: EOF while parsing a value"),
        ] {
            assert_eq!(flat(line), expected, "{line}");
        }
    }
}
