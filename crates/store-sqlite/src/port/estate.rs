//! Accounts of systems, linked and not, and what entitlements contain.

use super::answer::Result;
use crate::open::SqliteStore;
use crate::read::{access, asked};
use async_trait::async_trait;
use std::sync::Arc;
use tenure_model::{AccountKey, EntitlementName, IdentityId, SystemName};
use tenure_store::{ContainmentRow, Estate, UnlinkedAccount};

#[async_trait]
impl Estate for SqliteStore {
    async fn account_owners(
        &self,
        system: &SystemName,
        natives: &[Arc<str>],
    ) -> Result<Vec<(Arc<str>, IdentityId, AccountKey)>> {
        let system = system.clone();
        let natives = natives.to_vec();
        self.readers.read(move |c| access::account_owners(c, &system, &natives)).await
    }

    async fn account_holders(
        &self,
        system: &SystemName,
        after: Option<IdentityId>,
        limit: u32,
    ) -> Result<Vec<IdentityId>> {
        let system = system.clone();
        self.readers.read(move |c| access::account_holders(c, &system, after, limit)).await
    }

    async fn without_task(&self, after: Option<IdentityId>, limit: u32) -> Result<Vec<IdentityId>> {
        self.readers.read(move |c| access::without_task(c, after, limit)).await
    }

    async fn account_count(&self, system: &SystemName) -> Result<u64> {
        let system = system.clone();
        self.readers.read(move |c| access::account_count(c, &system)).await
    }

    async fn unlinked_account(
        &self,
        system: &SystemName,
        external_id: &str,
    ) -> Result<Option<UnlinkedAccount>> {
        let (system, external_id) = (system.clone(), external_id.to_owned());
        self.readers.read(move |c| asked::unlinked_account(c, &system, &external_id)).await
    }

    async fn containment(
        &self,
        system: &SystemName,
        after: Option<(EntitlementName, EntitlementName)>,
        limit: u32,
    ) -> Result<Vec<ContainmentRow>> {
        let system = system.clone();
        self.readers.read(move |c| asked::containment(c, &system, after.as_ref(), limit)).await
    }
}
