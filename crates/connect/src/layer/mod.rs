//! Layers around a connector, so that connectors contain no retry, time-out, rate limit or tracing.

mod around;
mod breaker;
mod chaos;
mod concurrency;
mod limits;
mod rate;
mod retry;
mod stack;
mod timeout;
mod trace;

pub use breaker::{LEFT_ALONE, UNANSWERED_MAX};
pub use chaos::{ChaosPlan, chaos};
pub use limits::{Jitter, LayerLimits, PAUSE_MAX, WAIT_MAX};
pub use stack::Layers;
