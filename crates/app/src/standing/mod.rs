//! What people decide about somebody's access and values by command.

mod approvers;
mod ask;
mod change;
mod shown;

pub use ask::{Asked, Signed};
pub use shown::StandingShown;

crate::app::part! {
    /// Requests, exceptions, emergencies and overrides of one identity.
    IndividualDecisions, decisions
}
