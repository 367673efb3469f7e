//! Takes a feed: every row is processed once, changes without a loss are committed at once, the rest passes the brake.

mod arrival;
mod brake;
mod chunk;
mod counted;
mod dismissed;
mod flight;
mod ingest;
mod mapping;
mod missing;
mod pending;
mod prefetch;
mod put_aside;
mod report;
mod take;
mod twice;

pub(crate) use brake::SourceBrake;
pub(crate) use dismissed::Dismissed;
pub(crate) use ingest::{Ingest, read_again};
pub(crate) use mapping::tells_of;
pub(crate) use pending::{FeedRun, IdentityChanges, RecordChange, released};
pub use report::FeedReport;

crate::app::part! {
    /// Runs of feeds.
    FeedRuns, feed
}
