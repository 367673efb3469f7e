//! The whole way of one feed.

use super::aftermath::Aftermath;
use super::ahead::{Ahead, Row};
use super::arrival::{Arrival, came_late, is_in_order};
use super::flight::Flights;
use super::pending::{Act, Origin, Pending};
use super::quarantine::LINE;
use super::report::FeedReport;
use crate::decide::Beside;
use crate::{About, App, AppError, Decision, Moment, Refusal};
use jiff::Timestamp;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::Rows;
use tenure_engine::normalise::{Normalised, Normaliser, Seen, feed_shape};
use tenure_model::{
    FeedError, FeedRunId, Gate, IdentityId, Inspected, Name as _, RecordKey, RecordState, RowError,
    SourceName, Step, StepKind, SystemName,
};
use tenure_policy::{ClassCache, MissingRule, Source};
use tenure_store::{Change, FeedResult, FeedRunRow, QuarantineRow, RecordIndexRow, RecordRow, Unit};

/// Rows that are decided together, and written in one transaction. The keys of people are scattered over their indexes:
/// four times as many people a transaction halve the pages that a long import writes (docs/adr/0026).
pub(crate) const CHUNK_ROWS: usize = 2_048;
/// Most attempts to decide somebody who changes meanwhile.
pub(crate) const ATTEMPTS_MAX: u32 = 8;

/// A change that waits for the brake.
pub(crate) struct Deferred {
    pub(crate) pending: Pending,
    /// What would be lost or gained, in words.
    pub(crate) what: Arc<str>,
    /// Whether anything would be lost.
    pub(crate) loses: bool,
    /// Whether the brake on additions counts it.
    pub(crate) gains: bool,
    /// When the first of it would be lost, where that is later than now.
    pub(crate) later: Option<Timestamp>,
}

/// One feed on its way in.
pub(crate) struct Ingest<'a> {
    pub(crate) app: &'a App,
    pub(crate) source: &'a Source,
    pub(crate) moment: &'a Moment,
    pub(crate) cache: &'a mut ClassCache,
    pub(crate) run: FeedRunId,
    /// Whether the rows were read by another mapping the time before.
    pub(crate) remapped: bool,
    pub(crate) index: BTreeMap<RecordKey, RecordIndexRow>,
    /// What was in quarantine before, by key.
    pub(crate) before: BTreeMap<Arc<str>, QuarantineRow>,
    /// Quarantined rows that say what they said and stand on another line now.
    pub(crate) elsewhere: Vec<Change>,
    /// Questions that wait for an answer, by record.
    pub(crate) open_questions: BTreeMap<RecordKey, super::chunk::OpenQuestion>,
    /// Rows of which nobody can say whose they are: while there are any, nobody is missing.
    pub(crate) nameless: u64,
    /// Changes by which access would be lost.
    pub(crate) deferred: Vec<Deferred>,
    /// Systems whose brake lets go what is lost here: the person who releases it may release both.
    pub(crate) passes: BTreeSet<SystemName>,
    /// Chunks on their way to the store.
    pub(crate) flights: Flights,
    pub(crate) aftermath: Aftermath,
    pub(crate) report: FeedReport,
}

impl App {
    /// Takes the feed of a source. `progress` hears how many rows of how many were looked at.
    ///
    /// # Errors
    /// When the store fails. A feed that is refused is a report, not an error.
    pub async fn take_feed(
        &self,
        name: &SourceName,
        moment: &Moment,
        cache: &mut ClassCache,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<FeedReport, AppError> {
        let Some(source) = self.context.setup.sources.get(name) else {
            let hint = Arc::from(": see sources/ in the configuration folder");
            return Err(AppError::Unknown { what: "source", name: Arc::from(name.to_string()), hint });
        };
        let (ms, random) = self.machine.id();
        let run = FeedRunId::new(ms, random);
        let reported = self.reported(name).await?;
        let fetched = self.feeds.fetch(name, &source.path, &feed_shape(source)).and_then(|fetched| {
            let inspected = fetched.inspected.clone();
            Ok((inspected, self.arrival(source, fetched, reported.as_ref(), moment)?))
        });
        let (inspected, (arrival, rows)) = match fetched {
            Ok(fetched) => fetched,
            Err(refused) => return self.refuse(source, run, &refused, moment).await,
        };
        let is_report = reported.is_none_or(|last| !last.is(&arrival));
        let same = arrival.taken_under(&self.context.setup.hash);
        let last = self.store.note(&note(name)).await?;
        if last.as_deref() == Some(same.as_bytes()) && source.snapshot {
            if is_report {
                self.report_again(source, run, &arrival, inspected.rows, moment).await?;
            }
            let held = self.held_by(source).await?.map(|h| (h.id, h.reason));
            return Ok(FeedReport { same: true, rows: inspected.rows, held, ..FeedReport::of(name) });
        }
        let remapped = !self.is_mapped_as_before(source).await?;
        let index: BTreeMap<RecordKey, RecordIndexRow> =
            self.store.record_index(name).await?.into_iter().map(|r| (r.key.clone(), r)).collect();
        let settled =
            |r: &&RecordIndexRow| !remapped && matches!(r.state, RecordState::Taken | RecordState::Asked);
        // The known records by what their rows said last: equal digests need no second look.
        let digests = index.values().filter(settled).map(|r| (r.digest, r.key.clone())).collect();
        let mut ingest = Ingest {
            app: self,
            source,
            moment,
            cache,
            run,
            remapped,
            index,
            before: self.quarantined_since(name).await?,
            elsewhere: Vec::new(),
            open_questions: BTreeMap::new(),
            nameless: 0,
            deferred: Vec::new(),
            passes: BTreeSet::new(),
            flights: Flights::default(),
            aftermath: Aftermath::default(),
            report: FeedReport::of(name),
        };
        let delivered = Delivered { inspected, rows, arrival, is_report, same };
        ingest.all(delivered, digests, remapped, progress).await?;
        let Ingest { aftermath, mut report, .. } = ingest;
        self.tell_others(aftermath, cache, moment, &mut report.labels).await?;
        Ok(report)
    }

    async fn refuse(
        &self,
        source: &Source,
        run: FeedRunId,
        refused: &FeedError,
        moment: &Moment,
    ) -> Result<FeedReport, AppError> {
        let why: Arc<str> = Arc::from(refused.to_string());
        let row = FeedRunRow {
            id: run,
            source: source.name.clone(),
            at: moment.now,
            digest: [0; 32],
            extracted: None,
            rows: 0,
            changed: 0,
            quarantined: 0,
            missing: 0,
            result: FeedResult::Refused(why.clone()),
        };
        let payload = json!({ "v": 1, "source": source.name.to_string(), "refused": &*why });
        let evidence = self.recorder(moment).evidence("feed.refused", About::default(), payload)?;
        let mut changes =
            vec![Change::PutFeedRun(row), Change::BusinessTime(moment.now), Change::Append(evidence)];
        changes.extend(came_late(source, refused, moment));
        self.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(FeedReport { refused: Some(why), ..FeedReport::of(&source.name) })
    }
}

/// What is taken now.
struct Delivered {
    inspected: Inspected,
    rows: Rows,
    arrival: Arrival,
    /// Whether it is another delivery than the last one.
    is_report: bool,
    /// What marks it, under this set-up, as taken.
    same: String,
}

fn note(source: &SourceName) -> String {
    format!("feed {source}")
}

impl Ingest<'_> {
    async fn all(
        &mut self,
        delivered: Delivered,
        digests: BTreeMap<[u8; 32], RecordKey>,
        remapped: bool,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<(), AppError> {
        let Delivered { inspected, rows, arrival, is_report, same } = delivered;
        let normaliser =
            Normaliser::new(self.source, &self.source.path, &inspected.columns).map_err(|missing| {
                AppError::NotNow(
                    Refusal::ColumnsLost,
                    format!("the feed lost the columns {}", missing.join(", ")).into(),
                )
            })?;
        let normaliser = Arc::new(normaliser);
        let mut ahead = Ahead::new(self.app, rows, (normaliser.clone(), inspected.columns.clone()), digests);
        let mut seen = Seen::default();
        let mut present: BTreeSet<RecordKey> = BTreeSet::new();
        let mut chunk = Vec::with_capacity(CHUNK_ROWS);
        while let Some(rows) = ahead.next().await? {
            for row in rows {
                self.report.rows += 1;
                match row {
                    Row::Read(raw, row) => {
                        chunk.extend(self.look(row, &raw, &mut seen, &mut present, remapped));
                    }
                    Row::Same(raw, key) if seen.note(&key, &self.source.path, &raw).is_ok() => {
                        present.insert(key);
                    }
                    Row::Same(raw, _) => {
                        let row = normaliser.normalise(&raw, &self.app.context.zones);
                        chunk.extend(self.look(row, &raw, &mut seen, &mut present, remapped));
                    }
                    Row::Unreadable(problem) => self.unreadable(&problem).await?,
                }
                if chunk.len() >= CHUNK_ROWS {
                    self.take(std::mem::take(&mut chunk)).await?;
                    progress(self.report.rows, inspected.rows);
                }
            }
        }
        self.take(chunk).await?;
        self.land_all().await?;
        if self.source.snapshot {
            self.missing(&present).await?;
        }
        self.end_quarantine(&present).await?;
        let result = self.pass_brake().await?;
        progress(inspected.rows, inspected.rows);
        self.close(&arrival, is_report, result, &same).await
    }

    /// What a later whole feed does not have any more has been repaired: a row without a key, which is known by its line, and
    /// a record that is gone, where no row without a key may be it.
    async fn end_quarantine(&mut self, present: &BTreeSet<RecordKey>) -> Result<(), AppError> {
        let mut changes = std::mem::take(&mut self.elsewhere);
        if self.source.snapshot {
            changes.extend(self.repaired(present).await?);
        }
        if !changes.is_empty() {
            self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        }
        Ok(())
    }

    async fn repaired(&self, present: &BTreeSet<RecordKey>) -> Result<Vec<Change>, AppError> {
        let name = &self.source.name;
        let nameless = self.nameless > 0;
        let is_over = |row: &QuarantineRow| match row.key.starts_with(LINE) {
            true => row.run != self.run,
            false => !nameless && !present.contains(&*row.key),
        };
        let over = self.app.store.quarantine(Some(name)).await?.into_iter().filter(is_over);
        let keys: BTreeSet<Arc<str>> = over.map(|row| row.key).collect();
        let strangers = self.index.values().filter(|r| keys.contains(r.key.as_str()) && r.identity.is_none());
        let mut changes: Vec<Change> = strangers
            .map(|row| {
                Change::PutRecord(Box::new(RecordRow {
                    source: name.clone(),
                    key: row.key.clone(),
                    identity: None,
                    state: RecordState::Missing,
                    digest: row.digest,
                    taken: None,
                    waiting: None,
                    run: self.run,
                }))
            })
            .collect();
        changes.extend(keys.into_iter().map(|key| Change::Repaired(name.clone(), key)));
        Ok(changes)
    }

    async fn unreadable(&mut self, problem: &RowError) -> Result<(), AppError> {
        self.nameless += 1;
        let row = self.quarantined(None, 0, problem);
        let unit = Unit { expects: Vec::new(), changes: vec![Change::Quarantine(row)] };
        self.app.store.commit(vec![unit]).await?;
        Ok(())
    }

    /// A row, unless it says what it said last time.
    fn look(
        &mut self,
        mut row: Normalised,
        raw: &tenure_model::RawRecord,
        seen: &mut Seen,
        present: &mut BTreeSet<RecordKey>,
        remapped: bool,
    ) -> Option<Normalised> {
        let Some(key) = row.key().cloned() else {
            self.nameless += 1;
            return Some(row);
        };
        if let Err(twice) = seen.note(&key, &self.source.path, raw) {
            let digest = *row.digest();
            row = Normalised::Bad { key: None, problems: vec![*twice], digest };
            return Some(row);
        }
        let known = self.index.get(&key);
        let as_before = known.is_some_and(|k| {
            k.digest == *row.digest()
                && !remapped
                && !matches!(
                    k.state,
                    RecordState::Missing
                        | RecordState::Held
                        | RecordState::HeldInPart
                        | RecordState::HeldReread
                )
        });
        present.insert(key);
        if as_before && row.problems().is_empty() {
            return None;
        }
        if as_before {
            // Still in quarantine, and nothing about it is new: it counts again, and is not decided again.
            for (nth, problem) in (0..).zip(row.problems()) {
                let row = self.quarantined(row.key().map(tenure_model::Name::as_str), nth, problem);
                if self.before.get(&row.key).is_some_and(|b| b.place != row.place) {
                    self.elsewhere.push(Change::Quarantine(row));
                }
            }
            return None;
        }
        Some(row)
    }

    /// Records that were known and are not in a whole feed.
    async fn missing(&mut self, present: &BTreeSet<RecordKey>) -> Result<(), AppError> {
        let gone: Vec<RecordIndexRow> = self
            .index
            .values()
            .filter(|r| !present.contains(&r.key) && r.state != RecordState::Missing)
            .cloned()
            .collect();
        self.report.missing = u64::try_from(gone.len()).unwrap_or(u64::MAX);
        self.report.nameless = self.nameless;
        if self.nameless > 0 {
            return Ok(());
        }
        self.end_questions(&gone).await?;
        if self.source.missing == MissingRule::Ignore {
            return Ok(());
        }
        let mut acts: BTreeMap<IdentityId, Vec<Act>> = BTreeMap::new();
        for row in gone {
            if let Some(id) = row.identity {
                acts.entry(id).or_default().push(Act::Missing(row.key, row.digest));
            }
        }
        let mut pending: Vec<Pending> = acts.into_iter().map(|(id, acts)| Pending { id, acts }).collect();
        while !pending.is_empty() {
            let rest = pending.split_off(pending.len().min(CHUNK_ROWS));
            self.decide(std::mem::replace(&mut pending, rest)).await?;
        }
        Ok(())
    }

    async fn close(
        &mut self,
        arrival: &Arrival,
        is_report: bool,
        result: FeedResult,
        same: &str,
    ) -> Result<(), AppError> {
        let row = FeedRunRow {
            id: self.run,
            source: self.source.name.clone(),
            at: self.moment.now,
            digest: arrival.digest,
            extracted: arrival.extracted,
            rows: self.report.rows,
            changed: self.report.changed,
            quarantined: self.report.bad_rows(),
            missing: self.report.missing,
            result,
        };
        let held = self.report.held.as_ref().map(|(id, _)| *id);
        let evidence = self.app.taken(&row, held, self.moment)?;
        let mut changes = vec![
            Change::PutFeedRun(row),
            Change::PutNote(Arc::from(note(&self.source.name)), Arc::from(same.as_bytes())),
            super::mapping::noted(self.source),
            Change::BusinessTime(self.moment.now),
            Change::Append(evidence),
        ];
        if is_report {
            changes.push(arrival.noted(&self.source.name, self.moment));
            changes.push(is_in_order(self.source));
        }
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(())
    }

    /// Decides; `taken` are names that others are given at this moment.
    pub(crate) async fn decisions(
        &mut self,
        pending: &[Pending],
        taken: BTreeSet<(Arc<str>, Arc<str>)>,
    ) -> Result<Vec<Decision>, AppError> {
        let origin = Origin { source: self.source, run: self.run, remapped: self.remapped };
        let mut candidates = self.app.candidates(pending, origin, self.moment).await?;
        candidates.iter_mut().for_each(|c| c.cause.passes.clone_from(&self.passes));
        let beside = Beside { taken, ..Beside::default() };
        self.app.decide_beside(candidates, beside, self.cache, self.moment).await
    }
}

impl App {
    /// Loads identities and applies what a feed says of each.
    pub(crate) async fn candidates(
        &self,
        pending: &[Pending],
        origin: Origin<'_>,
        moment: &Moment,
    ) -> Result<Vec<crate::Candidate>, AppError> {
        let ids: Vec<IdentityId> = pending.iter().map(|p| p.id).collect();
        let mut before: BTreeMap<IdentityId, _> =
            self.store.subjects(&ids).await?.into_iter().map(|s| (s.identity.id, s)).collect();
        Ok(pending.iter().map(|p| p.candidate(self, before.remove(&p.id), origin, moment)).collect())
    }
}

/// Whether the brake counts it: access is lost now, or will be lost that was to last longer, or a rename is proposed: a shifted column
/// asks nobody about hundreds of names.
pub(crate) fn counts_as_loss(decision: &Decision) -> bool {
    !decision.is_new && (decision.removes() || !decision.later.is_empty() || decision.renames())
}

/// Whether the brake on additions counts it: somebody who is known is given access, and no person is asked about it.
pub(crate) fn counts_as_gain(decision: &Decision) -> bool {
    let given = |s: &Step| {
        matches!(s.kind, StepKind::Grant(_) | StepKind::Enable) && matches!(s.gate, Gate::Open | Gate::Mode)
    };
    !decision.is_new && decision.plan.steps.iter().any(given)
}

/// What somebody would be given, in words, as [`loses`].
pub(crate) fn gains(decision: &Decision) -> Arc<str> {
    let given =
        decision.plan.steps.iter().filter(|s| matches!(s.kind, StepKind::Grant(_) | StepKind::Enable));
    Arc::from(given.map(crate::describe::step_words).collect::<Vec<_>>().join(", "))
}

/// What would happen to somebody, in words, without a name: it stands beside the id, also where no key of theirs seals it.
pub(crate) fn loses(decision: &Decision) -> Arc<str> {
    let steps: Vec<String> =
        decision.plan.steps.iter().filter(|s| s.kind.removes()).map(crate::describe::step_words).collect();
    let renamed = decision.renames().then(|| "is to be renamed".to_owned());
    let later = (!decision.later.is_empty()).then(|| loses_later(decision));
    let what: Vec<String> = steps.into_iter().chain(renamed).chain(later).collect();
    Arc::from(what.join(", "))
}

/// What is lost later, in words.
pub(crate) fn loses_later(decision: &Decision) -> String {
    match decision.first_loss() {
        Some(at) => format!("loses access at {at} that was to last longer"),
        None => "does not get back access that is suspended".to_owned(),
    }
}
