//! Head of the ledger, as of the last commit: kept in memory, recomputed from leaves and tiles at start.

use crate::fault::{Fault, Result};
use rusqlite::{Connection, OptionalExtension as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tenure_ledger::tiles::TileId;
use tenure_ledger::{Frontier, Hash, HashReader, ReadError};
use tenure_store::LedgerHead;

/// The committed head. The writer replaces it between a commit and its acknowledgement, so a caller whose commit was acknowledged sees
/// it here.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    pub(crate) frontier: Frontier,
    /// The signed checkpoint of the largest size.
    pub(crate) checkpoint: Option<(u64, Arc<str>)>,
}

/// [`Head`], shared with readers.
#[derive(Debug)]
pub(crate) struct SharedHead(Mutex<Head>);

impl SharedHead {
    pub(crate) fn new(head: Head) -> Self {
        Self(Mutex::new(head))
    }
    pub(crate) fn publish(&self, head: Head) {
        *self.lock() = head;
    }
    pub(crate) fn read(&self) -> LedgerHead {
        let head = self.lock();
        LedgerHead {
            size: head.frontier.size(),
            frontier: head.frontier.to_bytes().into(),
            checkpoint: head.checkpoint.as_ref().map(|(_, text)| text.clone()),
        }
    }
    fn lock(&self) -> MutexGuard<'_, Head> {
        // The guarded value is replaced completely: a panic elsewhere cannot have left it half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the head of a stored ledger.
pub(crate) fn resume(connection: &Connection) -> Result<Head> {
    let last: Option<i64> = connection.query_row("SELECT max(number) FROM leaf", [], |row| row.get(0))?;
    let size = last.map_or(0, |last| last.cast_unsigned() + 1);
    let frontier = Frontier::resume(size, &StoredHashes(connection))
        .map_err(|e| Fault::inconsistent("the ledger", e.to_string()))?;
    let checkpoint = connection
        .query_row("SELECT size, text FROM checkpoint ORDER BY size DESC LIMIT 1", [], |row| {
            Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?))
        })
        .optional()?;
    Ok(Head { frontier, checkpoint })
}

/// The right edge of the first `size` entries.
pub(crate) fn at(connection: &Connection, size: u64) -> Result<Arc<[u8]>> {
    let frontier = Frontier::resume(size, &StoredHashes(connection))
        .map_err(|e| Fault::inconsistent("the ledger", e.to_string()))?;
    Ok(frontier.to_bytes().into())
}

/// Level 0 comes from the leaves, full tiles above it from their table; partial ones are recomputed.
struct StoredHashes<'c>(&'c Connection);

impl HashReader for StoredHashes<'_> {
    fn tile(&self, id: TileId, width: u16) -> std::result::Result<Option<Vec<Hash>>, ReadError> {
        if id.level == 0 {
            let mut leaves =
                self.0.prepare_cached("SELECT hash FROM leaf WHERE number >= ?1 ORDER BY number LIMIT ?2")?;
            let from = (id.index * u64::from(tenure_ledger::tree::TILE_WIDTH)).cast_signed();
            let hashes = leaves.query_map((from, width), |row| row.get(0).map(Hash))?;
            return Ok(Some(hashes.collect::<rusqlite::Result<_>>()?));
        }
        let mut tiles = self.0.prepare_cached("SELECT hashes FROM tile WHERE level = ?1 AND number = ?2")?;
        let hashes: Option<Vec<u8>> =
            tiles.query_row((id.level, id.index.cast_signed()), |row| row.get(0)).optional()?;
        Ok(hashes.map(|bytes| bytes.as_chunks().0.iter().copied().map(Hash).collect()))
    }
}
