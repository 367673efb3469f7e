//! Checks the first line of separated values: whether it is a header, and whether it still has the mapped columns.

use crate::separated::Row;
use std::sync::Arc;
use tenure_model::{Columns, FeedFault, FeedFormat, FeedShape, MissingColumn, RowError};

/// Delimiters that are tried for a message if the declared one splits nothing.
const USUAL_DELIMITERS: [u8; 4] = *b",;\t|";
/// Similarity (Jaro-Winkler, 0 to 1) from which a column is suggested for a missing one.
const LIKE_FROM: f64 = 0.75;

/// The columns of a header, or why the feed is refused.
pub(crate) fn columns(
    row: &Row,
    delimiter: u8,
    shape: &FeedShape,
    encoding: &'static str,
) -> Result<Columns, FeedFault> {
    if row.text.contains(&0) {
        return Err(FeedFault::Binary { line: row.line, encoding });
    }
    let Ok(text) = std::str::from_utf8(&row.text) else {
        return Err(FeedFault::EncodingWrong { encoding, damaged: 1, tried: 1, line: row.line });
    };
    let names: Vec<String> = (0..row.ends.len())
        .map(|i| String::from_utf8_lossy(row.field(i)).trim_matches(is_nothing).to_owned())
        .collect();
    let is_mapped = |n: &str| shape.required.iter().any(|r| **r == *n);
    if names.len() == 1
        && let Some(found) = USUAL_DELIMITERS.iter().find(|d| **d != delimiter && row.text.contains(d))
    {
        // A line that is not a header of this source may be any file, even one of secrets: it is not quoted.
        let mut parts = text.split(char::from(*found)).map(|n| n.trim_matches(is_nothing).trim_matches('"'));
        let known = parts.any(is_mapped);
        let header = if known { RowError::shorten(text) } else { NOT_SHOWN.to_owned() };
        let (declared, found) = (char::from(delimiter), char::from(*found));
        return Err(FeedFault::DelimiterWrong { declared, found, header });
    }
    let known = names.iter().any(|n| shape.required.iter().any(|r| **r == **n));
    if !known && names.iter().any(|n| looks_like_data(n)) {
        let first = names.join(&String::from(char::from(delimiter)));
        let first = if names.len() > 1 { RowError::shorten(&first) } else { NOT_SHOWN.to_owned() };
        return Err(FeedFault::HeaderIsData { first });
    }
    let columns = Columns::new(&names);
    check(&columns, shape)?;
    Ok(columns)
}

/// Checks for the columns of both formats.
pub(crate) fn check(columns: &Columns, shape: &FeedShape) -> Result<(), FeedFault> {
    let is_header = matches!(shape.format, FeedFormat::Separated { .. });
    if is_header && columns.len() > shape.limits.columns as usize {
        return Err(FeedFault::ColumnsTooMany { columns: columns.len(), limit: shape.limits.columns });
    }
    // A nameless column (a delimiter at the end of each line) cannot be mapped and does no harm.
    let named = || columns.names().iter().enumerate().filter(|(_, n)| !n.is_empty());
    // Two columns of the same name that are not mapped do no harm.
    let mut twice: Vec<Arc<str>> = named()
        .filter(|(i, n)| columns.index(n) != Some(*i) && shape.required.contains(n))
        .map(|(_, n)| n.clone())
        .collect();
    twice.sort();
    twice.dedup();
    if !twice.is_empty() {
        return Err(FeedFault::ColumnsTwice { names: twice });
    }
    let missing: Vec<MissingColumn> = shape
        .required
        .iter()
        .filter(|r| columns.index(r).is_none())
        .map(|name| MissingColumn { name: name.clone(), like: like(name, columns, shape) })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let present: Vec<Arc<str>> = named().map(|(_, n)| n.clone()).collect();
    // A single unmapped column is no header, and possibly a file of secrets: it is not quoted.
    let is_other = present.len() == 1
        && missing.len() == shape.required.len()
        && missing.iter().all(|m| m.like.is_none());
    let present = if is_other { vec![Arc::from(NOT_SHOWN)] } else { present };
    Err(FeedFault::ColumnsMissing { missing, present })
}

/// Replaces text that is not quoted in messages.
const NOT_SHOWN: &str = "(not shown)";

/// White space, and invisible characters at the ends of a name: byte order marks in the middle of files, zero-width spaces.
fn is_nothing(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}')
}

/// Whether a missing column was renamed: within the same object there is a similar column that is not mapped.
pub(crate) fn renamed(name: &str, columns: &Columns, shape: &FeedShape) -> bool {
    let parent = |n: &str| n.rsplit_once('.').map_or(String::new(), |(p, _)| p.to_owned());
    let last = |n: &str| n.rsplit('.').next().unwrap_or_default().to_lowercase();
    let mut beside =
        columns.names().iter().filter(|n| parent(n) == parent(name) && !shape.required.contains(n));
    beside.any(|n| strsim::jaro_winkler(&last(name), &last(n)) >= LIKE_FROM)
}

/// The column most similar to a missing one, among those that are not mapped.
fn like(name: &str, columns: &Columns, shape: &FeedShape) -> Option<Arc<str>> {
    let plain = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let wanted = plain(name);
    let free = columns.names().iter().filter(|n| !n.is_empty() && !shape.required.contains(n));
    free.map(|n| (strsim::jaro_winkler(&wanted, &plain(n)), n))
        .filter(|(likeness, _)| *likeness >= LIKE_FROM)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, n)| n.clone())
}

/// Column names are words; e-mail addresses, numbers and dates are not.
fn looks_like_data(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    text.contains('@') || (digits > 0 && text.chars().all(|c| c.is_ascii_digit() || "-./: ".contains(c)))
}
