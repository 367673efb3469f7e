//! What people decide about somebody's access and values by command, and who may.

mod ask;
mod change;
mod may;
mod shown;

pub use ask::{Asked, Signed};
pub use shown::StandingShown;
