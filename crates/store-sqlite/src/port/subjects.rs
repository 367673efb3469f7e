//! Identities: by id, key, name, due instant and class.

use super::answer::Result;
use crate::open::SqliteStore;
use crate::read::{identity, subject};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::IdentityId;
use tenure_store::{ClassCount, Keyed, StoredSubject, Subjects};

#[async_trait]
impl Subjects for SqliteStore {
    async fn subjects(&self, ids: &[IdentityId]) -> Result<Vec<StoredSubject>> {
        let ids = ids.to_vec();
        self.readers.read(move |c| subject::subjects(c, &ids)).await
    }

    async fn identities(&self, after: Option<IdentityId>, limit: u32) -> Result<Vec<IdentityId>> {
        self.readers.read(move |c| identity::identities(c, after, limit)).await
    }

    async fn by_keys(&self, keys: &[Keyed]) -> Result<Vec<(Keyed, IdentityId)>> {
        let keys = keys.to_vec();
        self.readers.read(move |c| identity::by_keys(c, &keys)).await
    }

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<IdentityId>> {
        self.readers.read(move |c| identity::due(c, now, limit)).await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>> {
        self.readers.read(identity::next_due).await
    }

    async fn readers_of(
        &self,
        ids: &[IdentityId],
        after: Option<IdentityId>,
        limit: u32,
    ) -> Result<Vec<IdentityId>> {
        let ids = ids.to_vec();
        self.readers.read(move |c| identity::readers_of(c, &ids, after, limit)).await
    }

    async fn identifiers(
        &self,
        names: &[(Arc<str>, Arc<str>)],
    ) -> Result<Vec<(Arc<str>, Arc<str>, IdentityId)>> {
        let names = names.to_vec();
        self.readers.read(move |c| identity::identifiers(c, &names)).await
    }

    async fn names_of(&self, id: IdentityId) -> Result<Vec<(Arc<str>, Arc<str>)>> {
        self.readers.read(move |c| identity::names_of(c, id)).await
    }

    async fn classes(&self, after: Option<i64>, limit: u32) -> Result<Vec<ClassCount>> {
        self.readers.read(move |c| identity::classes(c, after, limit)).await
    }

    async fn of_class(&self, id: i64, limit: u32) -> Result<Vec<IdentityId>> {
        self.readers.read(move |c| identity::of_class(c, id, limit)).await
    }

    async fn identity_count(&self) -> Result<u64> {
        self.readers.read(identity::identity_count).await
    }
}
