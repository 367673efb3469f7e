//! The complete path of one feed.

use super::FeedRuns;
use super::arrival::{Arrival, is_in_order};
use super::brake::{Deferred, SourceBrake};
use super::flight::InFlightChunks;
use super::pending::{FeedRun, IdentityChanges};
use super::prefetch::{Prefetch, Row};
use super::put_aside::FeedQuarantine;
use super::report::FeedReport;
use super::twice::Twice;
use crate::correlate::{KeysFree, KnownKeys};
use crate::decide::InFlight;
use crate::dependents::Dependents;
use crate::{App, AppError, Decision, DecisionContext, OperationRefusal};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::Rows;
use tenure_engine::correlate::WaitingRow;
use tenure_engine::normalise::{KeysOfFeed, Normalised, Normaliser};
use tenure_model::{
    FeedRunId, IdentityId, Inspected, RecordKey, RecordState, RowError, SourceName, SystemName,
};
use tenure_policy::{ClassCache, Source};
use tenure_store::note::{NoteOf as _, kinds};
use tenure_store::{Change, FeedResult, FeedRunRow, RecordIndexRow, StoredSubject, Unit};

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
    /// Its quarantine.
    pub(crate) aside: FeedQuarantine<'a>,
    /// The identities of a chunk as they were read for it. A decision takes them; one that is repeated reads again.
    pub(crate) loaded: BTreeMap<IdentityId, StoredSubject>,
    /// Open questions, by record.
    pub(crate) open_questions: BTreeMap<RecordKey, super::chunk::OpenQuestion>,
    /// Rows whose identity cannot be determined: while there are any, no person counts as missing.
    pub(crate) nameless: u64,
    /// Quarantined rows that may be records which are not in the feed.
    pub(crate) waiting: Vec<WaitingRow>,
    /// The keys of the known records, loaded when the first new record appears.
    pub(crate) known_keys: Option<KnownKeys>,
    /// Further rows of keys that occur several times in the feed, and first rows that are decided together with them.
    pub(crate) twice: Twice,
    /// Changes by which access would be lost.
    pub(crate) deferred: Vec<Deferred>,
    /// Systems whose brakes the losses pass as well: the person who releases them may release both.
    pub(crate) passes: BTreeSet<SystemName>,
    /// What the creation of new identities depends on that are not committed yet.
    pub(crate) free: KeysFree,
    /// Whether a row was left for the next pass: then the file is read again.
    pub(crate) left: bool,
    /// Chunks that are being committed.
    pub(crate) flights: InFlightChunks,
    pub(crate) dependents: Dependents,
    pub(crate) report: FeedReport,
}

/// The delivery that is taken now.
pub(super) struct Delivered {
    pub(super) inspected: Inspected,
    pub(super) rows: Rows,
    pub(super) arrival: Arrival,
    /// Whether it differs from the last delivery.
    pub(super) is_report: bool,
    /// The mark of this delivery, under this configuration, as taken.
    pub(super) same: String,
}

/// Requests that a source's file is read again although it was taken already.
pub(crate) fn read_again(source: &SourceName) -> Change {
    kinds::FeedTaken(source.clone()).is(Arc::from(""))
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
            aside: FeedQuarantine::new(source, run, moment.now),
            loaded: BTreeMap::new(),
            open_questions: BTreeMap::new(),
            nameless: 0,
            waiting: Vec::new(),
            known_keys: None,
            twice: Twice::default(),
            deferred: Vec::new(),
            passes: BTreeSet::new(),
            free: KeysFree::new(),
            left: false,
            flights: InFlightChunks::default(),
            dependents: Dependents::default(),
            report: FeedReport::of(&source.name),
        }
    }
}

impl Ingest<'_> {
    #[tracing::instrument(level = "debug", name = "feed", skip_all, fields(source = %self.source.name, rows = delivered.inspected.rows))]
    pub(super) async fn all(
        &mut self,
        delivered: Delivered,
        digests: BTreeMap<[u8; 32], RecordKey>,
        remapped: bool,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<(), AppError> {
        let Delivered { inspected, rows, arrival, is_report, same } = delivered;
        let normaliser = Normaliser::new(self.source, &self.source.path, &inspected.columns)
            .map_err(|missing| AppError::precondition(OperationRefusal::ColumnsLost { columns: missing }))?;
        let normaliser = Arc::new(normaliser);
        let mut ahead =
            Prefetch::new(self.app, rows, (normaliser.clone(), inspected.columns.clone()), digests);
        let mut seen = KeysOfFeed::default();
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
        let row = self.aside.row(None, 0, problem);
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
        seen: &mut KeysOfFeed,
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
                let row = self.aside.row(row.key().map(tenure_model::Name::as_str), nth, problem);
                if self.put_aside(row.clone()).is_some() {
                    self.aside.note_place(row);
                }
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
            match self.left {
                true => read_again(&self.source.name),
                false => kinds::FeedTaken(self.source.name.clone()).is(Arc::from(same)),
            },
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
        for candidate in &mut candidates {
            candidate.cause.passes.clone_from(&self.passes);
            let free = self.free.get(&candidate.after.id).filter(|_| candidate.before.is_none());
            candidate.expects.extend(free.into_iter().flatten().cloned());
        }
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
