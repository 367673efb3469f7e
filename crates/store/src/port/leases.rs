//! What all processes share: leases, the clock, the active configuration, notes.

use crate::note::{NoteBytes, NoteKey};
use crate::{SetUpRow, StoreError};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tenure_model::SetupHash;

/// A named lease, for work that only one process may do at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Its name.
    pub name: Arc<str>,
    /// Its owner.
    pub owner: Arc<str>,
    /// Until when (machine time, by the database's clock).
    pub until: Timestamp,
}

/// What all processes share: leases, the clock, the active configuration, notes.
#[async_trait]
pub trait Leases: Send + Sync {
    /// Machine time: the database's clock, as far as this process knows it. An adapter over a network measures how far its own clock is
    /// from the database's when it connects, and again with its heartbeats.
    fn machine_time(&self) -> Timestamp;
    /// Takes, renews or takes over a named lease for as long as `lasting`; `None` if another owner holds it. The database's clock says
    /// whether it has expired, never the caller's: processes whose clocks differ agree. A lease whose owner died ends when it expires at
    /// the latest; a database that only one process can open may end it when it is opened.
    async fn lease(
        &self,
        name: &str,
        owner: &str,
        lasting: SignedDuration,
    ) -> Result<Option<Lease>, StoreError>;
    /// Releases a lease.
    async fn unlease(&self, name: &str, owner: &str) -> Result<(), StoreError>;
    /// The active configuration.
    async fn active_set_up(&self) -> Result<Option<SetUpRow>, StoreError>;
    /// Configurations that were made active at or after an instant (business time), newest first, each as it was last made active: those
    /// after one, at most `limit`.
    async fn set_ups_since(
        &self,
        at: Timestamp,
        after: Option<(Timestamp, SetupHash)>,
        limit: u32,
    ) -> Result<Vec<SetUpRow>, StoreError>;
    /// A stored configuration.
    async fn set_up(&self, hash: &SetupHash) -> Result<Option<SetUpRow>, StoreError>;
    /// The last committed business instant: the greatest one of all committed units. How it is kept is the adapter's; no unit waits for another
    /// one to write it.
    async fn business_time(&self) -> Result<Option<Timestamp>, StoreError>;
    /// The last committed business instant before the first jump by more than [`crate::CLOCK_JUMP`] that no person confirmed.
    async fn clock_jump(&self) -> Result<Option<Timestamp>, StoreError>;
    /// A note as it is stored; [`crate::note::read_note`] reads its value. Where the value cannot be read it is returned too, and is
    /// among [`crate::Commits::left_out`], by its name.
    async fn note(&self, key: &NoteKey) -> Result<Option<NoteBytes>, StoreError>;
}
