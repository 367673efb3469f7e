//! Values of the model as LDAP values and back, and the smallest change that makes one set of values another.

use crate::dn;
use jiff::civil::Date;
use ldap3::Mod;
use std::sync::Arc;
use tenure_connect::AttributeSpec;
use tenure_model::{Value, ValueType};

/// How a value is written: nothing for a blank one, because LDAP has no empty texts. Dates are generalized times at midnight UTC (RFC
/// 4517, section 3.3.13).
pub(crate) fn print(value: &Value) -> Vec<String> {
    match value {
        Value::Text(_) | Value::Texts(_) if value.is_blank() => Vec::new(),
        Value::Text(text) => vec![text.to_string()],
        Value::Texts(texts) => texts.iter().filter(|t| !t.is_empty()).map(ToString::to_string).collect(),
        Value::Int(number) => vec![number.to_string()],
        Value::Bool(true) => vec!["TRUE".to_owned()],
        Value::Bool(false) => vec!["FALSE".to_owned()],
        Value::Date(date) => vec![date.strftime("%Y%m%d000000Z").to_string()],
    }
}

/// The meaning of values. If they do not have the declared type, or there are several where one is declared, they are returned as
/// text: the difference is visible, and the next update repairs it.
pub(crate) fn parse(kind: ValueType, values: &[String]) -> Option<Value> {
    let one = match values {
        [] => return None,
        [one] => one,
        _ => return Some(Value::texts(values)),
    };
    let text = || Value::text(one);
    Some(match kind {
        ValueType::Texts => Value::texts(values),
        ValueType::Text => text(),
        ValueType::Int => one.parse().map_or_else(|_| text(), Value::Int),
        ValueType::Bool => match one.as_str() {
            "TRUE" => Value::Bool(true),
            "FALSE" => Value::Bool(false),
            _ => text(),
        },
        ValueType::Date => date(one).map_or_else(text, Value::Date),
    })
}

/// The day of a generalized time, or an ISO date.
fn date(text: &str) -> Option<Date> {
    if let Ok(date) = text.parse() {
        return Some(date);
    }
    let part = |range| text.get(range).filter(|p: &&str| p.bytes().all(|b| b.is_ascii_digit()));
    Date::new(part(0..4)?.parse().ok()?, part(4..6)?.parse().ok()?, part(6..8)?.parse().ok()?).ok()
}

/// The change from the present values to the due ones, or `None`. Sets are changed by single values, so that a value added
/// concurrently stays; deletions come first, for values that differ only in case.
pub(crate) fn edits(spec: &AttributeSpec, is: &[String], due: &[String]) -> Vec<Mod<String>> {
    let same = |a: &String, b: &String| if spec.reference { dn::plain(a) == dn::plain(b) } else { a == b };
    let gone: Vec<String> = is.iter().filter(|v| !due.iter().any(|d| same(v, d))).cloned().collect();
    let new: Vec<String> = due.iter().filter(|d| !is.iter().any(|v| same(v, d))).cloned().collect();
    let name = || spec.name.to_string();
    if gone.is_empty() && new.is_empty() || !spec.reference && equal_by_type(spec, is, due) {
        return Vec::new();
    }
    if due.is_empty() {
        return vec![Mod::Delete(name(), [].into())];
    }
    if spec.value_type != ValueType::Texts {
        return vec![Mod::Replace(name(), due.iter().cloned().collect())];
    }
    let mut changes = Vec::new();
    if !gone.is_empty() {
        changes.push(Mod::Delete(name(), gone.into_iter().collect()));
    }
    if !new.is_empty() {
        changes.push(Mod::Add(name(), new.into_iter().collect()));
    }
    changes
}

/// A date with a different time of day is the same date.
fn equal_by_type(spec: &AttributeSpec, is: &[String], due: &[String]) -> bool {
    parse(spec.value_type, is) == parse(spec.value_type, due)
}

/// Joins references that were read: one name, or a set of names.
pub(crate) fn joined(kind: ValueType, names: Vec<Arc<str>>) -> Option<Value> {
    match (kind, names.as_slice()) {
        (_, []) => None,
        (ValueType::Texts, _) | (_, [_, _, ..]) => Some(Value::texts(names)),
        (_, [one]) => Some(Value::Text(one.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tenure_model::{AttributeName, Name as _};

    fn spec(value_type: ValueType, reference: bool) -> AttributeSpec {
        AttributeSpec { name: AttributeName::new("x").unwrap(), value_type, reference }
    }
    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|t| (*t).to_owned()).collect()
    }

    #[test]
    fn every_value_comes_back_as_it_was_written() {
        for value in [
            Value::text("a b"),
            Value::Int(-7),
            Value::Bool(true),
            Value::Bool(false),
            Value::Date(Date::new(2026, 2, 3).unwrap()),
            Value::texts(["b", "a"]),
        ] {
            assert_eq!(parse(value.value_type(), &print(&value)), Some(value));
        }
        assert_eq!(print(&Value::text("")), strings(&[]));
        assert_eq!(parse(ValueType::Int, &strings(&["x"])), Some(Value::text("x")));
        assert_eq!(parse(ValueType::Text, &strings(&["b", "a"])), Some(Value::texts(["a", "b"])));
    }

    #[test]
    fn only_what_differs_is_changed() {
        let set = spec(ValueType::Texts, false);
        assert_eq!(
            edits(&set, &strings(&["a", "b"]), &strings(&["b", "c"])),
            vec![
                Mod::Delete("x".to_owned(), ["a".to_owned()].into()),
                Mod::Add("x".to_owned(), ["c".to_owned()].into())
            ]
        );
        assert_eq!(edits(&set, &strings(&["b", "a"]), &strings(&["a", "b"])), vec![]);
        assert_eq!(edits(&set, &strings(&["a"]), &[]), vec![Mod::Delete("x".to_owned(), [].into())]);
        let date = spec(ValueType::Date, false);
        assert_eq!(edits(&date, &strings(&["20260203120000Z"]), &strings(&["20260203000000Z"])), vec![]);
        let reference = spec(ValueType::Text, true);
        assert_eq!(edits(&reference, &strings(&["UID=A,dc=x"]), &strings(&["uid=a, dc=x"])), vec![]);
    }
}
