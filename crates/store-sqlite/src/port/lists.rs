//! The lists of the port: each is one read.

use crate::open::SqliteStore;
use crate::read::list;
use async_trait::async_trait;
use std::sync::Arc;
use tenure_model::{EntitlementName, IdPart, IdentityId, SourceName};
use tenure_store::{IdentityFilter, IdsOf, Keyed, Lists, QuarantinePlace, QuarantineRow, StoreError};

type Result<T> = std::result::Result<T, StoreError>;

#[async_trait]
impl Lists for SqliteStore {
    async fn find(
        &self,
        filter: &IdentityFilter,
        after: Option<IdentityId>,
        limit: u32,
    ) -> Result<Vec<(IdentityId, Arc<str>)>> {
        let filter = filter.clone();
        self.readers.read(move |c| list::find(c, &filter, after, limit)).await
    }

    async fn ids(&self, of: IdsOf, part: &IdPart, limit: u32) -> Result<Vec<[u8; 16]>> {
        let part = part.clone();
        self.readers.read(move |c| list::ids(c, of, &part, limit)).await
    }

    async fn keys_after(
        &self,
        kind: &str,
        after: Option<(Arc<str>, IdentityId)>,
        limit: u32,
    ) -> Result<Vec<(Keyed, IdentityId)>> {
        let kind = kind.to_owned();
        self.readers.read(move |c| list::keys_after(c, &kind, after.as_ref(), limit)).await
    }

    async fn names_from(&self, name: &str, from: &str, limit: u32) -> Result<Vec<(Arc<str>, IdentityId)>> {
        let (name, from) = (name.to_owned(), from.to_owned());
        self.readers.read(move |c| list::names_from(c, &name, &from, limit)).await
    }

    async fn quarantine_after(
        &self,
        source: Option<&SourceName>,
        after: Option<QuarantinePlace>,
        limit: u32,
    ) -> Result<Vec<QuarantineRow>> {
        let source = source.cloned();
        self.readers.read(move |c| list::quarantine_after(c, source.as_ref(), after.as_ref(), limit)).await
    }

    async fn holder_counts(
        &self,
        after: Option<EntitlementName>,
        limit: u32,
    ) -> Result<Vec<(EntitlementName, u64)>> {
        self.readers.read(move |c| list::holder_counts(c, after.as_ref(), limit)).await
    }
}
