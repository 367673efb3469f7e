//! A row whose number of fields differs from its header: a statement of it is accepted if every possible correction gives the same
//! one.

use super::normaliser::Normaliser;
use super::outcome::{Normalised, Readable};
use crate::correlate::Keys;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{Columns, LocalEnd, RawRecord, RecordKey, RowError, Zones};

/// Maximum number of surplus or missing fields: more are not an error in one field.
const SLIP_MAX: usize = 64;
/// Maximum number of columns for which corrections are tried; each correction is a row to be interpreted.
const COLUMNS_MAX: usize = 256;

impl Normaliser {
    /// The statements of a row of which only fields could be read. A delimiter inside a field makes too many fields; a lost delimiter
    /// or omitted cells make too few; the place of the error is not known. Each place is tried, and the corrections in which every
    /// value fits its column's declaration count: their key and end are accepted only if all of them agree.
    #[must_use]
    pub fn torn(&self, problem: &RowError, columns: &Arc<Columns>, zones: &Zones) -> Normalised {
        let digest = digest(&problem.fields);
        let mut keys: BTreeSet<RecordKey> = BTreeSet::new();
        let mut said: Vec<Readable> = Vec::new();
        let mut alike: Option<Keys> = None;
        for split in [Split::OfText, Split::Any] {
            for row in ways(problem, columns, split) {
                if let Normalised::Taken(record) = self.normalise(&row, zones) {
                    keys.insert(record.key.clone());
                    let says = Readable::of(&record);
                    alike = Some(match alike {
                        None => record.keys,
                        Some(all) => all.into_iter().filter(|(k, v)| record.keys.get(k) == Some(v)).collect(),
                    });
                    match said.iter_mut().find(|s| (*s).clone().within(&says.zone) == says) {
                        None => said.push(says),
                        // Of the readings that one split produces, the one with the best known zone is used.
                        Some(same) if says.zone.source < same.zone.source => *same = says,
                        Some(_) => {}
                    }
                }
            }
            if !keys.is_empty() {
                break;
            }
        }
        let key = keys.pop_first().filter(|_| keys.is_empty());
        let mut problem = problem.clone();
        let keys = alike.unwrap_or_default();
        let split = problem.fields.len() > columns.len();
        let several = said.len() > 1;
        match (key, earliest(said, split)) {
            (Some(_), Some(says)) if says.says_something() => {
                // If the readings differ, a person must check the end within the hour.
                problem.urgent = several;
                if several {
                    problem.reason.push_str(": it can be read in several ways, and the earliest end applies");
                }
                Normalised::Partial { applies: Box::new(says), problems: vec![problem], keys, digest }
            }
            (key, _) => Normalised::Bad { key, problems: vec![problem], keys, digest },
        }
    }
}

/// The end in the readings of a row: if a field was split, the earliest end of them; if fields are lost, none unless all readings
/// agree, because the first day may be in the place of the last.
fn earliest(mut said: Vec<Readable>, split: bool) -> Option<Readable> {
    let mut says = said.pop()?;
    if !said.is_empty() && !split {
        return None;
    }
    for other in said {
        let instant = |end: &LocalEnd| (end.date, end.time.is_none(), end.time);
        says.last_day = says.last_day.into_iter().chain(other.last_day).min_by_key(instant);
        says.end = says.end.into_iter().chain(other.end).min_by_key(instant);
        if says.absences != other.absences {
            says.absences.clear();
        }
        says.withdrawn &= other.withdrawn;
    }
    Some(says)
}

/// How a field may have been split.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Split {
    /// Within its text: there is text on both sides of the delimiter. This is by far the most frequent case.
    OfText,
    /// In any way, also by a delimiter at one of its ends or by an omitted one.
    Any,
}

/// The possible original rows.
fn ways(problem: &RowError, columns: &Arc<Columns>, split: Split) -> Vec<RawRecord> {
    let fields: Vec<&str> = problem.fields.iter().map(|f| &**f).collect();
    let (has, due) = (fields.len(), columns.len());
    if has == 0 || due > COLUMNS_MAX || has.abs_diff(due) > SLIP_MAX {
        return Vec::new();
    }
    let row =
        |texts: Vec<&str>| RawRecord::new(problem.at.line, columns.clone(), texts.into_iter().map(Some));
    let (head, tail) = (|at: usize| fields.get(..at), |at: usize| fields.get(at..));
    let places = 0..=has.min(due);
    if has > due {
        // The fields of one column were split: together they count as text, which only a text column accepts.
        let more = has - due;
        let joined = |at: usize| {
            let parts = fields.get(at..=at + more)?;
            if split == Split::OfText && parts.iter().any(|p| p.trim().is_empty()) {
                return None;
            }
            let text = parts.join(",");
            let all = [head(at)?, &[text.as_str()], tail(at + more + 1)?].concat();
            Some(all.into_iter().map(str::to_owned).collect::<Vec<_>>())
        };
        return places
            .filter_map(joined)
            .map(|texts| row(texts.iter().map(String::as_str).collect()))
            .collect();
    }
    let blanks = vec![""; due - has];
    places.filter_map(|at| Some(row([head(at)?, blanks.as_slice(), tail(at)?].concat()))).collect()
}

fn digest(fields: &[Box<str>]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"torn");
    for field in fields {
        hash.update((field.len() as u64).to_le_bytes());
        hash.update(field.as_bytes());
    }
    hash.finalize().into()
}
