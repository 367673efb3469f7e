//! Brakes: what they hold, why, and who lets it go.

mod claim;
mod release;

pub use release::Released;
