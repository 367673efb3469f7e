//! One pass: what time changed, the feeds, what time changed again, and the queue until idle.

use crate::authority::Target;
use crate::{AppError, FeedReport, InQuarantine, Labels, Moment, Operation, Register, WorkReport};
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{SourceName, SystemName};
use tenure_policy::ClassCache;
use tenure_store::{Change, Unit};

crate::app::part! {
    /// Passes.
    Passes, passes
}

/// The note that is not empty while a pass is under way: a pass that finds it so follows one that was broken off.
const UNDER_WAY: &str = "pass under way";

/// What one pass did.
#[derive(Debug, Clone, Default)]
pub struct RunReport {
    /// Feeds, in the order of their names.
    pub feeds: Vec<FeedReport>,
    /// Changes by label, feeds and time together.
    pub labels: Labels,
    /// Identities that gained or lost access without a change that has a label: by policy, by time, or by a change of another
    /// identity.
    pub access_alone: u64,
    /// The queue.
    pub work: WorkReport,
    /// Approvals that expired or went to the next stage.
    pub approvals: u64,
    /// Systems whose first scan accounts wait for, and how many.
    pub unscanned: Vec<(SystemName, u64)>,
    /// All that is in quarantine, whichever pass it came in.
    pub quarantine: Vec<InQuarantine>,
    /// The last instant before the clock jumped, while no person has said that it is right.
    pub clock_doubt: Option<Timestamp>,
    /// All that is found and not dealt with.
    pub findings: Register,
}

/// What a pass decides besides what time changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deciding {
    /// What the feeds say.
    pub(crate) feeds: bool,
    /// What a pass that was broken off still owed.
    pub(crate) broken_off: bool,
    /// Everybody once more, also where the configuration is the one under which they were settled.
    pub(crate) everybody: bool,
}

/// Who wants to hear how far a pass is.
pub trait Progress: Sync {
    /// A feed: rows looked at, of how many.
    fn feed(&self, source: &SourceName, rows: u64, of: u64);
    /// The queue: tasks done, tasks waiting.
    fn queue(&self, done: u64, waiting: u64);
}

impl Passes<'_> {
    /// Runs one pass at a moment. `until` (machine time) bounds the queue.
    ///
    /// What a pass owes others (readers of a changed identity, cases to close) it does after the commit that made it due.
    /// When the last pass was broken off in between, this one looks for such debts among everybody.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn run(
        &self,
        moment: &Moment,
        until: Option<Timestamp>,
        progress: &dyn Progress,
    ) -> Result<RunReport, AppError> {
        self.app.authority().permit(Operation::Run, &Target::all(), moment).await?;
        // What a pass does is Tenure's own, whoever began it.
        let moment = &moment.automatic();
        self.app.work().attended(moment, until, self.run_alone(moment, until, progress)).await
    }

    async fn run_alone(
        &self,
        moment: &Moment,
        until: Option<Timestamp>,
        progress: &dyn Progress,
    ) -> Result<RunReport, AppError> {
        let broken_off = self.begin_pass(moment).await?;
        self.app.in_hand.take_access_alone();
        // An account that is ordered to be cut off is asked for in each pass, until one finds it: beside the pass.
        self.app.in_hand.seek(self.app.store.cut_off_orders().await?);
        let deciding = Deciding { feeds: true, broken_off, everybody: false };
        let mut report = self.decide_pass(deciding, moment, progress).await?;
        self.app.work().end_acceptances(moment).await?;
        self.app.work().give_tasks_again(moment).await?;
        report.work = {
            let hear = |done, waiting| progress.queue(done, waiting);
            self.app.work().work_alone(moment, until, &hear).await?
        };
        report.access_alone = self.app.in_hand.take_access_alone();
        if broken_off {
            report.work.closed += self.app.cases().close_everybodys_cases(moment).await?;
        }
        self.app.damage_reports().note_met(moment).await?;
        self.app.findings().look_for_findings(moment).await?;
        report.unscanned = self.app.first_scan().wait_for_scan().await?;
        report.quarantine = self.app.quarantine().in_quarantine(moment).await?;
        report.findings = self.app.findings().register(moment).await?;
        self.note_pass("").await?;
        Ok(report)
    }

    /// The part of a pass that decides: what-if does it too, and nothing else of a pass.
    pub(crate) async fn decide_pass(
        &self,
        deciding: Deciding,
        moment: &Moment,
        progress: &dyn Progress,
    ) -> Result<RunReport, AppError> {
        let mut cache = ClassCache::default();
        let mut report = RunReport::default();
        // Under another configuration the feeds come first: what is known of people has the names of the mapping before.
        let reconfigured = self.app.limits().is_reconfigured().await?;
        if !reconfigured {
            report.labels = self.app.settle().settle_due(&mut cache, moment).await?;
        }
        for name in self.app.context.setup.sources.keys().filter(|_| deciding.feeds) {
            let hear = |rows, of| progress.feed(name, rows, of);
            let feed = self.app.feed().take_feed(name, moment, &mut cache, &hear).await?;
            add(&mut report.labels, &feed.labels);
            report.feeds.push(feed);
        }
        self.app.reconfigured().note_rules_of_keys().await?;
        if reconfigured || deciding.everybody {
            add(&mut report.labels, &self.app.reconfigured().settle_everybody(moment).await?);
        }
        self.app.feed().await_reports(moment).await?;
        if deciding.broken_off {
            add(&mut report.labels, &self.app.settle().settle_after_break(&mut cache, moment).await?);
        }
        report.clock_doubt = moment.clock_doubt;
        if moment.clock_doubt.is_none() {
            report.approvals = self.app.approvals().expire_approvals(&mut cache, moment).await?;
        }
        report.approvals += self.app.approvals().put_requests_again(&mut cache, moment).await?;
        add(&mut report.labels, &self.app.settle().settle_due(&mut cache, moment).await?);
        self.app.later().shorten_later(&mut cache, moment).await?;
        Ok(report)
    }

    /// Notes that a pass is under way; whether the last one never ended.
    async fn begin_pass(&self, moment: &Moment) -> Result<bool, AppError> {
        let last = self.app.store.note(UNDER_WAY).await?;
        if last.is_some_and(|n| !n.is_empty()) {
            return Ok(true);
        }
        self.note_pass(&moment.now.to_string()).await?;
        Ok(false)
    }

    async fn note_pass(&self, value: &str) -> Result<(), AppError> {
        let change = Change::PutNote(Arc::from(UNDER_WAY), Arc::from(value.as_bytes()));
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes: vec![change] }]).await?;
        Ok(())
    }
}

fn add(labels: &mut Labels, more: &Labels) {
    for (label, n) in more {
        *labels.entry(*label).or_default() += n;
    }
}
