//! The built program against real input and real servers; what it did is asked of tools that are not ours.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests too")]

mod cert;
mod cli;
