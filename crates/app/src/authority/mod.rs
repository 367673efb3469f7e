//! The one place that decides who may do what: operations, roles, bars, one table, and the permit that only it creates.

mod bar;
#[cfg(test)]
mod complete;
mod matrix;
mod operation;
mod permit;
mod refusal;
mod role;
mod standing;
mod table;
mod target;

pub use bar::{Bar, Stake, Via};
pub use matrix::matrix;
pub use operation::{Kind, Operation};
pub use permit::Permit;
pub use role::Role;
pub use table::{Rule, permitted, rule};
pub(crate) use target::Target;

crate::app::part! {
    /// Who may do what.
    Authority, authority
}
