//! Writes, and what wakes the readers of them.

use crate::{Outcome, StoreError, Unit, Unreadable};
use async_trait::async_trait;
use std::time::Duration;

/// Waits for commits, of this process and of others. However many there are between two calls, it is woken once; a commit between two
/// calls is not missed; and what wakes one waiter wakes each other one too.
#[async_trait]
pub trait Waiter: Send {
    /// Returns `true` when something was committed since this waiter was last woken (or made), `false` after `patience`.
    async fn woken(&mut self, patience: Duration) -> bool;
}

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
    /// A new waiter, which has seen every commit until now. Each caller that waits has one of its own.
    fn waiter(&self) -> Box<dyn Waiter>;
    /// Ensures that nothing deleted remains in the files: free space and logs are rewritten. Slow.
    async fn scrub(&self) -> Result<(), StoreError>;
}
