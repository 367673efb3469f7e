//! The layers of one system in their only useful order.

use super::around::Layered;
use super::breaker::Breaker;
use super::concurrency::Concurrency;
use super::limits::{Jitter, LayerLimits};
use super::rate::Rate;
use super::retry::Retry;
use super::timeout::Timeout;
use super::trace::Trace;
use crate::{Capabilities, Connector};
use std::sync::Arc;
use tenure_model::SystemName;

/// The layers of one system. Create one for each system and wrap every connection to it, writer and reader: they share the rate, the
/// pauses and the permits, because the system counts them together.
///
/// From the outside in:
/// 1. *trace*: one event per call, as the caller sees it, retries included;
/// 2. *retry*: each attempt passes everything below again;
/// 3. *rate*: a token per attempt. Outside of concurrency, so that a call waiting for a token holds no permit, and
///    outside of the time-out, so that waiting does not count against the system;
/// 4. *concurrency*: a permit while the attempt is in flight;
/// 5. *breaker*: a system that does not answer is not called for a while. Inside of concurrency, so that calls waiting for
///    a permit are refused too;
/// 6. *time-out*: the system's own time, nothing else.
///
/// In tests [`super::chaos`] is the innermost layer, where a real system fails.
#[derive(Clone)]
pub struct Layers {
    system: SystemName,
    limits: LayerLimits,
    jitter: Jitter,
    rate: Rate,
    concurrency: Concurrency,
    breaker: Breaker,
}

impl Layers {
    /// The layers of `system`, which states these capabilities.
    #[must_use]
    pub fn new(system: SystemName, capabilities: &Capabilities, limits: LayerLimits, jitter: Jitter) -> Self {
        let rate = Rate::new(limits.calls_per_second);
        let concurrency = Concurrency::new(limits.concurrency_max, capabilities.concurrency_max);
        Self { system, limits, jitter, rate, concurrency, breaker: Breaker::default() }
    }

    /// Puts the layers around one connection.
    #[must_use]
    pub fn wrap(&self, connection: Arc<dyn Connector>) -> Arc<dyn Connector> {
        let inner = Layered::wrap(Timeout(self.limits.timeout), connection);
        let inner = Layered::wrap(self.breaker.clone(), inner);
        let inner = Layered::wrap(self.concurrency.clone(), inner);
        let inner = Layered::wrap(self.rate.clone(), inner);
        let retry = Retry { retries_max: self.limits.retries_max, jitter: self.jitter.clone() };
        let inner = Layered::wrap(retry, inner);
        Layered::wrap(Trace(self.system.clone()), inner)
    }
}
