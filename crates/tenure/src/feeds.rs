//! Feeds from files: read whole into memory first, so that a file that changes meanwhile cannot be half taken.

use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tenure_connect::{Feeds, Fetched};
use tenure_engine::normalise::{stamp, stamp_order};
use tenure_model::{FeedError, FeedFault, FeedShape, SourceName};
use tenure_policy::EXTRACTED;
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
        let (path, place, stamp) = match self.instead.get(source) {
            Some(path) => (path.clone(), Arc::from(path.to_string_lossy()), None),
            None => self.latest(place)?,
        };
        let place = &place;
        let metadata = std::fs::metadata(&path).map_err(|e| unreadable(place, &e))?;
        let length = metadata.len();
        if length > shape.limits.file_bytes {
            let fault = FeedFault::TooLarge { bytes: length, limit: shape.limits.file_bytes };
            return Err(FeedError { file: place.clone(), fault });
        }
        let bytes = std::fs::read(&path).map_err(|e| unreadable(place, &e))?;
        let input = Input::bytes(place, bytes);
        let inspected = inspect(&input, shape)?;
        let feed = open(&input, shape, &inspected)?;
        // The bytes are ours: the file as a whole cannot go wrong any more, only rows can.
        let rows = feed.filter_map(|row| match row {
            Ok(row) => Some(Ok(row)),
            Err(Refused::Row(e)) => Some(Err(e)),
            Err(Refused::Feed(_)) => None,
        });
        let modified = metadata.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
        Ok(Fetched { inspected, rows: Box::new(rows), modified, stamp })
    }
}

/// A file: where it is, what it is called to people, and what its name says of when it was extracted.
type Found = (PathBuf, Arc<str>, Option<Arc<str>>);

impl FileFeeds {
    /// The file at a place; of several whose names say when they were extracted, the latest.
    fn latest(&self, place: &Arc<str>) -> Result<Found, FeedError> {
        if !place.contains(EXTRACTED) {
            return Ok((self.folder.join(&**place), place.clone(), None));
        }
        let (below, pattern) = place.rsplit_once('/').unwrap_or(("", place));
        let folder = self.folder.join(below);
        let files = std::fs::read_dir(&folder).map_err(|e| unreadable(place, &e))?;
        let mut found: Vec<(String, String)> = Vec::new();
        for file in files {
            let name = file.map_err(|e| unreadable(place, &e))?.file_name().to_string_lossy().into_owned();
            if let Some(stamp) = stamp(pattern, &name) {
                found.push((stamp.to_owned(), name));
            }
        }
        let Some((stamp, name)) =
            found.into_iter().max_by_key(|(stamp, name)| (stamp_order(stamp), name.clone()))
        else {
            let reason = "no file has such a name".to_owned();
            return Err(FeedError { file: place.clone(), fault: FeedFault::Unreadable { reason } });
        };
        let shown = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        Ok((folder.join(name), Arc::from(shown), Some(Arc::from(stamp))))
    }
}

fn unreadable(place: &Arc<str>, error: &std::io::Error) -> FeedError {
    FeedError { file: place.clone(), fault: FeedFault::Unreadable { reason: error.to_string() } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_files_the_one_that_was_extracted_last_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let feeds = FileFeeds { folder: folder.path().to_owned(), instead: BTreeMap::new() };
        let place = Arc::from("hr-{extracted}.csv");
        let shape = FeedShape {
            format: tenure_model::FeedFormat::Separated { delimiter: b',', quote: b'"' },
            encoding: Arc::from("utf-8"),
            snapshot: true,
            required: Vec::new(),
            limits: tenure_model::FeedLimits::default(),
        };
        let source: SourceName = tenure_model::Name::new("hr").unwrap();
        assert!(feeds.fetch(&source, &place, &shape).err().unwrap().to_string().contains("no file has"));
        for name in ["hr-2026-03-02.csv", "hr-20260303.csv", "hr-.csv", "vendors-2027-01-01.csv"] {
            std::fs::write(folder.path().join(name), format!("number,file\n1,{name}\n")).unwrap();
        }
        let mut fetched = feeds.fetch(&source, &place, &shape).ok().unwrap();
        assert_eq!(fetched.stamp.as_deref(), Some("20260303"));
        assert!(fetched.modified.is_some());
        let row = fetched.rows.next().unwrap().unwrap();
        assert_eq!(row.get("file"), Some("hr-20260303.csv"));
    }
}
