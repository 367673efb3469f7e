//! Lists of what waits for people: findings, requests, tasks, questions, held changes, unlinked accounts; filtered, in a fixed order, a
//! page at a time.

use crate::{CorrelationRow, FindingRow, HeldChangeRow, QuarantineRow, StoreError, UnlinkedAccount};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tenure_model::{
    Acknowledgement, ApprovalId, ApprovalRequest, CorrelationId, CutOffOrder, CutOffOrderId, FindingId,
    FindingKind, HeldChangeId, IdentityId, OrphanClass, SourceName, SystemName, Task, TaskId,
};

/// Which findings to list; all that are named must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingFilter {
    /// Only about this identity.
    pub identity: Option<IdentityId>,
    /// Only about this system.
    pub system: Option<SystemName>,
    /// Only of these kinds; empty: of all.
    pub kinds: Vec<FindingKind>,
}

/// A place in the list of findings: the deadline, and the finding.
pub type FindingPlace = (Timestamp, FindingId);

/// A row in quarantine, with all its faults.
pub type QuarantineKey = (SourceName, Arc<str>);

/// Which pending requests to list; all that are named must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApprovalFilter {
    /// Only about this identity.
    pub about: Option<IdentityId>,
    /// Only those that this identity may answer, as an approver or as a delegate of one.
    pub by: Option<IdentityId>,
}

/// A place in the list of requests: deadline, instant of asking, and the request.
pub type ApprovalPlace = (Timestamp, Timestamp, ApprovalId);

/// Which tasks that are not done to list; all that are named must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// Only of this identity.
    pub identity: Option<IdentityId>,
    /// Only on this system.
    pub system: Option<SystemName>,
    /// Only those that need a person.
    pub needs_person: bool,
}

/// Which unlinked accounts to list; all that are named must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnlinkedFilter {
    /// Only of this system.
    pub system: Option<SystemName>,
    /// Only of this class.
    pub class: Option<OrphanClass>,
    /// Only those for which identities were found, or for which none was.
    pub with_candidates: Option<bool>,
}

/// Numbers of what waits for people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WaitingCounts {
    /// Pending requests for approval.
    pub approvals: u64,
    /// Correlation questions without an answer.
    pub questions: u64,
    /// Held changes that are not ended.
    pub held_changes: u64,
}

/// The lists of what waits for people.
#[async_trait]
pub trait WorkLists: Send + Sync {
    /// Findings in the order of deadlines ([`FindingRow::due`]) and ids, after one, at most `limit`; each with the deadline by which it
    /// is in this place. A damaged row may say another one: reading goes on after the place, not after what the row says.
    async fn findings_due(
        &self,
        filter: &FindingFilter,
        after: Option<FindingPlace>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, FindingRow)>, StoreError>;
    /// The acknowledgements of these findings, even if they have ended.
    async fn acknowledgements_of(&self, ids: &[FindingId]) -> Result<Vec<Acknowledgement>, StoreError>;
    /// Rows in quarantine, each once with its deadline, in the order of deadline, source and key, at most `limit`: those after an instant
    /// and a row, or from the first row of an instant on. A fault is due `within` the first time after it was found if it is urgent, else
    /// the second one; a row is due with the first of its faults.
    async fn quarantine_due(
        &self,
        within: (SignedDuration, SignedDuration),
        after: Option<(Timestamp, Option<QuarantineKey>)>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, QuarantineKey)>, StoreError>;
    /// All faults of these rows in quarantine, in the order of the rows.
    async fn quarantine_of(&self, rows: &[QuarantineKey]) -> Result<Vec<QuarantineRow>, StoreError>;
    /// Number of faults of rows in quarantine, by source.
    async fn quarantine_counts(&self) -> Result<Vec<(SourceName, u64)>, StoreError>;
    /// Numbers of what waits for people.
    async fn waiting_counts(&self) -> Result<WaitingCounts, StoreError>;
    /// Pending requests in the order of deadline, asking, folded name of the identity, and id, after one, at most `limit`.
    async fn approvals_by_deadline(
        &self,
        filter: &ApprovalFilter,
        after: Option<ApprovalPlace>,
        limit: u32,
    ) -> Result<Vec<ApprovalRequest>, StoreError>;
    /// Tasks that are not done, in the order of ids, after one, at most `limit`.
    async fn tasks_listed(
        &self,
        filter: &TaskFilter,
        after: Option<TaskId>,
        limit: u32,
    ) -> Result<Vec<Task>, StoreError>;
    /// Unlinked accounts in the order of system and external id, after one, at most `limit`.
    async fn unlinked_after(
        &self,
        filter: &UnlinkedFilter,
        after: Option<(SystemName, Arc<str>)>,
        limit: u32,
    ) -> Result<Vec<UnlinkedAccount>, StoreError>;
    /// Correlation questions without an answer, oldest first, after one, at most `limit`.
    async fn correlations_after(
        &self,
        after: Option<(Timestamp, CorrelationId)>,
        limit: u32,
    ) -> Result<Vec<CorrelationRow>, StoreError>;
    /// Held changes that are not ended, oldest first, after one, at most `limit`.
    async fn held_changes_after(
        &self,
        after: Option<(Timestamp, HeldChangeId)>,
        limit: u32,
    ) -> Result<Vec<HeldChangeRow>, StoreError>;
    /// Cut-off orders that have not ended, oldest first, after one, at most `limit`.
    async fn cut_off_orders_after(
        &self,
        after: Option<CutOffOrderId>,
        limit: u32,
    ) -> Result<Vec<CutOffOrder>, StoreError>;
}
