//! Accounts of systems, linked and not, and what entitlements contain.

use crate::{ContainmentRow, StoreError, UnlinkedAccount};
use async_trait::async_trait;
use std::sync::Arc;
use tenure_model::{AccountKey, EntitlementName, IdentityId, SystemName};

/// Accounts of systems, linked and not, and what entitlements contain.
#[async_trait]
pub trait Estate: Send + Sync {
    /// The identity whose account has this external id in a system; if there is none, the identity whose account there is decided to
    /// have this name, if the name was issued to it.
    async fn account_owners(
        &self,
        system: &SystemName,
        natives: &[Arc<str>],
    ) -> Result<Vec<(Arc<str>, IdentityId, AccountKey)>, StoreError>;
    /// Identities that have an account in a system, in id order after `after`.
    async fn account_holders(
        &self,
        system: &SystemName,
        after: Option<IdentityId>,
        limit: u32,
    ) -> Result<Vec<IdentityId>, StoreError>;
    /// Identities after one, in the order of ids, with an account that is not confirmed as decided and has no open task.
    async fn without_task(
        &self,
        after: Option<IdentityId>,
        limit: u32,
    ) -> Result<Vec<IdentityId>, StoreError>;
    /// Number of identities with a usable account in a system (by decision).
    async fn account_count(&self, system: &SystemName) -> Result<u64, StoreError>;
    /// One account that is not linked to an identity, by external id.
    async fn unlinked_account(
        &self,
        system: &SystemName,
        external_id: &str,
    ) -> Result<Option<UnlinkedAccount>, StoreError>;
    /// Nested entitlements in a system, as scans observed them, in the order of both names, after one, at most `limit`.
    async fn containment(
        &self,
        system: &SystemName,
        after: Option<(EntitlementName, EntitlementName)>,
        limit: u32,
    ) -> Result<Vec<ContainmentRow>, StoreError>;
}
