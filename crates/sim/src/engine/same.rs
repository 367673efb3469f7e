//! A person answers which identity a record belongs to; wrong merges and splits.

use super::feed::Said;
use super::keys::given;
use super::world::World;
use tenure_engine::correlate::named_by;
use tenure_model::{Identity, IdentityId, Name as _, RecordKey, SourceName};

impl World {
    /// A person says which identity a record (`source:key`) belongs to; without one, it belongs to a new identity.
    pub(super) fn resolve(
        &mut self,
        record: &str,
        whose: Option<IdentityId>,
        actor: IdentityId,
    ) -> Result<(), String> {
        let (source, key) = record_name(record);
        let feed =
            self.feeds.get_mut(&source).ok_or_else(|| format!("no question is open about {record}"))?;
        feed.questions.remove(&key).ok_or_else(|| format!("no question is open about {record}"))?;
        let former = feed.records.get(&key).and_then(|r| r.identity);
        let said: Vec<Said> = feed.records.get_mut(&key).and_then(|r| r.waits.take()).into_iter().collect();
        let source = self.context.setup.sources[&source].clone();
        let id = match whose {
            Some(id) => id,
            None => IdentityId::new(0, self.id()),
        };
        if let Some(former) = former.filter(|former| *former != id) {
            let missing: Vec<Said> = said.iter().map(|s| s.missing(self.now)).collect();
            let after = self.after(&source, former, &missing);
            let decision = self.weigh(after, None, Some(actor));
            self.commit(decision);
            // References by the former holder's number may mean another identity now.
            self.changed.insert(former);
        }
        let after = self.after(&source, id, &said);
        let decision = self.weigh(after, None, Some(actor));
        self.note_records(&source, id, &said);
        self.commit(decision);
        self.resettle_dependents();
        let feed = self.feeds.get_mut(&source.name).unwrap();
        if !feed.mistyped.is_empty() {
            // What counted as present while the answer was awaited is looked at again with the same file.
            feed.taken = None;
        }
        Ok(())
    }

    /// A person answers all open questions by one kind of key; questions about the person's own records stay open.
    pub(super) fn resolve_by(&mut self, kind: &str, actor: IdentityId) -> Result<(), String> {
        let mut answers = Vec::new();
        for (source, feed) in &self.feeds {
            for (key, maybe) in &feed.questions {
                let Some(Said::Record(record)) = feed.records.get(key).and_then(|r| r.waits.as_ref()) else {
                    continue;
                };
                let known = |id: &IdentityId| (*id, given(&self.known[id].subject.identity).collect());
                let candidates: Vec<_> = maybe.iter().map(known).collect();
                let rules = &self.context.setup.sources[source].correlate;
                let named = named_by(&record.keys, kind, rules, &candidates).filter(|id| *id != actor);
                answers.extend(named.map(|id| (format!("{source}:{key}"), id)));
            }
        }
        answers.into_iter().try_for_each(|(record, id)| self.resolve(&record, Some(id), actor))
    }

    /// Merges two identities: engagements, decisions and a cut-off go over.
    pub(super) fn merge(&mut self, from: &str, into: &str, actor: IdentityId) -> Result<(), String> {
        let (from, into) = (self.person(from)?, self.person(into)?);
        let mut gone = self.known[&from].subject.identity.clone();
        let mut kept = self.known[&into].subject.identity.clone();
        kept.take_over(&mut gone);
        self.move_records(from, into, None);
        self.decide_both(gone, kept, actor);
        Ok(())
    }

    /// Splits one record off from an identity: its engagement becomes a new identity, a cut-off stays with both.
    pub(super) fn split(&mut self, person: &str, record: &str, actor: IdentityId) -> Result<(), String> {
        let (source, key) = record_name(record);
        let mut old = self.known[&self.person(person)?].subject.identity.clone();
        let mut new = Identity::new(IdentityId::new(0, self.id()), old.kind);
        (new.engagements, old.engagements) =
            old.engagements.into_iter().partition(|e| e.source == source && e.key == key);
        if new.engagements.is_empty() || old.engagements.is_empty() {
            return Err(format!("{person} has no other record beside {record} to be parted from"));
        }
        new.decisions = old.decisions.of_split();
        self.move_records(old.id, new.id, Some((&source, &key)));
        self.decide_both(old, new, actor);
        Ok(())
    }

    fn decide_both(&mut self, first: Identity, second: Identity, actor: IdentityId) {
        for identity in [first, second] {
            let decision = self.weigh(identity, None, Some(actor));
            self.commit(decision);
        }
        self.resettle_dependents();
    }

    fn move_records(&mut self, from: IdentityId, to: IdentityId, only: Option<(&SourceName, &RecordKey)>) {
        for (source, feed) in &mut self.feeds {
            for (key, record) in &mut feed.records {
                if record.identity == Some(from) && only.is_none_or(|only| only == (source, key)) {
                    record.identity = Some(to);
                }
            }
        }
    }
}

fn record_name(text: &str) -> (SourceName, RecordKey) {
    let (source, key) = text.split_once(':').unwrap_or_else(|| panic!("a record is written source:key"));
    (SourceName::new(source).unwrap(), RecordKey::new(key).unwrap())
}
