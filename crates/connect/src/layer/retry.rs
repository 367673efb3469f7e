//! Retries a failed call if that can help and can do no harm.

use super::around::{Around, Call};
use super::limits::{Jitter, WAIT_MAX};
use crate::{ConnectError, ErrorKind, Status};
use std::time::Duration;
use tokio::time::sleep;

/// The pause before the first retry; doubled for each further one.
const PAUSE_FIRST: Duration = Duration::from_millis(200);
/// The longest pause between two attempts.
const PAUSE_LONGEST: Duration = Duration::from_secs(5);

/// The layer. A write that is repeated after an unknown outcome may answer `changed: false` although the call as a whole changed
/// something: `changed` is a claim, the read that follows is the evidence.
pub(crate) struct Retry {
    pub(crate) retries_max: u32,
    pub(crate) jitter: Jitter,
}

impl Retry {
    /// How long to wait before a retry; `None`: do not retry.
    fn pause(&self, call: Call, attempt: u32, error: &ConnectError) -> Option<Duration> {
        if attempt >= self.retries_max {
            return None;
        }
        match error.status {
            // The expected version will not come back: the caller reads and decides again.
            Status::Temporary if error.kind == ErrorKind::Conflict => None,
            Status::Temporary => Some(self.spread(attempt)),
            Status::UnknownOutcome => call.repeatable.then(|| self.spread(attempt)),
            Status::Throttled(after) => {
                let after = Duration::try_from(after).unwrap_or_default();
                (after <= WAIT_MAX).then(|| after + self.up_to(PAUSE_FIRST))
            }
            Status::Permanent | Status::LeftAlone(_) | Status::NoAccess | Status::NotAllowed => None,
        }
    }

    /// Half of the doubled pause and a random part of the other half, so that many callers do not return at once.
    fn spread(&self, attempt: u32) -> Duration {
        let half = PAUSE_FIRST.saturating_mul(1 << attempt.min(16)).min(PAUSE_LONGEST) / 2;
        half + self.up_to(half)
    }

    fn up_to(&self, most: Duration) -> Duration {
        let micros = u64::try_from(most.as_micros()).unwrap_or(u64::MAX).saturating_add(1);
        Duration::from_micros((self.jitter)() % micros)
    }
}

impl Around for Retry {
    async fn around<T, F>(&self, call: Call, run: impl Fn() -> F + Send + Sync) -> Result<T, ConnectError>
    where
        T: Send,
        F: Future<Output = Result<T, ConnectError>> + Send,
    {
        let mut attempt = 0;
        loop {
            let error = match run().await {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            let Some(pause) = self.pause(call, attempt, &error) else { return Err(error) };
            attempt += 1;
            tracing::debug!(
                attempt,
                pause_ms = pause.as_millis(),
                failed_as = error.kind.as_str(),
                "trying again"
            );
            sleep(pause).await;
        }
    }
}
