//! Configurations: how one becomes active, what waits for a second person, and which brake holds meanwhile.

mod activate;
mod authored;
mod brake;
mod waiting;

pub use activate::{Made, activate, activate_over};
pub(crate) use authored::Authored;
pub use authored::Configured;
pub use waiting::{Confirmed, Waiting};
