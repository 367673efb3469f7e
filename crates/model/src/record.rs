//! One row of a source: as read, as interpreted, and its result.

use crate::{AttributeName, EngagementType, LocalEnd, RecordKey, SourceName, Timeline, Value, Zone};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A place in a feed, for messages and evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Where {
    /// The file, as its source names it.
    pub file: Arc<str>,
    /// Line, from 1 (the line on which the record begins).
    pub line: u64,
    /// Column or field, if one is meant.
    pub column: Option<Arc<str>>,
}

impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        match &self.column {
            Some(c) => write!(f, " column `{c}`"),
            None => Ok(()),
        }
    }
}

/// The columns of a feed, shared by all its rows: names in order, and their index.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Columns {
    names: Vec<Arc<str>>,
    index: BTreeMap<Arc<str>, usize>,
}

impl Columns {
    /// Columns in the order of the header. Of two with the same name the first is found; readers refuse such headers.
    pub fn new<I: IntoIterator<Item = S>, S: AsRef<str>>(names: I) -> Self {
        let names: Vec<Arc<str>> = names.into_iter().map(|n| Arc::from(n.as_ref())).collect();
        let mut index = BTreeMap::new();
        for (i, n) in names.iter().enumerate() {
            index.entry(n.clone()).or_insert(i);
        }
        Self { names, index }
    }
    /// The names, in order.
    #[must_use]
    pub fn names(&self) -> &[Arc<str>] {
        &self.names
    }
    /// The index of a column, from 0.
    #[must_use]
    pub fn index(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }
    /// Number of columns.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// Marks, in [`RawRecord`]'s ends, a missing field.
const ABSENT: u32 = 1 << 31;

/// A field that the reader could not read as text. The rest of its row is not affected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// Its column, from 0. An index after the last column means the row as a whole, which is readable but must not be accepted.
    pub column: usize,
    /// Stable code, for example `R05`.
    pub code: &'static str,
    /// Its value, shortened.
    pub value: Option<String>,
    /// What is wrong with it.
    pub reason: String,
    /// What to do.
    pub help: String,
}

/// A row as read: texts by column, in the order of the header. All fields are in one buffer, because a feed of 100,000 rows and 50
/// columns would otherwise be five million small texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRecord {
    /// Line on which it begins, from 1.
    pub line: u64,
    columns: Arc<Columns>,
    text: String,
    /// Where each field ends in `text`; [`ABSENT`] is set for a missing field (JSON Lines: no such key, or null).
    ends: Vec<u32>,
    /// Fields that could not be read, by column. Almost always empty.
    faults: Vec<FieldFault>,
}

impl RawRecord {
    /// A row from its fields; those after the last given one are missing.
    #[must_use]
    pub fn new<'a, I: IntoIterator<Item = Option<&'a str>>>(
        line: u64,
        columns: Arc<Columns>,
        fields: I,
    ) -> Self {
        let mut row = Self {
            line,
            text: String::new(),
            ends: Vec::with_capacity(columns.len()),
            columns,
            faults: Vec::new(),
        };
        for field in fields.into_iter().take(row.columns.len()) {
            row.text.push_str(field.unwrap_or_default());
            let end = u32::try_from(row.text.len()).unwrap_or(u32::MAX) & !ABSENT;
            row.ends.push(if field.is_some() { end } else { end | ABSENT });
        }
        row
    }
    /// A row from one buffer with all fields, one after the other without separator, and the byte at which each field ends. `None` if
    /// the ends are not one per column, not in order, beyond 2 GiB, or not between characters.
    #[must_use]
    pub fn from_parts(line: u64, columns: Arc<Columns>, text: String, ends: Vec<u32>) -> Option<Self> {
        let last = ends.last().map_or(0, |e| *e as usize);
        let in_order = ends.is_sorted() && last == text.len() && last < ABSENT as usize;
        // ASCII texts (most rows) have a character boundary everywhere.
        let whole = text.is_ascii() || ends.iter().all(|e| text.is_char_boundary(*e as usize));
        (ends.len() == columns.len() && in_order && whole).then_some(Self {
            line,
            columns,
            text,
            ends,
            faults: Vec::new(),
        })
    }
    /// The same row with fields that could not be read.
    #[must_use]
    pub fn with_faults(self, faults: Vec<FieldFault>) -> Self {
        Self { faults, ..self }
    }
    /// The fault of a column's field, if it could not be read.
    #[must_use]
    pub fn fault(&self, index: usize) -> Option<&FieldFault> {
        self.faults.iter().find(|f| f.column == index)
    }
    /// The fields that could not be read.
    #[must_use]
    pub fn faults(&self) -> &[FieldFault] {
        &self.faults
    }
    /// The header, shared by all rows of a feed.
    #[must_use]
    pub fn columns(&self) -> &Arc<Columns> {
        &self.columns
    }
    /// The text of a column; `None` if the row has no such field.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&str> {
        self.at(self.columns.index(column)?)
    }
    /// The text of the column at `index` (from 0, see [`Columns::index`]).
    #[must_use]
    pub fn at(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        if end & ABSENT != 0 {
            return None;
        }
        let start = index.checked_sub(1).and_then(|i| self.ends.get(i)).map_or(0, |e| e & !ABSENT);
        self.text.get(start as usize..end as usize)
    }
    /// All fields as one text, and the byte at which each ends (missing ones are marked): the input of a row's digest. Two rows under
    /// one header are equal exactly if both parts are equal.
    #[must_use]
    pub fn parts(&self) -> (&str, &[u32]) {
        (&self.text, &self.ends)
    }
}

/// What is wrong with a row, or with one of its fields: enough for its owner to correct it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// Stable code, for example `R05`.
    pub code: &'static str,
    /// File, line and, if one is meant, column.
    pub at: Where,
    /// The value, shortened to [`RowError::VALUE_CHARS_MAX`] characters.
    pub value: Option<String>,
    /// What is wrong with it.
    pub reason: String,
    /// What to do.
    pub help: String,
    /// An end, an absence or a withdrawal cannot be read: access may last too long, so it escalates at once.
    pub urgent: bool,
    /// The fields of a row whose number differs from the header; otherwise empty.
    pub fields: Vec<Box<str>>,
}

impl RowError {
    /// Longest value that is repeated in a message, in characters.
    pub const VALUE_CHARS_MAX: usize = 80;

    /// Shortens a value for a message.
    #[must_use]
    pub fn shorten(value: &str) -> String {
        let mut short: String = value.chars().take(Self::VALUE_CHARS_MAX).collect();
        if short.len() < value.len() {
            short.push('…');
        }
        short
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.at)?;
        if let Some(value) = &self.value {
            write!(f, "{value:?} ")?;
        }
        write!(f, "{}", self.reason)
    }
}

impl std::error::Error for RowError {}

/// A row after mapping: what the source states about one engagement (or, if it has authority over attributes only, about one
/// identity).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NormalRecord {
    /// The source.
    pub source: SourceName,
    /// Its key within the source.
    pub key: RecordKey,
    /// Type of engagement; `None` for a source that only contributes attributes.
    pub engagement: Option<EngagementType>,
    /// First local day.
    pub start: Option<Date>,
    /// Last working day.
    pub last_day: Option<LocalEnd>,
    /// End of the contract.
    pub end: Option<LocalEnd>,
    /// The zone of its dates.
    pub zone: Zone,
    /// Absences that it states: first day, last day.
    pub absences: Vec<crate::Absence>,
    /// The source states that the engagement never began or never will.
    pub withdrawn: bool,
    /// Strong and fuzzy matching keys: kind of key (`worker_number`, `e-mail`, …) and value.
    pub keys: BTreeMap<Arc<str>, Arc<str>>,
    /// Attribute values with effective dates. An empty timeline states "no value" (a blank cell that counts). An attribute that is
    /// missing here is not stated, and its last value stays.
    pub attributes: BTreeMap<AttributeName, Timeline<Value>>,
    /// Attributes that have no value from a local day on: a blank cell with an effective date. They are not in `attributes`.
    pub cleared: BTreeMap<AttributeName, Date>,
    /// Digest of the raw row (SHA-256): a row with an equal digest is not processed again.
    pub digest: [u8; 32],
}

/// Result of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordState {
    /// Applied to its identity.
    Taken,
    /// Waits for a person to decide whose it is; grants nothing.
    Asked,
    /// Could not be interpreted; present, not missing.
    Quarantined,
    /// A brake holds its change.
    Held,
    /// A brake holds the part of its change that could be read; the rest is in quarantine.
    HeldInPart,
    /// A brake holds its change, which follows from another mapping of the same row.
    HeldReread,
    /// Was not in the last full feed.
    Missing,
}
