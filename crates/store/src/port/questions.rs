//! What waits for a person: requests for approval, findings, held changes.

use crate::{FindingRow, HeldChangeRow, StoreError};
use async_trait::async_trait;
use jiff::Timestamp;
use tenure_model::{Acknowledgement, ApprovalId, ApprovalRequest, FindingId, HeldChangeId, IdentityId};

/// What waits for a person: requests for approval, findings, held changes.
#[async_trait]
pub trait Questions: Send + Sync {
    /// A request for approval.
    async fn approval(&self, id: ApprovalId) -> Result<Option<ApprovalRequest>, StoreError>;
    /// Pending requests, of one identity or all, oldest first.
    async fn approvals(
        &self,
        identity: Option<IdentityId>,
        limit: u32,
    ) -> Result<Vec<ApprovalRequest>, StoreError>;
    /// Pending requests of all identities, in id order after `after`, at most `limit`.
    async fn approvals_after(
        &self,
        after: Option<ApprovalId>,
        limit: u32,
    ) -> Result<Vec<ApprovalRequest>, StoreError>;
    /// Pending requests about these identities, oldest first for each.
    async fn approvals_about(&self, ids: &[IdentityId]) -> Result<Vec<ApprovalRequest>, StoreError>;
    /// Pending requests whose deadline is at or before `now`.
    async fn approvals_due(&self, now: Timestamp, limit: u32) -> Result<Vec<ApprovalRequest>, StoreError>;
    /// Findings, of one identity or all.
    async fn findings(&self, identity: Option<IdentityId>, limit: u32)
    -> Result<Vec<FindingRow>, StoreError>;
    /// Findings after one, in the order of ids.
    async fn findings_after(
        &self,
        after: Option<FindingId>,
        limit: u32,
    ) -> Result<Vec<FindingRow>, StoreError>;
    /// Number of findings.
    async fn finding_count(&self) -> Result<u64, StoreError>;
    /// Findings about these identities.
    async fn findings_about(&self, ids: &[IdentityId]) -> Result<Vec<FindingRow>, StoreError>;
    /// Findings about no identity and no system, oldest first.
    async fn findings_about_the_whole(&self, limit: u32) -> Result<Vec<FindingRow>, StoreError>;
    /// The acknowledgement of one finding, even if it has ended.
    async fn acknowledgement(&self, finding: FindingId) -> Result<Option<Acknowledgement>, StoreError>;
    /// A held change.
    async fn held_change(&self, id: HeldChangeId) -> Result<Option<HeldChangeRow>, StoreError>;
    /// The identities that lost access in a scope since an instant: each once, in id order after `after`, at most `limit`.
    async fn losses(
        &self,
        scope: &str,
        since: Timestamp,
        after: Option<IdentityId>,
        limit: u32,
    ) -> Result<Vec<IdentityId>, StoreError>;
}
