//! Handles a chunk of feed rows: whose they are, what they change, and what may be committed together.

use super::ingest::Ingest;
use super::pending::{IdentityChanges, RecordChange};
use crate::AppError;
use crate::correlate::{Candidates, KnownKeys, Verdict, view};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::correlate::{CandidateView, recycled, renamed, swapped};
use tenure_engine::normalise::Normalised;
use tenure_model::{AskReason, CorrelationId, IdentityId, Name, NormalRecord, RecordKey, RecordState};
use tenure_store::{
    Change, CorrelationRow, Expect, QuarantineRow, RecordIndexRow, RecordRow, StoredSubject, Unit,
};

/// Most renamed people in one chunk that are compared with each other.
const BESIDE_MAX: usize = 64;

/// An open question about the identity of a record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenQuestion {
    id: CorrelationId,
    revision: u64,
    since: Timestamp,
}

impl Ingest<'_> {
    /// Takes rows that changed since they were last processed.
    pub(crate) async fn take(&mut self, rows: Vec<Normalised>) -> Result<(), AppError> {
        let mut acts: BTreeMap<IdentityId, Vec<RecordChange>> = BTreeMap::new();
        let mut strangers = Vec::new();
        let mut units = Vec::new();
        self.load(&rows).await?;
        let recycled = self.recycled(&rows).await?;
        self.note_open_questions(&rows).await?;
        for row in rows {
            let known = row.key().and_then(|k| self.index.get(k)).and_then(|r| r.identity);
            self.quarantine(&row, &mut units);
            match (row, known) {
                (Normalised::Taken(record), Some(id)) if recycled.contains_key(&record.key) => {
                    let (why, others) = match recycled.get(&record.key).copied().flatten() {
                        Some(other) => {
                            (AskReason::RecordsSwapped, vec![(id.min(other), 100), (id.max(other), 100)])
                        }
                        None => (AskReason::RecordRecycled, vec![(id, 100)]),
                    };
                    acts.entry(id).or_default().extend(self.present(&record.key));
                    units.push(self.ask(*record, why, others, Some(id)));
                }
                (Normalised::Taken(record), Some(id)) => {
                    units.extend(self.is_moot(&record.key));
                    let reread = self.is_reread(&record);
                    let act =
                        if reread { RecordChange::Reread(record) } else { RecordChange::Record(record) };
                    acts.entry(id).or_default().push(act)
                }
                (Normalised::Taken(record), None) => strangers.push(*record),
                // It is not known whose end or absence it would be.
                (Normalised::Partial { ref applies, .. }, known)
                    if self.open_questions.contains_key(&applies.key) =>
                {
                    let there = known.zip(self.present(&applies.key));
                    there.into_iter().for_each(|(id, there)| acts.entry(id).or_default().push(there));
                }
                (Normalised::Bad { key: Some(key), .. }, Some(id)) => {
                    acts.entry(id).or_default().extend(self.present(&key));
                }
                (Normalised::Gone { key, digest }, Some(id)) => {
                    units.extend(self.is_moot(&key));
                    acts.entry(id).or_default().push(RecordChange::Missing(key, digest, None));
                }
                (Normalised::Partial { applies, digest, .. }, Some(id)) => {
                    acts.entry(id).or_default().push(RecordChange::Readable(applies, digest));
                }
                (Normalised::Gone { .. } | Normalised::Partial { .. } | Normalised::Bad { .. }, _) => {}
            }
        }
        let met = self.meet(strangers, &mut acts, &mut units).await?;
        if !units.is_empty() {
            self.app.store.commit(units).await?;
        }
        let acts = acts.into_iter().filter(|(_, acts)| !acts.is_empty());
        let pending = acts.map(|(id, acts)| IdentityChanges { id, acts }).collect();
        self.send(pending, met).await?;
        // What was not decided of this chunk is older than what follows.
        self.loaded.clear();
        Ok(())
    }

    /// Whether the record was absent from the previous feed.
    pub(crate) fn was_missing(&self, key: &RecordKey) -> bool {
        self.index.get(key).is_some_and(|r| r.state == RecordState::Missing)
    }

    /// States that a record is present again although its row is held back.
    fn present(&self, key: &RecordKey) -> Option<RecordChange> {
        self.was_missing(key).then(|| RecordChange::Present(key.clone()))
    }

    /// Whether a record differs from the row taken before only by another mapping.
    fn is_reread(&self, record: &NormalRecord) -> bool {
        let was = |r: &RecordIndexRow| matches!(r.state, RecordState::Taken | RecordState::HeldReread);
        self.index.get(&record.key).is_some_and(|r| r.digest == record.digest && was(r))
    }

    /// Reads the identities of known records, once for the chunk, when what was decided of them is written. Damaged ones are noted and left out.
    async fn load(&mut self, rows: &[Normalised]) -> Result<(), AppError> {
        let known = rows.iter().filter_map(|row| self.index.get(row.key()?)?.identity);
        let ids: Vec<IdentityId> = known.collect::<BTreeSet<_>>().into_iter().collect();
        if self.flights.carry(ids.iter()) {
            self.land_all().await?;
        }
        let subjects = self.app.stored().readable(&ids).await?;
        self.loaded = subjects.into_iter().map(|s| (s.identity.id, s)).collect();
        Ok(())
    }

    /// Known keys whose record now describes another person, because numbers get recycled and swapped; with the known person that it
    /// describes, if any.
    async fn recycled(
        &self,
        rows: &[Normalised],
    ) -> Result<BTreeMap<RecordKey, Option<IdentityId>>, AppError> {
        let known: Vec<(&NormalRecord, IdentityId)> = rows
            .iter()
            .filter_map(|row| match row {
                Normalised::Taken(record) if !self.is_reread(record) => {
                    Some((&**record, self.index.get(&record.key)?.identity?))
                }
                _ => None,
            })
            .collect();
        let of = |id| self.loaded.get(&id).map(|s: &StoredSubject| view(&s.identity, s.phase));
        let views: BTreeMap<IdentityId, _> =
            known.iter().filter_map(|(_, id)| Some((*id, of(*id)?))).collect();
        let known = known.into_iter().filter_map(|(record, id)| Some((record, views.get(&id)?)));
        let other_name: Vec<(&NormalRecord, &CandidateView)> =
            known.filter(|(record, view)| renamed(&record.keys, view)).collect();
        if other_name.is_empty() {
            return Ok(BTreeMap::new());
        }
        let records: Vec<NormalRecord> = other_name.iter().map(|(record, _)| (*record).clone()).collect();
        let candidates = self.app.correlate().candidates_for(self.source, &records, self.moment.now).await?;
        let beside: Vec<&CandidateView> = other_name.iter().map(|(_, view)| *view).take(BESIDE_MAX).collect();
        let mut found = BTreeMap::new();
        for (record, view) in other_name {
            let alike = candidates.alike(&self.app.context.blocking.query_keys(&record.keys));
            // Where no rule finds people by name, they are compared with the people renamed in the same chunk.
            let mut others = alike.iter().chain(beside.iter().copied());
            let other = others.find(|other| swapped(&record.keys, view, other)).map(|other| other.id);
            if other.is_some() || recycled(&record.keys, view) {
                found.insert(record.key.clone(), other);
            }
        }
        Ok(found)
    }

    /// Notes the open questions about these rows: a record that changes meanwhile asks the same question, not a second one.
    async fn note_open_questions(&mut self, rows: &[Normalised]) -> Result<(), AppError> {
        let is_asked = |key: &RecordKey| self.index.get(key).is_some_and(|r| r.state == RecordState::Asked);
        if !rows.iter().filter_map(Normalised::key).any(is_asked) {
            return Ok(());
        }
        self.open_questions = self.all_open_questions().await?;
        Ok(())
    }

    /// Correlates new records. Returns the new identities.
    async fn meet(
        &mut self,
        strangers: Vec<NormalRecord>,
        acts: &mut BTreeMap<IdentityId, Vec<RecordChange>>,
        units: &mut Vec<Unit>,
    ) -> Result<Candidates, AppError> {
        if !strangers.is_empty() && self.known_keys.is_none() {
            let mut forms = KnownKeys::default();
            for (key, id) in self.index.values().filter_map(|r| Some((&r.key, r.identity?))) {
                forms.note(key.as_str(), (key.clone(), id));
            }
            self.known_keys = Some(forms);
        }
        let known_keys = self.known_keys.get_or_insert_default();
        let known = (self.flights.met(), &*known_keys);
        let (verdicts, met, free) =
            self.app.correlate().correlate(self.source, &strangers, known, self.moment.now).await?;
        self.free.extend(free);
        for (record, verdict) in strangers.into_iter().zip(verdicts) {
            match verdict {
                Verdict::Linked(id) | Verdict::New(id) => {
                    units.extend(self.is_moot(&record.key));
                    acts.entry(id).or_default().push(RecordChange::Record(Box::new(record)))
                }
                Verdict::Ask(reason, candidates) => {
                    units.push(self.ask(record, reason, candidates, None));
                }
            }
        }
        Ok(met)
    }

    /// Correlates records of new identities again that were not committed: another process may have created the identity meanwhile.
    pub(crate) async fn meet_again(
        &mut self,
        pending: Vec<IdentityChanges>,
    ) -> Result<Vec<IdentityChanges>, AppError> {
        let (mut acts, mut strangers, mut units) = (BTreeMap::new(), Vec::new(), Vec::new());
        for IdentityChanges { id, acts: of_one } in pending {
            let is_new = self.free.remove(&id).is_some();
            for act in of_one {
                match act {
                    RecordChange::Record(record) if is_new => strangers.push(*record),
                    other => acts.entry(id).or_insert_with(Vec::new).push(other),
                }
            }
        }
        if !strangers.is_empty() {
            self.meet(strangers, &mut acts, &mut units).await?;
        }
        if !units.is_empty() {
            self.app.store.commit(units).await?;
        }
        Ok(acts.into_iter().map(|(id, acts)| IdentityChanges { id, acts }).collect())
    }

    /// The unit that ends the open question about a record, if any.
    fn is_moot(&mut self, key: &RecordKey) -> Option<Unit> {
        let OpenQuestion { id, revision, .. } = self.open_questions.remove(key)?;
        let expects = vec![Expect::Correlation(id, revision)];
        Some(Unit { expects, changes: vec![Change::EndCorrelation(id)] })
    }

    /// Ends the questions about records that a whole feed no longer has. A record without an identity is then missing; an identity that had
    /// the record before misses it.
    pub(crate) async fn end_questions(&mut self, gone: &[RecordIndexRow]) -> Result<(), AppError> {
        let asked: Vec<&RecordIndexRow> = gone.iter().filter(|r| r.state == RecordState::Asked).collect();
        if asked.is_empty() {
            return Ok(());
        }
        self.open_questions = self.all_open_questions().await?;
        let mut units = Vec::new();
        for row in asked {
            units.extend(self.is_moot(&row.key));
            units.push(Unit {
                expects: Vec::new(),
                changes: vec![Change::PutRecord(Box::new(RecordRow {
                    source: self.source.name.clone(),
                    key: row.key.clone(),
                    identity: row.identity,
                    state: RecordState::Missing,
                    digest: row.digest,
                    waiting: None,
                    run: self.run,
                }))],
            });
        }
        self.app.store.commit(units).await?;
        Ok(())
    }

    async fn all_open_questions(&self) -> Result<BTreeMap<RecordKey, OpenQuestion>, AppError> {
        let open = self.app.stored().questions().await?;
        let mine = open.into_iter().filter(|q| q.source == self.source.name);
        let open = |q: &CorrelationRow| OpenQuestion { id: q.id, revision: q.revision, since: q.since };
        Ok(mine.map(|q| (q.key.clone(), open(&q))).collect())
    }

    /// Asks whose a record is. Until it is answered, the record stays with `known`, its earlier identity, and changes nothing there.
    fn ask(
        &mut self,
        record: NormalRecord,
        reason: AskReason,
        candidates: Vec<(IdentityId, u8)>,
        known: Option<IdentityId>,
    ) -> Unit {
        self.report.asked += 1;
        let (ms, random) = self.app.machine.id();
        let open = self.open_questions.get(&record.key).copied();
        // A repeated question keeps its first date: a record that changes daily delays no deadline.
        let new = OpenQuestion { id: CorrelationId::new(ms, random), revision: 0, since: self.moment.now };
        let OpenQuestion { id, revision, since } = open.unwrap_or(new);
        let question = CorrelationRow {
            id,
            revision,
            source: record.source.clone(),
            key: record.key.clone(),
            reason,
            candidates,
            since,
            answer: None,
        };
        let row = RecordRow {
            source: record.source.clone(),
            key: record.key.clone(),
            identity: known,
            state: RecordState::Asked,
            digest: record.digest,
            waiting: Some(record),
            run: self.run,
        };
        // If the question was answered meanwhile, the answer stands, and the next feed takes the row.
        let (expect, put) = question.rewritten();
        Unit { expects: vec![expect], changes: vec![put, Change::PutRecord(Box::new(row))] }
    }

    /// Quarantines rows that could not be understood, and releases rows that can be now.
    pub(crate) fn quarantine(&mut self, row: &Normalised, units: &mut Vec<Unit>) {
        let key = row.key().cloned();
        let was = key.as_ref().is_some_and(|k| self.aside.before.contains_key(k.as_str()));
        let mut changes = Vec::new();
        if let (Some(key), true) = (&key, was || !row.problems().is_empty()) {
            changes.push(Change::Repaired(self.source.name.clone(), Arc::from(key.as_str())));
        }
        for (nth, problem) in (0..).zip(row.problems()) {
            let key = key.as_ref().map(Name::as_str);
            let row = self.aside.row(key, nth, problem);
            changes.extend(self.put_aside(row));
        }
        if let (Normalised::Bad { key: Some(key), digest, .. }, true) = (row, !row.problems().is_empty()) {
            let known = self.index.get(key);
            changes.push(Change::PutRecord(Box::new(RecordRow {
                source: self.source.name.clone(),
                key: key.clone(),
                identity: known.and_then(|r| r.identity),
                state: RecordState::Quarantined,
                digest: *digest,
                waiting: None,
                run: self.run,
            })));
        }
        if !changes.is_empty() {
            units.push(Unit { expects: Vec::new(), changes });
        }
    }

    /// Adds a row to the quarantine and the report, unless the owner of its source dismissed it.
    pub(crate) fn put_aside(&mut self, row: QuarantineRow) -> Option<Change> {
        if self.aside.is_dismissed(&row) {
            return None;
        }
        self.report.quarantined.push(row.clone());
        Some(Change::Quarantine(row))
    }
}
