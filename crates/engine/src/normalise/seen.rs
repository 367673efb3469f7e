//! Finds keys that occur twice in one feed: which of the two rows is right is not known.

use super::problems::ValueError;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{RawRecord, RecordKey, RowError, Where};

/// The keys of one feed so far, each with its line. About 100 bytes a key.
#[derive(Debug, Default)]
pub struct KeysOfFeed(BTreeMap<RecordKey, u64>);

impl KeysOfFeed {
    /// Adds a key. An error if an earlier row of the feed has it: then this row must not be accepted.
    ///
    /// # Errors
    /// Names both lines.
    pub fn note(&mut self, key: &RecordKey, file: &Arc<str>, row: &RawRecord) -> Result<(), Box<RowError>> {
        let Some(first) = self.0.get(key) else {
            self.0.insert(key.clone(), row.line);
            return Ok(());
        };
        let ValueError { code, value, reason, help } = ValueError::new(
            "R21",
            &key.to_string(),
            format!(
                "is the key of line {first} already: the first row counts, with the earliest end of both"
            ),
            "give every record its own key, and every record one row",
        );
        let at = Where { file: file.clone(), line: row.line, column: None };
        Err(Box::new(RowError { code, at, value, reason, help, urgent: true, fields: Vec::new() }))
    }
    /// Number of different keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &RecordKey> {
        self.0.keys()
    }
}
