//! Reads JSON Lines: one object for each line, flattened into texts.
//!
//! - `{"address": {"city": "Oslo"}}` is the column `address.city`.
//! - A list of plain values is one text, its parts joined with `;` (map it with `separator = ";"`). A part that contains `;`, or that
//!   is a list or an object, is a fault of that column.
//! - Numbers and booleans are their text. A number that a double cannot represent exactly is a fault, never another number.
//! - `null`, and a key that a row does not have, are "no value"; so is everything below an object that is `null` or empty.
//! - A fault of a column does not affect other columns, and a fault of an unmapped column does no harm.
//! - A line that is not exactly one object is quarantined completely: each object in it is a row with this fault, and any other part
//!   is an unreadable row, which may hide any record.

use crate::flat::{Cell, DAMAGED_BYTES, DAMAGED_CHARACTER, Flat};
use crate::separated::Row;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::io::BufRead;
use tenure_model::FeedFault;

/// Separator of the parts of a list.
pub(crate) const LIST_SEPARATOR: char = ';';
/// Above this, doubles skip whole numbers (2^53).
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// Reads the next line of a file; `false` at its end. Blank lines are skipped.
pub(crate) fn next_line<R: BufRead>(
    reader: &mut R,
    row: &mut Row,
    line: &mut u64,
    row_bytes_max: u32,
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
            // One line that is too long blocks no other: it is read up to the limit, and the rest is skipped.
            let room = (row_bytes_max as usize).saturating_sub(row.text.len());
            row.text.extend_from_slice(taken.get(..room).unwrap_or(taken));
            row.terminated = end.is_some();
            let used = taken.len() + usize::from(end.is_some());
            reader.consume(used);
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

/// Maximum nesting of objects; deeper members are no columns.
const DEPTH_MAX: u32 = 32;

/// The parts of a line, each of which should be one object: a correct line has one part. Parts may be separated by a comma.
pub(crate) fn parts(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = line.trim();
    loop {
        let (part, after) = rest.split_at_checked(object_end(rest)).unwrap_or((rest, ""));
        parts.push(part);
        let after = after.trim_start();
        let next = after.strip_prefix(',').map(str::trim_start).filter(|next| next.starts_with('{'));
        rest = next.unwrap_or(after);
        if rest.is_empty() {
            return parts;
        }
    }
}

/// The end of the object at the beginning of a text; the whole length if it begins with none, or if none ends.
fn object_end(text: &str) -> usize {
    if !text.starts_with('{') {
        return text.len();
    }
    let (mut depth, mut within, mut escaped) = (0_u32, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if within => escaped = true,
            b'"' => within = !within,
            b'{' if !within => depth += 1,
            b'}' if !within => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// Flattens one line. What cannot be one text is a fault of its column; an error only if nothing of the line can be read.
pub(crate) fn flatten(line: &str) -> Result<Flat, String> {
    let flat = parsed(line);
    if flat.broken.is_none() {
        return Ok(flat);
    }
    let mended = mended(line);
    let flat = if mended == line { flat } else { parsed(&mended) };
    match &flat.broken {
        Some(reason) if flat.order.len() < 2 => Err(reason.clone()),
        _ => Ok(flat),
    }
}

fn parsed(line: &str) -> Flat {
    let mut flat = Flat::default();
    let mut json = serde_json::Deserializer::from_str(line);
    let object = Object { flat: &mut flat, prefix: "", depth: 0 };
    if let Err(e) = object.deserialize(&mut json).and_then(|_| json.end()) {
        flat.broke(format!("is not a JSON object: {}", without_position(&e)));
    }
    flat
}

/// The line with characters that JSON does not permit inside texts (control characters, halves of surrogate pairs) made visible.
fn mended(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.char_indices().peekable();
    let mut within = false;
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => within = !within,
            '\\' if within => {
                let rest = line.get(at..).unwrap_or_default();
                match escape(rest) {
                    Escape::Whole(length) => {
                        out.push_str(rest.get(..length).unwrap_or_default());
                        while chars.peek().is_some_and(|(i, _)| *i < at + length) {
                            chars.next();
                        }
                    }
                    Escape::Half => {
                        out.push(DAMAGED_CHARACTER);
                        while chars.peek().is_some_and(|(i, _)| *i < at + UNIT) {
                            chars.next();
                        }
                    }
                }
                continue;
            }
            c if within && c.is_ascii_control() => {
                out.push(DAMAGED_CHARACTER);
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
    out
}

/// Bytes of an escape by number: a backslash, `u` and four digits.
const UNIT: usize = 6;

/// An escape at the beginning of a text.
enum Escape {
    /// It is complete, and has this many bytes.
    Whole(usize),
    /// Half of a surrogate pair.
    Half,
}

fn escape(text: &str) -> Escape {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    match unit(0) {
        None => Escape::Whole(1 + text.chars().nth(1).map_or(0, char::len_utf8)),
        Some(0xd800..=0xdbff) if matches!(unit(UNIT), Some(0xdc00..=0xdfff)) => Escape::Whole(2 * UNIT),
        Some(0xd800..=0xdfff) => Escape::Half,
        Some(_) => Escape::Whole(UNIT),
    }
}

/// Bytes as a text to parse, with invalid UTF-8 made visible.
pub(crate) fn text_of(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.into();
    }
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            out.push(DAMAGED_BYTES);
        }
    }
    out.into()
}

/// The message already has the line, and the JSON reader's column would be mistaken for a column of the feed.
fn without_position(e: &serde_json::Error) -> String {
    let text = e.to_string();
    text.rfind(" at line ").and_then(|i| text.get(..i)).unwrap_or(&text).to_owned()
}

/// The members of an object, under their full keys. Returns whether it has any.
struct Object<'s> {
    flat: &'s mut Flat,
    prefix: &'s str,
    depth: u32,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = bool;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<bool, D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = bool;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one JSON object a line")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut any = false;
        while let Some(key) = map.next_key::<String>()? {
            any = true;
            let column = if self.prefix.is_empty() { key } else { format!("{}.{key}", self.prefix) };
            if self.depth >= DEPTH_MAX {
                map.next_value::<IgnoredAny>()?;
                let reason = format!("is below {DEPTH_MAX} objects");
                self.flat.put(column, Cell::Fault { code: "R04", reason });
            } else {
                map.next_value_seed(Member { flat: &mut *self.flat, column, depth: self.depth })?;
            }
        }
        Ok(any)
    }
}

/// One member: a plain value, a list of them, or an object.
struct Member<'s> {
    flat: &'s mut Flat,
    column: String,
    depth: u32,
}

impl Member<'_> {
    fn put(self, text: Result<String, String>) {
        let cell = match text {
            Ok(text) => Cell::Text(text),
            Err(reason) => Cell::Fault { code: "R04", reason },
        };
        self.flat.put(self.column, cell);
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
        self.put(Ok(v.to_owned()));
        Ok(())
    }
    fn visit_bool<E: Error>(self, v: bool) -> Result<(), E> {
        self.put(Ok(v.to_string()));
        Ok(())
    }
    fn visit_i64<E: Error>(self, v: i64) -> Result<(), E> {
        self.put(Ok(v.to_string()));
        Ok(())
    }
    fn visit_u64<E: Error>(self, v: u64) -> Result<(), E> {
        self.put(Ok(v.to_string()));
        Ok(())
    }
    fn visit_f64<E: Error>(self, v: f64) -> Result<(), E> {
        self.put(number(v));
        Ok(())
    }
    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.flat.put(self.column, Cell::Blank);
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let Self { flat, column, depth } = self;
        flat.put(column.clone(), Cell::Group);
        let any = Object { flat: &mut *flat, prefix: &column, depth: depth + 1 }.visit_map(map)?;
        if !any && flat.cells.get(&column) == Some(&Cell::Group) {
            flat.cells.insert(column, Cell::Blank);
        }
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut parts: Vec<String> = Vec::new();
        let mut wrong = None;
        while let Some(part) = seq.next_element::<Part>()? {
            match part {
                Part::Plain(text) if text.contains(LIST_SEPARATOR) => {
                    wrong = Some(format!("is a list with {LIST_SEPARATOR:?} inside a part"));
                }
                Part::Plain(text) => parts.push(text),
                Part::Nothing => {}
                Part::Wrong(reason) => wrong = Some(reason),
            }
        }
        let separator = LIST_SEPARATOR.to_string();
        self.put(wrong.map_or_else(|| Ok(parts.join(&separator)), Err));
        Ok(())
    }
}

/// One part of a list.
enum Part {
    Plain(String),
    /// `null`.
    Nothing,
    /// A value that cannot be a text.
    Wrong(String),
}

impl<'de> serde::Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(AnyPart)
    }
}

struct AnyPart;

impl<'de> Visitor<'de> for AnyPart {
    type Value = Part;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_str<E: Error>(self, v: &str) -> Result<Part, E> {
        Ok(Part::Plain(v.to_owned()))
    }
    fn visit_bool<E: Error>(self, v: bool) -> Result<Part, E> {
        Ok(Part::Plain(v.to_string()))
    }
    fn visit_i64<E: Error>(self, v: i64) -> Result<Part, E> {
        Ok(Part::Plain(v.to_string()))
    }
    fn visit_u64<E: Error>(self, v: u64) -> Result<Part, E> {
        Ok(Part::Plain(v.to_string()))
    }
    fn visit_f64<E: Error>(self, v: f64) -> Result<Part, E> {
        Ok(number(v).map_or_else(Part::Wrong, Part::Plain))
    }
    fn visit_unit<E: Error>(self) -> Result<Part, E> {
        Ok(Part::Nothing)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Part, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Part::Wrong("is a list of objects".to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Part, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Part::Wrong("is a list of lists".to_owned()))
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
            Ok(flat) => {
                let shown = |c: &String| match &flat.cells[c] {
                    Cell::Blank => format!("{c}=-"),
                    Cell::Text(text) => format!("{c}={text:?}"),
                    Cell::Group => format!("{c}={{}}"),
                    Cell::Fault { code, reason } => format!("{c}!{code} {reason}"),
                };
                let mut all: Vec<String> = flat.order.iter().map(shown).collect();
                all.extend(flat.broken.map(|_| "broken".to_owned()));
                all.join(" ")
            }
            Err(reason) => reason,
        }
    }

    #[test]
    fn a_line_is_parted_where_an_object_ends_and_nowhere_else() {
        for (line, expected) in [
            (r#"{"a":1}"#, &[r#"{"a":1}"#][..]),
            (r#" {"a":{"b":"}{"},"c":"\"}{"} "#, &[r#"{"a":{"b":"}{"},"c":"\"}{"}"#]),
            (r#"{"a":1}{"a":2} {"a":3},{"a":4}"#, &[r#"{"a":1}"#, r#"{"a":2}"#, r#"{"a":3}"#, r#"{"a":4}"#]),
            (r#"{"a":1},"#, &[r#"{"a":1}"#, ","]),
            (r#"{"a":1}{"a":"#, &[r#"{"a":1}"#, r#"{"a":"#]),
            (r#""x","b":2}{"a":1}"#, &[r#""x","b":2}{"a":1}"#]),
            ("", &[""]),
        ] {
            assert_eq!(parts(line), expected, "{line}");
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_read_up_to_the_limit_and_stops_no_other() {
        let long = format!(
            "{{\"id\":1,\"end\":\"2026-03-03\",\"t\":\"t\",\"blob\":\"{}\",\"name\":\"x\"}}",
            "x".repeat(100)
        );
        let text = format!("{long}\n{{\"id\":2}}\n");
        let (mut reader, mut row, mut line) = (text.as_bytes(), Row::default(), 1);
        let mut next = || {
            assert!(next_line(&mut reader, &mut row, &mut line, 60).unwrap());
            flat(std::str::from_utf8(row.text.as_slice()).unwrap())
        };
        let first = next();
        assert!(first.starts_with(r#"id="1" end="2026-03-03""#) && first.ends_with("broken"), "{first}");
        assert_eq!(next(), r#"id="2""#);
    }

    #[test]
    fn objects_lists_and_plain_values_become_texts() {
        let line = r#"{"id":7,"a":{"city":"Oslo","b":{"c":null}},"t":true,"p":["x",1,false,null],"e":[],"f":1.5,"n":-3,"o":{}}"#;
        assert_eq!(
            flat(line),
            r#"id="7" a={} a.city="Oslo" a.b={} a.b.c=- t="true" p="x;1;false" e="" f="1.5" n="-3" o=-"#
        );
    }

    #[test]
    fn what_has_no_single_meaning_is_a_fault_of_its_column_alone() {
        for (line, expected) in [
            (r#"{"a":1,"a":2,"b":3}"#, r#"a!R04 stands in the object twice b="3""#),
            (r#"{"a.b":1,"a":{"b":2}}"#, r#"a.b!R04 stands in the object twice a={}"#),
            (r#"{"a":["x;y"],"b":3}"#, r#"a!R04 is a list with ';' inside a part b="3""#),
            (r#"{"a":[{"b":[{}]},1],"b":3}"#, r#"a!R04 is a list of objects b="3""#),
            (r#"{"a":[[1]],"b":3}"#, r#"a!R04 is a list of lists b="3""#),
            (
                r#"{"n":12345678901234567890123,"b":3}"#,
                r#"n!R04 is a number too large to be exact: write it as text b="3""#,
            ),
            (r#"{"a":"x\ud800y","b":"\ud83d\ude00\n"}"#, "a=\"x\\u{fdd1}y\" b=\"😀\\n\""),
            ("{\"a\":\"x\ty\",\"b\":\"\\\"\"}", "a=\"x\\u{fdd1}y\" b=\"\\\"\""),
            (r#"[1]"#, "is not a JSON object: invalid type: sequence, expected one JSON object a line"),
            (r#"{"a":"#, "is not a JSON object: EOF while parsing a value"),
        ] {
            assert_eq!(flat(line), expected, "{line}");
        }
    }

    #[test]
    fn what_stands_before_a_syntax_error_is_read_but_for_the_last_of_it() {
        assert_eq!(
            flat(r#"{"id":7,"end":"2026-03-03","title":"the "best" one","team":"x"}"#),
            r#"id="7" end="2026-03-03" title!R03 the line is not a JSON object: expected `,` or `}` broken"#
        );
    }

    #[test]
    fn however_deep_an_object_is_the_rest_is_read() {
        let deep = format!("{{\"a\":{}1{},\"id\":7}}", "{\"x\":".repeat(500), "}".repeat(500));
        let flat = flatten(&deep).unwrap();
        assert!(flat.broken.is_none());
        assert_eq!(flat.cells["id"], Cell::Text("7".to_owned()));
        let long = format!("{{\"a\":{}{},\"id\":7}}", "[".repeat(500), "]".repeat(500));
        assert_eq!(flatten(&long).unwrap().cells["id"], Cell::Text("7".to_owned()));
    }
}
