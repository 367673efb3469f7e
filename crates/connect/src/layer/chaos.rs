//! Makes a connector fail on purpose, reproducibly for a seed: for tests of everything above it.

use super::around::{Around, Call, Layered};
use crate::{ConnectError, Connector, ErrorKind, Status};
use jiff::SignedDuration;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::sleep;

/// Frequency of each failure, per thousand calls. One call has at most one of the failures, after the delay.
#[derive(Debug, Clone, Default)]
pub struct ChaosPlan {
    /// The same seed and the same order of calls give the same failures.
    pub seed: u64,
    /// Nothing is done and the call fails as temporary.
    pub fail_before: u64,
    /// A write is done and the answer is an unknown outcome. A read fails as temporary.
    pub fail_after: u64,
    /// Nothing is done and the system requests a pause.
    pub throttle: u64,
    /// The requested pause.
    pub throttle_for: SignedDuration,
    /// The call is delayed.
    pub delay: u64,
    /// The longest delay.
    pub delay_max: Duration,
}

/// Puts chaos directly around a connector, inside all other layers.
#[must_use]
pub fn chaos(inner: Arc<dyn Connector>, plan: ChaosPlan) -> Arc<dyn Connector> {
    Layered::wrap(Chaos { plan, drawn: AtomicU64::new(0) }, inner)
}

struct Chaos {
    plan: ChaosPlan,
    drawn: AtomicU64,
}

enum Fate {
    Pass,
    FailBefore,
    FailAfter,
    Throttle,
}

impl Chaos {
    /// The next number of the seed's sequence (SplitMix64, Steele, Lea and Flood 2014).
    fn draw(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let n = self.drawn.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let mut x = self.plan.seed.wrapping_add(n.wrapping_mul(STEP));
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn fate(&self) -> Fate {
        let plan = &self.plan;
        let mut drawn = self.draw() % 1000;
        for (share, fate) in [
            (plan.fail_before, Fate::FailBefore),
            (plan.fail_after, Fate::FailAfter),
            (plan.throttle, Fate::Throttle),
        ] {
            if drawn < share {
                return fate;
            }
            drawn -= share;
        }
        Fate::Pass
    }

    fn delay(&self) -> Duration {
        let (late, how_late) = (self.draw() % 1000 < self.plan.delay, self.draw());
        let most = u64::try_from(self.plan.delay_max.as_micros()).unwrap_or(u64::MAX - 1);
        if late { Duration::from_micros(how_late % (most + 1)) } else { Duration::ZERO }
    }
}

impl Around for Chaos {
    async fn around<T, F>(&self, call: Call, run: impl Fn() -> F + Send + Sync) -> Result<T, ConnectError>
    where
        T: Send,
        F: Future<Output = Result<T, ConnectError>> + Send,
    {
        // Every call draws the same number of times, so that one call's result does not shift the next one's.
        let (fate, delay) = (self.fate(), self.delay());
        sleep(delay).await;
        let operation = call.operation.as_str();
        let broken = |what| ConnectError::new(ErrorKind::Unreachable, operation, what);
        match fate {
            Fate::Pass => run().await,
            Fate::FailBefore => Err(broken("chaos: the connection broke before the call")),
            Fate::Throttle => {
                let error = ConnectError::new(ErrorKind::Throttled, operation, "chaos: too many calls");
                Err(error.with_status(Status::Throttled(self.plan.throttle_for)))
            }
            Fate::FailAfter => {
                run().await?;
                let status =
                    if call.operation.is_write() { Status::UnknownOutcome } else { Status::Temporary };
                Err(broken("chaos: the connection broke before the answer").with_status(status))
            }
        }
    }
}
