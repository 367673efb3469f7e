//! Reads an answer of a service strictly, and locates each fault: an unreadable value does not affect other values.
//!
//! Examples: a text with half of a surrogate pair, a number that no double represents, a control character in a text, a duplicate name
//! in one object. The usual readers refuse the whole answer for each of the first three, and take the last of two duplicates. Here the
//! value is *unreadable* and replaced by an object that states why; [`unreadable`] finds it, and no other reader takes it for a text,
//! a number or a list.

use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The name under which an unreadable value states why. A service that writes it makes its own value unreadable.
const WHY: &str = "\u{0}unreadable";
/// The name under which the rest of a damaged text is stored.
const LEFT: &str = "\u{0}left";
/// Maximum nesting of objects and lists; deeper values are unreadable.
const DEPTH_MAX: usize = 64;
/// Replaces damaged parts of a text.
const DAMAGED: char = char::REPLACEMENT_CHARACTER;
/// Labels for people that services derive from *other* resources: they are no evidence, and their faults are ignored.
const LABELS: [&str; 3] = ["display", "displayName", "$ref"];

/// Reads a JSON answer.
///
/// # Errors
/// An explanation, if the end of a value is not clear: then the parts of the answer cannot be separated.
pub fn read(bytes: &[u8]) -> Result<Value, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = Reader { bytes, at: 0 };
    let value = reader.value(0)?;
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.wrong("something stands behind the value")),
    }
}

/// Why a value is unreadable; `None` if it is readable.
#[must_use]
pub fn why(value: &Value) -> Option<&str> {
    value.as_object()?.get(WHY)?.as_str()
}

/// The rest of a damaged text: never equal to a complete one.
#[must_use]
pub fn left(value: &Value) -> Option<&str> {
    value.as_object()?.get(LEFT)?.as_str()
}

/// The fault of a resource, with the name of its value. Labels that the service derives from other resources count only at the top
/// level.
#[must_use]
pub fn unreadable(resource: &Value) -> Option<String> {
    if let Some(why) = why(resource) {
        return Some(why.to_owned());
    }
    within(resource, "", 0)
}

/// Whether anything in a value is unreadable, including labels: then it is not written back.
#[must_use]
pub fn is_damaged(value: &Value) -> bool {
    why(value).is_some()
        || match value {
            Value::Object(map) => map.values().any(is_damaged),
            Value::Array(items) => items.iter().any(is_damaged),
            _ => false,
        }
}

fn within(value: &Value, path: &str, depth: usize) -> Option<String> {
    match value {
        Value::Object(map) => map.iter().find_map(|(name, value)| {
            if depth > 0 && LABELS.iter().any(|label| label.eq_ignore_ascii_case(name)) {
                return None;
            }
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            match why(value) {
                Some(why) => Some(format!("`{path}` {why}")),
                None => within(value, &path, depth + 1),
            }
        }),
        Value::Array(items) => items.iter().find_map(|item| match why(item) {
            Some(why) => Some(format!("`{path}` {why}")),
            None => within(item, path, depth + 1),
        }),
        _ => None,
    }
}

fn broken(why: &str, left: Option<String>) -> Value {
    let mut map = Map::new();
    map.insert(WHY.to_owned(), Value::from(why));
    if let Some(left) = left {
        map.insert(LEFT.to_owned(), Value::from(left));
    }
    Value::Object(map)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    /// The next byte that is not blank.
    fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    fn wrong(&self, what: &str) -> String {
        format!("{what}, at byte {}", self.at)
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        match self.peek() {
            None => Err(self.wrong("it ends too early")),
            Some(b'{' | b'[') if depth >= DEPTH_MAX => {
                self.pass_over()?;
                Ok(broken(&format!("is deeper than {DEPTH_MAX} objects and lists"), None))
            }
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.text(),
            Some(_) => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        // Each name as it was first written, by its folded form: looked up, so that a long object of duplicates is read in one pass.
        let (mut map, mut names) = (Map::new(), BTreeMap::<String, String>::new());
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(map));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.wrong("a name is expected"));
            }
            let name = self.text()?;
            if self.peek() != Some(b':') {
                return Err(self.wrong("`:` is expected"));
            }
            self.at += 1;
            let value = self.value(depth + 1)?;
            match name {
                // Names ignore case (RFC 7643 §2.1): two that differ only in case are one name.
                Value::String(name) => match names.entry(name.to_lowercase()) {
                    Entry::Vacant(entry) => {
                        entry.insert(name.clone());
                        map.insert(name, value);
                    }
                    Entry::Occupied(first) => {
                        map.insert(first.get().clone(), broken("stands twice in one object", None));
                    }
                },
                damaged => {
                    let name = left(&damaged).unwrap_or_default().to_owned();
                    map.insert(name, broken("has a name that cannot be read", None));
                }
            }
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.wrong("`,` or `}` is expected")),
            }
        }
        self.at += 1;
        Ok(Value::Object(map))
    }

    fn list(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.wrong("`,` or `]` is expected")),
            }
        }
        self.at += 1;
        Ok(Value::Array(items))
    }

    /// A text with its quotes; an error if its end is not clear.
    fn quoted(&mut self) -> Result<&[u8], String> {
        let start = self.at;
        let mut end = start + 1;
        loop {
            match self.bytes.get(end) {
                None => return Err(self.wrong("a text does not end")),
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(_) => end += 1,
            }
        }
        self.at = end + 1;
        Ok(self.bytes.get(start..=end).unwrap_or_default())
    }

    fn text(&mut self) -> Result<Value, String> {
        let quoted = self.quoted()?;
        if let Ok(text) = serde_json::from_slice::<String>(quoted) {
            return Ok(Value::String(text));
        }
        let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
        let (text, what) = rest_of(inner);
        Ok(broken(what, Some(text)))
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<Value, String> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|b| !(b.is_ascii_alphanumeric() || b"+-.".contains(b)));
        let word = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
        let value = match word {
            b"true" => Value::Bool(true),
            b"false" => Value::Bool(false),
            b"null" => Value::Null,
            number => match serde_json::from_slice::<Number>(number) {
                Ok(number) => Value::Number(number),
                Err(_) if number.is_empty() => return Err(self.wrong("a value is expected")),
                Err(_) => broken("is no number that can be held", None),
            },
        };
        self.at += word.len();
        Ok(value)
    }

    /// Skips an object or a list of any depth.
    fn pass_over(&mut self) -> Result<(), String> {
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                None => return Err(self.wrong("it ends too early")),
                Some(b'"') => {
                    self.quoted()?;
                    continue;
                }
                Some(b'{' | b'[') => depth += 1,
                Some(b'}' | b']') => depth = depth.saturating_sub(1),
                Some(_) => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
    }
}

/// The rest of a damaged text, and its damage.
fn rest_of(inner: &[u8]) -> (String, &'static str) {
    let mut what = if std::str::from_utf8(inner).is_err() { "holds bytes that are no text" } else { "" };
    let text = String::from_utf8_lossy(inner);
    let (mut out, mut rest) = (String::with_capacity(text.len()), text.as_ref());
    let mut damaged = |out: &mut String, why: &'static str| {
        out.push(DAMAGED);
        what = if what.is_empty() { why } else { what };
    };
    while let Some(c) = rest.chars().next() {
        let mut taken = c.len_utf8();
        if c == '\\' {
            // A surrogate pair, a single unit, or an escape of one character.
            let whole = [12, 6, 2].into_iter().find_map(|length| {
                let escape = rest.get(..length)?;
                Some((length, serde_json::from_str::<String>(&format!("\"{escape}\"")).ok()?))
            });
            match whole {
                Some((length, read)) => {
                    out.push_str(&read);
                    taken = length;
                }
                None if rest.get(..6).is_some_and(|unit| unit.starts_with("\\u")) => {
                    damaged(&mut out, "holds half of a surrogate pair");
                    taken = 6;
                }
                None => damaged(&mut out, "holds an escape that JSON does not know"),
            }
        } else if c.is_ascii_control() {
            damaged(&mut out, "holds a control character");
        } else {
            out.push(c);
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    (out, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_usual_reader_takes_is_the_same_here() {
        for text in [
            r#"{"a": [1, -2.5e3, true, null, {}], "b": {"c": "d\u00e9\ud83d\ude00\n"}, "e": []}"#,
            "[]",
            " \"text\" ",
            "18446744073709551615",
            "{\"\": \"\\\\\"}",
        ] {
            assert_eq!(read(text.as_bytes()), Ok(serde_json::from_str(text).unwrap()), "{text}");
        }
    }

    #[test]
    fn a_value_that_cannot_be_read_spoils_no_other_one() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for (value, reason) in [
            (r#""Mira \ud800 M""#, "half of a surrogate pair"),
            (r#""\udc00\ud800""#, "half of a surrogate pair"),
            ("1e999", "no number"),
            ("NaN", "no number"),
            ("\"a\u{1}b\"", "control character"),
            (r#""a\qb""#, "an escape"),
            (deep.as_str(), "deeper"),
        ] {
            let text = format!(r#"{{"id": "7", "x": {value}, "active": true}}"#);
            let read = read(text.as_bytes()).unwrap();
            assert_eq!((read["id"].as_str(), read["active"].as_bool()), (Some("7"), Some(true)), "{text}");
            let why = unreadable(&read).unwrap();
            assert!(why.starts_with("`x` ") && why.contains(reason), "{text}: {why}");
        }
        let latin = read(b"{\"id\": \"7\", \"x\": \"M\xfcller\"}").unwrap();
        assert_eq!(left(&latin["x"]), Some("M\u{fffd}ller"));
    }

    #[test]
    fn a_name_that_stands_twice_has_no_value() {
        for text in [
            r#"{"active": true, "active": false}"#,
            r#"{"active": true, "Active": true}"#,
            r#"{"active": 1, "b": 2, "active": 3, "ACTIVE": 4}"#,
        ] {
            let read = read(text.as_bytes()).unwrap();
            let value = crate::field(&read, "active").unwrap();
            assert!(why(value).is_some_and(|why| why.contains("twice")), "{text}: {read}");
        }
        let inner = read(br#"{"name": {"familyName": "A", "familyName": "B"}}"#).unwrap();
        assert_eq!(unreadable(&inner).unwrap(), "`name.familyName` stands twice in one object");
    }

    #[test]
    fn a_label_of_another_resource_spoils_nothing() {
        let user = br#"{"id": "7", "groups": [{"value": "9", "display": "Team \ud83d"}]}"#;
        assert_eq!(unreadable(&read(user).unwrap()), None);
        let own = br#"{"id": "7", "displayName": "Ada \ud83d"}"#;
        assert!(unreadable(&read(own).unwrap()).is_some());
    }

    #[test]
    fn what_has_no_clear_end_is_refused() {
        for text in
            ["", "{", "[1", "{\"a\" 1}", "{\"a\": }", "[1 2]", "{} {}", "\"a", "{a: 1}", "[1,]", "<html>"]
        {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }

    /// Looking at all names for each duplicate would take hours here.
    #[test]
    fn a_long_object_of_duplicates_is_read_in_one_pass() {
        let names = |upper: bool| {
            (0..200_000).map(move |n| if upper { format!("\"K{n}\":2") } else { format!("\"k{n}\":1") })
        };
        let text = format!("{{{}}}", names(false).chain(names(true)).collect::<Vec<_>>().join(","));
        let read = read(text.as_bytes()).unwrap();
        let all = read.as_object().unwrap();
        assert_eq!(all.len(), 200_000);
        assert!(all.values().all(|value| why(value) == Some("stands twice in one object")));
    }
}
