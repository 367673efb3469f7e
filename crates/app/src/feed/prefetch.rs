//! Reads and normalises rows ahead on a separate thread, because deciding takes longer and has a thread of its own.

use super::ingest::CHUNK_ROWS;
use crate::{App, AppError};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_connect::Rows;
use tenure_engine::normalise::{Normalised, Normaliser};
use tenure_model::{Columns, RawRecord, RecordKey, RowError};
use tenure_store::StoreError;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Rows that are sent together.
const ROWS_AT_ONCE: usize = 256;
/// Most waiting groups of rows: as many rows as are decided together.
const AHEAD_MAX: usize = CHUNK_ROWS / ROWS_AT_ONCE;

/// One row of a feed.
pub(crate) enum Row {
    /// It cannot be read.
    Unreadable(RowError),
    /// It is the same as last time: the key of its record.
    Same(RawRecord, RecordKey),
    /// Its content.
    Read(RawRecord, Normalised),
}

/// The rows read ahead.
pub(crate) struct Prefetch {
    rows: mpsc::Receiver<Vec<Row>>,
    reader: JoinHandle<()>,
}

impl Prefetch {
    /// Starts reading. `digests` are those of rows that need no processing.
    pub(crate) fn new(
        app: &App,
        rows: Rows,
        (normaliser, columns): (Arc<Normaliser>, Arc<Columns>),
        digests: BTreeMap<[u8; 32], RecordKey>,
    ) -> Self {
        let context = app.context.clone();
        let (send, receive) = mpsc::channel(AHEAD_MAX);
        let reader = tokio::task::spawn_blocking(move || {
            let read = |row: Result<RawRecord, RowError>| match row {
                Err(problem) if problem.fields.is_empty() => Row::Unreadable(problem),
                Err(problem) => {
                    let normal = normaliser.torn(&problem, &columns, &context.zones);
                    Row::Read(RawRecord::new(problem.at.line, columns.clone(), None), normal)
                }
                Ok(raw) => match digests.get(&normaliser.digest(&raw)) {
                    Some(key) => Row::Same(raw, key.clone()),
                    None => {
                        let normal = normaliser.normalise(&raw, &context.zones);
                        Row::Read(raw, normal)
                    }
                },
            };
            let mut rows = rows.map(read).peekable();
            while rows.peek().is_some() {
                // The receiver is gone when taking the feed failed.
                if send.blocking_send(rows.by_ref().take(ROWS_AT_ONCE).collect()).is_err() {
                    return;
                }
            }
        });
        Self { rows: receive, reader }
    }

    /// The next rows; `None` after the last one.
    ///
    /// # Errors
    /// When reading was interrupted: the rest of the feed was not read, so it is not missing.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Row>>, AppError> {
        if let Some(rows) = self.rows.recv().await {
            return Ok(Some(rows));
        }
        (&mut self.reader).await.map_err(|e| StoreError::Driver(Box::new(e)))?;
        Ok(None)
    }
}
