//! The host that measures: its clocks, what it is, and numbers as fractions.

use jiff::Timestamp;
use std::time::Instant;

/// The start of a measurement.
#[expect(clippy::disallowed_methods, reason = "a measurement needs the machine's time")]
pub(crate) fn start() -> Instant {
    Instant::now()
}

/// The present instant.
#[expect(clippy::disallowed_methods, reason = "the benchmark is its own composition root")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
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

/// How many processes waited for a processor in the last minute: a busy host makes times on the clock longer.
pub(crate) fn load() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or_default()
}

/// A count as a floating-point number: counts here are far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^53")]
pub(crate) fn float(count: impl TryInto<i64>) -> f64 {
    count.try_into().map_or(f64::NAN, |count: i64| count as f64)
}
