//! The quarantine rows of one feed: what each row is called, since when it waits, and which were in quarantine before.

use super::dismissed::Dismissed;
use crate::quarantine::LINE;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{FeedRunId, RowError};
use tenure_policy::Source;
use tenure_store::{Change, QuarantineRow};

/// The quarantine of one feed while it is taken.
pub(crate) struct FeedQuarantine<'a> {
    source: &'a Source,
    run: FeedRunId,
    now: Timestamp,
    /// The earlier quarantine rows, by key.
    pub(crate) before: BTreeMap<Arc<str>, QuarantineRow>,
    /// The last run of the source, if it took the same file.
    pub(crate) same_file: Option<FeedRunId>,
    /// Rows without a key that the owner of the source dismissed.
    pub(crate) dismissed: Dismissed,
    /// Quarantined rows with unchanged content that are on another line now.
    pub(crate) elsewhere: Vec<Change>,
}

impl<'a> FeedQuarantine<'a> {
    /// The quarantine before the first row.
    pub(crate) fn new(source: &'a Source, run: FeedRunId, now: Timestamp) -> Self {
        let (before, dismissed) = (BTreeMap::new(), Dismissed::default());
        Self { source, run, now, before, same_file: None, dismissed, elsewhere: Vec::new() }
    }

    /// The quarantine row for a problem.
    pub(crate) fn row(&self, key: Option<&str>, nth: u32, problem: &RowError) -> QuarantineRow {
        let value: Arc<str> = Arc::from(problem.value.as_deref().unwrap_or_default());
        let reason: Arc<str> = Arc::from(format!("{}; {}", problem.reason, problem.help));
        let at: Arc<str> = key.map_or_else(|| self.line(problem.at.line), Arc::from);
        // In a whole feed, a row without a key is the earlier row with the same error, on whichever line it is now.
        let moved = |b: &&QuarantineRow| b.key.starts_with(LINE) && b.value == value && b.reason == reason;
        let before = match key {
            None if self.source.snapshot => self.before.values().find(moved),
            _ => self.before.get(&at),
        };
        QuarantineRow {
            source: self.source.name.clone(),
            since: before.map_or(self.now, |b| b.since),
            key: at,
            nth,
            code: Arc::from(problem.code),
            place: Arc::from(problem.at.to_string()),
            value,
            reason,
            urgent: problem.urgent,
            run: self.run,
        }
    }

    /// Whether the owner of the source dismissed a row without a key.
    pub(crate) fn is_dismissed(&self, row: &QuarantineRow) -> bool {
        row.key.starts_with(LINE) && self.dismissed.has(row)
    }

    /// Notes a row that waits as before, if it is on another line now.
    pub(crate) fn note_place(&mut self, row: QuarantineRow) {
        if self.before.get(&row.key).is_some_and(|b| b.place != row.place) {
            self.elsewhere.push(Change::Quarantine(row));
        }
    }

    /// The name of a row without a key. In the files of a delta source line numbers repeat: an earlier row of this line stays.
    fn line(&self, line: u64) -> Arc<str> {
        let key: Arc<str> = Arc::from(format!("{LINE}{line}"));
        if self.source.snapshot {
            return key;
        }
        let is_line = |b: &&QuarantineRow| {
            Some(b.run) == self.same_file
                && b.key.strip_prefix(&*key).is_some_and(|rest| rest.is_empty() || rest.starts_with(", "))
        };
        match self.before.values().find(is_line) {
            Some(row) => row.key.clone(),
            None if self.before.contains_key(&key) => Arc::from(format!("{key}, {}", self.now)),
            None => key,
        }
    }
}
