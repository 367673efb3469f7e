//! Collects what is wrong with a row, each problem with its place, its value and what to do.

use super::take::Taken;
use std::borrow::Cow;
use std::sync::Arc;
use tenure_model::text::is_unprintable;
use tenure_model::{RawRecord, RowError, Where};

/// A code, its title, and what it means.
type Code = (&'static str, &'static str, &'static str);

/// The codes of everything that can be wrong with a feed (`F`) or a row (`R`), those of the reader included: code,
/// title, explanation.
#[must_use]
pub fn codes() -> &'static [(&'static str, &'static str, &'static str)] {
    CODES
}

const CODES: &[Code] = &[
    ("F01", "unreadable file", "The operating system does not give the file, in the words of the message."),
    ("F02", "file too large", "The file has more bytes than the reader allows."),
    (
        "F03",
        "empty snapshot",
        "The feed is the whole population and has no rows: if it were accepted, all people of the source would leave.",
    ),
    ("F04", "no header", "The file is empty; the first line must name the columns."),
    (
        "F05",
        "data instead of a header",
        "The first line holds addresses, numbers or dates and none of the mapped columns.",
    ),
    ("F06", "not text", "The first bytes are those of a packed file, a workbook or a PDF."),
    ("F07", "zero bytes", "Text has no zero bytes in the encoding in which the file was read."),
    ("F08", "unknown encoding", "The label is none of the WHATWG Encoding Standard."),
    ("F09", "wrong encoding", "More than half of the rows with letters beyond ASCII are damaged."),
    ("F10", "truncated file", "The file stops within a row, a quoted field or a letter: it is incomplete."),
    (
        "F11",
        "misplaced quote",
        "A quoted field ends in the middle of a field. Rows could be swallowed, so none is taken.",
    ),
    ("F12", "row too long", "A row has more bytes than the reader allows; often a quote is missing."),
    ("F13", "too many columns", "The header has more columns than the reader allows."),
    ("F14", "column named twice", "Two columns have one name, and the mapping could mean either."),
    (
        "F15",
        "mapped columns missing",
        "The header lost columns that the mapping reads; taken, they would all be blank.",
    ),
    ("F16", "wrong delimiter", "The header is one column at the declared delimiter and several at another."),
    ("F17", "no readable row", "Not one row fits the header and the encoding."),
    ("F18", "file changed", "The bytes that were read are not those that were inspected."),
    ("F19", "JSON array", "The file is one JSON array; JSON Lines has one object a line."),
    (
        "F20",
        "extraction time unreadable",
        "The source says where a feed tells when it was extracted, and it is not there or cannot be read.",
    ),
    (
        "F21",
        "feed out of order",
        "The feed was extracted before the last one that was taken: what it says has been overtaken.",
    ),
    (
        "F22",
        "extracted in the future",
        "The feed says that it was extracted more than a day from now; every later one would seem to be older.",
    ),
    ("R01", "wrong number of fields", "The row has more or fewer fields than the header."),
    ("R02", "damaged text", "The field holds bytes that the declared encoding does not have."),
    ("R03", "not JSON", "The line is not one JSON object."),
    (
        "R04",
        "JSON value without a single meaning",
        "A key stands twice, a list holds objects, or a number is inexact.",
    ),
    ("R05", "field too long", "The field has more bytes than the reader allows."),
    (
        "R06",
        "rows joined",
        "A field in quotes goes over lines that each look like a row: rows of others may be inside, so none counts as missing.",
    ),
    ("R10", "no key", "The cell from which the record's key is taken is blank."),
    ("R11", "unusable key", "The key has control characters or more than 256 bytes."),
    (
        "R12",
        "engagement type not declared",
        "The source may state only the engagement types that it declares.",
    ),
    (
        "R13",
        "not a date",
        "Dates are read only as the source declares them; two-digit years are never completed.",
    ),
    ("R14", "not a number", "The attribute is declared as a whole number."),
    ("R15", "not a yes or no", "The attribute is declared as a bool."),
    ("R16", "expression without an answer", "The expression of the mapping fails for this row."),
    ("R17", "not a time zone", "Time zones are names of the IANA database, such as `Europe/Berlin`."),
    ("R18", "no time zone", "Nothing says in which zone the dates of the row are."),
    ("R19", "ends before it begins", "The last day or the end is before the first day."),
    (
        "R20",
        "absence without a beginning",
        "An absence has an end and no first day, or ends before it begins.",
    ),
    (
        "R21",
        "key used twice",
        "Two rows of one feed have the same key: the first is taken, with the earliest end that any of them states.",
    ),
    (
        "R22",
        "unprintable text",
        "The text holds control characters or marks that turn its direction: what people would see is not what it says.",
    ),
    (
        "R23",
        "end missing",
        "The policy wants an end of this type of engagement (`[lifecycle] end_required`), and the row states none.",
    ),
    (
        "R24",
        "value of a spreadsheet",
        "The key is a number with lost digits or a second header, or the value is what a spreadsheet shows where a formula fails.",
    ),
];

/// The problems of one row.
pub(super) struct Problems<'a> {
    pub(super) file: &'a Arc<str>,
    pub(super) row: &'a RawRecord,
    pub(super) list: Vec<RowError>,
}

/// What is wrong with one value, before its place is known.
pub(super) struct ValueError {
    pub(super) code: &'static str,
    pub(super) value: Option<String>,
    pub(super) reason: String,
    pub(super) help: String,
}

impl ValueError {
    pub(super) fn new(
        code: &'static str,
        value: &str,
        reason: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { code, value: Some(RowError::shorten(value)), reason: reason.into(), help: help.into() }
    }
}

/// A text without line breaks and tabs; refused if it contains other control or formatting characters.
pub(super) fn printable(text: &str) -> Result<Cow<'_, str>, ValueError> {
    if !text.chars().any(is_unprintable) {
        return Ok(Cow::Borrowed(text));
    }
    let breaks = |c: char| matches!(c, '\n' | '\r' | '\t');
    if text.chars().any(|c| is_unprintable(c) && !breaks(c)) {
        let reason = "holds control characters or marks that turn the direction of text";
        return Err(ValueError::new("R22", text, reason, "remove them in the source"));
    }
    let parts: Vec<&str> = text.split(breaks).map(str::trim).filter(|p| !p.is_empty()).collect();
    Ok(Cow::Owned(parts.join(" ")))
}

impl Problems<'_> {
    /// Adds what the reader reports about the row as a whole: it may be readable, but is not accepted.
    pub(super) fn of_whole_row(&mut self) {
        let row = self.row;
        for fault in row.faults().iter().filter(|f| f.column >= row.columns().len()) {
            let wrong = ValueError {
                code: fault.code,
                value: fault.value.clone(),
                reason: fault.reason.clone(),
                help: fault.help.clone(),
            };
            self.add_row(wrong, true);
        }
    }
    /// Adds a problem at the column that `taken` reads.
    pub(super) fn add(&mut self, taken: &Taken, wrong: ValueError) {
        self.put(taken, wrong, false);
    }
    /// Adds a problem that may hide an end.
    pub(super) fn add_urgent(&mut self, taken: &Taken, wrong: ValueError) {
        self.put(taken, wrong, true);
    }
    /// Adds a problem of the row as a whole.
    pub(super) fn add_row(&mut self, wrong: ValueError, urgent: bool) {
        self.push(None, wrong, urgent);
    }
    fn put(&mut self, taken: &Taken, wrong: ValueError, urgent: bool) {
        let column = taken.column(self.row);
        self.push(column, wrong, urgent);
    }
    fn push(&mut self, column: Option<Arc<str>>, wrong: ValueError, urgent: bool) {
        let ValueError { code, value, reason, help } = wrong;
        let at = Where { file: self.file.clone(), line: self.row.line, column };
        self.list.push(RowError { code, at, value, reason, help, urgent, fields: Vec::new() });
    }
}
