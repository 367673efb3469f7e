//! What an adapter gives to the suite, and the little that all behaviours need.

use async_trait::async_trait;
use std::sync::Arc;
use tenure_store::{Change, Outcome, Store, StoreError, Unit};

/// A database under test. It is empty when the fixture is made, and removed with it.
#[async_trait]
pub trait Fixture: Send + Sync {
    /// Opens the store. An earlier instance has been dropped before.
    async fn open(&self) -> Arc<dyn Store>;
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
