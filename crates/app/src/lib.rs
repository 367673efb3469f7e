//! Use cases and workers: what happens when a feed comes in, a person decides, a task is due.

mod again;
mod app;
mod approvals;
mod checkpoint;
mod correlate;
mod cut_off;
mod decide;
pub mod describe;
mod error;
mod evidence;
mod explain;
mod feed;
mod ledger;
mod machine;
mod people;
mod references;
mod run;
mod set_up;
mod vault;
mod vote;
mod work;

pub use again::Labels;
pub use app::{App, Wired, Witness};
pub use cut_off::REVIEW_AFTER;
pub use decide::{Candidate, Cause, Decision};
pub use error::AppError;
pub use evidence::{About, Recorder};
pub use explain::Explanation;
pub use feed::FeedReport;
pub use ledger::{LedgerCheck, Sink};
pub use machine::{Actor, Clock, Machine, Moment, Randomness};
pub use people::called;
pub use run::{Progress, RunReport};
pub use set_up::activate;
pub use vault::Vault;
pub use work::WorkReport;
