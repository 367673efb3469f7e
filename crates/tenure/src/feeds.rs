//! Feeds from files: read whole into memory first, so that a file that changes meanwhile cannot be half taken.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tenure_connect::{Feeds, Fetched};
use tenure_model::{FeedError, FeedFault, FeedShape, SourceName};
use tenure_source_file::{Input, Refused, inspect, open};

/// Feeds below a configuration folder.
#[derive(Debug)]
pub(crate) struct FileFeeds {
    pub(crate) folder: PathBuf,
    /// Files that stand in for the feeds of some sources.
    pub(crate) instead: BTreeMap<SourceName, PathBuf>,
}

impl Feeds for FileFeeds {
    fn fetch(&self, source: &SourceName, place: &Arc<str>, shape: &FeedShape) -> Result<Fetched, FeedError> {
        let (path, place) = match self.instead.get(source) {
            Some(path) => (path.clone(), &Arc::from(path.to_string_lossy())),
            None => (self.folder.join(&**place), place),
        };
        let unreadable = |e: std::io::Error| FeedError {
            file: place.clone(),
            fault: FeedFault::Unreadable { reason: e.to_string() },
        };
        let length = std::fs::metadata(&path).map_err(unreadable)?.len();
        if length > shape.limits.file_bytes {
            let fault = FeedFault::TooLarge { bytes: length, limit: shape.limits.file_bytes };
            return Err(FeedError { file: place.clone(), fault });
        }
        let bytes = std::fs::read(&path).map_err(unreadable)?;
        let input = Input::bytes(place, bytes);
        let inspected = inspect(&input, shape)?;
        let feed = open(&input, shape, &inspected)?;
        // The bytes are ours: the file as a whole cannot go wrong any more, only rows can.
        let rows = feed.filter_map(|row| match row {
            Ok(row) => Some(Ok(row)),
            Err(Refused::Row(e)) => Some(Err(e)),
            Err(Refused::Feed(_)) => None,
        });
        Ok(Fetched { inspected, rows: Box::new(rows) })
    }
}
