//! What a job needs whole, although the store gives it a page at a time.

use super::Stored;
use crate::AppError;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{CutOffOrder, IdentityId, SourceName, SystemName};
use tenure_store::{
    ContainmentRow, CorrelationRow, HeldChangeRow, RecordIndexRow, UnlinkedAccount, UnlinkedFilter,
};

/// Rows that are read together.
const PAGE: u32 = 4_096;
const ROWS: usize = 4_096;

/// Reads to the end: a page that is not full is the last one.
macro_rules! whole {
    ($row:ty, |$last:ident| $read:expr) => {{
        let mut all: Vec<$row> = Vec::new();
        loop {
            let $last = all.last();
            let some = $read;
            let is_last = some.len() < ROWS;
            all.extend(some);
            if is_last {
                return Ok(all);
            }
        }
    }};
}

impl Stored<'_> {
    /// Held changes that are not ended, oldest first.
    pub(crate) async fn held_changes(&self) -> Result<Vec<HeldChangeRow>, AppError> {
        let store = &self.app.store;
        whole!(HeldChangeRow, |last| store.held_changes_after(last.map(|h| (h.since, h.id)), PAGE).await?)
    }

    /// Correlation questions without an answer, oldest first.
    pub(crate) async fn questions(&self) -> Result<Vec<CorrelationRow>, AppError> {
        let store = &self.app.store;
        whole!(CorrelationRow, |last| store.correlations_after(last.map(|q| (q.since, q.id)), PAGE).await?)
    }

    /// Cut-off orders that have not ended, oldest first.
    pub(crate) async fn orders(&self) -> Result<Vec<CutOffOrder>, AppError> {
        whole!(CutOffOrder, |last| self.app.store.cut_off_orders_after(last.map(|o| o.id), PAGE).await?)
    }

    /// Accounts of a system that are linked to no identity; with `asked` those that a person is asked about.
    pub(crate) async fn unlinked(
        &self,
        system: &SystemName,
        asked: bool,
    ) -> Result<Vec<UnlinkedAccount>, AppError> {
        let with_candidates = asked.then_some(true);
        let filter =
            UnlinkedFilter { system: Some(system.clone()), with_candidates, ..UnlinkedFilter::default() };
        whole!(UnlinkedAccount, |last| {
            let after = last.map(|a| (a.system.clone(), Arc::clone(&a.external_id)));
            self.app.store.unlinked_after(&filter, after, PAGE).await?
        })
    }

    /// Nested entitlements in a system, as scans observed them, in the order of both names.
    pub(crate) async fn containment(&self, system: &SystemName) -> Result<Vec<ContainmentRow>, AppError> {
        whole!(ContainmentRow, |last| {
            let after = last.map(|r| (r.outer.clone(), r.inner.clone()));
            self.app.store.containment(system, after, PAGE).await?
        })
    }

    /// All records of a source, without their content, in the order of keys.
    pub(crate) async fn record_index(&self, source: &SourceName) -> Result<Vec<RecordIndexRow>, AppError> {
        whole!(RecordIndexRow, |last| self.app.store.record_index(source, last.map(|r| &r.key), PAGE).await?)
    }

    /// The identities that lost access in a scope since an instant, in the order of ids.
    pub(crate) async fn losses(&self, scope: &str, since: Timestamp) -> Result<Vec<IdentityId>, AppError> {
        whole!(IdentityId, |last| self.app.store.losses(scope, since, last.copied(), PAGE).await?)
    }

    /// Identities whose settlement read one of these, in the order of ids.
    pub(crate) async fn readers_of(&self, ids: &[IdentityId]) -> Result<Vec<IdentityId>, AppError> {
        whole!(IdentityId, |last| self.app.store.readers_of(ids, last.copied(), PAGE).await?)
    }
}
