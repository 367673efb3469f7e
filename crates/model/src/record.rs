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

/// A row as it was read: texts by column, in the order of the header, which all rows share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRecord {
    /// Line on which it begins, from 1.
    pub line: u64,
    /// The header, shared by all rows of a feed.
    pub columns: Arc<[Arc<str>]>,
    /// One text per column; `None` where the row has no such field (JSON Lines) or null.
    pub fields: Vec<Option<Arc<str>>>,
}

impl RawRecord {
    /// The text of a column.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&str> {
        let i = self.columns.iter().position(|c| &**c == column)?;
        self.fields.get(i)?.as_deref()
    }
}

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
    /// Attribute values with effective dates.
    pub attributes: BTreeMap<AttributeName, Timeline<Value>>,
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
    /// Was not in the last whole feed.
    Missing,
}
