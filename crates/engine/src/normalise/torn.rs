//! A row with another number of fields than its header: what it says is taken where every way to put it right says the same.

use super::normaliser::Normaliser;
use super::outcome::{Normalised, Readable};
use crate::correlate::Keys;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{Columns, LocalEnd, RawRecord, RecordKey, RowError, Zones};

/// Most fields that a row may have too many or too few: more are no slip of one field.
const SLIP_MAX: usize = 64;
/// Most columns for which ways are tried, each of which is a row to be understood.
const COLUMNS_MAX: usize = 256;

impl Normaliser {
    /// What a row says that was read as fields only. A delimiter inside a field makes too many of them, a lost one or cells
    /// left out make too few; where that happened is not known. Each place is tried, and those at which every value is what
    /// its column declares count: their key, and their end, are the row's only where all of them agree.
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
                        // Of the places that one split makes of a row, the one that is best known is its own.
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
                // Where the readings differ, a person is to look at the end within the hour.
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

/// What the readings of a row say of its end: where a field was split, the earliest end of them; where fields are lost, nothing unless
/// all say the same, because the first day may stand in the place of the last.
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

/// How a field may have been parted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Split {
    /// Within its text: something stands on both sides of the delimiter. That is how it nearly always happens.
    OfText,
    /// In any way, also by a delimiter at one of its ends or one that was left out.
    Any,
}

/// The rows that this one may have been.
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
        // The fields of one column were parted: it counts as text of its own, which only a text column allows.
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
