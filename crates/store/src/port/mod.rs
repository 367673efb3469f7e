//! The store as the application sees it, by subject. Two adapters pass one conformance suite.

mod cases;
mod commits;
mod entries;
mod estate;
mod feeds;
mod leases;
mod lists;
mod questions;
mod queue;
mod store;
mod subjects;
mod work_lists;

pub use cases::{CaseFilter, CasePlace, Cases};
pub use commits::{Commits, Waiter};
pub use entries::Entries;
pub use estate::Estate;
pub use feeds::Feeds;
pub use leases::{Lease, Leases};
pub use lists::{IdentityFilter, IdsOf, Lists, QuarantinePlace, SearchText};
pub use questions::Questions;
pub use queue::{Queue, TaskCounts, TasksOf};
pub use store::Store;
pub use subjects::Subjects;
pub use work_lists::{
    ApprovalFilter, ApprovalPlace, FindingFilter, FindingPlace, QuarantineKey, TaskFilter, UnlinkedFilter,
    WaitingCounts, WorkLists,
};
