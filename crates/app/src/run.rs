//! One pass: timed changes, the feeds, timed changes again, and the queue until idle.

use crate::authority::Target;
use crate::lease::Job;
use crate::{
    AppError, DecisionContext, FeedReport, FirstQuarantined, Labels, Operation, Refusal, Register, WorkReport,
};
use jiff::Timestamp;
use tenure_model::{SourceName, SystemName};
use tenure_policy::ClassCache;
use tenure_store::Unit;
use tenure_store::note::{NoteOf as _, kinds, read_note};

crate::app::part! {
    /// Passes.
    Passes, passes
}

/// Result of one pass.
#[derive(Debug, Clone, Default)]
pub struct RunReport {
    /// Feeds, in the order of their names.
    pub feeds: Vec<FeedReport>,
    /// Changes by label, from feeds and time together.
    pub labels: Labels,
    /// Identities that gained or lost access without a change that has a label: by policy, by time, or by a change of another identity.
    pub access_alone: u64,
    /// The queue.
    pub work: WorkReport,
    /// Approvals that expired or went to the next stage.
    pub approvals: u64,
    /// Systems whose first scan accounts wait for, and how many.
    pub unscanned: Vec<(SystemName, u64)>,
    /// What is in quarantine, from any pass.
    pub quarantine: FirstQuarantined,
    /// The last instant before the clock jumped, while no person has confirmed the clock.
    pub clock_doubt: Option<Timestamp>,
    /// How many findings are open, and the first of them.
    pub findings: Register,
}

/// What a pass decides in addition to timed changes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deciding {
    /// Changes from feeds.
    pub(crate) feeds: bool,
    /// What an interrupted pass left open.
    pub(crate) broken_off: bool,
    /// All identities once more, even when the configuration is the one under which they were settled.
    pub(crate) everybody: bool,
}

/// Receives the progress of a pass.
pub trait Progress: Sync {
    /// A feed: processed rows, and the total.
    fn feed(&self, source: &SourceName, rows: u64, of: u64);
    /// The queue: tasks done, tasks waiting.
    fn queue(&self, done: u64, waiting: u64);
}

impl Passes<'_> {
    /// Runs one pass at a moment. `until` (machine time) bounds the queue.
    ///
    /// Effects on others (dependents of a changed identity, cases to close) follow after the commit that caused them.
    /// If the last pass was interrupted in between, this one finds the open effects among all identities.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn run(
        &self,
        moment: &DecisionContext,
        until: Option<Timestamp>,
        progress: &dyn Progress,
    ) -> Result<RunReport, AppError> {
        self.app.authority().permit(Operation::Run, &Target::all(), moment).await?;
        // The acts of a pass are Tenure's own, independently of who started it.
        let moment = &moment.automatic();
        let alone = self.app.lease(Job::Pass).await?;
        // Cut-offs that come in meanwhile are carried out whatever becomes of the lease.
        let passes = alone.app.passes();
        let pass = alone.keep(passes.run_alone(moment, until, progress));
        self.app.work().attended(moment, until, pass).await
    }

    async fn run_alone(
        &self,
        moment: &DecisionContext,
        until: Option<Timestamp>,
        progress: &dyn Progress,
    ) -> Result<RunReport, AppError> {
        let broken_off = self.begin_pass(moment).await?;
        self.app.in_hand.take_access_alone();
        // An account with an order to cut off is read in each pass until it is found, concurrently with the pass.
        self.app.in_hand.seek(self.app.stored().orders().await?);
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
        report.quarantine = self.app.quarantine().first_of_each(moment).await?;
        report.findings = self.app.findings().register(moment).await?;
        self.note_pass(None).await?;
        Ok(report)
    }

    /// The deciding part of a pass: what-if runs only this part.
    pub(crate) async fn decide_pass(
        &self,
        deciding: Deciding,
        moment: &DecisionContext,
        progress: &dyn Progress,
    ) -> Result<RunReport, AppError> {
        let mut cache = ClassCache::default();
        let mut report = RunReport::default();
        // Under another configuration the feeds come first: the data of identities has the names of the previous mapping.
        let reconfigured = self.app.limits().is_reconfigured().await?;
        if !reconfigured {
            report.labels = self.app.settle().settle_due(&mut cache, moment).await?;
        }
        for name in self.app.context.setup.sources.keys().filter(|_| deciding.feeds) {
            let hear = |rows, of| progress.feed(name, rows, of);
            let taken = self.app.feed().take_feed(name, moment, &mut cache, &hear).await;
            let busy = taken.as_ref().err().and_then(AppError::detail);
            report.feeds.push(match busy.filter(|d| d.why() == Refusal::JobUnderWay) {
                // Another process reads this source: it stops no other one.
                Some(busy) => FeedReport::busy(name, busy),
                None => taken?,
            });
        }
        if deciding.feeds {
            self.app.brakes().look_again(&mut report.feeds, &mut cache, moment).await?;
        }
        report.feeds.iter().for_each(|feed| add(&mut report.labels, &feed.labels));
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

    /// Notes that a pass is running; returns whether the last one never ended.
    async fn begin_pass(&self, moment: &DecisionContext) -> Result<bool, AppError> {
        let last = read_note(&*self.app.store, &kinds::PassUnderWay).await?;
        // Where it cannot be read, the last pass may not have ended.
        if last.or_if_unreadable(Some(moment.now)).flatten().is_some() {
            return Ok(true);
        }
        self.note_pass(Some(moment.now)).await?;
        Ok(false)
    }

    async fn note_pass(&self, since: Option<Timestamp>) -> Result<(), AppError> {
        let change = kinds::PassUnderWay.is(since);
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes: vec![change] }]).await?;
        Ok(())
    }
}

fn add(labels: &mut Labels, more: &Labels) {
    for (label, n) in more {
        *labels.entry(*label).or_default() += n;
    }
}

#[cfg(test)]
mod tests {
    use super::{Passes, Progress};
    use crate::DecisionContext;

    /// A server runs a pass as a task among others: this compiles only while its future may change threads.
    #[expect(dead_code, reason = "compiled, and never called")]
    fn may_change_threads(
        passes: &Passes<'_>,
        moment: &DecisionContext,
        progress: &dyn Progress,
    ) -> impl Send {
        fn sent<F: Send>(future: F) -> F {
            future
        }
        sent(passes.run(moment, None, progress))
    }
}
