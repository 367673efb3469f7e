//! Records of sources, and questions about whom they belong to.

use super::answer::Result;
use crate::open::SqliteStore;
use crate::read::{asked, record};
use async_trait::async_trait;
use tenure_model::{CorrelationId, IdentityId, RecordKey, SourceName};
use tenure_store::{CorrelationRow, FeedRunRow, Feeds, RecordIndexRow, RecordRow};

#[async_trait]
impl Feeds for SqliteStore {
    async fn records(&self, source: &SourceName, keys: &[RecordKey]) -> Result<Vec<RecordRow>> {
        let source = source.clone();
        let keys = keys.to_vec();
        self.readers.read(move |c| record::records(c, &source, &keys)).await
    }

    async fn record_index(
        &self,
        source: &SourceName,
        after: Option<&RecordKey>,
        limit: u32,
    ) -> Result<Vec<RecordIndexRow>> {
        let (source, after) = (source.clone(), after.cloned());
        self.readers.read(move |c| record::record_index(c, &source, after.as_ref(), limit)).await
    }

    async fn records_of(&self, identity: IdentityId) -> Result<Vec<RecordRow>> {
        self.readers.read(move |c| record::records_of(c, identity)).await
    }

    async fn feed_runs(&self, source: &SourceName, limit: u32) -> Result<Vec<FeedRunRow>> {
        let source = source.clone();
        self.readers.read(move |c| record::feed_runs(c, &source, limit)).await
    }

    async fn correlation(&self, id: CorrelationId) -> Result<Option<CorrelationRow>> {
        self.readers.read(move |c| asked::correlation(c, id)).await
    }
}
