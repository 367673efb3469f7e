//! Writes, and what wakes the readers of them.

use super::answer::{Result, mixed_up};
use crate::open::SqliteStore;
use crate::prepare::prepare;
use crate::write::{Answer, Work};
use async_trait::async_trait;
use std::time::Duration;
use tenure_store::{Commits, Outcome, StoreError, Unit, Unreadable, Waiter};
use tokio::sync::watch;

/// Compares the number of turns of the writer with the one that it saw last.
struct OfCommits(watch::Receiver<u64>);

#[async_trait]
impl Waiter for OfCommits {
    async fn woken(&mut self, patience: Duration) -> bool {
        // When the writer has ended, nothing is committed any more: the caller waits as if nothing happened.
        match tokio::time::timeout(patience, self.0.changed()).await {
            Ok(Ok(())) => true,
            Ok(Err(_)) => {
                tokio::time::sleep(patience).await;
                false
            }
            Err(_) => false,
        }
    }
}

#[async_trait]
impl Commits for SqliteStore {
    fn reads_only(&self) -> bool {
        self.is_beside()
    }

    fn left_out(&self) -> Vec<Unreadable> {
        self.readers.left_out.take()
    }

    async fn commit(&self, units: Vec<Unit>) -> Result<Vec<Outcome>> {
        let units = units.into_iter().map(prepare).collect::<Result<Vec<_>>>()?;
        let mut outcomes = Vec::with_capacity(units.len());
        for answer in self.send_units(units).await? {
            match answer.await.map_err(|_| StoreError::Closed)?? {
                Answer::Outcomes(slice) => outcomes.extend(slice),
                other => return mixed_up(&other),
            }
        }
        Ok(outcomes)
    }

    fn waiter(&self) -> Box<dyn Waiter> {
        let mut committed = self.committed.clone();
        committed.mark_unchanged();
        Box::new(OfCommits(committed))
    }

    async fn scrub(&self) -> Result<()> {
        self.ask(Work::Scrub).await.map(drop)
    }
}
