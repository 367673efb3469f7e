//! Attribute values: the declared type, the separator, blank cells, effective dates.

use super::dates;
use super::keys::is_error;
use super::problems::{Problems, ValueError, printable};
use super::take::{Got, Taken};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::range::means_no_end;
use tenure_model::{AttributeName, Columns, Timeline, TimelineEntry, Value, ValueType};
use tenure_policy::{Blank, DateFormat, Mapping};

/// A mapping with its columns resolved.
#[derive(Debug)]
pub(super) struct AttributeTake {
    name: AttributeName,
    value_type: ValueType,
    taken: Taken,
    separator: Option<Arc<str>>,
    blank: Blank,
    effective: Option<Taken>,
}

/// The attributes that a row states.
pub(super) struct Attributes {
    pub(super) lines: BTreeMap<AttributeName, Timeline<Value>>,
    pub(super) cleared: BTreeMap<AttributeName, Date>,
}

/// All mappings of a source, sorted by attribute: a map is built from sorted pairs in one pass.
pub(super) fn compile(
    mappings: &[Mapping],
    columns: &Columns,
    missing: &mut BTreeSet<Arc<str>>,
) -> Vec<AttributeTake> {
    let mut all: Vec<AttributeTake> = mappings
        .iter()
        .map(|m| AttributeTake {
            name: m.attribute.clone(),
            value_type: m.value_type,
            taken: Taken::new(&m.take, columns, missing),
            separator: m.separator.clone(),
            blank: m.blank,
            effective: m.effective.as_ref().map(|t| Taken::new(t, columns, missing)),
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// The attributes of a row.
pub(super) fn attributes(
    takes: &[AttributeTake],
    format: DateFormat,
    problems: &mut Problems<'_>,
) -> Attributes {
    let mut lines = Vec::with_capacity(takes.len());
    let mut cleared = BTreeMap::new();
    for take in takes {
        let from = match take.effective_day(format, problems) {
            Ok(from) => from,
            Err(()) => continue,
        };
        match take.value(format, problems) {
            Err(()) => {}
            Ok(Some(value)) => {
                let line = match from {
                    None => Timeline::always(value),
                    from => Timeline::from_entries(vec![TimelineEntry { from, value: Some(value) }]),
                };
                lines.push((take.name.clone(), line));
            }
            Ok(None) => match (take.blank, from) {
                (Blank::Keep, _) => {}
                (Blank::Value, None) => lines.push((take.name.clone(), Timeline::default())),
                (Blank::Value, Some(day)) => {
                    cleared.insert(take.name.clone(), day);
                }
            },
        }
    }
    Attributes { lines: lines.into_iter().collect(), cleared }
}

impl AttributeTake {
    fn effective_day(&self, format: DateFormat, problems: &mut Problems<'_>) -> Result<Option<Date>, ()> {
        let Some(taken) = &self.effective else { return Ok(None) };
        let read = taken.get(problems.row).and_then(|got| dates::taken(got, format));
        read.map_err(|wrong| problems.add(taken, wrong))
    }

    /// The value; `None` if the cell is blank.
    fn value(&self, format: DateFormat, problems: &mut Problems<'_>) -> Result<Option<Value>, ()> {
        let read = self.taken.get(problems.row).and_then(|got| match got {
            Got::Blank => Ok(None),
            Got::Value(Value::Date(day)) if means_no_end(day) => Ok(None),
            Got::Value(Value::Texts(all)) if self.value_type == ValueType::Texts => {
                let texts: Result<Vec<_>, ValueError> = all.iter().map(|t| printable(t)).collect();
                texts.map(|texts| Some(Value::texts(texts)).filter(|v| !v.is_blank()))
            }
            Got::Value(value) if value.value_type() == self.value_type => Ok(Some(value)),
            Got::Text(text) => self.parse(&text, format),
            Got::Value(other) => self.parse(&other.to_string(), format),
        });
        read.map_err(|wrong| problems.add(&self.taken, wrong))
    }

    fn parse(&self, text: &str, format: DateFormat) -> Result<Option<Value>, ValueError> {
        if is_error(text) {
            let reason = "is what a spreadsheet shows where a formula fails";
            return Err(ValueError::new(
                "R24",
                text,
                reason,
                "repair the formula, and export the sheet again",
            ));
        }
        Ok(Some(match self.value_type {
            ValueType::Text => Value::text(&printable(text)?),
            ValueType::Texts => return Ok(self.texts(&printable(text)?)),
            // A day this far in the future means that there is none.
            ValueType::Date if dates::is_far(text, format) => return Ok(None),
            ValueType::Date => Value::Date(dates::date(text, format)?),
            ValueType::Int => Value::Int(text.parse().map_err(|_| {
                ValueError::new(
                    "R14",
                    text,
                    "is not a whole number",
                    "write digits only, perhaps with a minus in front",
                )
            })?),
            ValueType::Bool => Value::Bool(yes_or_no(text).ok_or_else(|| {
                ValueError::new(
                    "R15",
                    text,
                    "is neither yes nor no",
                    "write true or false, yes or no, 1 or 0",
                )
            })?),
        }))
    }

    fn texts(&self, text: &str) -> Option<Value> {
        let value = match &self.separator {
            Some(separator) => {
                Value::texts(text.split(&**separator).map(str::trim).filter(|t| !t.is_empty()))
            }
            None => Value::texts([text]),
        };
        Some(value).filter(|v| !v.is_blank())
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    let is = |words: [&str; 4]| words.iter().any(|w| text.eq_ignore_ascii_case(w));
    if is(["true", "yes", "y", "1"]) {
        return Some(true);
    }
    is(["false", "no", "n", "0"]).then_some(false)
}
