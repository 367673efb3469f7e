//! Brakes: what they hold, why, and who releases it.

mod again;
mod claim;
mod release;

pub use release::Released;

crate::app::part! {
    /// Held changes, and their release.
    Brakes, brakes
}
