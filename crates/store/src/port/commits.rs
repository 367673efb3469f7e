//! Writes, and what wakes the readers of them.

use crate::{Outcome, StoreError, Unit, Unreadable};
use async_trait::async_trait;

/// Writes, and what wakes the readers of them.
#[async_trait]
pub trait Commits: Send + Sync {
    /// Whether this process only reads: another one has the database open, and every write is refused with `InUse`.
    fn reads_only(&self) -> bool {
        false
    }
    /// The stored rows that reads have left out since the last call, because they cannot be read.
    fn left_out(&self) -> Vec<Unreadable> {
        Vec::new()
    }
    /// Commits units: each completely or not at all, in order, merged into few transactions. Returns when everything `Committed` is
    /// synced to disk.
    async fn commit(&self, units: Vec<Unit>) -> Result<Vec<Outcome>, StoreError>;
    /// Returns when something was committed since the last call, or after `patience`.
    async fn woken(&self, patience: std::time::Duration);
    /// Ensures that nothing deleted remains in the files: free space and logs are rewritten. Slow.
    async fn scrub(&self) -> Result<(), StoreError>;
}
