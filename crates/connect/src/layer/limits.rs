//! The limits of one system, as numbers with units and defaults.

use std::sync::Arc;
use std::time::Duration;

/// The longest time that one attempt waits for a token or for the end of a pause that the system asked for. What would
/// take longer goes back to the caller as throttled: waiting in minutes and hours is the queue's, which survives a restart.
pub const WAIT_MAX: Duration = Duration::from_secs(30);

/// The longest pause that a system keeps this process quiet with; what asks for more is asked again after it.
pub const PAUSE_MAX: Duration = Duration::from_secs(5 * 60);

/// Random bits for spreading retries, from the composition root. Tests give a constant.
pub type Jitter = Arc<dyn Fn() -> u64 + Send + Sync>;

/// How much is asked of one system by one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerLimits {
    /// How long one attempt may take. Default 30 seconds.
    pub timeout: Duration,
    /// How often a failed attempt is repeated within one call. Default 3: enough for a broken connection or a short pause;
    /// a system that is down for longer is the queue's business.
    pub retries_max: u32,
    /// Most attempts in flight at once, reader and writer together. Default 8; the system's own
    /// [`crate::Capabilities::concurrency_max`] lowers it.
    pub concurrency_max: u32,
    /// Most attempts in a second on average, as many at once after a quiet second; 0: as many as it takes. Default 50; the
    /// composition root takes the connector's own [`crate::Capabilities::calls_per_second`].
    pub calls_per_second: u32,
}

impl Default for LayerLimits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), retries_max: 3, concurrency_max: 8, calls_per_second: 50 }
    }
}
