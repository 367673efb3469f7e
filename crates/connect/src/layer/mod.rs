//! Layers around a connector, so that connectors contain no retry, time-out, rate limit or tracing.

mod around;
mod chaos;
mod concurrency;
mod limits;
mod rate;
mod retry;
mod stack;
mod timeout;
mod trace;

pub use chaos::{ChaosPlan, chaos};
pub use limits::{Jitter, LayerLimits, WAIT_MAX};
pub use stack::Layers;
