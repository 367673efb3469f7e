//! One pass: what time changed, the feeds, what time changed again, and the queue until idle.

use crate::{App, AppError, FeedReport, Labels, Moment, WorkReport};
use jiff::Timestamp;
use tenure_model::SourceName;
use tenure_policy::ClassCache;

/// What one pass did.
#[derive(Debug, Clone, Default)]
pub struct RunReport {
    /// Feeds, in the order of their names.
    pub feeds: Vec<FeedReport>,
    /// Changes by label, feeds and time together.
    pub labels: Labels,
    /// The queue.
    pub work: WorkReport,
    /// Approvals that expired or went to the next stage.
    pub approvals: u64,
}

/// Who wants to hear how far a pass is.
pub trait Progress: Sync {
    /// A feed: rows looked at, of how many.
    fn feed(&self, source: &SourceName, rows: u64, of: u64);
    /// The queue: tasks done, tasks waiting.
    fn queue(&self, done: u64, waiting: u64);
}

impl App {
    /// Runs one pass at a moment. `until` (machine time) bounds the queue.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn run(
        &self,
        moment: &Moment,
        until: Option<Timestamp>,
        progress: &dyn Progress,
    ) -> Result<RunReport, AppError> {
        let mut cache = ClassCache::default();
        let mut report = RunReport { labels: self.settle_due(&mut cache, moment).await?, ..RunReport::default() };
        for name in self.context.setup.sources.keys() {
            let hear = |rows, of| progress.feed(name, rows, of);
            let feed = self.take_feed(name, moment, &mut cache, &hear).await?;
            add(&mut report.labels, &feed.labels);
            report.feeds.push(feed);
        }
        report.approvals = self.expire_approvals(&mut cache, moment).await?;
        add(&mut report.labels, &self.settle_due(&mut cache, moment).await?);
        report.work = self.work(moment, until, &|done, waiting| progress.queue(done, waiting)).await?;
        Ok(report)
    }
}

fn add(labels: &mut Labels, more: &Labels) {
    for (label, n) in more {
        *labels.entry(*label).or_default() += n;
    }
}
