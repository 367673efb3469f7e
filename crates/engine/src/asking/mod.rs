//! Approvers of a question, seat by seat, and the outcome of their answers.

mod count;
mod put;
mod remember;
mod seats;

pub(crate) use count::is_without_approver;
pub use count::{has_answered, outcome, seats_for, stands_in_for, unfilled};
pub use put::Asking;
pub use remember::remember;
pub use seats::{Availability, worse};
