//! The expected shape of a feed, what was found in it, and why a feed is refused as a whole.

use crate::{Columns, RowError};
use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;

/// How the rows of a feed are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedFormat {
    /// Separated values with a header.
    Separated {
        /// One ASCII character.
        delimiter: u8,
        /// One ASCII character; doubled inside a quoted field.
        quote: u8,
    },
    /// One JSON object a line.
    JsonLines,
}

/// Limits of a feed. Exceeding one is an error, never a truncation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedLimits {
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Bytes of one row, as UTF-8.
    pub row_bytes: u32,
    /// Columns of the header, or different keys of a JSON Lines file.
    pub columns: u32,
    /// Bytes of one field, as UTF-8.
    pub field_bytes: u32,
}

impl Default for FeedLimits {
    fn default() -> Self {
        Self { file_bytes: 4 << 30, row_bytes: 1 << 20, columns: 1_000, field_bytes: 64 << 10 }
    }
}

/// What a source declares about its feeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedShape {
    /// How rows are written.
    pub format: FeedFormat,
    /// Encoding by WHATWG label (`utf-8`, `utf-16le`, `latin1`); a byte order mark has precedence.
    pub encoding: Arc<str>,
    /// Whether a feed is the full population: then one without rows is refused.
    pub snapshot: bool,
    /// Columns that the source's mapping reads.
    pub required: Vec<Arc<str>>,
    /// Limits.
    pub limits: FeedLimits,
}

/// A feed that was read once and can be processed: nothing is wrong with the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// SHA-256 of the file's bytes: the same file again changes nothing.
    pub digest: [u8; 32],
    /// Bytes of the file.
    pub bytes: u64,
    /// Rows, unreadable ones included.
    pub rows: u64,
    /// Rows that cannot be read; reading the feed names each.
    pub unreadable: u64,
    /// The header; for JSON Lines every key of the file, in order of appearance.
    pub columns: Arc<Columns>,
    /// The encoding in which the file was read (WHATWG name).
    pub encoding: &'static str,
}

/// A feed refused as a whole: none of it is processed, nothing changes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {fault}")]
pub struct FeedError {
    /// The file, as its source names it.
    pub file: Arc<str>,
    /// What is wrong.
    pub fault: FeedFault,
}

/// A mapped column that is missing from the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingColumn {
    /// The column.
    pub name: Arc<str>,
    /// A similar column of the header.
    pub like: Option<Arc<str>>,
}

impl fmt::Display for MissingColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.name)?;
        match &self.like {
            Some(like) => write!(f, " (did you mean `{like}`?)"),
            None => Ok(()),
        }
    }
}

/// Why a feed is refused as a whole. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedFault {
    /// The operating system cannot read it.
    #[error("the file cannot be read: {reason}")]
    Unreadable {
        /// In the system's words.
        reason: String,
    },
    /// Larger than the limit.
    #[error("the file has {bytes} bytes, the limit is {limit}")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// A full population without rows.
    #[error("the feed is the whole population and has no rows")]
    Empty,
    /// There is no header.
    #[error("the file has no header: it is empty")]
    HeaderMissing,
    /// A row of data where the header should be.
    #[error("line 1 is a row of data, not a header: {first}")]
    HeaderIsData {
        /// The row, shortened.
        first: String,
    },
    /// A compressed file.
    #[error("the file is {what}, not text")]
    Packed {
        /// The format, from its first bytes.
        what: &'static str,
    },
    /// Zero bytes: not text, or text in a different encoding.
    #[error("line {line} holds a zero byte: the file is binary, or not in {encoding}")]
    Binary {
        /// Where.
        line: u64,
        /// What it was read as.
        encoding: &'static str,
    },
    /// An unknown encoding label.
    #[error("`{label}` is not an encoding")]
    EncodingUnknown {
        /// The label.
        label: String,
    },
    /// Too many rows are damaged for it to be an accident.
    #[error("{damaged} of {tried} rows with letters beyond ASCII are not {encoding} (first on line {line})")]
    EncodingWrong {
        /// What it was read as.
        encoding: &'static str,
        /// Rows with bytes that the encoding does not have.
        damaged: u64,
        /// Rows with any byte beyond ASCII.
        tried: u64,
        /// The first damaged row.
        line: u64,
    },
    /// The file ends early.
    #[error("the file stops in the middle of line {line}: {reason}")]
    Truncated {
        /// Where it ends.
        line: u64,
        /// How this was detected.
        reason: String,
    },
    /// Quotes are not balanced, so the beginnings of rows are not known.
    #[error("the quote that opens on line {opened} closes on line {line} and is followed by {after:?}")]
    QuoteMisplaced {
        /// Line on which the quoted field begins.
        opened: u64,
        /// Line on which it seems to end.
        line: u64,
        /// What follows.
        after: char,
    },
    /// A row over the limit.
    #[error("the row on line {line} has more than {limit} bytes")]
    RowTooLong {
        /// Line on which it begins.
        line: u64,
        /// The limit.
        limit: u32,
    },
    /// A header over the limit.
    #[error("the feed has {columns} columns, the limit is {limit}")]
    ColumnsTooMany {
        /// How many.
        columns: usize,
        /// The limit.
        limit: u32,
    },
    /// Two columns with the same name.
    #[error("the header names {} more than once", quoted(names))]
    ColumnsTwice {
        /// The names.
        names: Vec<Arc<str>>,
    },
    /// The header lacks columns that the mapping reads.
    #[error("the header has no {}; it has {}", listed(missing), quoted(present))]
    ColumnsMissing {
        /// The missing columns.
        missing: Vec<MissingColumn>,
        /// The present columns.
        present: Vec<Arc<str>>,
    },
    /// A different delimiter from the declared one.
    #[error("the header is one column when split at {declared:?}, but contains {found:?}: {header}")]
    DelimiterWrong {
        /// As declared.
        declared: char,
        /// The probable one.
        found: char,
        /// The header, shortened.
        header: String,
    },
    /// No row can be read.
    #[error("none of {rows} rows can be read; the first: {first}")]
    NothingReadable {
        /// How many.
        rows: u64,
        /// The first error.
        first: Box<RowError>,
    },
    /// JSON, but not one object for each line.
    #[error("the file is one JSON array{}, not one object a line", within.as_ref().map_or(String::new(), |k| format!(" under `{k}`")))]
    JsonArray {
        /// The key of the one object that the array is in.
        within: Option<Arc<str>>,
    },
    /// It does not state when it was extracted, although its source declares that it does.
    #[error("its extraction time is not known: {reason}")]
    ExtractionUnreadable {
        /// What is wrong.
        reason: String,
    },
    /// It was extracted before the last accepted one.
    #[error("it was extracted at {extracted}, before the last one that was taken, of {last}")]
    OutOfOrder {
        /// When this one was extracted.
        extracted: Timestamp,
        /// When the last one was extracted.
        last: Timestamp,
    },
    /// It was extracted in the future: every later feed would be older.
    #[error("it was extracted at {extracted}, and it is {now}")]
    ExtractionAhead {
        /// When it was extracted, as stated.
        extracted: Timestamp,
        /// The present time.
        now: Timestamp,
    },
    /// The file was changed while it was read.
    #[error("the file changed while it was read: {what}")]
    Changed {
        /// How this was detected.
        what: String,
    },
}

impl FeedFault {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "F01",
            Self::TooLarge { .. } => "F02",
            Self::Empty => "F03",
            Self::HeaderMissing => "F04",
            Self::HeaderIsData { .. } => "F05",
            Self::Packed { .. } => "F06",
            Self::Binary { .. } => "F07",
            Self::EncodingUnknown { .. } => "F08",
            Self::EncodingWrong { .. } => "F09",
            Self::Truncated { .. } => "F10",
            Self::QuoteMisplaced { .. } => "F11",
            Self::RowTooLong { .. } => "F12",
            Self::ColumnsTooMany { .. } => "F13",
            Self::ColumnsTwice { .. } => "F14",
            Self::ColumnsMissing { .. } => "F15",
            Self::DelimiterWrong { .. } => "F16",
            Self::NothingReadable { .. } => "F17",
            Self::Changed { .. } => "F18",
            Self::JsonArray { .. } => "F19",
            Self::ExtractionUnreadable { .. } => "F20",
            Self::OutOfOrder { .. } => "F21",
            Self::ExtractionAhead { .. } => "F22",
        }
    }
    /// What to do (`help:`).
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "check the path and the permissions of the file",
            Self::TooLarge { .. } | Self::RowTooLong { .. } | Self::ColumnsTooMany { .. } => {
                "split the feed, or look for what made it grow"
            }
            Self::Empty => "deliver the whole population again; a feed cannot end all people of its source",
            Self::HeaderMissing => "deliver the feed again, with the column names in the first line",
            Self::HeaderIsData { .. } => "put the column names into the first line",
            Self::Packed { .. } => "deliver it unpacked, as CSV or JSON Lines",
            Self::Binary { .. } => {
                "deliver text; for UTF-16 without a byte order mark set `encoding = \"utf-16le\"`"
            }
            Self::EncodingUnknown { .. } => "use a WHATWG label such as `utf-8`, `utf-16le` or `latin1`",
            Self::EncodingWrong { .. } => {
                "set the source's `encoding` to what the file is, often `latin1` or `windows-1252`"
            }
            Self::Truncated { .. } => {
                "deliver the feed again; write it under another name and rename it when it is complete"
            }
            Self::QuoteMisplaced { .. } => {
                "double the quotes inside quoted fields, and quote fields that hold a line break"
            }
            Self::ColumnsTwice { .. } => "give every column its own name",
            Self::ColumnsMissing { .. } => {
                "restore the columns, or change the source's mapping; in JSON Lines write null where there is no value"
            }
            Self::DelimiterWrong { .. } => "set the source's `delimiter`",
            Self::NothingReadable { .. } => {
                "compare the rows with the header and with the source's `delimiter` and `quote`"
            }
            Self::JsonArray { .. } => {
                "write every object on its own line, without commas between them (`jq -c '.[]'`, or `jq -c '.data[]'` where the array is under `data`)"
            }
            Self::ExtractionUnreadable { .. } => {
                "let the export write when it was made, as 2026-03-31T06:00:00Z, in every row or in the file's name"
            }
            Self::OutOfOrder { .. } => "deliver the latest export; older ones are never needed",
            Self::ExtractionAhead { .. } => {
                "set the clock of the exporting system, and deliver the feed again"
            }
            Self::Changed { .. } => {
                "run it again; write feeds under another name and rename them when they are complete"
            }
        }
    }
}

fn quoted(names: &[Arc<str>]) -> String {
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}

fn listed(missing: &[MissingColumn]) -> String {
    missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
