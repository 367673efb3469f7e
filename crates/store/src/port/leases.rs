//! What all processes share: leases, the clock, the active configuration, small named values.

use crate::{SetUpRow, StoreError};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::SetupHash;

/// A named lease, for work that only one process may do at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Its name.
    pub name: Arc<str>,
    /// Its owner.
    pub owner: Arc<str>,
    /// Until when (machine time).
    pub until: Timestamp,
}

/// What all processes share: leases, the clock, the active configuration, small named values.
#[async_trait]
pub trait Leases: Send + Sync {
    /// Takes, renews or takes over a named lease; `None` if another owner holds it.
    async fn lease(
        &self,
        name: &str,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError>;
    /// Releases a lease.
    async fn unlease(&self, name: &str, owner: &str) -> Result<(), StoreError>;
    /// The active configuration.
    async fn active_set_up(&self) -> Result<Option<SetUpRow>, StoreError>;
    /// Configurations that were made active at or after an instant (business time), newest first, each as it was last made active.
    async fn set_ups_since(&self, at: Timestamp) -> Result<Vec<SetUpRow>, StoreError>;
    /// A stored configuration.
    async fn set_up(&self, hash: &SetupHash) -> Result<Option<SetUpRow>, StoreError>;
    /// The last committed business instant.
    async fn business_time(&self) -> Result<Option<Timestamp>, StoreError>;
    /// The last committed business instant before the first jump by more than [`crate::CLOCK_JUMP`] that no person confirmed.
    async fn clock_jump(&self) -> Result<Option<Timestamp>, StoreError>;
    /// A small named value.
    async fn note(&self, name: &str) -> Result<Option<Arc<[u8]>>, StoreError>;
}
