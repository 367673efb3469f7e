//! One line of JSON as columns: nested keys joined with dots, each with one text, no value, or a fault.

use std::collections::BTreeMap;
use tenure_model::{Columns, FieldFault, RowError};

/// Replaces a damaged byte sequence before JSON is parsed. No text contains it: it is a noncharacter.
pub(crate) const DAMAGED_BYTES: char = '\u{fdd0}';
/// Replaces an unescaped control character, or half of a surrogate pair.
pub(crate) const DAMAGED_CHARACTER: char = '\u{fdd1}';

const HELP: &str = "write every key once, with a plain value, a list of plain values, or an object";
/// The help text for a line that is not one object.
pub(crate) const ONE_A_LINE: &str = "write one object a line";
/// The code of such a line.
pub(crate) const NOT_ONE: &str = "R03";

/// The value under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    /// `null`, `{}` or `[]`: no value, and no values below it.
    Blank,
    /// A plain value, or several joined.
    Text(String),
    /// An object with members.
    Group,
    /// A value that could not be read.
    Fault {
        /// Its code.
        code: &'static str,
        /// What is wrong.
        reason: String,
    },
}

/// The members of one line.
#[derive(Debug, Default)]
pub(crate) struct Flat {
    pub(crate) cells: BTreeMap<String, Cell>,
    /// Keys in the order of the line.
    pub(crate) order: Vec<String>,
    /// If the line is invalid JSON from some point on, the reason; what comes before was read.
    pub(crate) broken: Option<String>,
}

impl Flat {
    /// An empty row counts as no row.
    pub(crate) fn is_blank(&self) -> bool {
        let blank = |cell: &Cell| match cell {
            Cell::Blank | Cell::Group => true,
            Cell::Text(text) => text.trim().is_empty(),
            Cell::Fault { .. } => false,
        };
        self.broken.is_none() && self.cells.values().all(blank)
    }

    /// Adds a member; a second one under the same key makes both unreadable.
    pub(crate) fn put(&mut self, column: String, cell: Cell) {
        let cell = match self.cells.contains_key(&column) {
            false => {
                self.order.push(column.clone());
                cell
            }
            true => Cell::Fault { code: "R04", reason: "stands in the object twice".to_owned() },
        };
        self.cells.insert(column, cell);
    }

    /// The line ended early: the last member may be incomplete.
    pub(crate) fn broke(&mut self, reason: String) {
        if let Some(last) = self.order.last() {
            let fault = Cell::Fault { code: NOT_ONE, reason: format!("the line {reason}") };
            self.cells.insert(last.clone(), fault);
        }
        self.broken = Some(reason);
    }

    /// The texts of these columns, and the faults of those that have none.
    pub(crate) fn fields<'f>(
        &'f self,
        columns: &Columns,
        field_bytes_max: usize,
    ) -> (Vec<Option<&'f str>>, Vec<FieldFault>) {
        let mut faults = Vec::new();
        let texts = columns.names().iter().enumerate().map(|(i, name)| {
            let (text, wrong) = self.field(name);
            let help = |code| if code == NOT_ONE { ONE_A_LINE } else { HELP };
            let mut wrong = wrong.map(|(code, reason)| (code, text.map(shown), reason, help(code)));
            if let Some(long) = text.filter(|t| t.len() > field_bytes_max) {
                let reason = too_long(long.len(), field_bytes_max);
                wrong = Some(("R05", Some(shown(long)), reason, SHORTEN));
            }
            let Some((code, value, reason, help)) = wrong else { return text };
            faults.push(FieldFault { column: i, code, value, reason, help: help.to_owned() });
            None
        });
        (texts.collect(), faults)
    }

    /// The text of a column, and its fault.
    fn field(&self, name: &str) -> (Option<&str>, Option<(&'static str, String)>) {
        let above = name.match_indices('.').filter_map(|(i, _)| name.get(..i));
        for parent in above {
            match self.cells.get(parent) {
                Some(Cell::Fault { code, reason }) => return (None, Some((code, reason.clone()))),
                Some(Cell::Text(text)) if !text.trim().is_empty() && !self.cells.contains_key(name) => {
                    let reason = format!("is read from within `{parent}`, which is no object");
                    return (Some(text), Some(("R04", reason)));
                }
                _ => {}
            }
        }
        match self.cells.get(name) {
            Some(Cell::Text(text)) => (Some(text), damage(text)),
            Some(Cell::Group) => (None, Some(("R04", "is an object, and a plain value is read".to_owned()))),
            Some(Cell::Fault { code, reason }) => (None, Some((code, reason.clone()))),
            Some(Cell::Blank) => (None, None),
            None => (None, self.broken.as_ref().map(|reason| (NOT_ONE, format!("the line {reason}")))),
        }
    }

    /// Whether this column is blank because an object above it is blank.
    pub(crate) fn is_blank_above(&self, name: &str) -> bool {
        let mut above = name.match_indices('.').filter_map(|(i, _)| name.get(..i));
        above.any(|parent| match self.cells.get(parent) {
            Some(Cell::Blank) => true,
            Some(Cell::Text(text)) => text.is_empty(),
            _ => false,
        })
    }
}

/// A value for a message; damaged parts are shown as the replacement character.
fn shown(text: &str) -> String {
    RowError::shorten(text).replace([DAMAGED_BYTES, DAMAGED_CHARACTER], "\u{fffd}")
}

pub(crate) const SHORTEN: &str = "shorten it in the source";

pub(crate) fn too_long(bytes: usize, limit: usize) -> String {
    format!("the field has {bytes} bytes, the limit is {limit}")
}

fn damage(text: &str) -> Option<(&'static str, String)> {
    if text.contains(DAMAGED_BYTES) {
        return Some(("R02", "holds bytes that are not text in the encoding of the file".to_owned()));
    }
    let damaged = text.contains(DAMAGED_CHARACTER);
    damaged.then(|| ("R02", "holds an unescaped control character or half a character".to_owned()))
}
