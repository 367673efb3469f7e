//! Individual decisions by command about the access and values of an identity.

mod approvers;
mod ask;
mod change;
mod shown;

pub use ask::{Asked, Signed};
pub use shown::IndividualDecisionShown;

crate::app::part! {
    /// Requests, exceptions, emergencies and overrides of one identity.
    IndividualDecisions, decisions
}
