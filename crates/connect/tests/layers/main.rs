//! Each layer around a fake system, in paused time: seconds of waiting pass at once and are counted exactly.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod breaker;
mod chaos;
mod common;
mod concurrency;
mod rate;
mod retry;
mod stack;
mod timeout;
mod trace;
