//! The database's clock: with one process that writes, it is this process's.

use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// Machine time, by which leases expire.
#[derive(Clone)]
pub struct MachineClock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl MachineClock {
    /// A clock that this function reads.
    #[must_use]
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now.
    pub(crate) fn now(&self) -> Timestamp {
        (self.0)()
    }

    /// The time now, and after a while.
    pub(crate) fn now_and_after(&self, lasting: SignedDuration) -> (Timestamp, Timestamp) {
        let now = self.now();
        (now, tenure_model::range::moved(now, lasting))
    }
}

impl Default for MachineClock {
    /// The computer's.
    fn default() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the database's clock is that of the process that writes it"
        )]
        Self::new(Timestamp::now)
    }
}

impl std::fmt::Debug for MachineClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MachineClock")
    }
}
