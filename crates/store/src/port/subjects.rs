//! Identities: by id, key, name, due instant and class.

use crate::{ClassCount, Keyed, StoreError, StoredSubject};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::IdentityId;

/// Identities: by id, key, name, due instant and class.
#[async_trait]
pub trait Subjects: Send + Sync {
    /// Subjects by id, in the order of `ids`; ids that do not exist are left out.
    async fn subjects(&self, ids: &[IdentityId]) -> Result<Vec<StoredSubject>, StoreError>;
    /// Identities after `after` in id order, at most `limit`.
    async fn identities(&self, after: Option<IdentityId>, limit: u32) -> Result<Vec<IdentityId>, StoreError>;
    /// The holders of these keys: for keys that few identities share. Those of a kind of key are listed by [`crate::Lists::keys_after`].
    async fn by_keys(&self, keys: &[Keyed]) -> Result<Vec<(Keyed, IdentityId)>, StoreError>;
    /// Identities to settle again at `now`, earliest first.
    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<IdentityId>, StoreError>;
    /// The earliest instant at which an identity must be settled again.
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError>;
    /// Identities whose settlement read one of these: each once, in id order after `after`, at most `limit`.
    async fn readers_of(
        &self,
        ids: &[IdentityId],
        after: Option<IdentityId>,
        limit: u32,
    ) -> Result<Vec<IdentityId>, StoreError>;
    /// Which of these names were issued, and to which identities.
    async fn identifiers(
        &self,
        names: &[(Arc<str>, Arc<str>)],
    ) -> Result<Vec<(Arc<str>, Arc<str>, IdentityId)>, StoreError>;
    /// Every name ever issued to an identity: identifier and folded name.
    async fn names_of(&self, id: IdentityId) -> Result<Vec<(Arc<str>, Arc<str>)>, StoreError>;
    /// Number of engagements of each class, in the order of class ids, after one, at most `limit`.
    async fn classes(&self, after: Option<i64>, limit: u32) -> Result<Vec<ClassCount>, StoreError>;
    /// Identities of a class, at most `limit`.
    async fn of_class(&self, id: i64, limit: u32) -> Result<Vec<IdentityId>, StoreError>;
    /// Number of identities.
    async fn identity_count(&self) -> Result<u64, StoreError>;
}
