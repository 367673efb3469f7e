//! The worker: claims tasks, brings accounts to their decided state, reads again, and closes cases when all is seen.

mod accept;
mod access;
mod again;
mod attend;
mod beside;
mod blind;
mod confirm;
mod converge;
mod credentials;
mod evidence;
mod lost;
mod manual;
mod matching;
mod met;
mod overdue;
mod partly;
mod queue;
mod remains;
mod task;
mod unread;
mod written;

pub use overdue::LateCases;
pub use queue::WorkReport;

crate::app::part! {
    /// Tasks: claimed, executed, read back.
    Worker, work
}
