//! The ledger: entries, hashes, checkpoints, and the state that they are compared with.

use super::answer::Result;
use crate::open::SqliteStore;
use crate::read::ledger;
use crate::{head, state};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_ledger::{Subject, SubjectKind};
use tenure_model::IdentityId;
use tenure_store::{Entries, LeafRow, LedgerHead};

#[async_trait]
impl Entries for SqliteStore {
    /// The writer numbers entries when it commits them.
    async fn numbered(&self) -> Result<()> {
        Ok(())
    }

    async fn ledger_head(&self) -> Result<LedgerHead> {
        if self.is_beside() {
            let head = self.readers.read(crate::head::resume).await?;
            self.head.publish(head);
        }
        Ok(self.head.read())
    }

    async fn ledger_at(&self, size: u64) -> Result<Arc<[u8]>> {
        self.readers.read(move |c| head::at(c, size)).await
    }

    async fn checkpoints(&self, after: Option<u64>, limit: u32) -> Result<Vec<(u64, Arc<str>)>> {
        self.readers.read(move |c| ledger::checkpoints(c, after, limit)).await
    }

    async fn states(
        &self,
        kind: SubjectKind,
        after: Option<[u8; 16]>,
        limit: u32,
    ) -> Result<Vec<(Subject, [u8; 32])>> {
        self.readers.read(move |c| state::states(c, kind, after, limit)).await
    }

    async fn leaves(&self, from: u64, limit: u32) -> Result<Vec<LeafRow>> {
        self.readers.read(move |c| ledger::leaves(c, from, limit)).await
    }

    async fn leaves_about(&self, id: IdentityId, from: Option<u64>, limit: u32) -> Result<Vec<LeafRow>> {
        self.readers.read(move |c| ledger::leaves_about(c, id, from, limit)).await
    }

    async fn leaf_hashes(&self, from: u64, limit: u32) -> Result<Vec<[u8; 32]>> {
        self.readers.read(move |c| ledger::leaf_hashes(c, from, limit)).await
    }

    async fn tile(&self, level: u8, index: u64) -> Result<Option<Arc<[u8]>>> {
        self.readers.read(move |c| ledger::tile(c, level, index)).await
    }

    async fn checkpoint(&self, size: u64) -> Result<Option<Arc<str>>> {
        self.readers.read(move |c| ledger::checkpoint(c, size)).await
    }

    async fn integrity(&self, now: Timestamp) -> Result<Vec<Arc<str>>> {
        self.readers.read(move |c| ledger::integrity(c, now)).await
    }
}
