//! Feeds from files, as the program reads them.

use std::path::PathBuf;
use std::sync::Arc;
use tenure_connect::{Feeds, Fetched};
use tenure_model::{FeedError, FeedFault, FeedShape, SourceName};
use tenure_source_file::{Input, Refused, inspect, open};

/// Feeds below a folder.
pub(crate) struct FileFeeds(pub(crate) PathBuf);

impl Feeds for FileFeeds {
    fn fetch(&self, _source: &SourceName, place: &Arc<str>, shape: &FeedShape) -> Result<Fetched, FeedError> {
        let bytes = std::fs::read(self.0.join(&**place)).map_err(|e| FeedError {
            file: place.clone(),
            fault: FeedFault::Unreadable { reason: e.to_string() },
        })?;
        let input = Input::bytes(place, bytes);
        let inspected = inspect(&input, shape)?;
        let rows = open(&input, shape, &inspected)?.filter_map(|row| match row {
            Ok(row) => Some(Ok(row)),
            Err(Refused::Row(e)) => Some(Err(e)),
            Err(Refused::Feed(_)) => None,
        });
        Ok(Fetched { inspected, rows: Box::new(rows), modified: None, stamp: None })
    }
}
