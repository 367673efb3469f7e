//! The complete path of one feed.

use super::FeedRuns;
use super::arrival::{Arrival, came_late, is_in_order};
use super::brake::{Deferred, SourceBrake};
use super::dismissed::Dismissed;
use super::flight::InFlightChunks;
use super::pending::{FeedRun, IdentityChanges};
use super::prefetch::{Prefetch, Row};
use super::report::FeedReport;
use super::twice::Twice;
use crate::correlate::KnownKeys;
use crate::decide::InFlight;
use crate::dependents::Dependents;
use crate::{About, App, AppError, Decision, DecisionContext, Refusal};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::Rows;
use tenure_engine::correlate::WaitingRow;
use tenure_engine::normalise::{Normalised, Normaliser, Seen, feed_shape};
use tenure_model::{
    FeedError, FeedRunId, IdentityId, Inspected, RecordKey, RecordState, RowError, SourceName, SystemName,
};
use tenure_policy::{ClassCache, Source};
use tenure_store::{Change, FeedResult, FeedRunRow, QuarantineRow, RecordIndexRow, StoredSubject, Unit};

/// Rows that are decided together, and written in one transaction. The keys of people are scattered over their indexes:
/// four times as many people per transaction halve the pages that a long import writes (docs/adr/0026).
pub(crate) const CHUNK_ROWS: usize = 2_048;
/// Most attempts to decide an identity that changes concurrently.
pub(crate) const ATTEMPTS_MAX: u32 = 8;

/// One feed while it is taken.
pub(crate) struct Ingest<'a> {
    pub(crate) app: &'a App,
    pub(crate) source: &'a Source,
    pub(crate) moment: &'a DecisionContext,
    pub(crate) cache: &'a mut ClassCache,
    pub(crate) run: FeedRunId,
    /// Whether the rows were read by another mapping in the last run.
    pub(crate) remapped: bool,
    pub(crate) index: BTreeMap<RecordKey, RecordIndexRow>,
    /// The earlier quarantine rows, by key.
    pub(crate) before: BTreeMap<Arc<str>, QuarantineRow>,
    /// Quarantined rows with unchanged content that are on another line now.
    pub(crate) elsewhere: Vec<Change>,
    /// The identities of a chunk as they were read for it. A decision takes them; one that is repeated reads again.
    pub(crate) loaded: BTreeMap<IdentityId, StoredSubject>,
    /// Open questions, by record.
    pub(crate) open_questions: BTreeMap<RecordKey, super::chunk::OpenQuestion>,
    /// Rows whose identity cannot be determined: while there are any, no person counts as missing.
    pub(crate) nameless: u64,
    /// Quarantined rows that may be records which are not in the feed.
    pub(crate) waiting: Vec<WaitingRow>,
    /// The last run of the source, if it took the same file.
    pub(crate) same_file: Option<FeedRunId>,
    /// Rows without a key that the owner of the source dismissed.
    pub(crate) dismissed: Dismissed,
    /// The keys of the known records, loaded when the first new record appears.
    pub(crate) known_keys: Option<KnownKeys>,
    /// Further rows of keys that occur several times in the feed, and first rows that are decided together with them.
    pub(crate) twice: Twice,
    /// Changes by which access would be lost.
    pub(crate) deferred: Vec<Deferred>,
    /// Systems whose brakes the losses pass as well: the person who releases them may release both.
    pub(crate) passes: BTreeSet<SystemName>,
    /// Chunks that are being committed.
    pub(crate) flights: InFlightChunks,
    pub(crate) dependents: Dependents,
    pub(crate) report: FeedReport,
}

impl FeedRuns<'_> {
    /// Takes the feed of a source. `progress` receives the number of processed rows and the total.
    ///
    /// # Errors
    /// When the store fails. A refused feed is a report, not an error.
    pub async fn take_feed(
        &self,
        name: &SourceName,
        moment: &DecisionContext,
        cache: &mut ClassCache,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<FeedReport, AppError> {
        let Some(source) = self.app.context.setup.sources.get(name) else {
            let hint = Arc::from(": see sources/ in the configuration folder");
            return Err(AppError::Unknown { what: "source", name: Arc::from(name.to_string()), hint });
        };
        let (ms, random) = self.app.machine.id();
        let run = FeedRunId::new(ms, random);
        let reported = self.reported(name).await?;
        let fetched = self.app.feeds.fetch(name, &source.path, &feed_shape(source)).and_then(|fetched| {
            let inspected = fetched.inspected.clone();
            Ok((inspected, self.arrival(source, fetched, reported.as_ref(), moment)?))
        });
        let (inspected, (arrival, rows)) = match fetched {
            Ok(fetched) => fetched,
            Err(refused) => return self.refuse(source, run, &refused, moment).await,
        };
        let is_report = reported.is_none_or(|last| !last.is(&arrival));
        let same = arrival.taken_under(&self.app.context.setup.hash);
        let last = self.app.store.note(&note(name)).await?;
        if last.as_deref() == Some(same.as_bytes()) && source.snapshot {
            if is_report {
                self.report_again(source, run, &arrival, inspected.rows, moment).await?;
            }
            let held = self.held_by(source).await?.map(|h| (h.id, h.reason));
            return Ok(FeedReport { same: true, rows: inspected.rows, held, ..FeedReport::of(name) });
        }
        let remapped = !self.is_mapped_as_before(source).await?;
        let index: BTreeMap<RecordKey, RecordIndexRow> =
            self.app.store.record_index(name).await?.into_iter().map(|r| (r.key.clone(), r)).collect();
        let settled =
            |r: &&RecordIndexRow| !remapped && matches!(r.state, RecordState::Taken | RecordState::Asked);
        // The known records by the digests of their last rows: equal digests are not processed again.
        let digests = index.values().filter(settled).map(|r| (r.digest, r.key.clone())).collect();
        let before = self.app.quarantine().quarantined_since(name).await?;
        let mut ingest = Ingest::new(self.app, source, moment, (cache, run));
        ingest.index = index;
        ingest.remapped = remapped;
        ingest.twice = Twice::of(&before);
        ingest.before = before;
        ingest.same_file =
            self.last_file(name).await?.filter(|(_, d)| *d == arrival.digest).map(|(id, _)| id);
        ingest.dismissed = Dismissed::load(self.app, name).await?.of(&arrival.digest);
        let delivered = Delivered { inspected, rows, arrival, is_report, same };
        ingest.all(delivered, digests, remapped, progress).await?;
        let Ingest { dependents, mut report, .. } = ingest;
        self.app.settle().resettle_dependents(dependents, cache, moment, &mut report.labels).await?;
        Ok(report)
    }

    async fn refuse(
        &self,
        source: &Source,
        run: FeedRunId,
        refused: &FeedError,
        moment: &DecisionContext,
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
        let evidence = self.app.recorder(moment).evidence("feed.refused", About::default(), payload)?;
        let mut changes =
            vec![Change::PutFeedRun(row), Change::BusinessTime(moment.now), Change::Append(evidence)];
        changes.extend(came_late(source, refused, moment));
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(FeedReport { refused: Some(why), ..FeedReport::of(&source.name) })
    }
}

/// The delivery that is taken now.
struct Delivered {
    inspected: Inspected,
    rows: Rows,
    arrival: Arrival,
    /// Whether it differs from the last delivery.
    is_report: bool,
    /// The mark of this delivery, under this configuration, as taken.
    same: String,
}

/// Requests that a source's file is read again although it was taken already.
pub(crate) fn read_again(source: &SourceName) -> Change {
    Change::PutNote(Arc::from(note(source)), Arc::from(&b""[..]))
}

fn note(source: &SourceName) -> String {
    format!("feed {source}")
}

impl<'a> Ingest<'a> {
    /// A feed before its first row.
    pub(crate) fn new(
        app: &'a App,
        source: &'a Source,
        moment: &'a DecisionContext,
        (cache, run): (&'a mut ClassCache, FeedRunId),
    ) -> Self {
        Self {
            app,
            source,
            moment,
            cache,
            run,
            remapped: false,
            index: BTreeMap::new(),
            before: BTreeMap::new(),
            elsewhere: Vec::new(),
            loaded: BTreeMap::new(),
            open_questions: BTreeMap::new(),
            nameless: 0,
            waiting: Vec::new(),
            known_keys: None,
            same_file: None,
            dismissed: Dismissed::default(),
            twice: Twice::default(),
            deferred: Vec::new(),
            passes: BTreeSet::new(),
            flights: InFlightChunks::default(),
            dependents: Dependents::default(),
            report: FeedReport::of(&source.name),
        }
    }
}

impl Ingest<'_> {
    #[tracing::instrument(level = "debug", name = "feed", skip_all, fields(source = %self.source.name, rows = delivered.inspected.rows))]
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
                AppError::PreconditionFailed(
                    Refusal::ColumnsLost,
                    format!("the feed lost the columns {}", missing.join(", ")).into(),
                )
            })?;
        let normaliser = Arc::new(normaliser);
        let mut ahead =
            Prefetch::new(self.app, rows, (normaliser.clone(), inspected.columns.clone()), digests);
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
                    let rows = self.keep_back(std::mem::take(&mut chunk));
                    self.take(rows).await?;
                    progress(self.report.rows, inspected.rows);
                }
            }
        }
        let rows = self.keep_back(chunk);
        self.take(rows).await?;
        self.take_twice(remapped).await?;
        self.land_all().await?;
        if self.source.snapshot {
            self.missing(&present).await?;
        }
        self.end_quarantine(&present).await?;
        let result = SourceBrake { ingest: self }.pass_brake().await?;
        progress(inspected.rows, inspected.rows);
        self.close(&arrival, is_report, result, &same).await
    }

    pub(crate) async fn unreadable(&mut self, problem: &RowError) -> Result<(), AppError> {
        self.nameless += 1;
        let row = self.quarantined(None, 0, problem);
        let changes: Vec<Change> = self.put_aside(row).into_iter().collect();
        if !changes.is_empty() {
            self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        }
        Ok(())
    }

    /// Processes a row, unless it is the same as last time.
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
        let known = self.index.get(&key).and_then(|k| k.identity);
        if let Err(problem) = seen.note(&key, &self.source.path, raw) {
            self.waiting.extend(WaitingRow::of(&row, known));
            self.twice.note(key, &row);
            let (digest, keys) = (*row.digest(), row.keys().cloned().unwrap_or_default());
            row = Normalised::Bad { key: None, problems: vec![*problem], keys, digest };
            return Some(row);
        }
        if !row.problems().is_empty() {
            self.waiting.extend(WaitingRow::of(&row, known));
        }
        let as_before = self.is_as_before(&key, row.digest(), remapped);
        present.insert(key);
        if matches!(row, Normalised::Taken(_)) && self.twice.is_expected(&row) {
            self.twice.keep(row);
            return None;
        }
        if as_before && row.problems().is_empty() {
            return None;
        }
        if as_before {
            // Still in quarantine and unchanged: it counts again, and is not decided again.
            for (nth, problem) in (0..).zip(row.problems()) {
                let row = self.quarantined(row.key().map(tenure_model::Name::as_str), nth, problem);
                let moved = self.before.get(&row.key).is_some_and(|b| b.place != row.place);
                let put = self.put_aside(row);
                self.elsewhere.extend(put.filter(|_| moved));
            }
            return None;
        }
        Some(row)
    }

    /// Whether a record is the same as last time.
    pub(crate) fn is_as_before(&self, key: &RecordKey, digest: &[u8; 32], remapped: bool) -> bool {
        let is_settled = |state: &RecordState| {
            !matches!(
                state,
                RecordState::Missing | RecordState::Held | RecordState::HeldInPart | RecordState::HeldReread
            )
        };
        let known = self.index.get(key);
        known.is_some_and(|k| k.digest == *digest && !remapped && is_settled(&k.state))
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
        let evidence = self.app.feed().taken(&row, held, self.moment)?;
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

    /// Decides; `taken` are names that concurrent units give to other identities.
    pub(crate) async fn decisions(
        &mut self,
        pending: &[IdentityChanges],
        taken: BTreeSet<(Arc<str>, Arc<str>)>,
    ) -> Result<Vec<Decision>, AppError> {
        let origin = FeedRun { source: self.source, run: self.run, remapped: self.remapped };
        let loaded = std::mem::take(&mut self.loaded);
        let mut candidates = self.app.feed().candidates(pending, loaded, origin, self.moment).await?;
        candidates.iter_mut().for_each(|c| c.cause.passes.clone_from(&self.passes));
        let beside = InFlight { taken, ..InFlight::default() };
        self.app.decide().decide_beside(candidates, beside, self.cache, self.moment).await
    }
}

impl FeedRuns<'_> {
    /// Applies to identities what the feed says; those that are not in `before` are read.
    pub(crate) async fn candidates(
        &self,
        pending: &[IdentityChanges],
        mut before: BTreeMap<IdentityId, StoredSubject>,
        origin: FeedRun<'_>,
        moment: &DecisionContext,
    ) -> Result<Vec<crate::Candidate>, AppError> {
        let ids: Vec<IdentityId> =
            pending.iter().map(|p| p.id).filter(|id| !before.contains_key(id)).collect();
        before.extend(self.app.store.subjects(&ids).await?.into_iter().map(|s| (s.identity.id, s)));
        Ok(pending.iter().map(|p| p.candidate(self.app, before.remove(&p.id), origin, moment)).collect())
    }
}
