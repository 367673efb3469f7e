//! Keys by which a record finds its identity, in one normal form.

use super::dates;
use super::problems::{ValueError, printable};
use super::take::Got;
use std::sync::Arc;
use tenure_model::range::means_no_end;
use tenure_model::{MailAddress, Name as _, RecordKey, Value};
use tenure_policy::DateFormat;

/// The kind of key that is a person's name.
pub const NAME: &str = "name";
/// The kind of key that is a birth date.
pub const BIRTH_DATE: &str = "birth_date";
/// The kind of key that is an e-mail address.
pub const EMAIL: &str = "email";
/// The kind of key that is a worker number of an earlier engagement.
pub const PREVIOUS_NUMBER: &str = "previous_number";

/// Texts that people write for a missing value. As keys they would link different people.
const PLACEHOLDERS: &[&str] = &[
    "n/a",
    "na",
    "none",
    "null",
    "nil",
    "tbd",
    "tba",
    "unknown",
    "unbekannt",
    "xxx",
    "test",
    "pending",
    "new",
];

/// A key in its normal form; `None` if it is blank or a placeholder.
pub(super) fn key(kind: &str, got: Got<'_>, format: DateFormat) -> Result<Option<Arc<str>>, ValueError> {
    let text = match got {
        Got::Blank => return Ok(None),
        Got::Value(Value::Date(date)) if kind == BIRTH_DATE => {
            return Ok(Some(date).filter(|d| !means_no_end(*d)).map(|d| Arc::from(d.to_string())));
        }
        Got::Value(other) => other.to_string(),
        Got::Text(text) => text.into_owned(),
    };
    if kind == BIRTH_DATE && dates::is_far(&text, format) {
        return Ok(None);
    }
    if kind == BIRTH_DATE {
        return dates::date(&text, format).map(|date| Some(Arc::from(date.to_string())));
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    printable(&text)?;
    if is_error(&text) || is_placeholder(&text) {
        return Ok(None);
    }
    if is_email(kind) {
        // Mail systems in use ignore letter case (RFC 5321 §2.4 permits it to matter).
        return Ok(Some(text.to_lowercase()).filter(|t| MailAddress::parse(t).is_some()).map(Arc::from));
    }
    Ok(Some(Arc::from(text)))
}

/// Placeholders for a record key: if accepted, different people would be one record.
const NO_KEYS: &[&str] = &["n/a", "null", "nil", "none", "unknown", "tbd", "tba"];

/// The key of a record.
pub(super) fn record_key(text: &str) -> Result<RecordKey, ValueError> {
    let unusable = |reason: String| ValueError::new("R11", text, reason, "repair it in the source");
    if is_error(text) {
        return Err(unusable("is what a spreadsheet shows where a formula fails, and no key".to_owned()));
    }
    if NO_KEYS.contains(&&*text.to_lowercase()) {
        return Err(unusable("stands in the place of a key".to_owned()));
    }
    let key = RecordKey::new(text).map_err(|e| unusable(format!("cannot be a key: {e}")))?;
    printable(text).map(|_| key)
}

/// Whether a text is what spreadsheets show if a formula fails.
pub(super) fn is_error(text: &str) -> bool {
    let errors = [
        "#N/A",
        "#NV",
        "#REF!",
        "#BEZUG!",
        "#NAME?",
        "#VALUE!",
        "#WERT!",
        "#DIV/0!",
        "#NUM!",
        "#ZAHL!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#GETTING_DATA",
        "#####",
    ];
    text.starts_with('#') && errors.iter().any(|e| text.eq_ignore_ascii_case(e))
}

/// Whether keys of this kind are e-mail addresses.
pub(crate) fn is_email(kind: &str) -> bool {
    kind.split(['_', '-', ' ']).any(|part| part == "email" || part == "mail")
}

fn is_placeholder(text: &str) -> bool {
    let lower = text.to_lowercase();
    let sign_only = !lower.chars().any(char::is_alphanumeric);
    let zeros = lower.chars().all(|c| c == '0' || !c.is_alphanumeric());
    sign_only || zeros || PLACEHOLDERS.contains(&&*lower)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::take::clean;

    #[test]
    fn keys_have_one_form_and_stand_ins_are_none() {
        let read =
            |kind: &str, text: &str| key(kind, clean(text), DateFormat::DayMonthYear).map_err(|w| w.reason);
        for (kind, text, expected) in [
            ("email", "  Anna.Maria@Example.COM ", Some("anna.maria@example.com")),
            ("private_email", "A@B.no", Some("a@b.no")),
            ("email", "n/a", None),
            ("email", "see HR", None),
            ("email", "a@x.no, b@y.no", None),
            ("email", "Ann <a@x.no>", None),
            ("worker_number", " 0042 ", Some("0042")),
            ("worker_number", "0000", None),
            ("worker_number", "---", None),
            ("worker_number", "TBD", None),
            ("name", "Anna \u{a0} Mu\u{308}ller", Some("Anna Müller")),
            ("birth_date", "1.2.1980", Some("1980-02-01")),
        ] {
            assert_eq!(read(kind, text).unwrap().as_deref(), expected, "{kind} {text}");
        }
        for steered in ["Anna\u{202e}reldaM", "Anna\u{1b}[2J"] {
            assert!(
                read("name", steered).unwrap_err().starts_with("holds control characters"),
                "{steered:?}"
            );
        }
        assert_eq!(read("birth_date", "1.2.80"), Err("has a year of two digits".to_owned()));
    }
}
