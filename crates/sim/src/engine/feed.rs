//! One feed, from its text to decisions: what nobody loses by at once, the rest behind the source's brake.

use super::decide::Decision;
use super::release::Loss;
use super::world::World;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::correlate::{Blocking, COMPARED_MAX, CandidateView, Matcher, Verdict};
use tenure_engine::normalise::{Normalised, Normaliser, Readable, Seen, extraction, feed_shape, in_order};
use tenure_engine::{apply_missing, apply_readable, apply_record, apply_reread};
use tenure_model::{
    CaseLabel, Identity, IdentityId, Name as _, NormalRecord, RecordKey, RecordState, RowError, SourceName,
};
use tenure_policy::{MissingRule, Source};
use tenure_source_file::{Input, Refused, inspect, open};

/// One thing that a feed says of somebody.
#[derive(Clone)]
pub(super) enum Said {
    /// A whole record.
    Record(Box<NormalRecord>),
    /// What another mapping makes of the row that was taken before.
    Reread(Box<NormalRecord>),
    /// The readable part of a quarantined one.
    Readable(Box<Readable>, [u8; 32]),
    /// It is no longer there.
    Missing(RecordKey, [u8; 32]),
}

/// A record as it was last seen.
pub(super) struct Record {
    pub(super) identity: Option<IdentityId>,
    pub(super) state: RecordState,
    pub(super) digest: [u8; 32],
    /// What it says, while it waits for a person.
    pub(super) waits: Option<Said>,
}

/// A source: what it reports, and what became of it.
#[derive(Default)]
pub(super) struct Feed {
    /// The whole file, as it reports it now.
    pub(super) text: String,
    /// Whether it reports in this step.
    pub(super) reports: bool,
    /// Its last report, or since when one is waited for, and whether it ever reported.
    pub(super) last_report: Option<(Timestamp, bool)>,
    /// The file and the set-up of the last run.
    taken: Option<(String, String)>,
    /// How the rows of the last run were read.
    mapped: Option<String>,
    /// When the last one that was taken was extracted.
    extracted: Option<Timestamp>,
    pub(super) records: BTreeMap<RecordKey, Record>,
    /// Records of which somebody must say whose they are, with those who may be meant.
    pub(super) questions: BTreeMap<RecordKey, Vec<IdentityId>>,
    /// Since when each of them is asked.
    pub(super) asked_since: BTreeMap<RecordKey, Timestamp>,
    /// Rows that could not be understood: key or line, and the value.
    pub(super) quarantine: BTreeMap<(Arc<str>, usize), String>,
    /// Whose losses the brake holds.
    pub(super) held: Vec<IdentityId>,
    /// Since when, and until when somebody must have decided.
    pub(super) held_until: Option<(Timestamp, Timestamp)>,
    /// When the first of those whose change is looked at loses something.
    pub(super) first_loss: Option<Timestamp>,
    pub(super) losses: Vec<Loss>,
}

/// Rows of one feed that changed.
#[derive(Default)]
struct Rows {
    changed: Vec<Normalised>,
    present: BTreeSet<RecordKey>,
    /// Rows of which nobody can say whose they are: while there are any, nobody is missing.
    nameless: usize,
}

type Acts = BTreeMap<IdentityId, Vec<Said>>;

impl Said {
    pub(super) fn key(&self) -> &RecordKey {
        match self {
            Self::Record(r) | Self::Reread(r) => &r.key,
            Self::Readable(r, _) => &r.key,
            Self::Missing(key, _) => key,
        }
    }
    /// That the record is there no more.
    pub(super) fn missing(&self) -> Self {
        let digest = match self {
            Self::Record(r) | Self::Reread(r) => r.digest,
            Self::Readable(_, digest) | Self::Missing(_, digest) => *digest,
        };
        Self::Missing(self.key().clone(), digest)
    }
    /// What its record is once it is applied to somebody.
    fn record(&self, identity: IdentityId) -> Record {
        let (state, digest) = match self {
            Self::Record(r) | Self::Reread(r) => (RecordState::Taken, r.digest),
            Self::Readable(_, digest) => (RecordState::Quarantined, *digest),
            Self::Missing(_, digest) => (RecordState::Missing, *digest),
        };
        Record { identity: Some(identity), state, digest, waits: None }
    }
    /// The same, held by the brake.
    pub(super) fn held(&self, identity: IdentityId) -> Record {
        let record = self.record(identity);
        let state = match self {
            Self::Reread(_) => RecordState::HeldReread,
            _ => RecordState::Held,
        };
        Record { state, waits: Some(self.clone()), ..record }
    }
}

impl World {
    /// Takes what a source reports.
    pub(super) fn take_feed(&mut self, name: &SourceName) {
        let source = self.context.setup.sources[name].clone();
        let text = self.feeds.entry(name.clone()).or_default().text.clone();
        let input = Input::bytes(&source.path, text.clone().into_bytes());
        let shape = feed_shape(&source);
        let Ok(inspected) = inspect(&input, &shape) else {
            self.refused.push(name.clone());
            return;
        };
        let first = open(&input, &shape, &inspected).unwrap().find_map(Result::ok);
        let last = self.feeds[name].extracted;
        let order = extraction(&source, None, first.as_ref(), &self.context.zones)
            .and_then(|extracted| in_order(extracted, last, self.now).map(|()| extracted));
        let Ok(extracted) = order else {
            self.refused.push(name.clone());
            return;
        };
        let feed = self.feeds.get_mut(name).unwrap();
        feed.extracted = extracted;
        if std::mem::take(&mut feed.reports) {
            feed.last_report = Some((self.now, true));
        }
        feed.first_loss = None;
        let taken = (text, self.context.setup.hash.to_string());
        if feed.taken.as_ref() == Some(&taken) && source.snapshot {
            return;
        }
        let reading = source.reading();
        let remapped = feed.mapped.as_ref() != Some(&reading);
        feed.taken = Some(taken);
        feed.mapped = Some(reading);
        // A row without a key is known by its line, which means nothing in the next file.
        let keyed = |key: &str| !key.starts_with("line ");
        feed.quarantine.retain(|(key, _), _| keyed(key) || !source.snapshot);
        let population = feed.records.values().filter(|r| r.identity.is_some()).count();
        let normaliser = Normaliser::new(&source, &source.path, &inspected.columns).unwrap();
        let rows = open(&input, &shape, &inspected).unwrap();
        let rows = self.read(&source, rows, (&normaliser, &inspected.columns), remapped);
        if source.snapshot && rows.nameless == 0 {
            let feed = self.feeds.get_mut(name).unwrap();
            feed.quarantine.retain(|(key, _), _| !keyed(key) || rows.present.contains(&**key));
        }
        let mut deferred = Vec::new();
        let acts = self.whose(&source, rows.changed);
        self.decide_feed(&source, acts, &mut deferred);
        if source.snapshot && source.missing != MissingRule::Ignore && rows.nameless == 0 {
            let acts = self.gone(name, &rows.present);
            self.decide_feed(&source, acts, &mut deferred);
        }
        self.pass_brake(&source, deferred, population);
        self.tell_others();
    }

    /// The rows that say something else than the last time.
    fn read(
        &mut self,
        source: &Source,
        rows: impl Iterator<Item = Result<tenure_model::RawRecord, Refused>>,
        (normaliser, columns): (&Normaliser, &Arc<tenure_model::Columns>),
        remapped: bool,
    ) -> Rows {
        let feed = self.feeds.get_mut(&source.name).unwrap();
        let (mut seen, mut read) = (Seen::default(), Rows::default());
        for row in rows {
            let (raw, mut row) = match row {
                Ok(raw) => {
                    let row = normaliser.normalise(&raw, &self.context.zones);
                    (raw, row)
                }
                Err(Refused::Row(problem)) if !problem.fields.is_empty() => {
                    let row = normaliser.torn(&problem, columns, &self.context.zones);
                    (tenure_model::RawRecord::new(problem.at.line, columns.clone(), None), row)
                }
                Err(Refused::Row(problem)) => {
                    read.nameless += 1;
                    feed.quarantine(None, 0, &problem);
                    continue;
                }
                Err(Refused::Feed(e)) => panic!("{e}"),
            };
            let twice = row.key().and_then(|key| seen.note(key, &source.path, &raw).err());
            if let Some(twice) = twice {
                row = Normalised::Bad { key: None, problems: vec![*twice], digest: *row.digest() };
            } else if let Some(key) = row.key() {
                read.present.insert(key.clone());
                let same = |k: &Record| {
                    k.digest == *row.digest()
                        && !matches!(
                            k.state,
                            RecordState::Missing | RecordState::Held | RecordState::HeldReread
                        )
                };
                if !remapped && feed.records.get(key).is_some_and(same) {
                    continue;
                }
            } else {
                read.nameless += 1;
            }
            feed.quarantined(&row);
            read.changed.push(row);
        }
        read
    }

    /// Whose each row is; those that nobody can say are asked about.
    fn whose(&mut self, source: &Source, rows: Vec<Normalised>) -> Acts {
        let mut acts = Acts::new();
        let mut strangers = Vec::new();
        let other = self.of_others(source, &rows);
        for row in rows {
            let feed = &self.feeds[&source.name];
            let known = row.key().and_then(|k| feed.records.get(k)).and_then(|r| r.identity);
            let reread = feed.is_reread(&row);
            match (row, known) {
                (Normalised::Taken(record), Some(id)) if reread => {
                    acts.entry(id).or_default().push(Said::Reread(record));
                }
                (Normalised::Taken(record), Some(id)) if other.contains_key(&record.key) => {
                    let maybe = other[&record.key].clone();
                    self.ask_whose(*record, maybe, Some(id));
                }
                (Normalised::Taken(record), Some(id)) => {
                    self.is_moot(&source.name, &record.key);
                    acts.entry(id).or_default().push(Said::Record(record));
                }
                (Normalised::Taken(record), None) => strangers.push(*record),
                (Normalised::Partial { ref applies, .. }, _) if feed.questions.contains_key(&applies.key) => {
                }
                (Normalised::Gone { key, digest }, Some(id)) => {
                    self.is_moot(&source.name, &key);
                    acts.entry(id).or_default().push(Said::Missing(key, digest));
                }
                (Normalised::Partial { applies, digest, .. }, Some(id)) => {
                    acts.entry(id).or_default().push(Said::Readable(applies, digest));
                }
                (Normalised::Gone { .. } | Normalised::Partial { .. } | Normalised::Bad { .. }, _) => {}
            }
        }
        self.meet(source, strangers, &mut acts);
        acts
    }

    /// Finds out whose new records are: somebody's who is known, or whom an earlier one of them brought.
    fn meet(&mut self, source: &Source, strangers: Vec<NormalRecord>, acts: &mut Acts) {
        let matcher = Matcher::new(&source.correlate);
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

    /// Nothing is asked about this record any more.
    fn is_moot(&mut self, source: &SourceName, key: &RecordKey) {
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

    /// Asks whose a record is; until somebody says so it stays with `known`, who had it before.
    fn ask_whose(&mut self, record: NormalRecord, maybe: Vec<IdentityId>, known: Option<IdentityId>) {
        let feed = self.feeds.get_mut(&record.source).unwrap();
        let (key, digest) = (record.key.clone(), record.digest);
        feed.questions.insert(key.clone(), maybe);
        feed.asked_since.entry(key.clone()).or_insert(self.now);
        let waits = Some(Said::Record(Box::new(record)));
        feed.records.insert(key, Record { identity: known, state: RecordState::Asked, digest, waits });
    }

    /// Records that were known and are not in a whole feed.
    fn gone(&mut self, name: &SourceName, present: &BTreeSet<RecordKey>) -> Acts {
        let mut acts = Acts::new();
        let feed = self.feeds.get_mut(name).unwrap();
        feed.questions.retain(|key, _| present.contains(key));
        for (_, record) in feed.records.iter_mut().filter(|(key, _)| !present.contains(*key)) {
            if record.state == RecordState::Asked && record.identity.is_none() {
                record.state = RecordState::Missing;
            }
        }
        for (key, record) in &self.feeds[name].records {
            if let (false, true, Some(id)) =
                (present.contains(key), record.state != RecordState::Missing, record.identity)
            {
                acts.entry(id).or_default().push(Said::Missing(key.clone(), record.digest));
            }
        }
        acts
    }

    /// Decides what a feed says of some people: what nobody loses by is done, the rest waits for the brake.
    fn decide_feed(&mut self, source: &Source, acts: Acts, deferred: &mut Vec<(IdentityId, Vec<Said>)>) {
        for (id, said) in acts {
            let decision = self.weigh_said(source, id, &said);
            let gains = source.additions.is_some() && decision.gains();
            if !decision.is_new
                && (gains || decision.removes() || decision.loses_later.is_some() || decision.renames())
            {
                let feed = self.feeds.get_mut(&source.name).unwrap();
                feed.first_loss = feed.first_loss.into_iter().chain(decision.loses_later).min();
                deferred.push((id, said));
            } else {
                self.note_records(source, id, &said);
                self.commit(decision);
            }
        }
    }

    /// What a feed says of somebody, decided.
    pub(super) fn weigh_said(&mut self, source: &Source, id: IdentityId, said: &[Said]) -> Decision {
        let after = self.after(source, id, said);
        let reread = said.iter().all(|s| matches!(s, Said::Reread(_)));
        let differs = self.known.get(&id).is_some_and(|k| k.subject.identity != after);
        self.weigh(after, (reread && differs).then_some(CaseLabel::Policy), None)
    }

    /// An identity with everything applied that a feed says of it.
    pub(super) fn after(&self, source: &Source, id: IdentityId, said: &[Said]) -> Identity {
        let known = self.known.get(&id).map(|k| k.subject.identity.clone());
        let mut after = known.unwrap_or_else(|| Identity::new(id, source.identity_kind));
        for said in said {
            match said {
                Said::Record(record) => apply_record(&self.context, &mut after, record, self.now),
                Said::Reread(record) => apply_reread(&self.context, &mut after, record, self.now),
                Said::Readable(readable, _) => {
                    apply_readable(&mut after, &source.name, readable, self.now);
                }
                Said::Missing(key, _) => {
                    let ends = match source.missing {
                        MissingRule::Ignore => None,
                        MissingRule::EndAfter(wait) => self.now.checked_add(wait).ok(),
                    };
                    apply_missing(&mut after, &source.name, key, self.now, ends);
                }
            }
        }
        after
    }

    pub(super) fn note_records(&mut self, source: &Source, id: IdentityId, said: &[Said]) {
        let feed = self.feeds.get_mut(&source.name).unwrap();
        feed.records.extend(said.iter().map(|s| (s.key().clone(), s.record(id))));
    }
}

impl Feed {
    /// Whether its rows were read by another mapping than this one.
    pub(super) fn is_mapped_otherwise(&self, source: &Source) -> bool {
        self.mapped.as_ref().is_some_and(|mapped| *mapped != source.reading())
    }

    /// Puts what could not be understood into quarantine, and takes out what is understood now.
    fn quarantined(&mut self, row: &Normalised) {
        if let Some(key) = row.key() {
            self.quarantine.retain(|(k, _), _| **k != *key.as_str());
        }
        for (nth, problem) in row.problems().iter().enumerate() {
            self.quarantine(row.key(), nth, problem);
        }
        if let Normalised::Bad { key: Some(key), digest, .. } = row {
            let identity = self.records.get(key).and_then(|r| r.identity);
            let record = Record { identity, state: RecordState::Quarantined, digest: *digest, waits: None };
            self.records.insert(key.clone(), record);
        }
    }

    fn quarantine(&mut self, key: Option<&RecordKey>, nth: usize, problem: &RowError) {
        let key =
            key.map_or_else(|| Arc::from(format!("line {}", problem.at.line)), |k| Arc::from(k.as_str()));
        self.quarantine.insert((key, nth), problem.value.clone().unwrap_or_default());
    }
}
