//! Settle, diff, label: what is due, what differs, what it is called.

mod accounts;
mod context;
mod decide;
mod diff;
mod gate;
mod grants;
mod identifier;
mod label;
mod references;
mod separation;
mod settle;
mod values;
mod window;

pub use context::Context;
pub use decide::{ACCOUNT_ITSELF, Decided, Work, decide};
pub use diff::diff;
pub use gate::{Gated, Question, gate};
pub use identifier::{NUMBERED_MAX, Wanted, wanted};
pub use label::{Change, effective_at, label};
pub use references::{DEPUTY, OWNER, stands};
pub use settle::settle;
pub use values::{Won, value_on, values_on};
