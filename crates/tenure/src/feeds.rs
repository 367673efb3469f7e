//! Feeds from files: read whole into memory first, so that a file that changes meanwhile cannot be half taken.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tenure_connect::{Feeds, Fetched, Links, ReadError, file_id, read_regular};
use tenure_engine::normalise::{stamp, stamp_order};
use tenure_model::{FeedError, FeedFault, FeedShape, SourceName};
use tenure_policy::EXTRACTED;
use tenure_source_file::{Input, Refused, inspect, open};

/// Feeds below a configuration folder.
#[derive(Debug)]
pub(crate) struct FileFeeds {
    pub(crate) folder: PathBuf,
    /// Files that replace the feeds of some sources.
    pub(crate) instead: BTreeMap<SourceName, PathBuf>,
    /// Files that are never read as feeds, under whatever name: what is wrong with a feed is told with its first line.
    pub(crate) withheld: Vec<PathBuf>,
}

impl Feeds for FileFeeds {
    fn fetch(&self, source: &SourceName, place: &Arc<str>, shape: &FeedShape) -> Result<Fetched, FeedError> {
        let (path, place, stamp) = match self.instead.get(source) {
            Some(path) => (path.clone(), Arc::from(path.to_string_lossy()), None),
            None => self.latest(place)?,
        };
        // What a person names on the command line is where they are.
        let here = Path::new(".");
        let base = if self.instead.contains_key(source) { here } else { &self.folder };
        let place = &place;
        let read = read_regular(base, &path, Links::Refuse, shape.limits.file_bytes);
        let file = read.map_err(|e| refused(place, shape, &e))?;
        if self.withheld.iter().any(|path| file_id(path) == Some(file.id)) {
            let reason = "it is a file of Tenure itself: a key, a secret or the database".to_owned();
            return Err(FeedError { file: place.clone(), fault: FeedFault::Unreadable { reason } });
        }
        let modified = file.modified;
        let input = Input::bytes(place, file.bytes);
        let inspected = inspect(&input, shape)?;
        let feed = open(&input, shape, &inspected)?;
        // The bytes are in memory: from here only rows can fail, not the file as a whole.
        let rows = feed.filter_map(|row| match row {
            Ok(row) => Some(Ok(row)),
            Err(Refused::Row(e)) => Some(Err(e)),
            Err(Refused::Feed(_)) => None,
        });
        Ok(Fetched { inspected, rows: Box::new(rows), modified, stamp })
    }
}

/// A file: where it is (below the folder), what it is called to people, and what its name says of when it was extracted.
type FeedFile = (PathBuf, Arc<str>, Option<Arc<str>>);

impl FileFeeds {
    /// The file at a place; of several whose names say when they were extracted, the latest.
    fn latest(&self, place: &Arc<str>) -> Result<FeedFile, FeedError> {
        if !place.contains(EXTRACTED) {
            return Ok((PathBuf::from(&**place), place.clone(), None));
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
        Ok((PathBuf::from(&shown), Arc::from(shown), Some(Arc::from(stamp))))
    }
}

fn refused(place: &Arc<str>, shape: &FeedShape, error: &ReadError) -> FeedError {
    let fault = match error {
        ReadError::TooLarge(limit) => {
            FeedFault::TooLarge { bytes: limit.saturating_add(1), limit: shape.limits.file_bytes }
        }
        other => FeedFault::Unreadable { reason: other.to_string() },
    };
    FeedError { file: place.clone(), fault }
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
        let feeds =
            FileFeeds { folder: folder.path().to_owned(), instead: BTreeMap::new(), withheld: Vec::new() };
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
