//! One feed, from its text to decisions: changes without a loss are decided at once, the rest behind the source's brake.

use super::decide::Decision;
use super::release::Loss;
pub(super) use super::said::Said;
use super::world::World;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_app::Configured;
use tenure_engine::correlate::WaitingRow;
use tenure_engine::normalise::{
    Doubled, KeysOfFeed, Normalised, Normaliser, extraction, feed_shape, in_order,
};
use tenure_engine::{apply_missing, apply_present, apply_readable, apply_record, apply_reread};
use tenure_model::{CaseLabel, Finding, Identity, IdentityId, RecordKey, RecordState, SourceName};
use tenure_policy::{MissingRule, Source};
use tenure_source_file::{Input, Refused, inspect, open};

/// A record as it was last seen.
pub(super) struct Record {
    pub(super) identity: Option<IdentityId>,
    pub(super) state: RecordState,
    pub(super) digest: [u8; 32],
    /// What it says, while it waits for a person.
    pub(super) waits: Option<Said>,
}

/// A source: what it reports, and the results of its runs.
#[derive(Default)]
pub(super) struct Feed {
    /// The whole file, as it reports it now.
    pub(super) text: String,
    /// Whether it reports in this step.
    pub(super) reports: bool,
    /// Its last report, or since when one is waited for, and whether it ever reported.
    pub(super) last_report: Option<(Timestamp, bool)>,
    /// The file and the configuration of the last run.
    pub(super) taken: Option<(String, String)>,
    /// How the rows of the last run were read.
    mapped: Option<String>,
    /// When the last one that was taken was extracted.
    extracted: Option<Timestamp>,
    pub(super) records: BTreeMap<RecordKey, Record>,
    /// Records with an open correlation question, with the candidates.
    pub(super) questions: BTreeMap<RecordKey, Vec<IdentityId>>,
    /// Since when each of them is asked.
    pub(super) asked_since: BTreeMap<RecordKey, Timestamp>,
    /// Rows that could not be understood: key or line, and the value.
    pub(super) quarantine: BTreeMap<(Arc<str>, usize), String>,
    /// Identities whose losses the brake holds.
    pub(super) held: Vec<IdentityId>,
    /// Since when it is held, and the deadline to decide about it.
    pub(super) held_until: Option<(Timestamp, Timestamp)>,
    /// When the first loss of the identities in question is due.
    pub(super) first_loss: Option<Timestamp>,
    pub(super) losses: Vec<Loss>,
    /// The file in which each row in quarantine was last.
    pub(super) files: BTreeMap<Arc<str>, String>,
    /// When the rows are read; none where lines mean the same in each file.
    pub(super) repeats: Option<Timestamp>,
    /// Rows without a key that were dismissed, with the file in which they were.
    pub(super) dismissed: BTreeSet<(Arc<str>, String)>,
    /// What is found about records that a row with another key may be.
    pub(super) mistyped: Vec<Finding>,
}

/// Rows of one feed that changed.
#[derive(Default)]
struct Rows {
    changed: Vec<Normalised>,
    present: BTreeSet<RecordKey>,
    /// Rows that cannot be attributed to a record: while there are any, no record counts as missing.
    nameless: usize,
    /// Rows in quarantine that may be records which are not in the feed.
    waiting: Vec<WaitingRow>,
    /// What further rows of keys say whose first rows were taken before.
    twice: BTreeMap<RecordKey, Doubled>,
}

pub(super) type Acts = BTreeMap<IdentityId, Vec<Said>>;

impl Rows {
    /// First rows of keys with several rows are taken with the earliest end of all of them.
    fn merge(&mut self, feed: &Feed, remapped: bool) {
        let changed = std::mem::take(&mut self.changed);
        self.changed = changed
            .into_iter()
            .filter_map(|row| match row {
                Normalised::Taken(first) => {
                    let Some(others) = self.twice.remove(&first.key) else {
                        return Some(Normalised::Taken(first));
                    };
                    let merged = others.merged(*first);
                    let same =
                        |k: &Record| k.digest == merged.digest && k.state == RecordState::Taken && !remapped;
                    let is_same = feed.records.get(&merged.key).is_some_and(same);
                    (!is_same).then(|| Normalised::Taken(Box::new(merged)))
                }
                other => Some(other),
            })
            .collect();
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
        feed.repeats = (!source.snapshot).then_some(self.now);
        let taken = (text, self.context.setup.hash.to_string());
        if feed.taken.as_ref() == Some(&taken) && source.snapshot {
            return;
        }
        let reading = source.reading();
        let remapped = feed.mapped.as_ref() != Some(&reading);
        feed.taken = Some(taken);
        feed.mapped = Some(reading);
        self.remapped.retain(|source| source != name);
        self.remapped.extend(remapped.then(|| name.clone()));
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
        let acts = self.earlier(&source, &rows.twice);
        self.decide_feed(&source, acts, &mut deferred);
        if source.snapshot && rows.nameless == 0 {
            self.end_missing(&source, (rows.present, rows.waiting), &mut deferred);
        }
        self.pass_brake(&source, deferred, population);
        self.resettle_dependents();
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
        let (mut seen, mut read) = (KeysOfFeed::default(), Rows::default());
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
            let known = row.key().and_then(|key| feed.records.get(key)).and_then(|r| r.identity);
            if twice.is_some() || !row.problems().is_empty() {
                read.waiting.extend(WaitingRow::of(&row, known));
            }
            if let (Some(twice), Some(key)) = (twice, row.key().cloned()) {
                read.twice.entry(key).or_default().add(&row);
                let (digest, keys) = (*row.digest(), row.keys().cloned().unwrap_or_default());
                row = Normalised::Bad { key: None, problems: vec![*twice], keys, digest };
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
        read.merge(feed, remapped);
        read
    }

    /// Correlates each row with an identity; where that is not clear, a question is asked.
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
                    acts.entry(id).or_default().push(Said::Present(record.key.clone()));
                    self.ask_whose(*record, maybe, Some(id));
                }
                (Normalised::Taken(record), Some(id)) => {
                    self.is_moot(&source.name, &record.key);
                    acts.entry(id).or_default().push(Said::Record(record));
                }
                (Normalised::Taken(record), None) => strangers.push(*record),
                (Normalised::Partial { ref applies, .. }, known)
                    if feed.questions.contains_key(&applies.key) =>
                {
                    let there = || Said::Present(applies.key.clone());
                    known.into_iter().for_each(|id| acts.entry(id).or_default().push(there()));
                }
                (Normalised::Bad { key: Some(key), .. }, Some(id)) => {
                    acts.entry(id).or_default().push(Said::Present(key));
                }
                (Normalised::Gone { key, digest }, Some(id)) => {
                    self.is_moot(&source.name, &key);
                    acts.entry(id).or_default().push(Said::Missing(key, digest, self.now));
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

    /// Decides about those whose records are not in the feed, but for records that a waiting row may be.
    fn end_missing(
        &mut self,
        source: &Source,
        (mut present, waiting): (BTreeSet<RecordKey>, Vec<WaitingRow>),
        deferred: &mut Vec<(IdentityId, Vec<Said>)>,
    ) {
        let mistyped = self.mistyped(&source.name, &present, waiting);
        if source.missing != MissingRule::Ignore {
            present.extend(mistyped.keys().cloned());
            let acts = self.gone(&source.name, &present);
            self.decide_feed(source, acts, deferred);
        }
        self.feeds.get_mut(&source.name).unwrap().mistyped = mistyped.into_values().collect();
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
                // A hold does not begin the days of a missing record again.
                let since = match &record.waits {
                    Some(Said::Missing(_, _, since)) if record.state == RecordState::Held => *since,
                    _ => self.now,
                };
                acts.entry(id).or_default().push(Said::Missing(key.clone(), record.digest, since));
            }
        }
        acts
    }

    /// Decides what a feed says of some people: changes without a loss are committed, the rest waits for the brake.
    fn decide_feed(&mut self, source: &Source, acts: Acts, deferred: &mut Vec<(IdentityId, Vec<Said>)>) {
        for (id, said) in acts {
            let decision = self.weigh_said(source, id, &said);
            let gains = source.additions.is_some() && decision.gains();
            if !decision.is_new && (gains || decision.loses()) {
                let feed = self.feeds.get_mut(&source.name).unwrap();
                feed.first_loss = feed.first_loss.into_iter().chain(decision.first_loss()).min();
                deferred.push((id, said));
            } else {
                self.note_records(source, id, &said);
                self.commit(decision);
            }
        }
    }

    /// Decides what a feed says of an identity.
    pub(super) fn weigh_said(&mut self, source: &Source, id: IdentityId, said: &[Said]) -> Decision {
        let after = self.after(source, id, said);
        let reread = said.iter().all(|s| matches!(s, Said::Reread(_)));
        let differs = self.known.get(&id).is_some_and(|k| k.subject.identity != after);
        let is_mapped = self.known.contains_key(&id) && (reread || self.remapped.contains(&source.name));
        if is_mapped {
            self.configured = Configured::Mapped(source.name.clone());
        }
        let decision = self.weigh(after, (reread && differs).then_some(CaseLabel::Policy), None);
        self.configured = Configured::Before;
        decision
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
                Said::Missing(key, _, since) => {
                    let ends = match source.missing {
                        MissingRule::Ignore => None,
                        MissingRule::EndAfter(wait) => since.checked_add(wait).ok(),
                    };
                    apply_missing(&mut after, &source.name, key, *since, ends);
                }
                Said::Present(key) => apply_present(&mut after, &source.name, key, self.now),
            }
        }
        after
    }

    pub(super) fn note_records(&mut self, source: &Source, id: IdentityId, said: &[Said]) {
        let feed = self.feeds.get_mut(&source.name).unwrap();
        // A row that is only present was noted where the row was kept back.
        let noted = said.iter().filter(|s| !matches!(s, Said::Present(_)));
        feed.records.extend(noted.map(|s| (s.key().clone(), s.record(id))));
    }
}

impl Feed {
    /// Whether its rows were read by another mapping than this one.
    pub(super) fn is_mapped_otherwise(&self, source: &Source) -> bool {
        self.mapped.as_ref().is_some_and(|mapped| *mapped != source.reading())
    }
}
