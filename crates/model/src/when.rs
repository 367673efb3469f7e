//! Every date is a local date of a person: what a day's start and end are, as instants, in a named zone.

use crate::{Day, Instant};
use jiff::civil::{Date, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Span, Timestamp};
use std::fmt;
use std::sync::Arc;

/// Where a zone was found, in order of preference (design §5, hard case "zones").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ZoneSource {
    /// The record itself names it.
    Record,
    /// The source's location table.
    Location,
    /// The legal entity.
    LegalEntity,
    /// The source's default.
    SourceDefault,
    /// Not stated: the earliest zone that the source declares, with a finding.
    EarliestDeclared,
}

/// An IANA zone name and how it was found. The rules come from [`Zones`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zone {
    /// IANA name, for example `Asia/Tokyo`.
    pub name: Arc<str>,
    /// How it was found.
    pub source: ZoneSource,
}

/// A zone name that the time-zone database does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time zone of the IANA database {1}")]
pub struct ZoneError(pub String, pub String);

/// The time-zone database, given as a parameter; its version is part of each settlement.
#[derive(Debug, Clone)]
pub struct Zones {
    db: TimeZoneDatabase,
    version: Arc<str>,
}

impl Zones {
    /// The database compiled into the program. `version` is what the build states (for example `2026b`).
    #[must_use]
    pub fn bundled(version: &str) -> Self {
        Self { db: TimeZoneDatabase::bundled(), version: Arc::from(version) }
    }
    /// The version recorded in settlements.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }
    /// The rules of a zone.
    ///
    /// # Errors
    /// When the database does not contain it.
    pub fn get(&self, name: &str) -> Result<TimeZone, ZoneError> {
        self.db.get(name).map_err(|_| ZoneError(name.to_owned(), self.version.to_string()))
    }
}

/// The end of something as its source states it: a local date, optionally with a local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalEnd {
    /// The last local day.
    pub date: Date,
    /// The local time of the end, if the source states one; else the end of the day.
    pub time: Option<Time>,
}

impl LocalEnd {
    /// An end at the end of `date`.
    #[must_use]
    pub fn day(date: Date) -> Self {
        Self { date, time: None }
    }
    /// The first instant after the end. A time that a clock change skips counts as the end of the gap; a time that occurs twice counts
    /// as its first occurrence: access never outlives the earliest reading.
    #[must_use]
    pub fn instant(&self, zone: &TimeZone) -> Timestamp {
        match self.time {
            Some(time) => at(zone, self.date, time),
            None => end_of_day(self.date, zone),
        }
    }
}

impl fmt::Display for LocalEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.time {
            Some(t) => write!(f, "{} {}", self.date, t),
            None => self.date.fmt(f),
        }
    }
}

/// The first instant of a local day.
#[must_use]
pub fn start_of_day(date: Date, zone: &TimeZone) -> Timestamp {
    at(zone, date, Time::midnight())
}

/// The first instant after a local day.
#[must_use]
pub fn end_of_day(date: Date, zone: &TimeZone) -> Timestamp {
    start_of_day(add_days(date, 1), zone)
}

/// The local date at an instant.
#[must_use]
pub fn local_date(now: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(now).date()
}

/// `date` plus `days`, limited to the range of days ([`crate::range`]).
#[must_use]
pub fn add_days(date: Date, days: i32) -> Date {
    Span::new()
        .try_days(days)
        .map_or_else(
            |_| if days < 0 { Day::nearest(Date::MIN) } else { Day::nearest(Date::MAX) },
            |span| Day::nearest(date.saturating_add(span)),
        )
        .get()
}

fn at(zone: &TimeZone, date: Date, time: Time) -> Timestamp {
    let ambiguous = zone.to_ambiguous_timestamp(date.to_datetime(time));
    // `compatible` takes the later offset in a gap and the first in a fold (RFC 5545 §3.3.5).
    let beyond = if date.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Instant::nearest(ambiguous.compatible().unwrap_or(beyond)).get()
}

impl Zone {
    /// A zone by name.
    #[must_use]
    pub fn new(name: &str, source: ZoneSource) -> Self {
        Self { name: Arc::from(name), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_last_day_in_tokyo_ends_in_tokyo() {
        let tokyo = Zones::bundled("test").get("Asia/Tokyo").unwrap();
        let end = LocalEnd::day(date(2026, 3, 31)).instant(&tokyo);
        assert_eq!(end.to_string(), "2026-03-31T15:00:00Z");
    }

    #[test]
    fn a_day_without_midnight_starts_after_the_gap() {
        // Havana changed its clocks at midnight: 2026-03-08 begins at 01:00.
        let havana = Zones::bundled("test").get("America/Havana").unwrap();
        assert_eq!(start_of_day(date(2026, 3, 8), &havana).to_string(), "2026-03-08T05:00:00Z");
    }
}
