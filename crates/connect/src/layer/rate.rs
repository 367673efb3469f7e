//! Limits the number of attempts per second, and stops all calls when the system requests a pause.

use super::around::{Around, Call};
use super::limits::{PAUSE_MAX, WAIT_MAX};
use crate::{ConnectError, ErrorKind, Status};
use jiff::SignedDuration;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// The layer: one token bucket for all connections to one system, stored as the time at which it would be full again.
#[derive(Clone)]
pub(crate) struct Rate {
    /// Average time between two attempts.
    interval: Duration,
    /// How far a burst may run ahead of the average.
    burst: Duration,
    turns: Arc<Mutex<Turns>>,
}

#[derive(Default)]
struct Turns {
    full_at: Option<Instant>,
    paused_until: Option<Instant>,
}

impl Rate {
    /// This many attempts a second; 0: no limit, only the pauses that the system requests.
    pub(crate) fn new(calls_per_second: u32) -> Self {
        let interval = Duration::from_secs(1).checked_div(calls_per_second).unwrap_or_default();
        let burst = interval * calls_per_second.saturating_sub(1);
        Self { interval, burst, turns: Arc::default() }
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the next turn if it comes before `give_up`; else returns when it would have been.
    fn take(&self, now: Instant, give_up: Instant) -> Result<Instant, Instant> {
        let mut turns = self.turns();
        let full_at = turns.full_at.unwrap_or(now).max(now);
        let ahead = full_at.duration_since(now).saturating_sub(self.burst);
        let turn = now + ahead;
        if turn > give_up {
            return Err(turn);
        }
        turns.full_at = Some(full_at + self.interval);
        Ok(turn)
    }

    /// Waits for a turn. A pause that begins meanwhile cancels turns that were taken before it.
    async fn wait(&self, call: Call) -> Result<(), ConnectError> {
        let give_up = Instant::now() + WAIT_MAX;
        loop {
            let turn = self.take(Instant::now(), give_up).map_err(|turn| too_long(call, turn))?;
            sleep_until(turn).await;
            if self.turns().paused_until.is_none_or(|until| until <= turn) {
                return Ok(());
            }
        }
    }

    /// No call is made before `after` is over; then one after the other at the average rate, not all at once.
    fn pause(&self, after: SignedDuration) {
        let after = Duration::try_from(after).unwrap_or_default().min(PAUSE_MAX);
        let Some(until) = Instant::now().checked_add(after) else { return };
        let mut turns = self.turns();
        let until = turns.paused_until.map_or(until, |old| old.max(until));
        turns.paused_until = Some(until);
        let empty_until = until + self.burst;
        turns.full_at = Some(turns.full_at.map_or(empty_until, |full| full.max(empty_until)));
    }
}

fn too_long(call: Call, turn: Instant) -> ConnectError {
    let wait = turn.saturating_duration_since(Instant::now());
    let message = format!("the next turn at this system comes in {} s", wait.as_secs());
    let after = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    ConnectError::new(ErrorKind::Throttled, call.operation.as_str(), message)
        .with_status(Status::Throttled(after))
}

impl Around for Rate {
    async fn around<T, F>(&self, call: Call, run: impl Fn() -> F + Send + Sync) -> Result<T, ConnectError>
    where
        T: Send,
        F: Future<Output = Result<T, ConnectError>> + Send,
    {
        self.wait(call).await?;
        let answer = run().await;
        if let Err(ConnectError { status: Status::Throttled(after), .. }) = &answer {
            self.pause(*after);
        }
        answer
    }
}
