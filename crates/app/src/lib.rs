//! Use cases and workers: what happens when a feed comes in, a person decides, a task is due.

mod again;
mod app;
mod approvals;
mod correlate;
mod decide;
pub mod describe;
mod error;
mod evidence;
mod feed;
mod machine;
mod references;
mod vault;
mod work;

pub use again::Labels;
pub use app::{App, Wired};
pub use decide::{Candidate, Cause, Decision};
pub use error::AppError;
pub use evidence::{About, Recorder};
pub use feed::FeedReport;
pub use machine::{Actor, Clock, Machine, Moment, Randomness};
pub use vault::Vault;
pub use work::WorkReport;
