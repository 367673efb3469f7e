//! Rows of a feed that wait for a person's decision, and the records that they may be: a record whose key was mistyped is not missing.

use super::blocking::Blocking;
use super::likeness::Probe;
use super::strong::{Births, Names, births, names};
use super::view::{CandidateView, Keys};
use crate::normalise::{BIRTH_DATE, KeyForms, NAME, Normalised};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{Finding, FindingDetail, IdentityId, Name as _, RecordKey, SourceName};

/// A waiting row: it is in quarantine, or its identity is in question.
#[derive(Debug, Clone)]
pub struct WaitingRow {
    /// Its key, as it was read.
    pub key: Arc<str>,
    /// Its keys for matching, as far as they could be read.
    pub keys: Keys,
    /// The identity of the record with its key, if known: the row cannot be another record of that identity.
    pub known: Option<IdentityId>,
    /// The identities that a question about it names.
    pub whom: BTreeSet<IdentityId>,
}

impl WaitingRow {
    /// A row in quarantine; `None` if its key cannot be read: then no record of its source counts as missing.
    #[must_use]
    pub fn of(row: &Normalised, known: Option<IdentityId>) -> Option<Self> {
        let key = Arc::from(row.key()?.as_str());
        Some(Self { key, keys: row.keys()?.clone(), known, whom: BTreeSet::new() })
    }

    /// The finding for a row that may be a record missing from the feed.
    #[must_use]
    pub fn may_be(&self, source: &SourceName, missing: &RecordKey) -> Finding {
        let detail = FindingDetail::KeyMistyped { record: missing.clone(), row: self.key.clone() };
        Finding::new(format!("{source}:{missing}"), detail)
    }
}

/// All waiting rows of a feed.
#[derive(Debug, Default)]
pub struct WaitingRows {
    rows: Vec<WaitingRow>,
    by_form: KeyForms<usize>,
    by_block: BTreeMap<Arc<str>, Vec<usize>>,
    by_identity: BTreeMap<IdentityId, Vec<usize>>,
}

impl WaitingRows {
    /// Indexes rows by what they have in common with records.
    #[must_use]
    pub fn new(blocking: &Blocking, rows: Vec<WaitingRow>) -> Self {
        let mut it = Self::default();
        for (i, row) in rows.iter().enumerate() {
            it.by_form.note(&row.key, i);
            for key in places(blocking, &row.keys) {
                it.by_block.entry(key).or_default().push(i);
            }
            for id in &row.whom {
                it.by_identity.entry(*id).or_default().push(i);
            }
        }
        it.rows = rows;
        it
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row that may be a record missing from the feed. `known` is the record's identity, `records` are the keys of each of its
    /// records.
    pub fn for_record<'k>(
        &self,
        blocking: &Blocking,
        missing: &RecordKey,
        known: &CandidateView,
        records: impl Iterator<Item = &'k Keys>,
    ) -> Option<&WaitingRow> {
        let mut near: BTreeSet<usize> =
            self.by_identity.get(&known.id).into_iter().flatten().copied().collect();
        for place in records.flat_map(|keys| places(blocking, keys)) {
            near.extend(self.by_block.get(&place).into_iter().flatten());
        }
        let another = |row: &&WaitingRow| row.known != Some(known.id);
        let like = self.by_form.like(missing.as_str()).into_iter().filter_map(|i| self.rows.get(*i));
        let formed = like.filter(another).find(|row| !is_stranger(row, known));
        let mut rows = near.into_iter().filter_map(|i| self.rows.get(i)).filter(another);
        formed.or_else(|| rows.find(|row| row.whom.contains(&known.id) || is_alike(row, known)))
    }
}

/// Index keys of a row or record: the blocking keys of the rules; name and birth date if no rule reads them.
fn places(blocking: &Blocking, keys: &Keys) -> BTreeSet<Arc<str>> {
    let mut all = blocking.index_keys(keys);
    let mut words: Vec<String> = keys.get(NAME).map(|n| super::fold(n).words).unwrap_or_default();
    words.sort();
    let born = keys.get(BIRTH_DATE).map(|b| &**b).unwrap_or_default();
    if !words.is_empty() {
        all.insert(Arc::from(format!("name:{}", words.join(" "))));
    }
    if !born.is_empty() {
        all.extend(words.iter().map(|w| Arc::from(format!("born:{born}:{w}"))));
    }
    all
}

/// Whether name and birth date, or another exact key, indicate that a row is this person's.
fn is_alike(row: &WaitingRow, known: &CandidateView) -> bool {
    let none = BTreeSet::new();
    let probe = Probe::new(&row.keys, &none);
    let strong = |(kind, value): (&Arc<str>, &Arc<str>)| {
        !matches!(&**kind, NAME | BIRTH_DATE) && known.has(kind, value)
    };
    match (names(&probe, known), births(&probe, known)) {
        (Names::Equal | Names::Same, Births::Same | Births::Near) | (Names::Equal, Births::Unknown) => true,
        (Names::Different, _) | (_, Births::Different) => false,
        _ => row.keys.iter().any(strong),
    }
}

/// Whether the name indicates that a row is a different person's, whatever its key.
fn is_stranger(row: &WaitingRow, known: &CandidateView) -> bool {
    let none = BTreeSet::new();
    let probe = Probe::new(&row.keys, &none);
    names(&probe, known) == Names::Different && births(&probe, known) != Births::Same
}
