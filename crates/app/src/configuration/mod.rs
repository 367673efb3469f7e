//! Configurations: how one becomes active, how one waits for a second person, and which brake applies meanwhile.

mod able;
mod activate;
mod notes;
mod waiting;

pub use activate::{activate, activate_over};
pub(crate) use notes::{KINDS, Noted};
pub use waiting::{Confirmed, Waiting};

crate::app::part! {
    /// Configurations that wait for a second person.
    Configurations, configuration
}
