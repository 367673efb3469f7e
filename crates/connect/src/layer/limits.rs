//! The limits of one system, as numbers with units and defaults.

use std::sync::Arc;
use std::time::Duration;

/// Maximum time that one attempt waits for a token or for the end of a pause requested by the system. A longer wait goes back to the
/// caller as throttled: the queue handles waits of minutes and hours, and survives a restart.
pub const WAIT_MAX: Duration = Duration::from_secs(30);

/// Maximum pause that a system can impose on this process; after it, the system is called again.
pub const PAUSE_MAX: Duration = Duration::from_secs(5 * 60);

/// Random bits for spreading retries, from the composition root. Tests give a constant.
pub type Jitter = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Limits of one process for one system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerLimits {
    /// Time limit of one attempt. Default 30 seconds.
    pub timeout: Duration,
    /// Number of retries within one call. Default 3: enough for a broken connection or a short pause; the queue handles longer
    /// outages.
    pub retries_max: u32,
    /// Maximum number of concurrent attempts, reader and writer together. Default 8; the system's own
    /// [`crate::Capabilities::concurrency_max`] lowers it.
    pub concurrency_max: u32,
    /// Maximum number of attempts per second on average, and in one burst after an idle second; 0: no limit. Default 50; the
    /// composition root uses the connector's own [`crate::Capabilities::calls_per_second`].
    pub calls_per_second: u32,
}

impl Default for LayerLimits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), retries_max: 3, concurrency_max: 8, calls_per_second: 50 }
    }
}
