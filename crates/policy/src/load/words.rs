//! The fixed phrases of configuration: durations, days, lifecycle, dates, references to secrets.

use super::doc::{Spanned, Toml};
use super::fields::{Fields, Spot};
use crate::diagnostic::code;
use crate::{EndsAt, OnChange};
use jiff::SignedDuration;
use jiff::civil::Date;
use tenure_model::Name;

/// The longest duration: ten years, in hours.
const HOURS_MAX: i64 = 24 * 3_660;
/// The largest number of days.
const DAYS_MAX: u32 = 3_660;

/// `3 days`, `2 hours`, `30 minutes`, `2 weeks`.
pub(crate) fn duration(text: &str) -> Option<SignedDuration> {
    let (number, unit) = text.split_once(' ')?;
    let number: u32 = number.parse().ok()?;
    let seconds = match unit {
        "second" | "seconds" => 1,
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3_600,
        "day" | "days" => 86_400,
        "week" | "weeks" => 7 * 86_400,
        _ => return None,
    };
    let duration = SignedDuration::from_secs(i64::from(number) * seconds);
    (duration <= SignedDuration::from_hours(HOURS_MAX)).then_some(duration)
}

/// `30 days`, `2 weeks`.
pub(crate) fn days(text: &str) -> Option<u32> {
    let (number, unit) = text.split_once(' ')?;
    let number: u32 = number.parse().ok()?;
    let days = match unit {
        "day" | "days" => number,
        "week" | "weeks" => number.checked_mul(7)?,
        _ => return None,
    };
    (days <= DAYS_MAX).then_some(days)
}

impl Fields<'_> {
    pub(crate) fn duration(&self, key: &'static str) -> Option<SignedDuration> {
        let spot = self.text(key)?;
        let found = duration(&spot.text);
        if found.is_none() {
            self.not_a_duration(
                &spot,
                "write a whole number and a unit: \"30 minutes\", \"2 hours\", \"3 days\", \"2 weeks\"",
            );
        }
        found
    }
    pub(crate) fn days(&self, key: &'static str) -> Option<u32> {
        let spot = self.text(key)?;
        let found = days(&spot.text);
        if found.is_none() {
            self.not_a_duration(&spot, "this counts days: \"30 days\" or \"2 weeks\"");
        }
        found
    }
    fn not_a_duration(&self, spot: &Spot, help: &str) {
        let diagnostic = spot.place.error(code::DURATION, format!("`{}` is not a duration", spot.text));
        self.put(diagnostic.help(help));
    }
    /// `"3 days before start"`, in days.
    pub(crate) fn days_before_start(&self, key: &'static str) -> Option<u32> {
        let spot = self.text(key)?;
        let found = match &*spot.text {
            "start of first day" => Some(0),
            text => text.strip_suffix(" before start").and_then(days),
        };
        if found.is_none() {
            self.not_a_phrase(
                &spot,
                "write \"3 days before start\", or \"start of first day\" for no preparation",
            );
        }
        found
    }
    /// `"400 days after departure"`, in days.
    pub(crate) fn days_after_departure(&self, key: &'static str) -> Option<u32> {
        let spot = self.text(key)?;
        let found = spot.text.strip_suffix(" after departure").and_then(days);
        if found.is_none() {
            self.not_a_phrase(&spot, "write \"400 days after departure\"");
        }
        found
    }
    /// `"start of first day"`: the only choice, written out so that the policy states it explicitly.
    pub(crate) fn start_of_first_day(&self, key: &'static str) {
        if let Some(spot) = self.text(key).filter(|s| &*s.text != "start of first day") {
            self.not_a_phrase(&spot, "access begins at the \"start of first day\"");
        }
    }
    pub(crate) fn ends_at(&self, key: &'static str) -> Option<EndsAt> {
        let spot = self.text(key)?;
        match &*spot.text {
            "end of last day" => Some(EndsAt::Earliest),
            "end of contract" => Some(EndsAt::ContractEnd),
            _ => {
                self.not_a_phrase(&spot, "write \"end of last day\" or \"end of contract\"");
                None
            }
        }
    }
    fn not_a_phrase(&self, spot: &Spot, help: &str) {
        let diagnostic =
            spot.place.error(code::LIFECYCLE, format!("`{}` is not a phrase that is known here", spot.text));
        self.put(diagnostic.help(help));
    }
    /// `"keep"`, `"end"`, `"end after 14 days"`.
    pub(crate) fn on_change(&self, key: &'static str) -> Option<OnChange> {
        let spot = self.text(key)?;
        let found = match &*spot.text {
            "keep" => Some(OnChange::Keep),
            "end" => Some(OnChange::EndAfterDays(0)),
            text => text.strip_prefix("end after ").and_then(days).map(OnChange::EndAfterDays),
        };
        if found.is_none() {
            self.not_a_phrase(&spot, "write \"keep\", \"end\" or \"end after 14 days\"");
        }
        found
    }
    /// A day: `2026-01-31`, with or without quotes.
    pub(crate) fn need_date(&self, key: &'static str) -> Option<Date> {
        let Some(value) = self.get(key) else {
            self.missing(key, "2026-01-31");
            return None;
        };
        let found = match &value.value {
            Toml::Date(date) => Some(*date),
            // `Date::from_str` also accepts a date with a time; a day has ten characters.
            Toml::Text(text) if text.len() == 10 => text.parse().ok(),
            _ => None,
        };
        if found.is_none() {
            self.not_a_date(value);
        }
        found
    }
    fn not_a_date(&self, value: &Spanned) {
        let diagnostic = value.place.error(code::DATE, "this is not a day of the calendar");
        self.put(diagnostic.help("write it as 2026-01-31"));
    }
    /// A name of any type.
    pub(crate) fn name<N: Name>(&self, spot: &Spot) -> Option<N> {
        match N::new(&spot.text) {
            Ok(name) => Some(name),
            Err(error) => {
                self.put(spot.place.error(code::NAME, format!("`{}` cannot be a name: {error}", spot.text)));
                None
            }
        }
    }
}

/// Words that conditions reserve.
const TAKEN: [&str; 33] = [
    "as",
    "break",
    "change",
    "const",
    "continue",
    "else",
    "engagement",
    "false",
    "for",
    "function",
    "grant",
    "id",
    "identity",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "now",
    "null",
    "package",
    "phase",
    "return",
    "row",
    "size",
    "timestamp",
    "today",
    "true",
    "var",
    "void",
    "while",
    "date",
];

/// Whether a text can be an attribute or identifier: a valid word in conditions.
pub(crate) fn is_word(text: &str) -> bool {
    let mut chars = text.chars();
    let first = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    first && chars.all(|c| c.is_ascii_alphanumeric() || c == '_') && !TAKEN.contains(&text)
}

/// Whether a text can be the name of a source or system.
pub(crate) fn is_file_word(text: &str) -> bool {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    !text.is_empty() && text.len() <= 64 && text.chars().all(good)
}

/// Whether a text refers to a secret instead of containing it.
pub(crate) fn is_secret_reference(text: &str) -> bool {
    ["env:", "file:", "credential:"].iter().any(|p| text.len() > p.len() && text.starts_with(p))
}

/// Whether a key of `[connection]` contains a secret.
pub(crate) fn holds_secret(key: &str) -> bool {
    ["password", "token", "secret", "key"].iter().any(|end| key.ends_with(end))
}
