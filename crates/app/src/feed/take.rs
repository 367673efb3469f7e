//! Takes what a source delivers, one process at a time: fetches it, refuses it, sees that it is the same again, or reads it.
use super::FeedRuns;
use super::arrival::came_late;
use super::dismissed::Dismissed;
use super::ingest::{Delivered, Ingest};
use super::report::FeedReport;
use super::twice::Twice;
use crate::lease::Job;
use crate::{About, AppError, DecisionContext, Item, Refused};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_engine::normalise::feed_shape;
use tenure_model::{FeedError, FeedRunId, RecordKey, RecordState, SourceName};
use tenure_policy::{ClassCache, Source};
use tenure_store::note::{kinds, read_note};
use tenure_store::{Change, FeedResult, FeedRunRow, RecordIndexRow, Unit};

impl FeedRuns<'_> {
    /// Takes the feed of a source, under its lease. `progress` receives the number of processed rows and the total.
    ///
    /// # Errors
    /// When another process reads this source, or the store fails. A refused feed is a report, not an error.
    pub async fn take_feed(
        &self,
        name: &SourceName,
        moment: &DecisionContext,
        cache: &mut ClassCache,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<FeedReport, AppError> {
        let alone = self.app.lease(Job::Feed(name)).await?;
        alone.keep(alone.app.feed().take_alone(name, moment, cache, progress)).await
    }

    async fn take_alone(
        &self,
        name: &SourceName,
        moment: &DecisionContext,
        cache: &mut ClassCache,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<FeedReport, AppError> {
        let Some(source) = self.app.context.setup.sources.get(name) else {
            return Err(AppError::unknown(Item::Source, name.to_string()));
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
        let last = read_note(&*self.app.store, &kinds::FeedTaken(name.clone())).await?.readable();
        if last.as_deref() == Some(&*same) && source.snapshot {
            if is_report {
                self.report_again(source, run, &arrival, inspected.rows, moment).await?;
            }
            let held = self.held_by(source).await?.map(|h| (h.id, h.reason));
            return Ok(FeedReport { same: true, rows: inspected.rows, held, ..FeedReport::of(name) });
        }
        let remapped = !self.is_mapped_as_before(source).await?;
        let index: BTreeMap<RecordKey, RecordIndexRow> =
            self.app.stored().record_index(name).await?.into_iter().map(|r| (r.key.clone(), r)).collect();
        let settled =
            |r: &&RecordIndexRow| !remapped && matches!(r.state, RecordState::Taken | RecordState::Asked);
        // The known records by the digests of their last rows: equal digests are not processed again.
        let digests = index.values().filter(settled).map(|r| (r.digest, r.key.clone())).collect();
        let before = self.app.quarantine().quarantined_since(name).await?;
        let mut ingest = Ingest::new(self.app, source, moment, (cache, run));
        ingest.index = index;
        ingest.remapped = remapped;
        ingest.twice = Twice::of(&before);
        ingest.aside.before = before;
        ingest.aside.same_file =
            self.last_file(name).await?.filter(|(_, d)| *d == arrival.digest).map(|(id, _)| id);
        ingest.aside.dismissed = Dismissed::load(self.app, name).await?.of(&arrival.digest);
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
        Ok(FeedReport { refused: Some(Refused::Quoted(why)), ..FeedReport::of(&source.name) })
    }
}
