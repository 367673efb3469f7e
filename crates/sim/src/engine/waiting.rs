//! Rows that wait for a person, and what is decided beside them: records that they may be, and earlier ends of rows with one key.

use super::feed::{Acts, Said};
use super::keys::given;
use super::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::correlate::{WaitingRow, WaitingRows};
use tenure_engine::normalise::{Doubled, KeyForms};
use tenure_model::{Finding, IdentityId, Name as _, RecordKey, RecordState, SourceName};
use tenure_policy::Source;

impl World {
    /// The earlier ends that further rows state of what was taken from the first ones.
    pub(super) fn earlier(&self, source: &Source, twice: &BTreeMap<RecordKey, Doubled>) -> Acts {
        let mut acts = Acts::new();
        for (key, others) in twice {
            let record = self.feeds[&source.name].records.get(key);
            let taken = record.filter(|r| matches!(r.state, RecordState::Taken | RecordState::Quarantined));
            let Some(id) = taken.and_then(|r| r.identity) else { continue };
            let engagement = self.known[&id].subject.identity.engagement_of(&source.name, key);
            let says = engagement.and_then(|e| others.earlier(key, e));
            acts.entry(id)
                .or_default()
                .extend(says.map(|(says, digest)| Said::Readable(Box::new(says), digest)));
        }
        acts.retain(|_, said| !said.is_empty());
        acts
    }

    /// Records that are not in the feed, where a row that waits for a person may be each.
    pub(super) fn mistyped(
        &self,
        name: &SourceName,
        present: &BTreeSet<RecordKey>,
        mut rows: Vec<WaitingRow>,
    ) -> BTreeMap<RecordKey, Finding> {
        let feed = &self.feeds[name];
        for (key, whom) in feed.questions.iter().filter(|(key, _)| present.contains(*key)) {
            let record = feed.records.get(key);
            let keys = match record.and_then(|r| r.waits.as_ref()) {
                Some(Said::Record(record)) => record.keys.clone(),
                _ => BTreeMap::new(),
            };
            let whom = whom.iter().copied().collect();
            let known = record.and_then(|r| r.identity);
            rows.push(WaitingRow { key: Arc::from(key.as_str()), keys, known, whom });
        }
        let blocking = &self.context.blocking;
        let waiting = WaitingRows::new(blocking, rows);
        let gone =
            feed.records.iter().filter(|(key, r)| !present.contains(*key) && r.state != RecordState::Missing);
        let maybe = gone.filter_map(|(key, record)| {
            let id = record.identity?;
            let identity = &self.known.get(&id)?.subject.identity;
            let row = waiting.for_record(blocking, key, &self.view(id), given(identity))?;
            Some((key.clone(), row.may_be(name, key)))
        });
        maybe.collect()
    }

    /// Whose records have a key that may be this one, written otherwise.
    pub(super) fn like_key(&self, source: &Source, key: &RecordKey) -> Option<Vec<IdentityId>> {
        let mut forms = KeyForms::default();
        for (known, record) in &self.feeds[&source.name].records {
            if let Some(id) = record.identity {
                forms.note(known.as_str(), id);
            }
        }
        Some(forms.like(key.as_str()).into_iter().copied().collect()).filter(|ids: &Vec<_>| !ids.is_empty())
    }

    /// A row without a key leaves quarantine, and does not come back with the same file.
    pub(super) fn dismiss(&mut self, finding: &str) {
        let about = finding.split_once(": ").map_or(finding, |(_, about)| about);
        let Some((source, key)) = about.split_once(':') else { return };
        let Some(feed) = SourceName::new(source).ok().and_then(|name| self.feeds.get_mut(&name)) else {
            return;
        };
        feed.quarantine.retain(|(k, _), _| **k != *key);
        feed.dismissed.insert((Arc::from(key), feed.text.clone()));
    }
}
