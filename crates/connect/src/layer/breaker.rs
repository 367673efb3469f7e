//! Stops calling a system that does not answer: its calls then fail at once for a while, so that a hanging system costs the time of a
//! few calls and not of all.

use super::around::{Around, Call};
use crate::{ConnectError, ErrorKind, Status};
use jiff::SignedDuration;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Consecutive unanswered attempts after which the system is no longer called.
pub const UNANSWERED_MAX: u32 = 2;
/// How long it is not called; then one attempt tests whether it answers again.
pub const LEFT_ALONE: Duration = Duration::from_secs(60);

/// The layer. All connections to one system share its state.
#[derive(Clone, Default)]
pub(crate) struct Breaker(Arc<Mutex<BreakerState>>);

#[derive(Default)]
struct BreakerState {
    /// Consecutive unanswered attempts.
    unanswered: u32,
    open_until: Option<Instant>,
}

impl Breaker {
    fn seen(&self) -> MutexGuard<'_, BreakerState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How much longer the system is not called. The first call after that tries, and all others wait for its result.
    fn left_alone(&self, now: Instant) -> Option<Duration> {
        let mut seen = self.seen();
        let until = seen.open_until?;
        if until > now {
            return Some(until - now);
        }
        seen.open_until = Some(now + LEFT_ALONE);
        None
    }

    fn note(&self, answered: bool) {
        let mut seen = self.seen();
        if answered {
            *seen = BreakerState::default();
            return;
        }
        seen.unanswered = seen.unanswered.saturating_add(1);
        if seen.unanswered >= UNANSWERED_MAX {
            seen.open_until = Some(Instant::now() + LEFT_ALONE);
        }
    }
}

impl Around for Breaker {
    async fn around<T, F>(&self, call: Call, run: impl Fn() -> F + Send + Sync) -> Result<T, ConnectError>
    where
        T: Send,
        F: Future<Output = Result<T, ConnectError>> + Send,
    {
        if let Some(left) = self.left_alone(Instant::now()) {
            let seconds = left.as_secs().saturating_add(1);
            let message =
                format!("it did not answer {UNANSWERED_MAX} times in a row; asked again in {seconds} s");
            let after = SignedDuration::try_from(left).unwrap_or(SignedDuration::MAX);
            return Err(ConnectError::new(ErrorKind::Unreachable, call.operation.as_str(), message)
                .with_status(Status::LeftAlone(after)));
        }
        let answer = run().await;
        self.note(!matches!(&answer, Err(e) if e.kind == ErrorKind::TimedOut));
        answer
    }
}
