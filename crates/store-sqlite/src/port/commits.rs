//! Writes, and what wakes the readers of them.

use super::answer::{Result, mixed_up};
use crate::open::SqliteStore;
use crate::prepare::prepare;
use crate::write::{Answer, Work};
use async_trait::async_trait;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tenure_store::{Commits, Outcome, StoreError, Unit, Unreadable};

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

    async fn woken(&self, patience: Duration) {
        let mut committed = self.committed.clone();
        let seen = self.woken.load(Ordering::Acquire);
        // Time is over, or the writer has ended: the caller checks for itself in both cases.
        drop(tokio::time::timeout(patience, committed.wait_for(|count| *count != seen)).await);
        self.woken.store(*committed.borrow(), Ordering::Release);
    }

    async fn scrub(&self) -> Result<()> {
        self.ask(Work::Scrub).await.map(drop)
    }
}
