//! One row of a source: as it was read, as it was understood, and what became of it.

use crate::{AttributeName, EngagementType, LocalEnd, RecordKey, SourceName, Timeline, Value, Zone};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Where in a feed something stands, for messages and evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Where {
    /// The file as its source names it.
    pub file: Arc<str>,
    /// Line, from 1 (the line on which the record begins).
    pub line: u64,
    /// Column or field, where one is meant.
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

/// The columns of a feed, shared by all its rows: names in order, and where each stands.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Columns {
    names: Vec<Arc<str>>,
    index: BTreeMap<Arc<str>, usize>,
}

impl Columns {
    /// Columns in the order of the header. Of two with one name the first is found; readers refuse such headers.
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
    /// Where a column stands, from 0.
    #[must_use]
    pub fn index(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }
    /// How many there are.
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

/// Marks, in [`RawRecord`]'s ends, a field that the row does not have.
const ABSENT: u32 = 1 << 31;

/// A field that the reader could not make one text of. The rest of its row is what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// Its column, from 0. Beyond the last one: it is of the row as a whole, which can be read and is not to be taken.
    pub column: usize,
    /// Stable code, for example `R05`.
    pub code: &'static str,
    /// What stands there, shortened.
    pub value: Option<String>,
    /// What is wrong with it.
    pub reason: String,
    /// What to do.
    pub help: String,
}

/// A row as it was read: texts by column, in the order of the header. All fields lie in one buffer, because a feed
/// of 100,000 rows and 50 columns would otherwise be five million small texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRecord {
    /// Line on which it begins, from 1.
    pub line: u64,
    columns: Arc<Columns>,
    text: String,
    /// Where each field ends in `text`; [`ABSENT`] is set where there is no field (JSON Lines: no such key, or null).
    ends: Vec<u32>,
    /// Fields that could not be read, by column. Nearly always none.
    faults: Vec<FieldFault>,
}

impl RawRecord {
    /// A row from its fields; those beyond the last given one are absent.
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
    /// A row from one buffer that holds all fields, one after the other without separator, and the byte at which each
    /// field ends. `None` where the ends are not one per column, not in order, beyond 2 GiB, or not between characters.
    #[must_use]
    pub fn from_parts(line: u64, columns: Arc<Columns>, text: String, ends: Vec<u32>) -> Option<Self> {
        let last = ends.last().map_or(0, |e| *e as usize);
        let in_order = ends.is_sorted() && last == text.len() && last < ABSENT as usize;
        // ASCII texts, which most rows are, have a character boundary everywhere.
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
    /// What is wrong with the field of a column, where it could not be read.
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
    /// The text of a column; `None` where the row has no such field.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&str> {
        self.at(self.columns.index(column)?)
    }
    /// The text of the column that stands at `index` (from 0, see [`Columns::index`]).
    #[must_use]
    pub fn at(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        if end & ABSENT != 0 {
            return None;
        }
        let start = index.checked_sub(1).and_then(|i| self.ends.get(i)).map_or(0, |e| e & !ABSENT);
        self.text.get(start as usize..end as usize)
    }
    /// All fields as one text, and the byte at which each ends (with a mark on absent ones): what a digest of the
    /// row is made of. Two rows under one header are alike exactly when both parts are.
    #[must_use]
    pub fn parts(&self) -> (&str, &[u32]) {
        (&self.text, &self.ends)
    }
}

/// What is wrong with a row, or with one field of it: enough for its owner to repair it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// Stable code, for example `R05`.
    pub code: &'static str,
    /// File, line and, where one is meant, column.
    pub at: Where,
    /// What stands there, shortened to [`RowError::VALUE_CHARS_MAX`] characters.
    pub value: Option<String>,
    /// What is wrong with it.
    pub reason: String,
    /// What to do.
    pub help: String,
    /// An end, an absence or a withdrawal cannot be read: somebody may keep access for too long, so it escalates at once.
    pub urgent: bool,
    /// The fields of a row that has another number of them than its header; empty elsewhere.
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

/// A row after mapping: what the source says of one engagement (or, where it has authority over attributes
/// only, of one identity).
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
    /// The source says that the engagement never began or never will.
    pub withdrawn: bool,
    /// Strong and fuzzy matching material: kind of key (`worker_number`, `e-mail`, …) and value.
    pub keys: BTreeMap<Arc<str>, Arc<str>>,
    /// Attribute values with effective dates. An empty timeline says "no value" (a blank cell that counts); an attribute
    /// that is not here is not spoken of, and its last value stays.
    pub attributes: BTreeMap<AttributeName, Timeline<Value>>,
    /// Attributes that have no value from a local day on: a blank cell with an effective date. They are not in `attributes`.
    pub cleared: BTreeMap<AttributeName, Date>,
    /// Digest of the raw row (SHA-256): equal digests need no second look.
    pub digest: [u8; 32],
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordState {
    /// Applied to its identity.
    Taken,
    /// Waits for somebody to say whose it is; grants nothing.
    Asked,
    /// Could not be understood; present, not missing.
    Quarantined,
    /// A brake holds its change.
    Held,
    /// A brake holds the part of its change that could be read; the rest is in quarantine.
    HeldInPart,
    /// A brake holds its change, which follows from another mapping of the same row.
    HeldReread,
    /// Was not in the last whole feed.
    Missing,
}
