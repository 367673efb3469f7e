//! The entry is the leaf of the log: one line of canonical JSON that an auditor can read and that identifies no person.

use crate::commitment::Commitment;
use crate::text;
use crate::tree::Hash;
use jiff::Timestamp;
use serde::Deserialize;
use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;
use thiserror::Error;
use uuid::Uuid;

/// The version that is written.
const VERSION: u64 = 1;

/// Maximum length of a label in characters.
pub const MAX_LABEL_CHARS: usize = 64;

/// Maximum size of an entry in bytes; the longest possible one is smaller.
pub const MAX_ENTRY_LINE_BYTES: usize = 2048;

/// Maximum length of a log's name in an entry, in bytes.
pub const MAX_ORIGIN_BYTES: usize = 256;

/// The earliest and the latest time of an entry, in microseconds since 1970: the year 1, and two days before the end of the year 9999,
/// so that every time zone can display it.
pub const TIMES: RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_128_000_000_000;

/// A short name made of `a`–`z`, `0`–`9`, `.`, `-` and `_`, beginning with a letter. It cannot contain free text, so no personal data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Label(Cow<'static, str>);

impl Label {
    /// A label from a text.
    ///
    /// # Errors
    /// When the text has other characters or more than [`MAX_LABEL_CHARS`].
    pub fn new(text: impl Into<Cow<'static, str>>) -> Result<Self, EntryError> {
        let text = text.into();
        let rest = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_');
        let fits = text.len() <= MAX_LABEL_CHARS && text.bytes().all(rest);
        if fits && text.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Ok(Self(text));
        }
        Err(EntryError::Label { text: text.chars().take(MAX_LABEL_CHARS).collect() })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The head of another log that this one continues: the database was restored to an earlier state, so entries after their common
/// beginning are missing here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OldHead {
    /// The name of that log.
    pub origin: String,
    /// The number of its entries.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

/// The public part of one decision in the log. The identity that it is about, and all other personal data, are behind the commitment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// What happened, such as `case.opened`.
    pub kind: Label,
    /// When, in microseconds since 1970-01-01 UTC, in business time.
    pub at: i64,
    /// The content hash of the configuration that decided; `None` before the first one is active.
    pub setup: Option<[u8; 32]>,
    /// Whether the run was given its time with `--now`.
    pub with_now: bool,
    /// The role of the acting person, such as `approver`; `None` if Tenure acted by itself.
    pub role: Option<Label>,
    /// The case that it belongs to.
    pub case: Option<[u8; 16]>,
    /// The task that it belongs to.
    pub task: Option<[u8; 16]>,
    /// Represents the personal part.
    pub commitment: Commitment,
    /// The head of the log that this one continues, in the first entry of a new origin.
    pub continues: Option<OldHead>,
}

/// Why an entry cannot be written or read.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum EntryError {
    /// Not a label.
    #[error(
        "{text:?} is not a label: 1 to {MAX_LABEL_CHARS} of a-z, 0-9, '.', '-', '_', beginning with a letter"
    )]
    Label {
        /// The text, truncated to the longest label.
        text: String,
    },
    /// The time cannot be written as a date.
    #[error("{micros} microseconds since 1970 is not within the years 1 to 9999")]
    Time {
        /// The time.
        micros: i64,
    },
    /// The entry is longer than any entry can be.
    #[error("the entry has {bytes} bytes, the limit is {MAX_ENTRY_LINE_BYTES}")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// Not the JSON of an entry.
    #[error("the entry is not readable: {why}")]
    Json {
        /// The JSON reader's message.
        why: String,
    },
    /// Written by a newer version.
    #[error("the entry is in format {found}, this program reads format {VERSION}")]
    Version {
        /// The format.
        found: u64,
    },
    /// A field has a value that it cannot have.
    #[error("field {field:?} of the entry is not {expected}")]
    Field {
        /// The field.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// Readable, but not in the canonical form of entries.
    #[error("the entry is not in its canonical form: order of fields, spaces or spelling differ")]
    NotCanonical,
}

/// The fields as in JSON. Values are checked afterwards, so that errors can state what they should be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(rename = "v")]
    _version: u64,
    kind: Cow<'a, str>,
    at: Cow<'a, str>,
    setup: Option<Cow<'a, str>>,
    with_now: Option<bool>,
    role: Option<Cow<'a, str>>,
    case: Option<Cow<'a, str>>,
    task: Option<Cow<'a, str>>,
    commitment: Cow<'a, str>,
    continues: Option<OldLine<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OldLine<'a> {
    origin: Cow<'a, str>,
    size: u64,
    root: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Versioned {
    v: u64,
}

impl Entry {
    /// The leaf: one line of JSON without a newline, fields in fixed order, absent ones left out, the time in UTC with six decimals.
    ///
    /// # Errors
    /// When the time cannot be written as a date, or the name of the log that it continues does not fit.
    pub fn encode(&self) -> Result<Vec<u8>, EntryError> {
        let outside = EntryError::Time { micros: self.at };
        let at =
            Timestamp::from_microsecond(self.at).ok().filter(|_| TIMES.contains(&self.at)).ok_or(outside)?;
        let mut line = format!(r#"{{"v":{VERSION},"kind":"{}","at":"{at:.6}""#, self.kind);
        let mut field = |name: &str, value: &str| {
            for part in [",\"", name, "\":\"", value, "\""] {
                line.push_str(part);
            }
        };
        if let Some(setup) = &self.setup {
            field("setup", &text::hex(setup));
        }
        if let Some(role) = &self.role {
            field("role", role.as_str());
        }
        if let Some(case) = self.case {
            field("case", &Uuid::from_bytes(case).to_string());
        }
        if let Some(task) = self.task {
            field("task", &Uuid::from_bytes(task).to_string());
        }
        field("commitment", &self.commitment.to_string());
        if let Some(old) = &self.continues {
            let (origin, size, root) = (ascii(&old.origin)?, old.size, old.root);
            line.push_str(&format!(
                ",\"continues\":{{\"origin\":\"{origin}\",\"size\":{size},\"root\":\"{root}\"}}"
            ));
        }
        if self.with_now {
            line.push_str(",\"with_now\":true");
        }
        line.push('}');
        Ok(line.into_bytes())
    }

    /// Reads a leaf. Only the output of [`Entry::encode`] is accepted: an entry has one spelling.
    ///
    /// # Errors
    /// When the bytes are anything else.
    pub fn decode(leaf: &[u8]) -> Result<Self, EntryError> {
        if leaf.len() > MAX_ENTRY_LINE_BYTES {
            return Err(EntryError::TooLong { bytes: leaf.len() });
        }
        let unreadable = |error: serde_json::Error| EntryError::Json { why: error.to_string() };
        let version = serde_json::from_slice::<Versioned>(leaf).map_err(unreadable)?.v;
        if version != VERSION {
            return Err(EntryError::Version { found: version });
        }
        let entry = serde_json::from_slice::<Line<'_>>(leaf).map_err(unreadable)?.check()?;
        if entry.encode()? == leaf { Ok(entry) } else { Err(EntryError::NotCanonical) }
    }
}

impl Line<'_> {
    fn check(self) -> Result<Entry, EntryError> {
        let refuse = |field, expected| EntryError::Field { field, expected };
        let at: Timestamp =
            self.at.parse().map_err(|_date| refuse("at", "a time in UTC with six decimals"))?;
        let setup = self.setup.map(|hex| text::unhex(&hex).ok_or(refuse("setup", "64 hexadecimal digits")));
        let commitment = Commitment::parse(&self.commitment);
        Ok(Entry {
            kind: Label::new(self.kind.into_owned())?,
            at: at.as_microsecond(),
            setup: setup.transpose()?,
            with_now: self.with_now.unwrap_or(false),
            role: self.role.map(|role| Label::new(role.into_owned())).transpose()?,
            case: self.case.map(|id| uuid(&id).ok_or(refuse("case", "a UUID"))).transpose()?,
            task: self.task.map(|id| uuid(&id).ok_or(refuse("task", "a UUID"))).transpose()?,
            commitment: commitment.ok_or(refuse("commitment", "64 hexadecimal digits"))?,
            continues: self.continues.map(OldLine::check).transpose()?,
        })
    }
}

impl OldLine<'_> {
    fn check(self) -> Result<OldHead, EntryError> {
        let root = Hash::from_base64(&self.root);
        let root =
            root.ok_or(EntryError::Field { field: "continues", expected: "a head with its root in base64" })?;
        Ok(OldHead { origin: self.origin.into_owned(), size: self.size, root })
    }
}

/// The name of a log in JSON, in ASCII.
fn ascii(origin: &str) -> Result<String, EntryError> {
    if origin.is_empty() || origin.len() > MAX_ORIGIN_BYTES || origin.contains(char::is_control) {
        return Err(EntryError::Field {
            field: "continues",
            expected: "the name of a log, at most 256 bytes",
        });
    }
    let mut text = String::with_capacity(origin.len());
    for c in origin.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            c if c.is_ascii() => text.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    text.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    Ok(text)
}

fn uuid(text: &str) -> Option<[u8; 16]> {
    Uuid::try_parse(text).ok().map(Uuid::into_bytes)
}
