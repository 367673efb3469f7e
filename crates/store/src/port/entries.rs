//! The ledger: entries, hashes, checkpoints, and the state that they are compared with.

use crate::{LeafRow, LedgerHead, StoreError};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_ledger::{Subject, SubjectKind};
use tenure_model::IdentityId;

/// The ledger: entries, hashes, checkpoints, and the state that they are compared with.
///
/// An entry is durable with its unit, and gets its number then or later: only entries with a number are shown, without a gap, those about one
/// identity in the order of its versions. No unit waits for the number of another one: numbers are not one row that all of them write.
#[async_trait]
pub trait Entries: Send + Sync {
    /// Returns when every entry that was committed before the call has its number.
    async fn numbered(&self) -> Result<(), StoreError>;
    /// Head of the ledger: of the entries with a number.
    async fn ledger_head(&self) -> Result<LedgerHead, StoreError>;
    /// The right edge of the first `size` entries, from the stored hashes (the frontier's own encoding).
    async fn ledger_at(&self, size: u64) -> Result<Arc<[u8]>, StoreError>;
    /// Signed checkpoints of more than `after` entries, the smallest first, at most `limit`: size and text.
    async fn checkpoints(&self, after: Option<u64>, limit: u32) -> Result<Vec<(u64, Arc<str>)>, StoreError>;
    /// The decided state of subjects of a kind, as a digest of their stored rows: those after an id, at most `limit`.
    async fn states(
        &self,
        kind: SubjectKind,
        after: Option<[u8; 16]>,
        limit: u32,
    ) -> Result<Vec<(Subject, [u8; 32])>, StoreError>;
    /// Entries from `from` on, at most `limit`.
    async fn leaves(&self, from: u64, limit: u32) -> Result<Vec<LeafRow>, StoreError>;
    /// Entries about an identity, the newest first, from entry `from` (without it, the last one) back, at most `limit`: each names the one
    /// before it.
    async fn leaves_about(
        &self,
        identity: IdentityId,
        from: Option<u64>,
        limit: u32,
    ) -> Result<Vec<LeafRow>, StoreError>;
    /// Leaf hashes from `from` on, at most `limit`.
    async fn leaf_hashes(&self, from: u64, limit: u32) -> Result<Vec<[u8; 32]>, StoreError>;
    /// A full tile: 256 hashes.
    async fn tile(&self, level: u8, index: u64) -> Result<Option<Arc<[u8]>>, StoreError>;
    /// The signed checkpoint of a size.
    async fn checkpoint(&self, size: u64) -> Result<Option<Arc<str>>, StoreError>;
    /// Problems of pages, indexes, references, and single rows; `now` (machine time) shows which rows wait too long. Empty if there
    /// are none. Slow.
    async fn integrity(&self, now: Timestamp) -> Result<Vec<Arc<str>>, StoreError>;
}
