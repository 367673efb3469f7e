//! Arguments that are days.

use jiff::civil::Date;

/// Reads a day of the calendar.
pub(super) fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "write a day of the calendar, as in 2026-06-30".to_owned())
}
