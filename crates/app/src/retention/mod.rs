//! Retention: holds on deletion, and erasure after the retention period.

mod erase;
mod hold;

pub use erase::{Erasable, Erasure};

crate::app::part! {
    /// Holds and erasure.
    Retention, retention
}
