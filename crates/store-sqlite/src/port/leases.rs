//! What all processes share: leases, the clock, the active configuration, notes.

use super::answer::{Result, mixed_up};
use crate::open::SqliteStore;
use crate::read::organisation;
use crate::write::{Answer, Work};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tenure_model::SetupHash;
use tenure_store::note::{NoteBytes, NoteKey};
use tenure_store::{Lease, Leases, SetUpRow};

#[async_trait]
impl Leases for SqliteStore {
    fn machine_time(&self) -> Timestamp {
        self.clock.now()
    }

    async fn lease(&self, name: &str, owner: &str, lasting: SignedDuration) -> Result<Option<Lease>> {
        match self.ask(Work::Lease { name: name.into(), owner: owner.into(), lasting }).await? {
            Answer::Lease(lease) => Ok(lease),
            other => mixed_up(&other),
        }
    }

    async fn unlease(&self, name: &str, owner: &str) -> Result<()> {
        match self.ask(Work::Unlease { name: name.into(), owner: owner.into() }).await? {
            Answer::Done => Ok(()),
            other => mixed_up(&other),
        }
    }

    async fn active_set_up(&self) -> Result<Option<SetUpRow>> {
        self.readers.read(organisation::active_set_up).await
    }

    async fn set_ups_since(
        &self,
        at: Timestamp,
        after: Option<(Timestamp, SetupHash)>,
        limit: u32,
    ) -> Result<Vec<SetUpRow>> {
        self.readers.read(move |c| organisation::set_ups_since(c, at, after, limit)).await
    }

    async fn set_up(&self, hash: &SetupHash) -> Result<Option<SetUpRow>> {
        let hash = hash.clone();
        self.readers.read(move |c| organisation::set_up(c, &hash)).await
    }

    async fn business_time(&self) -> Result<Option<Timestamp>> {
        self.readers.read(organisation::business_time).await
    }

    async fn clock_jump(&self) -> Result<Option<Timestamp>> {
        self.readers.read(organisation::clock_jump).await
    }

    async fn note(&self, key: &NoteKey) -> Result<Option<NoteBytes>> {
        let key = key.clone();
        self.readers.read(move |c| organisation::note(c, &key)).await
    }
}
