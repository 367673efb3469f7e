//! The dates of an engagement: its beginning, end, absences, or that it never began.

use super::dates;
use super::problems::{Problems, ValueError};
use super::take::{Got, Taken, holds};
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::range::means_no_end;
use tenure_model::{Absence, Columns, EngagementType, LocalEnd, Name, Value};
use tenure_policy::{Condition, DateFormat, EngagementMap};

/// The mapping of an engagement with its columns resolved.
#[derive(Debug)]
pub(super) struct EngagementTake {
    kind: Taken,
    start: Option<Taken>,
    last_day: Option<Taken>,
    end: Option<Taken>,
    absence: Option<(Taken, Taken)>,
    withdrawn: Option<Condition>,
    gone: Option<Condition>,
}

/// The dates that a row states, as far as they can be read.
#[derive(Debug, Default)]
pub(super) struct Dates {
    pub(super) start: Option<Date>,
    pub(super) last_day: Option<LocalEnd>,
    pub(super) end: Option<LocalEnd>,
    pub(super) absences: Vec<Absence>,
    pub(super) withdrawn: bool,
}

impl Dates {
    /// Whether any date ends or suspends something.
    pub(super) fn ends_something(&self) -> bool {
        self.last_day.is_some() || self.end.is_some() || !self.absences.is_empty() || self.withdrawn
    }
}

impl EngagementTake {
    pub(super) fn new(map: &EngagementMap, columns: &Columns, missing: &mut BTreeSet<Arc<str>>) -> Self {
        for condition in [&map.withdrawn, &map.gone].into_iter().flatten() {
            let reads = condition.reads().columns.iter();
            missing.extend(reads.filter(|c| columns.index(c).is_none()).cloned());
        }
        let mut take = |t: &tenure_policy::Take| Taken::new(t, columns, missing);
        Self {
            kind: take(&map.kind),
            start: map.start.as_ref().map(&mut take),
            last_day: map.last_day.as_ref().map(&mut take),
            end: map.end.as_ref().map(&mut take),
            absence: map.absence.as_ref().map(|(from, until)| (take(from), take(until))),
            withdrawn: map.withdrawn.clone(),
            gone: map.gone.clone(),
        }
    }

    /// Whether a zone is relevant.
    pub(super) fn has_dates(&self) -> bool {
        self.start.is_some() || self.last_day.is_some() || self.end.is_some() || self.absence.is_some()
    }

    /// Whether the row is a delete marker.
    pub(super) fn gone(&self, problems: &mut Problems<'_>) -> bool {
        condition(self.gone.as_ref(), problems)
    }

    /// The type, which must be one that the source declares.
    pub(super) fn kind(
        &self,
        declared: &BTreeSet<EngagementType>,
        problems: &mut Problems<'_>,
    ) -> Option<EngagementType> {
        let text = match self.kind.get(problems.row) {
            Ok(got) => got.into_text().unwrap_or_default(),
            Err(wrong) => {
                problems.add(&self.kind, wrong);
                return None;
            }
        };
        if let Some(kind) = declared.get(text.as_str()) {
            return Some(kind.clone());
        }
        let names: Vec<&str> = declared.iter().map(Name::as_str).collect();
        let reason = if text.is_empty() {
            "names no engagement type"
        } else {
            "is not an engagement type of the source"
        };
        let help = format!("write one of {}, or declare it in `engagement_types`", names.join(", "));
        problems.add(&self.kind, ValueError::new("R12", &text, reason, help));
        None
    }

    pub(super) fn dates(&self, format: DateFormat, problems: &mut Problems<'_>) -> Dates {
        let mut found = Dates { withdrawn: condition(self.withdrawn.as_ref(), problems), ..Dates::default() };
        if let Some(taken) = &self.start {
            found.start = day(taken, format, problems, false);
        }
        found.last_day = self.last_day.as_ref().and_then(|t| end(t, format, problems));
        found.end = self.end.as_ref().and_then(|t| end(t, format, problems));
        if let Some((from, until)) = &self.absence {
            found.absences.extend(absence(from, until, format, problems));
        }
        self.in_order(&found, problems);
        found
    }

    /// An end before the beginning applies, but a person should check the row.
    fn in_order(&self, found: &Dates, problems: &mut Problems<'_>) {
        let Some(start) = found.start else { return };
        let ends = [(&self.last_day, found.last_day), (&self.end, found.end)];
        for (taken, end) in ends {
            if let (Some(taken), Some(end)) = (taken, end)
                && end.date < start
                && !found.withdrawn
            {
                let reason = format!("is before the first day, {start}");
                problems.add(
                    taken,
                    ValueError::new(
                        "R19",
                        &end.to_string(),
                        reason,
                        "correct one of them, or mark the row as withdrawn",
                    ),
                );
            }
        }
    }
}

fn condition(condition: Option<&Condition>, problems: &mut Problems<'_>) -> bool {
    holds(condition, problems.row).unwrap_or_else(|wrong| {
        problems.add_row(wrong, true);
        false
    })
}

fn day(taken: &Taken, format: DateFormat, problems: &mut Problems<'_>, urgent: bool) -> Option<Date> {
    let read = taken.get(problems.row).and_then(|got| dates::taken(got, format));
    read.unwrap_or_else(|wrong| {
        if urgent {
            problems.add_urgent(taken, wrong);
        } else {
            problems.add(taken, wrong);
        }
        None
    })
}

fn end(taken: &Taken, format: DateFormat, problems: &mut Problems<'_>) -> Option<LocalEnd> {
    let read = taken.get(problems.row).and_then(|got| match got {
        Got::Blank => Ok(None),
        Got::Value(Value::Date(date)) => Ok(Some(LocalEnd::day(date)).filter(|e| !means_no_end(e.date))),
        Got::Text(text) => dates::end(&text, format),
        Got::Value(other) => dates::end(&other.to_string(), format),
    });
    read.unwrap_or_else(|wrong| {
        problems.add_urgent(taken, wrong);
        None
    })
}

/// Whether a last day is so far in the future that there is none.
fn far(taken: &Taken, format: DateFormat, problems: &Problems<'_>) -> bool {
    match taken.get(problems.row) {
        Ok(Got::Text(text)) => dates::is_far(&text, format),
        Ok(Got::Value(Value::Date(date))) => means_no_end(date),
        _ => false,
    }
}

fn absence(from: &Taken, until: &Taken, format: DateFormat, problems: &mut Problems<'_>) -> Option<Absence> {
    let before = problems.list.len();
    let first = day(from, format, problems, true);
    let last = if far(until, format, problems) { None } else { day(until, format, problems, true) };
    if problems.list.len() > before {
        // Part of an absence means something else than the whole one.
        return None;
    }
    match (first, last) {
        (None, None) => None,
        (Some(from), None) => Some(Absence { from, until: None }),
        (Some(from), Some(until)) if from <= until => Some(Absence { from, until: Some(until) }),
        (first, Some(last)) => {
            let reason = match first {
                Some(first) => format!("ends an absence before it begins, {first}"),
                None => "ends an absence that has no first day".to_owned(),
            };
            let help = "give the absence a first day that is not after its last day";
            problems.add_urgent(until, ValueError::new("R20", &last.to_string(), reason, help));
            None
        }
    }
}
