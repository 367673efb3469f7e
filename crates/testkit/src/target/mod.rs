//! A downstream system in memory that can be slow, lie, fail before, fail after, forget, and be edited by hand.

mod account;
mod at_will;
mod attributes;
mod connection;
mod fault;
mod handle;
mod named;
mod state;
mod wanted;

pub use account::FakeAccount;
pub use at_will::AtWill;
pub use fault::{Cut, Fault, Lag};
pub use handle::Target;
pub use named::connect;
