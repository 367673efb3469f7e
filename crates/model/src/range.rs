//! The single range of instants and days: edges accept nothing outside it, arithmetic stays in it, so everything stored is readable.

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::str::FromStr;

/// The earliest year of an instant or a day.
pub const YEAR_MIN: i16 = 1;
/// The latest year. No offset from UTC moves an instant of it out of the calendar, which ends with the year 9999.
pub const YEAR_MAX: i16 = 9998;
/// From this year on, sources mean "no end" (9999-12-31, 9000-01-01).
pub const NO_END_YEAR: i16 = 9000;

/// 0001-01-01T00:00:00Z, in seconds since 1970.
const FIRST_SECOND: i64 = -62_135_596_800;
/// 9998-12-31T23:59:59Z, in seconds since 1970.
const LAST_SECOND: i64 = 253_370_764_799;
const FIRST_DAY: Date = date(YEAR_MIN, 1, 1);
const LAST_DAY: Date = date(YEAR_MAX, 12, 31);

/// An instant or a day that no edge accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutOfRange {
    /// Outside Tenure's calendar.
    #[error("it is not within the years {YEAR_MIN} to {YEAR_MAX}")]
    Calendar,
    /// A far date that means "no end", where a real end is required.
    #[error("a year from {NO_END_YEAR} on means \"no end\", and this must end: give a real date")]
    NoEnd,
}

/// An instant within the years 1 to 9998 (UTC): the form that edges pass on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Timestamp);

impl Instant {
    /// The earliest.
    pub const FIRST: Self = Self(Timestamp::constant(FIRST_SECOND, 0));
    /// The latest; to the microsecond, as it is stored.
    pub const LAST: Self = Self(Timestamp::constant(LAST_SECOND, 999_999_000));

    /// Validates an instant.
    ///
    /// # Errors
    /// When it is outside the range.
    pub fn new(at: Timestamp) -> Result<Self, OutOfRange> {
        let is_in = at.as_second() >= FIRST_SECOND && at.as_second() <= LAST_SECOND;
        is_in.then_some(Self(at)).ok_or(OutOfRange::Calendar)
    }
    /// The nearest instant of the range.
    #[must_use]
    pub fn nearest(at: Timestamp) -> Self {
        Self(at.clamp(Self::FIRST.0, Self::LAST.0))
    }
    /// An instant at which a person's decision ends or is reviewed.
    ///
    /// # Errors
    /// When it is outside the range, or so far in the future that it means "no end".
    pub fn real_end(at: Timestamp) -> Result<Self, OutOfRange> {
        Day::real_end(at.to_zoned(jiff::tz::TimeZone::UTC).date())?;
        Self::new(at)
    }
    /// The instant.
    #[must_use]
    pub fn get(self) -> Timestamp {
        self.0
    }
    /// Microseconds since 1970, as stores hold it.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0.as_microsecond()
    }
    /// The instant for this many microseconds since 1970; outside the range the nearest one. A stored instant is always readable.
    #[must_use]
    pub fn of_micros(micros: i64) -> Self {
        match Timestamp::from_microsecond(micros) {
            Ok(at) => Self::nearest(at),
            Err(_) if micros < 0 => Self::FIRST,
            Err(_) => Self::LAST,
        }
    }
}

impl FromStr for Instant {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let at: Timestamp =
            text.parse().map_err(|_| "write date, time and zone, as in 2026-06-04T15:30:00Z".to_owned())?;
        Self::new(at).map_err(|e| e.to_string())
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A day within the years 1 to 9998: the form that edges pass on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// Validates a day.
    ///
    /// # Errors
    /// When it is outside the range.
    pub fn new(day: Date) -> Result<Self, OutOfRange> {
        let is_in = (YEAR_MIN..=YEAR_MAX).contains(&day.year());
        is_in.then_some(Self(day)).ok_or(OutOfRange::Calendar)
    }
    /// The nearest day of the range.
    #[must_use]
    pub fn nearest(day: Date) -> Self {
        Self(day.clamp(FIRST_DAY, LAST_DAY))
    }
    /// A day on which a person's decision ends or is reviewed.
    ///
    /// # Errors
    /// When it is outside the range, or so far in the future that it means "no end".
    pub fn real_end(day: Date) -> Result<Self, OutOfRange> {
        if means_no_end(day) { Err(OutOfRange::NoEnd) } else { Self::new(day) }
    }
    /// The day.
    #[must_use]
    pub fn get(self) -> Date {
        self.0
    }
}

/// Whether a source means "no end" by this day.
#[must_use]
pub fn means_no_end(day: Date) -> bool {
    day.year() >= NO_END_YEAR
}

/// `at` moved by `by`, limited to the range.
#[must_use]
pub fn moved(at: Timestamp, by: SignedDuration) -> Timestamp {
    let beyond = if by.is_negative() { Instant::FIRST } else { Instant::LAST };
    at.checked_add(by).map_or(beyond, Instant::nearest).get()
}

/// `at` moved back by `by`, limited to the range.
#[must_use]
pub fn moved_back(at: Timestamp, by: SignedDuration) -> Timestamp {
    let beyond = if by.is_negative() { Instant::LAST } else { Instant::FIRST };
    at.checked_sub(by).map_or(beyond, Instant::nearest).get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_range_are_what_they_say() {
        assert_eq!(Instant::FIRST.to_string(), "0001-01-01T00:00:00Z");
        assert_eq!(Instant::LAST.to_string(), "9998-12-31T23:59:59.999999Z");
        assert_eq!("0000-12-31T23:59:59Z".parse::<Instant>(), Err(OutOfRange::Calendar.to_string()));
        assert_eq!("9999-01-01T00:00:00Z".parse::<Instant>(), Err(OutOfRange::Calendar.to_string()));
        assert!("9998-12-31T23:59:59.999999Z".parse::<Instant>().is_ok());
        assert!(Day::new(date(9999, 1, 1)).is_err() && Day::new(date(0, 12, 31)).is_err());
    }

    #[test]
    fn an_end_that_a_person_decides_is_a_real_one() {
        assert_eq!(Day::real_end(date(9000, 1, 1)), Err(OutOfRange::NoEnd));
        assert!(Day::real_end(date(8999, 12, 31)).is_ok());
        assert_eq!(Instant::real_end("9990-01-01T00:00:00Z".parse().unwrap()), Err(OutOfRange::NoEnd));
    }

    #[test]
    fn what_is_stored_is_readable_whatever_it_is() {
        for at in [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH] {
            let nearest = Instant::nearest(at);
            assert_eq!(Instant::of_micros(nearest.micros()), nearest, "{at}");
        }
        assert_eq!(Instant::of_micros(i64::MAX), Instant::LAST);
        assert_eq!(Instant::of_micros(i64::MIN), Instant::FIRST);
        assert_eq!(Instant::of_micros(Timestamp::MAX.as_microsecond()), Instant::LAST);
    }

    #[test]
    fn arithmetic_stays_in_the_range() {
        let long = SignedDuration::from_hours(24 * 366 * 9_000);
        assert_eq!(moved(Timestamp::UNIX_EPOCH, long), Instant::LAST.get());
        assert_eq!(moved_back(Timestamp::UNIX_EPOCH, long), Instant::FIRST.get());
        assert_eq!(moved(Timestamp::UNIX_EPOCH, -long), Instant::FIRST.get());
    }
}
