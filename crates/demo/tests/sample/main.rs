//! The sample organisation holds together, and its ten days come out as the script says when the engine lives them.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests are tests too")]

mod configuration;
mod organisation;
mod replay;
mod rows;
mod story;
mod world;
