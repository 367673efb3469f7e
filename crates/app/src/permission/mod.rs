//! The terms of the authority table, which refusals name too: operations, roles, and what bars an actor.

mod bar;
mod operation;
mod role;

pub use bar::{Bar, Stake, Via};
pub use operation::{Kind, Operation};
pub use role::Role;
