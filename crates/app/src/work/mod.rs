//! The worker: claims tasks, brings accounts to what was decided, looks again, and closes cases when all is seen.

mod access;
mod again;
mod attend;
mod blind;
mod brake;
mod close;
mod confirm;
mod converge;
mod evidence;
mod in_hand;
mod lost;
mod matching;
mod partly;
mod queue;
mod remains;
mod task;
mod unread;
mod written;

pub(crate) use brake::{scope as brake_scope, without_system};
pub use in_hand::InHand;
pub use queue::WorkReport;
pub(crate) use task::{account_ref, is_owed_reset};
