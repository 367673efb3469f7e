//! The store as the application sees it, by subject. Two adapters pass one conformance suite.

mod cases;
mod commits;
mod entries;
mod estate;
mod feeds;
mod leases;
mod questions;
mod queue;
mod subjects;

pub use cases::{CaseFilter, Cases};
pub use commits::Commits;
pub use entries::Entries;
pub use estate::Estate;
pub use feeds::Feeds;
pub use leases::{Lease, Leases};
pub use questions::Questions;
pub use queue::{Queue, TaskCounts, TasksOf};
pub use subjects::Subjects;

/// Storage. All methods may be called from any task; reads see everything committed before they began. Instants are stored to the
/// microsecond: finer ones are truncated.
pub trait Store: Cases + Commits + Entries + Estate + Feeds + Leases + Questions + Queue + Subjects {}

impl<T: Cases + Commits + Entries + Estate + Feeds + Leases + Questions + Queue + Subjects> Store for T {}
