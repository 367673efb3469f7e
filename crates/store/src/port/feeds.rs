//! Records of sources, their quarantine, and questions about whom they belong to.

use crate::{CorrelationRow, FeedRunRow, QuarantineRow, RecordIndexRow, RecordRow, StoreError};
use async_trait::async_trait;
use tenure_model::{CorrelationId, IdentityId, RecordKey, SourceName};

/// Records of sources, their quarantine, and questions about whom they belong to.
#[async_trait]
pub trait Feeds: Send + Sync {
    /// Records of a source by key.
    async fn records(&self, source: &SourceName, keys: &[RecordKey]) -> Result<Vec<RecordRow>, StoreError>;
    /// All records of a source, without their content.
    async fn record_index(&self, source: &SourceName) -> Result<Vec<RecordIndexRow>, StoreError>;
    /// Records of an identity.
    async fn records_of(&self, identity: IdentityId) -> Result<Vec<RecordRow>, StoreError>;
    /// Rows in quarantine.
    async fn quarantine(&self, source: Option<&SourceName>) -> Result<Vec<QuarantineRow>, StoreError>;
    /// Feed runs of a source, newest first.
    async fn feed_runs(&self, source: &SourceName, limit: u32) -> Result<Vec<FeedRunRow>, StoreError>;
    /// A correlation question.
    async fn correlation(&self, id: CorrelationId) -> Result<Option<CorrelationRow>, StoreError>;
    /// Correlation questions without an answer.
    async fn correlations(&self) -> Result<Vec<CorrelationRow>, StoreError>;
}
