//! When a feed was extracted, and whether it may follow the previous one.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, civil::DateTime};
use tenure_model::{FeedFault, RawRecord, Zones};
use tenure_policy::{EXTRACTED, Source};

/// How far the clock of an exporting system may be ahead of Tenure's.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24);

/// When a feed was extracted, as its source states: by the `stamp` in the file's name, or by a column of the `first` readable row.
/// `None` if the source declares neither.
///
/// # Errors
/// When the source declares an extraction time and the feed has none.
pub fn extraction(
    source: &Source,
    stamp: Option<&str>,
    first: Option<&RawRecord>,
    zones: &Zones,
) -> Result<Option<Timestamp>, FeedFault> {
    let unreadable = |reason: String| FeedFault::ExtractionUnreadable { reason };
    let text = match (&source.extracted, stamp) {
        (Some(column), _) => first.and_then(|row| row.get(column)).unwrap_or_default().trim(),
        (None, Some(stamp)) => stamp,
        (None, None) => return Ok(None),
    };
    if text.is_empty() {
        return Err(unreadable("nothing is said of it".to_owned()));
    }
    let name = source.zone.default.as_ref().or(source.zone.earliest.as_ref());
    let zone = name.and_then(|n| zones.get(n).ok()).unwrap_or(TimeZone::UTC);
    let read = instant(text, zone).ok_or_else(|| unreadable(format!("`{text}` is no instant")))?;
    Ok(Some(read))
}

/// An instant with its offset, or a local date or date and time, also in the form used in file names.
fn instant(text: &str, zone: TimeZone) -> Option<Timestamp> {
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let (local, zone) = match text.strip_suffix('Z') {
        Some(local) => (local, TimeZone::UTC),
        None => (text, zone),
    };
    let digits: String = local.chars().filter(char::is_ascii_digit).collect();
    let written = local.chars().all(|c| c.is_ascii_digit() || "-_:. T".contains(c));
    let format = match digits.len() {
        8 => "%Y%m%d",
        12 => "%Y%m%d%H%M",
        14 => "%Y%m%d%H%M%S",
        _ => return None,
    };
    let day = (digits.len() == 8).then(|| jiff::civil::Date::strptime(format, &digits).ok());
    let at = match day {
        Some(day) => day?.to_datetime(jiff::civil::Time::midnight()),
        None => DateTime::strptime(format, &digits).ok()?,
    };
    at.to_zoned(zone).ok().filter(|_| written).map(|z| z.timestamp())
}

/// Whether a feed may follow the last accepted one.
///
/// # Errors
/// When it is older, or from the future.
pub fn in_order(
    extracted: Option<Timestamp>,
    last: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), FeedFault> {
    let Some(extracted) = extracted else { return Ok(()) };
    if let Some(last) = last.filter(|last| extracted < *last) {
        return Err(FeedFault::OutOfOrder { extracted, last });
    }
    if extracted.duration_since(now) > AHEAD_MAX {
        return Err(FeedFault::ExtractionAhead { extracted, now });
    }
    Ok(())
}

/// The part of a file's name that states when it was extracted, by the pattern; `None` if the name does not match.
#[must_use]
pub fn stamp<'n>(pattern: &str, name: &'n str) -> Option<&'n str> {
    let (before, after) = pattern.split_once(EXTRACTED)?;
    name.strip_prefix(before)?.strip_suffix(after).filter(|s| !s.is_empty())
}

/// The sort key of a stamp: its digits.
#[must_use]
pub fn stamp_order(stamp: &str) -> String {
    stamp.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let oslo = Zones::bundled("test").get("Europe/Oslo").unwrap();
        instant(text, oslo).map(|t| t.to_string())
    }

    #[test]
    fn an_instant_is_read_with_its_offset_and_else_in_the_zone_of_the_source() {
        assert_eq!(read("2026-03-02T02:00:00Z").unwrap(), "2026-03-02T02:00:00Z");
        assert_eq!(read("2026-03-02 02:00:00+01:00").unwrap(), "2026-03-02T01:00:00Z");
        assert_eq!(read("2026-03-02").unwrap(), "2026-03-01T23:00:00Z");
        assert_eq!(read("20260302T020000Z").unwrap(), "2026-03-02T02:00:00Z");
        assert_eq!(read("2026-03-02_02-30").unwrap(), "2026-03-02T01:30:00Z");
        assert_eq!(read("yesterday"), None);
        assert_eq!(read("2026-03"), None);
        assert_eq!(read("20263102"), None);
    }

    #[test]
    fn older_feeds_and_feeds_of_a_time_to_come_are_refused() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (one, two) = (at("2026-03-02T02:00:00Z"), at("2026-03-03T02:00:00Z"));
        assert_eq!(in_order(Some(two), Some(one), two), Ok(()));
        assert_eq!(in_order(Some(two), Some(two), two), Ok(()));
        assert_eq!(in_order(None, Some(two), two), Ok(()));
        assert_eq!(in_order(Some(two), None, one), Ok(()), "a day ahead is let pass");
        assert!(matches!(in_order(Some(one), Some(two), two), Err(FeedFault::OutOfOrder { .. })));
        let ahead = in_order(Some(at("2026-03-05T02:00:00Z")), Some(one), two);
        assert!(matches!(ahead, Err(FeedFault::ExtractionAhead { .. })));
    }

    #[test]
    fn a_stamp_is_what_stands_in_the_name() {
        assert_eq!(stamp("hr-{extracted}.csv", "hr-2026-03-02.csv"), Some("2026-03-02"));
        assert_eq!(stamp("hr-{extracted}.csv", "hr-.csv"), None);
        assert_eq!(stamp("hr-{extracted}.csv", "vendors-2026.csv"), None);
        assert_eq!(stamp("hr.csv", "hr.csv"), None);
    }
}
