//! The one place that decides who may do what: one table of operations, roles and bars, and the permit that only it creates.

#[cfg(test)]
mod complete;
mod matrix;
mod permit;
mod refusal;
mod standing;
mod table;
mod target;

pub use matrix::matrix;
pub use permit::Permit;
pub use table::{Rule, permitted, rule};
pub(crate) use target::Target;

use crate::permission::{Operation, Role};

crate::app::part! {
    /// Who may do what.
    Authority, authority
}
