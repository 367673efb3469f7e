//! Cases and their facts.

use crate::StoreError;
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{Case, CaseId, CaseLabel, Fact, IdentityId};

/// Which cases to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Only of this identity.
    pub identity: Option<IdentityId>,
    /// Only open ones.
    pub open: bool,
    /// Only with this label.
    pub label: Option<CaseLabel>,
    /// Only those decided in this period (from, before).
    pub decided: Option<(Timestamp, Timestamp)>,
    /// Only those after this place, newest first.
    pub after: Option<CasePlace>,
    /// At most this many, newest first (0, no limit, is not permitted; the adapter uses 1,000).
    pub limit: u32,
}

/// A place in the list of cases: the instant of the decision, and the case.
pub type CasePlace = (Timestamp, CaseId);

/// Cases and their facts.
#[async_trait]
pub trait Cases: Send + Sync {
    /// Open case of each identity that has one.
    async fn open_cases(&self, ids: &[IdentityId]) -> Result<Vec<Case>, StoreError>;
    /// Open cases of identities after one, in the order of identities: each has at most one.
    async fn open_cases_after(&self, after: Option<IdentityId>, limit: u32) -> Result<Vec<Case>, StoreError>;
    /// A case.
    async fn case(&self, id: CaseId) -> Result<Option<Case>, StoreError>;
    /// Cases, newest first.
    async fn cases(&self, filter: &CaseFilter) -> Result<Vec<Case>, StoreError>;
    /// Number of cases by label, decided in a period.
    async fn case_labels(
        &self,
        from: Timestamp,
        before: Timestamp,
    ) -> Result<Vec<(CaseLabel, u64)>, StoreError>;
    /// Facts of identities, in the order of `ids`; a repeated id counts once.
    async fn facts(&self, ids: &[IdentityId]) -> Result<Vec<Fact>, StoreError>;
    /// Facts without an account that are unknown or claimed, of all identities, in the order of ids; at most `limit`.
    async fn owed(&self, limit: u32) -> Result<Vec<Fact>, StoreError>;
    /// Accepted facts (residual risks), by identity; at most `limit`.
    async fn accepted(&self, limit: u32) -> Result<Vec<Fact>, StoreError>;
    /// Number of facts by state.
    async fn fact_counts(&self) -> Result<Vec<(Arc<str>, u64)>, StoreError>;
}
