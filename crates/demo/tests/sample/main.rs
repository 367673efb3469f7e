//! The sample organisation is consistent, and its ten days end as the script says when the engine executes them.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests are tests too")]

mod configuration;
mod organisation;
mod replay;
mod rows;
mod story;
mod world;
