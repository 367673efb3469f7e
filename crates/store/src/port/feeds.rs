//! Records of sources, and questions about whom they belong to.

use crate::{CorrelationRow, FeedRunRow, RecordIndexRow, RecordRow, StoreError};
use async_trait::async_trait;
use tenure_model::{CorrelationId, IdentityId, RecordKey, SourceName};

/// Records of sources, and questions about whom they belong to.
#[async_trait]
pub trait Feeds: Send + Sync {
    /// Records of a source by key.
    async fn records(&self, source: &SourceName, keys: &[RecordKey]) -> Result<Vec<RecordRow>, StoreError>;
    /// Records of a source without their content, in the order of keys, after one, at most `limit`.
    async fn record_index(
        &self,
        source: &SourceName,
        after: Option<&RecordKey>,
        limit: u32,
    ) -> Result<Vec<RecordIndexRow>, StoreError>;
    /// Records of an identity.
    async fn records_of(&self, identity: IdentityId) -> Result<Vec<RecordRow>, StoreError>;
    /// Feed runs of a source, newest first.
    async fn feed_runs(&self, source: &SourceName, limit: u32) -> Result<Vec<FeedRunRow>, StoreError>;
    /// A correlation question.
    async fn correlation(&self, id: CorrelationId) -> Result<Option<CorrelationRow>, StoreError>;
}
