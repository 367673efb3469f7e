//! Retention: holds on deletion, and erasure when its time has come.

mod erase;
mod hold;

pub use erase::{Erasable, Erasure};

crate::app::part! {
    /// Holds and erasure.
    Retention, retention
}
