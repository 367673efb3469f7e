//! Each layer around a fake system, in paused time: seconds of waiting pass at once and are counted exactly.

mod chaos;
mod common;
mod concurrency;
mod rate;
mod retry;
mod stack;
mod timeout;
mod trace;
