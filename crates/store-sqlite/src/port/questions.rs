//! What waits for a person: requests for approval, findings, held changes.

use super::answer::Result;
use crate::open::SqliteStore;
use crate::read::asked;
use async_trait::async_trait;
use jiff::Timestamp;
use tenure_model::{Acknowledgement, ApprovalId, ApprovalRequest, FindingId, HeldChangeId, IdentityId};
use tenure_store::{FindingRow, HeldChangeRow, Questions};

#[async_trait]
impl Questions for SqliteStore {
    async fn approval(&self, id: ApprovalId) -> Result<Option<ApprovalRequest>> {
        self.readers.read(move |c| asked::approval(c, id)).await
    }

    async fn approvals(&self, identity: Option<IdentityId>, limit: u32) -> Result<Vec<ApprovalRequest>> {
        self.readers.read(move |c| asked::approvals(c, identity, limit)).await
    }

    async fn approvals_after(&self, after: Option<ApprovalId>, limit: u32) -> Result<Vec<ApprovalRequest>> {
        self.readers.read(move |c| asked::approvals_after(c, after, limit)).await
    }

    async fn approvals_about(&self, ids: &[IdentityId]) -> Result<Vec<ApprovalRequest>> {
        let ids = ids.to_vec();
        self.readers.read(move |c| asked::approvals_about(c, &ids)).await
    }

    async fn approvals_due(&self, now: Timestamp, limit: u32) -> Result<Vec<ApprovalRequest>> {
        self.readers.read(move |c| asked::approvals_due(c, now, limit)).await
    }

    async fn findings(&self, identity: Option<IdentityId>, limit: u32) -> Result<Vec<FindingRow>> {
        self.readers.read(move |c| asked::findings(c, identity, limit)).await
    }

    async fn findings_after(&self, after: Option<FindingId>, limit: u32) -> Result<Vec<FindingRow>> {
        self.readers.read(move |c| asked::findings_after(c, after, limit)).await
    }

    async fn finding_count(&self) -> Result<u64> {
        self.readers.read(asked::finding_count).await
    }

    async fn findings_about(&self, ids: &[IdentityId]) -> Result<Vec<FindingRow>> {
        let ids = ids.to_vec();
        self.readers.read(move |c| asked::findings_about(c, &ids)).await
    }

    async fn findings_about_the_whole(&self, limit: u32) -> Result<Vec<FindingRow>> {
        self.readers.read(move |c| asked::findings_about_the_whole(c, limit)).await
    }

    async fn acknowledgement(&self, finding: FindingId) -> Result<Option<Acknowledgement>> {
        self.readers.read(move |c| asked::acknowledgement(c, finding)).await
    }

    async fn held_change(&self, id: HeldChangeId) -> Result<Option<HeldChangeRow>> {
        self.readers.read(move |c| asked::held_change(c, id)).await
    }

    async fn losses(
        &self,
        scope: &str,
        since: Timestamp,
        after: Option<IdentityId>,
        limit: u32,
    ) -> Result<Vec<IdentityId>> {
        let scope = scope.to_owned();
        self.readers.read(move |c| asked::losses(c, &scope, since, after, limit)).await
    }
}
