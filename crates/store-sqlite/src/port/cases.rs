//! Cases and their facts.

use super::answer::Result;
use crate::open::SqliteStore;
use crate::read::{access, case};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{Case, CaseId, CaseLabel, Fact, IdentityId};
use tenure_store::{CaseFilter, Cases};

#[async_trait]
impl Cases for SqliteStore {
    async fn open_cases(&self, ids: &[IdentityId]) -> Result<Vec<Case>> {
        let ids = ids.to_vec();
        self.readers.read(move |c| case::open_cases(c, &ids)).await
    }

    async fn open_cases_after(&self, after: Option<IdentityId>, limit: u32) -> Result<Vec<Case>> {
        self.readers.read(move |c| case::open_cases_after(c, after, limit)).await
    }

    async fn case(&self, id: CaseId) -> Result<Option<Case>> {
        self.readers.read(move |c| case::case(c, id)).await
    }

    async fn cases(&self, filter: &CaseFilter) -> Result<Vec<Case>> {
        let filter = filter.clone();
        self.readers.read(move |c| case::cases(c, &filter)).await
    }

    async fn case_labels(&self, from: Timestamp, before: Timestamp) -> Result<Vec<(CaseLabel, u64)>> {
        self.readers.read(move |c| case::case_labels(c, from, before)).await
    }

    async fn facts(&self, ids: &[IdentityId]) -> Result<Vec<Fact>> {
        let ids = ids.to_vec();
        self.readers.read(move |c| access::facts(c, &ids)).await
    }

    async fn owed(&self, limit: u32) -> Result<Vec<Fact>> {
        self.readers.read(move |c| access::owed(c, limit)).await
    }

    async fn accepted(&self, limit: u32) -> Result<Vec<Fact>> {
        self.readers.read(move |c| access::accepted(c, limit)).await
    }

    async fn fact_counts(&self) -> Result<Vec<(Arc<str>, u64)>> {
        self.readers.read(access::fact_counts).await
    }
}
