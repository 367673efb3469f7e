//! The port to feeds: a file (or whatever stands for one) is fetched whole, checked, and then read row by row.

use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{FeedError, FeedShape, Inspected, RawRecord, RowError, SourceName};

/// The rows of a feed, in order. A row that cannot be read is an error and the rest goes on.
pub type Rows = Box<dyn Iterator<Item = Result<RawRecord, RowError>> + Send>;

/// A feed that may be taken: nothing about it as a whole is wrong, and it cannot change any more.
pub struct Fetched {
    /// What it is.
    pub inspected: Inspected,
    /// Its rows.
    pub rows: Rows,
    /// When the file was last written, where that is known: a file that is delivered again is a report, also when it says
    /// the same.
    pub modified: Option<Timestamp>,
    /// What stands in its name where the source's path says `{extracted}`.
    pub stamp: Option<Arc<str>>,
}

/// Where feeds come from.
pub trait Feeds: Send + Sync {
    /// Fetches the feed of a source from `place` (as its file names it).
    ///
    /// # Errors
    /// When the feed is refused whole.
    fn fetch(&self, source: &SourceName, place: &Arc<str>, shape: &FeedShape) -> Result<Fetched, FeedError>;
}
