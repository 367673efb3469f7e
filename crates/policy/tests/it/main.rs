//! The crate from outside: input folders, output configurations, answers and diagnostics.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests too")]

mod bad_input;
mod cases;
mod conditions;
mod documentation;
mod folder;
mod index;
mod mutated;
mod sample;
mod widening;
