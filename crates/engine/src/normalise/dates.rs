//! Reads a date only as its source declares it. What could mean two things is an error.

use super::problems::ValueError;
use super::take::Got;
use jiff::civil::{Date, Time};
use tenure_model::range::means_no_end;
use tenure_model::{LocalEnd, Value};
use tenure_policy::DateFormat;

/// Years before this are an export's form of "nothing" (1899-12-30, 0001-01-01), or two digits padded.
const YEAR_MIN: i16 = 1900;

/// A date without a time; a time of midnight, which exports append, is accepted.
pub(super) fn date(text: &str, format: DateFormat) -> Result<Date, ValueError> {
    match moment(text, format)? {
        (date, _) if means_no_end(date) => {
            Err(wrong(text, "is so far that it means \"no end\", and a real day is meant".to_owned(), format))
        }
        (date, None) => Ok(date),
        (date, Some(time)) if time == Time::midnight() => Ok(date),
        _ => Err(wrong(text, "has a time, and a day is meant".to_owned(), format)),
    }
}

/// A day taken from a row, in one way for all callers; `None` if it is blank.
pub(super) fn taken(got: Got<'_>, format: DateFormat) -> Result<Option<Date>, ValueError> {
    match got {
        Got::Blank => Ok(None),
        Got::Text(text) => date(&text, format).map(Some),
        Got::Value(Value::Date(day)) => date(&day.to_string(), DateFormat::Iso).map(Some),
        Got::Value(other) => date(&other.to_string(), format).map(Some),
    }
}

/// Whether it is so far in the future that sources mean "none" by it (9999-12-31), with any time or offset after it.
pub(super) fn is_far(text: &str, format: DateFormat) -> bool {
    let day = text.split_once(['T', ' ']).map_or(text, |(day, _)| day);
    day_of(day, format).is_ok_and(means_no_end)
}

/// A date, optionally with the local time of the end; `None` if it is so far in the future that there is no end.
pub(super) fn end(text: &str, format: DateFormat) -> Result<Option<LocalEnd>, ValueError> {
    if is_far(text, format) {
        return Ok(None);
    }
    let (date, time) = moment(text, format)?;
    if time == Some(Time::midnight()) {
        // "2026-03-31T00:00:00" is the day's end to one export and the day's start to another.
        let reason = "ends at midnight: the day's start, or only a date?".to_owned();
        return Err(ValueError::new(
            "R13",
            text,
            reason,
            "export the date alone, or map it with an expression that cuts the time off",
        ));
    }
    Ok(Some(LocalEnd { date, time }))
}

fn moment(text: &str, format: DateFormat) -> Result<(Date, Option<Time>), ValueError> {
    let (day, clock) = match text.split_once(['T', ' ']) {
        Some((day, clock)) => (day, Some(clock.trim_start())),
        None => (text, None),
    };
    let date = day_of(day, format).map_err(|reason| wrong(text, reason, format))?;
    let time = clock.map(time_of).transpose().map_err(|reason| wrong(text, reason.to_owned(), format))?;
    Ok((date, time))
}

fn wrong(text: &str, reason: String, format: DateFormat) -> ValueError {
    let help = format!("write it as {}, as the source declares", written(format));
    ValueError::new("R13", text, reason, help)
}

fn written(format: DateFormat) -> &'static str {
    match format {
        DateFormat::Iso => "yyyy-mm-dd",
        DateFormat::DayMonthYear => "dd.mm.yyyy",
        DateFormat::MonthDayYear => "mm/dd/yyyy",
    }
}

/// Year, month and day as written, and whether day and month may have one digit.
fn parts(text: &str, format: DateFormat) -> Option<[&str; 3]> {
    let separator = match format {
        DateFormat::Iso => '-',
        DateFormat::DayMonthYear => '.',
        DateFormat::MonthDayYear => '/',
    };
    let mut split = text.split(separator);
    let three = [split.next()?, split.next()?, split.next()?];
    if split.next().is_some() || !three.iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
    {
        return None;
    }
    let [a, b, c] = three;
    Some(match format {
        DateFormat::Iso => [a, b, c],
        DateFormat::DayMonthYear => [c, b, a],
        DateFormat::MonthDayYear => [c, a, b],
    })
}

fn day_of(text: &str, format: DateFormat) -> Result<Date, String> {
    let Some([year, month, day]) = parts(text, format) else {
        return Err(not_so_written(text, format));
    };
    if year.len() == 2 {
        return Err("has a year of two digits".to_owned());
    }
    let digits = if format == DateFormat::Iso { 2..=2 } else { 1..=2 };
    if year.len() != 4 || !digits.contains(&month.len()) || !digits.contains(&day.len()) {
        return Err(not_so_written(text, format));
    }
    let number = |s: &str| s.parse::<i16>().unwrap_or(-1);
    let (y, m, d) = (number(year), number(month), number(day));
    let small = |n: i16| i8::try_from(n).unwrap_or(-1);
    match Date::new(y, small(m), small(d)) {
        Ok(date) if y >= YEAR_MIN => Ok(date),
        Ok(_) => Err(format!("is before the year {YEAR_MIN}")),
        Err(_) if m > 12 && d <= 12 => {
            Err(format!("has a month {m}: day and month seem to be the other way round"))
        }
        Err(_) => Err("is not a day of the calendar".to_owned()),
    }
}

fn not_so_written(text: &str, format: DateFormat) -> String {
    let all = [DateFormat::Iso, DateFormat::DayMonthYear, DateFormat::MonthDayYear];
    let other = all.into_iter().find(|f| *f != format && parts(text, *f).is_some());
    match other {
        Some(other) => format!("is not written {}, it looks like {}", written(format), written(other)),
        None => format!("is not written {}", written(format)),
    }
}

/// `17:00`, `17:00:30`, with zeros after a point.
fn time_of(text: &str) -> Result<Time, &'static str> {
    if text.ends_with('Z') || text.contains(['+', '-']) {
        return Err("has an offset from UTC, and ends are local times");
    }
    let digits = |s: &str| s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit());
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let mut split = clock.split(':');
    let (hour, minute, second) = (split.next(), split.next(), split.next().unwrap_or("00"));
    let (Some(hour), Some(minute), None) = (hour, minute, split.next()) else {
        return Err("has a time that is not written hh:mm or hh:mm:ss");
    };
    if ![hour, minute, second].into_iter().all(digits) || !fraction.bytes().all(|b| b == b'0') {
        return Err("has a time that is not written hh:mm or hh:mm:ss");
    }
    let number = |s: &str| s.parse::<i8>().unwrap_or(-1);
    Time::new(number(hour), number(minute), number(second), 0).map_err(|_| "has a time that no clock shows")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, format: DateFormat) -> String {
        match end(text, format) {
            Ok(Some(end)) => end.to_string(),
            Ok(None) => "no end".to_owned(),
            Err(wrong) => wrong.reason,
        }
    }

    #[test]
    fn dates_are_read_as_declared_or_not_at_all() {
        use DateFormat::{DayMonthYear, Iso, MonthDayYear};
        for (text, format, expected) in [
            ("2026-03-31", Iso, "2026-03-31"),
            ("2026-03-31T17:30", Iso, "2026-03-31 17:30:00"),
            ("2026-03-31 17:30:05.000", Iso, "2026-03-31 17:30:05"),
            ("8999-12-31", Iso, "8999-12-31"),
            ("9000-01-01", Iso, "no end"),
            ("9999-12-31", Iso, "no end"),
            ("9999-12-31T00:00:00", Iso, "no end"),
            ("9999-12-31T23:59:59.999Z", Iso, "no end"),
            ("9999-12-31 00:00:00+01:00", Iso, "no end"),
            ("31.12.9999", DayMonthYear, "no end"),
            ("12/31/9999 23:59", MonthDayYear, "no end"),
            ("10000-01-01", Iso, "is not written yyyy-mm-dd"),
            ("31.03.2026", DayMonthYear, "2026-03-31"),
            ("1.3.2026 08:00", DayMonthYear, "2026-03-01 08:00:00"),
            ("03/31/2026", MonthDayYear, "2026-03-31"),
            ("3/1/2026", MonthDayYear, "2026-03-01"),
            ("2026-3-1", Iso, "is not written yyyy-mm-dd"),
            ("31.03.26", DayMonthYear, "has a year of two digits"),
            ("26-03-31", Iso, "has a year of two digits"),
            ("0026-03-31", Iso, "is before the year 1900"),
            ("2026-02-30", Iso, "is not a day of the calendar"),
            ("00.00.0000", DayMonthYear, "is not a day of the calendar"),
            ("31/03/2026", MonthDayYear, "has a month 31: day and month seem to be the other way round"),
            ("03/31/2026", Iso, "is not written yyyy-mm-dd, it looks like mm/dd/yyyy"),
            ("2026-03-31", DayMonthYear, "is not written dd.mm.yyyy, it looks like yyyy-mm-dd"),
            ("31 March 2026", DayMonthYear, "is not written dd.mm.yyyy"),
            ("45123", Iso, "is not written yyyy-mm-dd"),
            ("2026-03-31T17:30Z", Iso, "has an offset from UTC, and ends are local times"),
            ("2026-03-31T17:30:00+02:00", Iso, "has an offset from UTC, and ends are local times"),
            ("2026-03-31 5:30 PM", Iso, "has a time that is not written hh:mm or hh:mm:ss"),
            ("2026-03-31T25:00", Iso, "has a time that no clock shows"),
            ("2026-03-31T00:00:00", Iso, "ends at midnight: the day's start, or only a date?"),
            ("2026-03-31T", Iso, "has a time that is not written hh:mm or hh:mm:ss"),
        ] {
            assert_eq!(read(text, format), expected, "{text} {format:?}");
        }
        assert!(date("2026-03-31T00:00:00", Iso).is_ok());
        assert!(date("2026-03-31T09:00:00", Iso).is_err());
        assert!(date("9999-12-31", Iso).is_err(), "nothing begins then");
    }
}
