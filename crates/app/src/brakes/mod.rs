//! Brakes: what they hold, why, and who lets it go.

mod claim;
mod release;

pub use release::Released;

crate::app::part! {
    /// What brakes hold, and its release.
    Brakes, brakes
}
