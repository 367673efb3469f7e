//! The port to feeds: a file (or an equivalent) is fetched completely, checked, and then read row by row.

use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{FeedError, FeedShape, Inspected, RawRecord, RowError, SourceName};

/// The rows of a feed, in order. An unreadable row is an error, and the other rows follow.
pub type Rows = Box<dyn Iterator<Item = Result<RawRecord, RowError>> + Send>;

/// A feed that can be processed: nothing is wrong with it as a whole, and it can no longer change.
pub struct Fetched {
    /// The result of its inspection.
    pub inspected: Inspected,
    /// Its rows.
    pub rows: Rows,
    /// When the file was last written, if known: a file that is delivered again is a report, even with the same content.
    pub modified: Option<Timestamp>,
    /// The part of its name at `{extracted}` in the source's path.
    pub stamp: Option<Arc<str>>,
}

/// Where feeds come from.
pub trait Feeds: Send + Sync {
    /// Fetches the feed of a source from `place` (as its file names it).
    ///
    /// # Errors
    /// When the feed is refused as a whole.
    fn fetch(&self, source: &SourceName, place: &Arc<str>, shape: &FeedShape) -> Result<Fetched, FeedError>;
}
