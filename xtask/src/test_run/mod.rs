//! `cargo xtask test`: installs what the tests need, runs everything, and reports what ran and what did not.

mod counts;
mod debian;
mod nextest;
pub(crate) mod peers;
mod skipped;
mod verb;

pub(crate) use verb::test;
