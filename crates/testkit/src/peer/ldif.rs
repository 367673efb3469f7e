//! Reads LDIF (RFC 2849) as `ldapsearch` prints it: folded lines, comments and base64 values.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One directory entry: attribute (as the server spells it; `dn` for the name) to its values.
pub type LdifEntry = BTreeMap<String, Vec<String>>;

/// A line that is not LDIF.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LdifError {
    /// A line has no `attribute: value`.
    #[error("line {line}: expected `attribute: value`, found {text:?}")]
    NoColon {
        /// Counted from 1.
        line: usize,
        /// The line as it is.
        text: String,
    },
    /// The value after `::` is not base64.
    #[error("line {line}: the value of {attribute} is not base64")]
    NotBase64 {
        /// Counted from 1.
        line: usize,
        /// Which attribute.
        attribute: String,
    },
}

/// The entries of `text`, in its order. Values that are not UTF-8 keep their readable part. Entries without a
/// `dn` (the `search:` and `result:` lines of a long answer) are left out, as are referrals.
///
/// # Errors
///
/// [`LdifError`] names the first line that is not LDIF.
pub fn parse_ldif(text: &str) -> Result<Vec<LdifEntry>, LdifError> {
    let mut entries = Vec::new();
    let mut entry = LdifEntry::new();
    for (line, text) in unfold(text) {
        if text.is_empty() {
            keep(&mut entries, &mut entry);
            continue;
        }
        if text.starts_with('#') || text.starts_with("version:") {
            continue;
        }
        let (attribute, value) = attribute_and_value(line, &text)?;
        entry.entry(attribute).or_default().push(value);
    }
    keep(&mut entries, &mut entry);
    Ok(entries)
}

fn keep(entries: &mut Vec<LdifEntry>, entry: &mut LdifEntry) {
    let entry = std::mem::take(entry);
    if entry.contains_key("dn") {
        entries.push(entry);
    }
}

/// Joins continuation lines (those that begin with one space) to the line before, keeping its number.
fn unfold(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix(' '), lines.last_mut()) {
            (Some(rest), Some((_, before))) => before.push_str(rest),
            _ => lines.push((index + 1, line.to_owned())),
        }
    }
    lines
}

fn attribute_and_value(line: usize, text: &str) -> Result<(String, String), LdifError> {
    let Some((attribute, rest)) = text.split_once(':') else {
        return Err(LdifError::NoColon { line, text: text.to_owned() });
    };
    let value = match rest.strip_prefix(':') {
        Some(encoded) => {
            let bytes = STANDARD
                .decode(encoded.trim())
                .map_err(|_| LdifError::NotBase64 { line, attribute: attribute.to_owned() })?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        None => rest.trim_start_matches(' ').to_owned(),
    };
    Ok((attribute.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(pairs: &[(&str, &[&str])]) -> LdifEntry {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), v.iter().map(|v| (*v).to_owned()).collect())).collect()
    }

    #[test]
    fn folded_lines_base64_and_several_values_are_read() {
        let text = "version: 1\n# extended LDIF\n\ndn: uid=zoe,dc=example,\n dc=test\ncn:: Wm/DqyBCcsO8Y2tl\n\
                    member: a\nmember: b\ndescription: x: y\n\n# search result\nsearch: 2\nresult: 0 Success\n\n\
                    dn: uid=b\ncn:\n";
        assert_eq!(
            parse_ldif(text).unwrap(),
            vec![
                one(&[
                    ("dn", &["uid=zoe,dc=example,dc=test"]),
                    ("cn", &["Zoë Brücke"]),
                    ("member", &["a", "b"]),
                    ("description", &["x: y"]),
                ]),
                one(&[("dn", &["uid=b"]), ("cn", &[""])]),
            ]
        );
    }

    #[test]
    fn a_folded_base64_name_is_read() {
        let text = "dn:: dWlkPXpvw6ss\n b3U9cGVvcGxl\n";
        assert_eq!(parse_ldif(text).unwrap(), vec![one(&[("dn", &["uid=zoë,ou=people"])])]);
    }

    #[test]
    fn what_is_not_ldif_is_named_with_its_line() {
        assert_eq!(
            parse_ldif("dn: a\n\nnonsense\n"),
            Err(LdifError::NoColon { line: 3, text: "nonsense".to_owned() })
        );
        assert_eq!(
            parse_ldif("dn: a\ncn:: %%%\n"),
            Err(LdifError::NotBase64 { line: 2, attribute: "cn".to_owned() })
        );
    }
}
