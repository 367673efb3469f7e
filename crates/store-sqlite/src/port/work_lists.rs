//! The lists of what waits for people: each is one read.

use super::answer::Result;
use crate::open::SqliteStore;
use crate::read::work_list;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tenure_model::{
    Acknowledgement, ApprovalRequest, CorrelationId, CutOffOrder, CutOffOrderId, FindingId, HeldChangeId,
    SourceName, SystemName, Task, TaskId,
};
use tenure_store::{
    ApprovalFilter, ApprovalPlace, CorrelationRow, FindingFilter, FindingPlace, FindingRow, HeldChangeRow,
    QuarantineKey, QuarantineRow, TaskFilter, UnlinkedAccount, UnlinkedFilter, WaitingCounts, WorkLists,
};

#[async_trait]
impl WorkLists for SqliteStore {
    async fn findings_due(
        &self,
        filter: &FindingFilter,
        after: Option<FindingPlace>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, FindingRow)>> {
        let filter = filter.clone();
        self.readers.read(move |c| work_list::findings_due(c, &filter, after, limit)).await
    }

    async fn acknowledgements_of(&self, ids: &[FindingId]) -> Result<Vec<Acknowledgement>> {
        let ids = ids.to_vec();
        self.readers.read(move |c| work_list::acknowledgements_of(c, &ids)).await
    }

    async fn quarantine_due(
        &self,
        within: (SignedDuration, SignedDuration),
        after: Option<(Timestamp, Option<QuarantineKey>)>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, QuarantineKey)>> {
        self.readers.read(move |c| work_list::quarantine_due(c, within, after.as_ref(), limit)).await
    }

    async fn quarantine_of(&self, rows: &[QuarantineKey]) -> Result<Vec<QuarantineRow>> {
        let rows = rows.to_vec();
        self.readers.read(move |c| work_list::quarantine_of(c, &rows)).await
    }

    async fn quarantine_counts(&self) -> Result<Vec<(SourceName, u64)>> {
        self.readers.read(work_list::quarantine_counts).await
    }

    async fn waiting_counts(&self) -> Result<WaitingCounts> {
        self.readers.read(work_list::waiting_counts).await
    }

    async fn approvals_by_deadline(
        &self,
        filter: &ApprovalFilter,
        after: Option<ApprovalPlace>,
        limit: u32,
    ) -> Result<Vec<ApprovalRequest>> {
        let filter = filter.clone();
        self.readers.read(move |c| work_list::approvals_by_deadline(c, &filter, after, limit)).await
    }

    async fn tasks_listed(
        &self,
        filter: &TaskFilter,
        after: Option<TaskId>,
        limit: u32,
    ) -> Result<Vec<Task>> {
        let filter = filter.clone();
        self.readers.read(move |c| work_list::tasks_listed(c, &filter, after, limit)).await
    }

    async fn unlinked_after(
        &self,
        filter: &UnlinkedFilter,
        after: Option<(SystemName, Arc<str>)>,
        limit: u32,
    ) -> Result<Vec<UnlinkedAccount>> {
        let filter = filter.clone();
        self.readers.read(move |c| work_list::unlinked_after(c, &filter, after.as_ref(), limit)).await
    }

    async fn correlations_after(
        &self,
        after: Option<(Timestamp, CorrelationId)>,
        limit: u32,
    ) -> Result<Vec<CorrelationRow>> {
        self.readers.read(move |c| work_list::correlations_after(c, after, limit)).await
    }

    async fn held_changes_after(
        &self,
        after: Option<(Timestamp, HeldChangeId)>,
        limit: u32,
    ) -> Result<Vec<HeldChangeRow>> {
        self.readers.read(move |c| work_list::held_changes_after(c, after, limit)).await
    }

    async fn cut_off_orders_after(
        &self,
        after: Option<CutOffOrderId>,
        limit: u32,
    ) -> Result<Vec<CutOffOrder>> {
        self.readers.read(move |c| work_list::cut_off_orders_after(c, after, limit)).await
    }
}
