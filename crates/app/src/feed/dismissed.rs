//! Rows without a key that the owner of their source dismissed: they do not come back with the same file.

use super::FeedRuns;
use crate::{App, AppError};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{FeedRunId, SourceName};
use tenure_store::note::{DismissedRows, NoteOf as _, kinds, read_note};
use tenure_store::{Change, Expect, QuarantineRow};

/// The dismissed rows of the file that a source delivers.
#[derive(Debug, Default)]
pub(crate) struct Dismissed {
    dismissed: DismissedRows,
    /// That it is stored as it was read.
    expect: Option<Expect>,
}

impl Dismissed {
    /// Loads those of a source.
    pub(crate) async fn load(app: &App, source: &SourceName) -> Result<Self, AppError> {
        // Where it cannot be read, the rows are in quarantine again: that hides nothing.
        let read = read_note(&*app.store, &kinds::Dismissed(source.clone())).await?;
        Ok(Self { expect: Some(read.expect()), dismissed: read.readable().unwrap_or_default() })
    }

    /// Only those of this file.
    pub(crate) fn of(self, digest: &[u8; 32]) -> Self {
        if self.dismissed.file == *digest { self } else { Self::default() }
    }

    /// Adds rows of a file; dismissed rows of another file are dropped.
    pub(crate) fn add(&mut self, digest: &[u8; 32], rows: impl Iterator<Item = QuarantineRow>) {
        if self.dismissed.file != *digest {
            self.dismissed = DismissedRows { file: *digest, rows: BTreeSet::new() };
        }
        self.dismissed.rows.extend(rows.map(|row| print(&row)));
    }

    pub(crate) fn has(&self, row: &QuarantineRow) -> bool {
        !self.dismissed.rows.is_empty() && self.dismissed.rows.contains(&print(row))
    }

    /// The write, and the value that it depends on.
    pub(crate) fn noted(self, source: &SourceName) -> (Option<Expect>, Change) {
        (self.expect, kinds::Dismissed(source.clone()).is(self.dismissed))
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

/// Distinguishes a row of a file from the others.
fn print(row: &QuarantineRow) -> Arc<str> {
    Arc::from(json!([&*row.place, &*row.code, &*row.value, &*row.reason]).to_string())
}
