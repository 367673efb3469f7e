//! Erasure in the engine alone: what keeps an identity, what is left, and how it is recognised again.

use super::world::World;
use std::sync::Arc;
use tenure_app::IdentityRefusal;
use tenure_engine::correlate::CandidateView;
use tenure_engine::{Surroundings, kept, key_kind, left_of};
use tenure_ledger::commitment::NO_IDENTITY;
use tenure_ledger::seal::PersonKey;
use tenure_model::{Identity, IdentityId, NormalRecord, RecordState};

/// The key for marks; every scenario has the same one.
fn mark(kind: &str, text: &str) -> [u8; 32] {
    PersonKey::new(NO_IDENTITY, [7; 32]).mark(&[kind, text])
}

impl World {
    /// Erases an identity. Every write has succeeded here, so that only a question keeps a change open.
    pub(super) fn erase(&mut self, person: &str, says_why: bool) -> Result<(), String> {
        let id = self.person(person)?;
        let known = &self.known[&id];
        let around = Surroundings {
            open: self.asked.iter().any(|r| r.identity == id),
            reported: self.reported(id),
            by_last_resort: says_why,
        };
        if let Some(why) = kept(&self.context, &known.subject.identity, known.phase, &around, self.now) {
            let refused = IdentityRefusal::kept(&Arc::from(person), why);
            return Err(tenure_words::refusal(&refused.into()));
        }
        let names: Vec<(Arc<str>, Arc<str>)> =
            self.issued.iter().filter(|(_, whose)| **whose == Some(id)).map(|(key, _)| key.clone()).collect();
        for key in &names {
            self.issued.insert(key.clone(), None);
        }
        let left = left_of(&self.context, &known.subject.identity, &names, self.now, &mark);
        for feed in self.feeds.values_mut() {
            feed.records.retain(|_, r| r.identity != Some(id));
        }
        self.forget(id, &left);
        self.changed.insert(id);
        let decision = self.weigh(left, None, None);
        self.commit(decision);
        self.resettle_dependents();
        Ok(())
    }

    fn reported(&self, id: IdentityId) -> Option<Arc<str>> {
        let whole = self.feeds.iter().filter(|(source, _)| self.context.setup.sources[*source].snapshot);
        let mut records =
            whole.flat_map(|(source, feed)| feed.records.iter().map(move |(key, r)| (source, key, r)));
        let mine = records.find(|(_, _, r)| r.identity == Some(id) && r.state != RecordState::Missing)?;
        Some(Arc::from(format!("{}:{}", mine.0, mine.1)))
    }

    /// Removes what is known about an identity elsewhere.
    fn forget(&mut self, id: IdentityId, left: &Identity) {
        let known = self.known.get_mut(&id).unwrap();
        self.index.put(&self.context, Some(&known.subject.identity), left);
        known.subject.identity = left.clone();
        known.subject.accounts.clear();
        known.subject.grants.clear();
    }

    /// Erased identities that had a strong key of a record.
    pub(super) fn tombstones(&self, record: &NormalRecord) -> Vec<CandidateView> {
        let strong: Vec<_> = self.context.blocking.strong(&record.keys).collect();
        let erased = self.known.values().map(|k| &k.subject.identity);
        let found = erased.filter_map(|identity| {
            let marks = &identity.erased.as_ref()?.marks;
            let (kind, value) = strong.iter().find(|(k, v)| marks.contains(&mark(&key_kind(k), v)))?;
            Some(CandidateView::tombstone(identity.id, kind, value))
        });
        found.collect()
    }
}
