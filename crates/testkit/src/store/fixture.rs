//! What an adapter gives to the suite, and the little that all behaviours need.

use super::sample::at;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tenure_model::Task;
use tenure_store::{Change, Lease, Outcome, Store, StoreError, Unit};

/// A database under test. It is empty when the fixture is made, and removed with it.
#[async_trait]
pub trait Fixture: Send + Sync {
    /// Opens the store. An earlier instance has been dropped before.
    async fn open(&self) -> Arc<dyn Store>;
    /// Sets the database's clock, also while the store is open.
    async fn clock(&self, now: Timestamp);
}

/// Claims when the database's clock shows the first second, under leases that end at the second one.
///
/// # Errors
/// When the store fails.
pub async fn claimed(
    (f, store): (&dyn Fixture, &dyn Store),
    owner: &str,
    (now, until): (i64, i64),
    limit: u32,
    per_system: u32,
) -> Result<Vec<Task>, StoreError> {
    f.clock(at(now)).await;
    store.claim(owner, SignedDuration::from_secs(until - now), limit, per_system).await
}

/// Takes a named lease in the same way.
///
/// # Errors
/// When the store fails.
pub async fn leased(
    (f, store): (&dyn Fixture, &dyn Store),
    name: &str,
    owner: &str,
    (now, until): (i64, i64),
) -> Result<Option<Lease>, StoreError> {
    f.clock(at(now)).await;
    store.lease(name, owner, SignedDuration::from_secs(until - now)).await
}

/// How a behaviour ends: a store that fails is an error, one that breaks its promise is a panic.
pub type Done = Result<(), StoreError>;

/// Commits changes as one unit that rests on nothing.
///
/// # Errors
/// When the store fails.
pub async fn commit(store: &dyn Store, changes: Vec<Change>) -> Result<Outcome, StoreError> {
    let outcomes = store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
    assert_eq!(outcomes.len(), 1, "one outcome per unit");
    Ok(outcomes.into_iter().next().unwrap_or(Outcome::Committed))
}

/// Commits changes as one unit that has to succeed.
///
/// # Errors
/// When the store fails.
pub async fn committed(store: &dyn Store, changes: Vec<Change>) -> Done {
    assert_eq!(commit(store, changes).await?, Outcome::Committed);
    Ok(())
}
