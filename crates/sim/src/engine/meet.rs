//! Correlates new records, as the engine alone does it.

use super::feed::{Acts, Record, Said};
use super::world::World;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_engine::correlate::{Blocking, COMPARED_MAX, CandidateView, Matcher, Verdict};
use tenure_model::{IdentityId, NormalRecord, RecordKey, RecordState, SourceName};
use tenure_policy::Source;

impl World {
    /// Correlates new records: with a known identity, or with one that an earlier record of the same run brought.
    pub(super) fn meet(&mut self, source: &Source, strangers: Vec<NormalRecord>, acts: &mut Acts) {
        let matcher = Matcher::of(&self.context, source);
        let mut met: Vec<(BTreeSet<Arc<str>>, CandidateView)> = Vec::new();
        for record in strangers {
            let query = self.context.blocking.query_keys(&record.keys);
            let mut views = self.candidates(source, &query);
            views.extend(met.iter().filter(|(keys, _)| !keys.is_disjoint(&query)).map(|(_, v)| v.clone()));
            let met_already: BTreeSet<IdentityId> = views.iter().map(|v| v.id).collect();
            views.extend(self.tombstones(&record).into_iter().filter(|t| !met_already.contains(&t.id)));
            let id = match matcher.verdict(&record.keys, &views) {
                Verdict::Linked { id, .. } => id,
                Verdict::Ask { candidates, .. } => {
                    self.ask_whose(record, candidates.iter().map(|c| c.id).collect(), None);
                    continue;
                }
                Verdict::New if self.like_key(source, &record.key).is_some() => {
                    let maybe = self.like_key(source, &record.key).unwrap_or_default();
                    self.ask_whose(record, maybe, None);
                    continue;
                }
                Verdict::New => {
                    let id = IdentityId::new(0, self.id());
                    let keys = self.context.blocking.index_keys(&record.keys);
                    met.push((keys, CandidateView::new(id, [&record.keys], false)));
                    id
                }
            };
            self.is_moot(&source.name, &record.key);
            acts.entry(id).or_default().push(Said::Record(Box::new(record)));
        }
    }

    /// The question about this record is closed.
    pub(super) fn is_moot(&mut self, source: &SourceName, key: &RecordKey) {
        self.feeds.get_mut(source).unwrap().questions.remove(key);
    }

    pub(super) fn candidates(&self, source: &Source, query: &BTreeSet<Arc<str>>) -> Vec<CandidateView> {
        let (exact, alike): (BTreeSet<Arc<str>>, BTreeSet<Arc<str>>) =
            query.iter().cloned().partition(|key| Blocking::is_exact(key));
        let mut ids = self.index.alike(&exact);
        ids.extend(self.index.alike(&alike).into_iter().take(COMPARED_MAX + 1));
        ids.retain(|id| self.known[id].subject.identity.kind == source.identity_kind);
        let mut seen = BTreeSet::new();
        let met = |id: IdentityId| {
            let subject = &self.known[&id].subject;
            self.view(id).met_by(&self.context, &source.name, (&subject.identity, &subject.grants), self.now)
        };
        ids.into_iter().filter(|id| seen.insert(*id)).map(met).collect()
    }

    /// Asks which identity a record belongs to; until the answer it stays with `known`, which had it before.
    pub(super) fn ask_whose(
        &mut self,
        record: NormalRecord,
        maybe: Vec<IdentityId>,
        known: Option<IdentityId>,
    ) {
        let feed = self.feeds.get_mut(&record.source).unwrap();
        let (key, digest) = (record.key.clone(), record.digest);
        feed.questions.insert(key.clone(), maybe);
        feed.asked_since.entry(key.clone()).or_insert(self.now);
        let waits = Some(Said::Record(Box::new(record)));
        feed.records.insert(key, Record { identity: known, state: RecordState::Asked, digest, waits });
    }
}
