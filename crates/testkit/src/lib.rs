//! What tests share, so that every crate is tested against the same real servers and the same suites.

pub mod behaviour;
pub mod peer;
pub mod store;
pub mod target;
