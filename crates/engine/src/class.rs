//! Classes as bytes: the form that the store counts and what-if reads.

use std::sync::Arc;
use tenure_model::Value;
use tenure_policy::ClassKey;

/// The stored form of a class: for each value a type tag, a length and the bytes.
#[must_use]
pub fn encode_class(key: &ClassKey) -> Arc<[u8]> {
    let mut out = Vec::with_capacity(64);
    for value in key.values() {
        match value {
            None => part(&mut out, 0, &[]),
            Some(Value::Text(t)) => part(&mut out, 1, t.as_bytes()),
            Some(Value::Int(i)) => part(&mut out, 2, &i.to_be_bytes()),
            Some(Value::Bool(b)) => part(&mut out, 3, &[u8::from(*b)]),
            Some(Value::Date(d)) => part(&mut out, 4, d.to_string().as_bytes()),
            Some(Value::Texts(items)) => {
                let mut inner = Vec::new();
                items.iter().for_each(|i| part(&mut inner, 1, i.as_bytes()));
                part(&mut out, 5, &inner);
            }
        }
    }
    Arc::from(out)
}

/// A class from its stored form; `None` where the bytes are not one.
#[must_use]
pub fn decode_class(bytes: &[u8]) -> Option<ClassKey> {
    let values =
        parts(bytes)?.into_iter().map(|(sort, bytes)| value(sort, bytes)).collect::<Option<Vec<_>>>()?;
    Some(ClassKey::from_values(values))
}

fn part(out: &mut Vec<u8>, sort: u8, bytes: &[u8]) {
    out.push(sort);
    out.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend(bytes);
}

fn parts(mut bytes: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut all = Vec::new();
    while let Some((sort, rest)) = bytes.split_first() {
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (part, rest) = rest.split_at_checked(length)?;
        all.push((*sort, part));
        bytes = rest;
    }
    Some(all)
}

#[expect(
    clippy::option_option,
    reason = "the outer one is a bad byte, the inner one a value that is not there"
)]
fn value(sort: u8, bytes: &[u8]) -> Option<Option<Value>> {
    let text = || std::str::from_utf8(bytes).ok();
    Some(Some(match sort {
        0 => return Some(None),
        1 => Value::text(text()?),
        2 => Value::Int(i64::from_be_bytes(bytes.try_into().ok()?)),
        3 => Value::Bool(bytes == [1]),
        4 => Value::Date(text()?.parse().ok()?),
        5 => {
            let items = parts(bytes)?.into_iter().map(|(_, b)| std::str::from_utf8(b).ok());
            Value::texts(items.collect::<Option<Vec<_>>>()?)
        }
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_come_back() {
        let key = ClassKey::from_values(vec![
            None,
            Some(Value::text("Þórður")),
            Some(Value::Int(-7)),
            Some(Value::Bool(true)),
            Some(Value::Date(jiff::civil::date(2026, 3, 1))),
            Some(Value::texts(["b", "a"])),
        ]);
        assert_eq!(decode_class(&encode_class(&key)), Some(key.clone()));
        assert_eq!(decode_class(&[9, 0, 0, 0, 0]), None);
        assert_eq!(decode_class(&encode_class(&key)[..7]), None);
    }
}
