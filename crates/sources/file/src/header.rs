//! Judges the first line of separated values: whether it is a header, and whether it still has what is mapped.

use crate::separated::Row;
use std::sync::Arc;
use tenure_model::{Columns, FeedFault, FeedShape, MissingColumn, RowError};

/// Delimiters that are tried in a message when the declared one splits nothing.
const USUAL_DELIMITERS: [u8; 4] = *b",;\t|";
/// From this likeness (Jaro-Winkler, 0 to 1) on, a column is offered for a missing one.
const LIKE_FROM: f64 = 0.75;

/// The columns of a header, or why the feed is refused.
pub(crate) fn columns(
    row: &Row,
    delimiter: u8,
    shape: &FeedShape,
    encoding: &'static str,
) -> Result<Columns, FeedFault> {
    let Ok(text) = std::str::from_utf8(&row.text) else {
        return Err(FeedFault::EncodingWrong { encoding, damaged: 1, tried: 1, line: row.line });
    };
    let names: Vec<String> =
        (0..row.ends.len()).map(|i| String::from_utf8_lossy(row.field(i)).trim().to_owned()).collect();
    if names.len() == 1
        && let Some(found) = USUAL_DELIMITERS.iter().find(|d| **d != delimiter && row.text.contains(d))
    {
        let (declared, found) = (char::from(delimiter), char::from(*found));
        return Err(FeedFault::DelimiterWrong { declared, found, header: RowError::shorten(text) });
    }
    let known = names.iter().any(|n| shape.required.iter().any(|r| **r == **n));
    if !known && names.iter().any(|n| looks_like_data(n)) {
        let first = names.join(&String::from(char::from(delimiter)));
        return Err(FeedFault::HeaderIsData { first: RowError::shorten(&first) });
    }
    let columns = Columns::new(&names);
    check(&columns, shape)?;
    Ok(columns)
}

/// What holds for the columns of both formats.
pub(crate) fn check(columns: &Columns, shape: &FeedShape) -> Result<(), FeedFault> {
    if columns.len() > shape.limits.columns as usize {
        return Err(FeedFault::ColumnsTooMany { columns: columns.len(), limit: shape.limits.columns });
    }
    // A nameless column (a delimiter at the end of each line) cannot be mapped and does no harm.
    let named = || columns.names().iter().enumerate().filter(|(_, n)| !n.is_empty());
    let mut twice: Vec<Arc<str>> =
        named().filter(|(i, n)| columns.index(n) != Some(*i)).map(|(_, n)| n.clone()).collect();
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
    Err(FeedFault::ColumnsMissing { missing, present: named().map(|(_, n)| n.clone()).collect() })
}

/// The column that looks most like a missing one, among those that nothing else reads.
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
