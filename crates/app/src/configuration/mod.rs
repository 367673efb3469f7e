//! Configurations: how one becomes active, what waits for a second person, and which brake holds meanwhile.

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
