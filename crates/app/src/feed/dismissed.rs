//! Rows without a key that the owner of their source dismissed: they do not come back with the same file.

use super::FeedRuns;
use crate::text::hex;
use crate::{App, AppError};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{FeedRunId, Name as _, SourceName};
use tenure_store::{Change, Expect, QuarantineRow};

/// The dismissed rows of the file that a source delivers.
#[derive(Debug, Default)]
pub(crate) struct Dismissed {
    file: String,
    rows: BTreeSet<String>,
    /// As it is stored.
    stored: Option<Arc<[u8]>>,
}

impl Dismissed {
    /// Loads those of a source.
    pub(crate) async fn load(app: &App, source: &SourceName) -> Result<Self, AppError> {
        let Some(bytes) = app.store.note(&note(source)).await? else { return Ok(Self::default()) };
        let read: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let rows = read.get("rows").and_then(Value::as_array).into_iter().flatten();
        let rows = rows.filter_map(|row| row.as_str().map(str::to_owned)).collect();
        let file = read.get("file").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self { file, rows, stored: Some(bytes) })
    }

    /// Only those of this file.
    pub(crate) fn of(self, digest: &[u8; 32]) -> Self {
        if self.file == hex(digest) { self } else { Self::default() }
    }

    /// Adds rows of a file; dismissed rows of another file are dropped.
    pub(crate) fn add(&mut self, digest: &[u8; 32], rows: impl Iterator<Item = QuarantineRow>) {
        let stored = self.stored.take();
        let before = std::mem::take(self).of(digest);
        *self = Self { file: hex(digest), rows: before.rows, stored };
        self.rows.extend(rows.map(|row| print(&row)));
    }

    pub(crate) fn has(&self, row: &QuarantineRow) -> bool {
        !self.rows.is_empty() && self.rows.contains(&print(row))
    }

    /// The write, and the value that it depends on.
    pub(crate) fn noted(self, source: &SourceName) -> (Expect, Change) {
        let text = json!({ "v": 1, "file": self.file, "rows": self.rows }).to_string();
        (Expect::Note(note(source), self.stored), Change::PutNote(note(source), Arc::from(text.as_bytes())))
    }
}

/// Most runs that are searched for the last one that was not refused.
const RUNS_MAX: u32 = 100;

impl FeedRuns<'_> {
    /// The last run of a source that was not refused, and the digest of its file.
    pub(crate) async fn last_file(
        &self,
        source: &SourceName,
    ) -> Result<Option<(FeedRunId, [u8; 32])>, AppError> {
        let runs = self.app.store.feed_runs(source, RUNS_MAX).await?;
        Ok(runs.into_iter().find(|run| run.digest != [0; 32]).map(|run| (run.id, run.digest)))
    }
}

fn note(source: &SourceName) -> Arc<str> {
    Arc::from(format!("dismissed {}", source.as_str()))
}

/// Distinguishes a row of a file from the others.
fn print(row: &QuarantineRow) -> String {
    json!([&*row.place, &*row.code, &*row.value, &*row.reason]).to_string()
}
