//! The delivery of a source: whether it is a report, whether it is in order, and which sources are overdue.

use super::FeedRuns;
use crate::finding_rows::{about_organisation, organisation_finding_id};
use crate::text::hex;
use crate::{About, AppError, DecisionContext};
use jiff::Timestamp;
use serde_json::json;
use std::sync::Arc;
use tenure_connect::{Fetched, Rows};
use tenure_engine::normalise::{extraction, in_order};
use tenure_model::{
    FeedError, FeedFault, FeedRunId, Finding, FindingDetail, FindingKind, HeldChangeId, Name as _, SetupHash,
    SourceName,
};
use tenure_policy::Source;
use tenure_store::note::{NoteOf as _, ReportNote, kinds, read_note};
use tenure_store::{Change, Evidence, FeedResult, FeedRunRow, Unit};

/// Most unreadable rows before the first one that states when the feed was extracted.
const LOOK_PAST_MAX: usize = 1_000;
/// Most runs of a source that are searched for the first one with the same file.
const RUNS_MAX: u32 = 1_000;

/// One delivery. It is a new report if it differs from the last one: other bytes, another extraction time, or a file that was written
/// again (docs/adr/0050).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) digest: [u8; 32],
    pub(crate) extracted: Option<Timestamp>,
    modified: Option<Timestamp>,
}

impl Arrival {
    /// The mark of this delivery, under a configuration, as taken.
    pub(crate) fn taken_under(&self, setup: &SetupHash) -> String {
        format!("{} {setup}", hex(&self.digest))
    }

    /// Distinguishes one delivery from another.
    fn print(&self) -> String {
        let instant = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |t| t.to_string());
        format!("{} {} {}", hex(&self.digest), instant(self.extracted), instant(self.modified))
    }

    /// The note that a source reported, at a moment.
    pub(crate) fn noted(&self, source: &SourceName, moment: &DecisionContext) -> Change {
        let (at, print) = (moment.now, Arc::from(self.print()));
        kinds::Report(source.clone()).is(ReportNote { at, print, extracted: self.extracted })
    }
}

/// The last report of a source.
pub(crate) struct Reported(ReportNote);

impl Reported {
    /// When it reported, or since when a report is expected.
    pub(crate) fn at(&self) -> Timestamp {
        self.0.at
    }

    /// Whether it has never reported, and a report is expected.
    pub(crate) fn is_awaited(&self) -> bool {
        self.0.print.is_empty()
    }

    /// Whether a delivery is this one again.
    pub(crate) fn is(&self, arrival: &Arrival) -> bool {
        *self.0.print == *arrival.print()
    }
}

impl FeedRuns<'_> {
    /// The last report of a source that was taken.
    pub(crate) async fn reported(&self, source: &SourceName) -> Result<Option<Reported>, AppError> {
        let read = read_note(&*self.app.store, &kinds::Report(source.clone())).await?;
        if read.is_unreadable() {
            return self.reported_by_runs(source).await;
        }
        Ok(read.readable().map(Reported))
    }

    /// The last report as the runs of the source show it: no older delivery is taken meanwhile, and the next one is a report.
    async fn reported_by_runs(&self, source: &SourceName) -> Result<Option<Reported>, AppError> {
        let runs = self.app.store.feed_runs(source, RUNS_MAX).await?;
        let taken = runs.iter().filter(|run| !matches!(run.result, FeedResult::Refused(_)));
        let extracted = taken.clone().filter_map(|run| run.extracted).max();
        let last = taken.map(|run| run.at).max();
        Ok(last.map(|at| Reported(ReportNote { at, print: Arc::from("unreadable"), extracted })))
    }

    /// The delivery with its rows; refused when it is older than the last one that was taken.
    pub(crate) fn arrival(
        &self,
        source: &Source,
        fetched: Fetched,
        last: Option<&Reported>,
        moment: &DecisionContext,
    ) -> Result<(Arrival, Rows), FeedError> {
        let Fetched { inspected, mut rows, modified, stamp } = fetched;
        let mut read = Vec::new();
        if source.extracted.is_some() {
            while read.len() < LOOK_PAST_MAX && !matches!(read.last(), Some(Ok(_))) {
                let Some(row) = rows.next() else { break };
                read.push(row);
            }
        }
        let first = read.last().and_then(|row| row.as_ref().ok());
        let fault = |fault: FeedFault| FeedError { file: source.path.clone(), fault };
        let extracted =
            extraction(source, stamp.as_deref(), first, &self.app.context.zones).map_err(fault)?;
        in_order(extracted, last.and_then(|l| l.0.extracted), moment.now).map_err(fault)?;
        let arrival = Arrival { digest: inspected.digest, extracted, modified };
        Ok((arrival, Box::new(read.into_iter().chain(rows))))
    }

    /// Notes that a source repeated its delivery: a report that changes nothing.
    pub(crate) async fn report_again(
        &self,
        source: &Source,
        run: FeedRunId,
        arrival: &Arrival,
        rows: u64,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let runs = self.app.store.feed_runs(&source.name, RUNS_MAX).await?;
        let first = runs.into_iter().find(|r| r.digest == arrival.digest);
        let row = FeedRunRow {
            id: run,
            source: source.name.clone(),
            at: moment.now,
            digest: arrival.digest,
            extracted: arrival.extracted,
            rows,
            changed: 0,
            quarantined: first.as_ref().map_or(0, |r| r.quarantined),
            missing: first.as_ref().map_or(0, |r| r.missing),
            result: first.map_or(FeedResult::Taken, |r| r.result),
        };
        let held = match row.result {
            FeedResult::Held(id) => Some(id),
            _ => None,
        };
        let evidence = self.taken(&row, held, moment)?;
        let changes = vec![
            Change::PutFeedRun(row),
            arrival.noted(&source.name, moment),
            is_in_order(source),
            Change::BusinessTime(moment.now),
            Change::Append(evidence),
        ];
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(())
    }

    /// The evidence of a feed that was taken.
    pub(crate) fn taken(
        &self,
        row: &FeedRunRow,
        held: Option<HeldChangeId>,
        moment: &DecisionContext,
    ) -> Result<Evidence, AppError> {
        let payload = json!({
            "v": 1,
            "source": row.source.to_string(),
            "digest": hex(&row.digest),
            "extracted": row.extracted.map(|t| t.to_string()),
            "rows": row.rows,
            "taken": row.rows.saturating_sub(row.quarantined),
            "changed": row.changed,
            "quarantined": row.quarantined,
            "missing": row.missing,
            "held": held.map(|id| id.to_string()),
        });
        self.app.recorder(moment).evidence("feed.taken", About::default(), payload)
    }

    /// Notes since when a report is expected from a source that has never reported.
    pub(crate) async fn await_reports(&self, moment: &DecisionContext) -> Result<(), AppError> {
        for source in self.app.context.setup.sources.values().filter(|s| s.every.is_some()) {
            if self.reported(&source.name).await?.is_none() {
                let never = ReportNote { at: moment.now, print: Arc::from(""), extracted: None };
                let changes = vec![kinds::Report(source.name.clone()).is(never)];
                self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
            }
        }
        Ok(())
    }
}

/// The finding that a feed came out of order, for its owner.
pub(crate) fn came_late(source: &Source, refused: &FeedError, moment: &DecisionContext) -> Option<Change> {
    let FeedFault::OutOfOrder { extracted, last } = refused.fault else { return None };
    let (file, owner) = (refused.file.clone(), source.owner.clone());
    let detail = FindingDetail::FeedOutOfOrder { file, extracted, last, owner };
    Some(about_organisation(Finding::new(source.name.as_str(), detail), moment))
}

/// Ends the finding: the feeds of a source are in order again.
pub(crate) fn is_in_order(source: &Source) -> Change {
    Change::EndFinding(organisation_finding_id(FindingKind::OldFeed, source.name.as_str()))
}
