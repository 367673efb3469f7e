//! Keys that occur several times in one feed: the earliest end of their rows applies, until a person repairs the rows.

use super::ingest::{CHUNK_ROWS, Ingest};
use super::pending::{IdentityChanges, RecordChange};
use crate::AppError;
use crate::quarantine::KEY_TWICE;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::normalise::{Doubled, Normalised};
use tenure_model::{IdentityId, Name as _, RecordKey, RecordState, RowError};
use tenure_store::QuarantineRow;

/// Keys that are looked up at once.
const KEYS_AT_ONCE: usize = 512;

/// First rows and further rows of keys that occur several times in the feed.
#[derive(Default)]
pub(crate) struct Twice {
    /// Keys that occurred several times in the previous feed, as quarantine shows them: their first rows wait for the others.
    expected: BTreeSet<Arc<str>>,
    /// First rows that are decided together with the others.
    kept: BTreeMap<RecordKey, Normalised>,
    further: BTreeMap<RecordKey, Doubled>,
}

impl Twice {
    /// Starts with the earlier quarantine rows.
    pub(crate) fn of(before: &BTreeMap<Arc<str>, QuarantineRow>) -> Self {
        let twice = before.values().filter(|row| &*row.code == KEY_TWICE);
        Self { expected: twice.map(|row| row.value.clone()).collect(), ..Self::default() }
    }

    /// Notes a further row of a key.
    pub(crate) fn note(&mut self, key: RecordKey, row: &Normalised) {
        self.further.entry(key).or_default().add(row);
    }

    /// Whether further rows may follow.
    pub(crate) fn is_expected(&self, row: &Normalised) -> bool {
        !self.expected.is_empty()
            && row.key().is_some_and(|key| self.expected.contains(&*RowError::shorten(key.as_str())))
    }

    /// Holds a first row back until all rows were read.
    pub(crate) fn keep(&mut self, row: Normalised) {
        if let Some(key) = row.key().cloned() {
            self.kept.insert(key, row);
        }
    }
}

impl Ingest<'_> {
    /// Holds first rows back that have a known further row.
    pub(crate) fn keep_back(&mut self, rows: Vec<Normalised>) -> Vec<Normalised> {
        if self.twice.further.is_empty() {
            return rows;
        }
        let is_one = |row: &Normalised| matches!(row, Normalised::Taken(record) if self.twice.further.contains_key(&record.key));
        let (kept, rest): (Vec<_>, Vec<_>) = rows.into_iter().partition(is_one);
        kept.into_iter().for_each(|row| self.twice.keep(row));
        rest
    }

    /// Takes the held-back rows, with the earliest end of all rows of their key.
    pub(crate) async fn take_twice(&mut self, remapped: bool) -> Result<(), AppError> {
        let Twice { kept, mut further, .. } = std::mem::take(&mut self.twice);
        let mut rows = Vec::new();
        for (key, first) in kept {
            let row = match (first, further.remove(&key)) {
                (Normalised::Taken(first), Some(others)) => {
                    Normalised::Taken(Box::new(others.merged(*first)))
                }
                (first, _) => first,
            };
            if !self.is_as_before(&key, row.digest(), remapped) {
                rows.push(row);
            }
        }
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(CHUNK_ROWS));
            self.take(std::mem::replace(&mut rows, rest)).await?;
        }
        further.retain(|_, others| others.says_something());
        if !further.is_empty() {
            self.land_all().await?;
            self.end_earlier(further).await?;
        }
        Ok(())
    }

    /// Applies the earlier end of further rows to what was taken from the first one.
    async fn end_earlier(&mut self, further: BTreeMap<RecordKey, Doubled>) -> Result<(), AppError> {
        let source = &self.source.name;
        let keys: Vec<RecordKey> = further.keys().cloned().collect();
        let mut acts: BTreeMap<IdentityId, Vec<RecordChange>> = BTreeMap::new();
        for some in keys.chunks(KEYS_AT_ONCE) {
            // A record that waits for an answer or is held changes nothing of its identity yet.
            let records = self.app.store.records(source, some).await?.into_iter();
            let taken: BTreeMap<RecordKey, IdentityId> = records
                .filter(|r| matches!(r.state, RecordState::Taken | RecordState::Quarantined))
                .filter_map(|r| Some((r.key, r.identity?)))
                .collect();
            let ids: BTreeSet<IdentityId> = taken.values().copied().collect();
            let subjects = self.app.stored().readable(&ids.into_iter().collect::<Vec<_>>()).await?;
            for (key, id) in taken {
                let subject = subjects.iter().find(|s| s.identity.id == id);
                let engagement = subject.and_then(|s| s.identity.engagement_of(source, &key));
                let says = engagement.zip(further.get(&key)).and_then(|(e, others)| others.earlier(&key, e));
                acts.entry(id)
                    .or_default()
                    .extend(says.map(|(says, digest)| RecordChange::Readable(Box::new(says), digest)));
            }
        }
        acts.retain(|_, acts| !acts.is_empty());
        let pending = acts.into_iter().map(|(id, acts)| IdentityChanges { id, acts }).collect();
        self.decide(pending).await
    }
}
