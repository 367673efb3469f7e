//! Reads one value from a row, with the columns resolved once for a feed.

use super::problems::ValueError;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{Columns, FieldFault, RawRecord, Value};
use tenure_policy::{Condition, Expression, Inputs, Take};

/// Where a value comes from.
#[derive(Debug)]
pub(super) enum Taken {
    /// The column at this index.
    Column(usize),
    /// Always this value.
    Constant(Arc<str>),
    /// An expression over the row.
    Cel(Expression),
}

/// The value that was read.
pub(super) enum Got<'r> {
    Blank,
    /// Trimmed, in NFC, not empty.
    Text(Cow<'r, str>),
    /// A result of an expression that is not text.
    Value(Value),
}

impl Got<'_> {
    /// As text, for the few places that need nothing else.
    pub(super) fn into_text(self) -> Option<String> {
        match self {
            Self::Blank => None,
            Self::Text(text) => Some(text.into_owned()),
            Self::Value(value) => Some(value.to_string()),
        }
    }
}

impl Taken {
    /// Resolves columns; missing ones are added to `missing`.
    pub(super) fn new(take: &Take, columns: &Columns, missing: &mut BTreeSet<Arc<str>>) -> Self {
        match take {
            Take::Column(name) => match columns.index(name) {
                Some(i) => Self::Column(i),
                None => {
                    missing.insert(name.clone());
                    Self::Constant(Arc::from(""))
                }
            },
            Take::Constant(text) => Self::Constant(text.clone()),
            Take::Cel(expression) => {
                let reads = expression.reads().columns.iter();
                missing.extend(reads.filter(|c| columns.index(c).is_none()).cloned());
                Self::Cel(expression.clone())
            }
        }
    }
    pub(super) fn get<'r>(&'r self, row: &'r RawRecord) -> Result<Got<'r>, ValueError> {
        match self {
            Self::Column(i) => match row.fault(*i) {
                None => Ok(clean(row.at(*i).unwrap_or_default())),
                Some(fault) => Err(damaged(fault)),
            },
            Self::Constant(text) => Ok(clean(text)),
            Self::Cel(expression) => {
                whole(expression.reads().columns.iter(), row)?;
                let inputs = Inputs { row: Some(row), ..Inputs::default() };
                match expression.value(&inputs) {
                    Ok(None) => Ok(Got::Blank),
                    Ok(Some(Value::Text(text))) => Ok(match clean(&text) {
                        Got::Text(text) => Got::Text(Cow::Owned(text.into_owned())),
                        _ => Got::Blank,
                    }),
                    Ok(Some(value)) => Ok(Got::Value(value)),
                    Err(problem) => Err(no_answer(&problem)),
                }
            }
        }
    }
    /// The column to name in a message: `None` if an expression reads several.
    pub(super) fn column(&self, row: &RawRecord) -> Option<Arc<str>> {
        match self {
            Self::Column(i) => row.columns().names().get(*i).cloned(),
            Self::Constant(_) => None,
            Self::Cel(expression) => {
                let columns = &expression.reads().columns;
                columns.first().filter(|_| columns.len() == 1).cloned()
            }
        }
    }
}

/// Whether a condition over the row holds; `false` without a condition.
pub(super) fn holds(condition: Option<&Condition>, row: &RawRecord) -> Result<bool, ValueError> {
    if let Some(condition) = condition {
        whole(condition.reads().columns.iter(), row)?;
    }
    let inputs = Inputs { row: Some(row), ..Inputs::default() };
    condition.map_or(Ok(false), |c| c.holds(&inputs).map_err(|problem| no_answer(&problem)))
}

/// Whether all fields that an expression reads could be read.
fn whole<'c>(mut columns: impl Iterator<Item = &'c Arc<str>>, row: &RawRecord) -> Result<(), ValueError> {
    if row.faults().is_empty() {
        return Ok(());
    }
    columns.find_map(|c| row.fault(row.columns().index(c)?)).map_or(Ok(()), |fault| Err(damaged(fault)))
}

fn damaged(fault: &FieldFault) -> ValueError {
    let FieldFault { code, value, reason, help, .. } = fault.clone();
    ValueError { code, value, reason, help }
}

fn no_answer(problem: &tenure_policy::Problem) -> ValueError {
    let help = "repair the row, or let the expression allow for it".to_owned();
    ValueError { code: "R16", value: None, reason: format!("has no answer: {problem}"), help }
}

/// Invisible characters at the ends of a cell: white space, byte order marks in the middle of joined files, and characters without
/// width.
fn is_nothing(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{ad}' | '\u{200e}' | '\u{200f}')
}

/// Trims, and composes letters and marks (NFC), so that `é` typed in two ways is one value.
pub(super) fn clean(text: &str) -> Got<'_> {
    let text = text.trim_matches(is_nothing);
    if text.is_empty() {
        return Got::Blank;
    }
    let composed = text.is_ascii()
        || unicode_normalization::is_nfc_quick(text.chars()) == unicode_normalization::IsNormalized::Yes;
    if composed {
        return Got::Text(Cow::Borrowed(text));
    }
    Got::Text(Cow::Owned(unicode_normalization::UnicodeNormalization::nfc(text).collect()))
}
