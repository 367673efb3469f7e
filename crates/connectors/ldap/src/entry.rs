//! One entry of an answer. Parsed here instead of by the library, which panics on a malformed one.

use ldap3::ResultEntry;
use std::collections::BTreeMap;

/// An entry: its name and the requested attributes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The distinguished name as the directory writes it.
    pub(crate) dn: String,
    /// Values by attribute in lower case: directories differ in the case of names.
    values: BTreeMap<String, Vec<String>>,
}

/// A part of the values of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range<'a> {
    pub(crate) values: &'a [String],
    /// The number of the first value after this range; `None`: this is the last range.
    pub(crate) next: Option<u64>,
}

impl Entry {
    /// Reads an answer; `None` if it is not what RFC 4511, section 4.5.2 describes. Bytes that are not UTF-8 are replaced: no
    /// attribute that Tenure may write contains them.
    pub(crate) fn read(answer: ResultEntry) -> Option<Self> {
        let mut parts = answer.0.match_id(4)?.expect_constructed()?.into_iter();
        let dn = String::from_utf8(parts.next()?.expect_primitive()?).ok()?;
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for attribute in parts.next()?.expect_constructed()? {
            let mut parts = attribute.expect_constructed()?.into_iter();
            let name = text(parts.next()?.expect_primitive()?).to_ascii_lowercase();
            let set = values.entry(name).or_default();
            for value in parts.next()?.expect_constructed()? {
                set.push(text(value.expect_primitive()?));
            }
        }
        Some(Self { dn, values })
    }
    /// All values of an attribute, in any order.
    pub(crate) fn all(&self, attribute: &str) -> &[String] {
        self.values.get(&attribute.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }
    /// The values of an attribute that are shown as a range, and where the next range begins.
    pub(crate) fn range(&self, attribute: &str) -> Option<Range<'_>> {
        let begin = format!("{};range=", attribute.to_ascii_lowercase());
        let (name, values) = self.values.iter().find(|(name, _)| name.starts_with(&begin))?;
        let (_, end) = name.get(begin.len()..)?.split_once('-')?;
        // An invalid number does not end the list: it would be requested again.
        let next = if end == "*" { None } else { Some(end.parse::<u64>().ok()?.checked_add(1)?) };
        Some(Range { values, next })
    }
    /// The value of an attribute; of several the first in order, so that the answer does not depend on the server.
    pub(crate) fn one(&self, attribute: &str) -> Option<&str> {
        self.all(attribute).iter().min().map(String::as_str)
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_says_where_the_next_one_begins() {
        let entry = |name: &str| Entry {
            dn: "cn=g".to_owned(),
            values: [(name.to_owned(), vec!["uid=a".to_owned()])].into(),
        };
        assert_eq!(entry("member;range=0-1499").range("Member").and_then(|r| r.next), Some(1500));
        assert_eq!(
            entry("member;range=1500-*").range("member").map(|r| (r.values.len(), r.next)),
            Some((1, None))
        );
        for other in ["member", "memberof;range=0-9", "member;range=0-x", "member;range=5"] {
            assert_eq!(entry(other).range("member"), None, "{other}");
        }
    }
}
