//! The worker: claims tasks, brings accounts to what was decided, looks again, and closes cases when all is seen.

mod close;
mod confirm;
mod converge;
mod queue;
mod task;

pub use queue::WorkReport;
