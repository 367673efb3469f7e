//! Concurrently with any work of this process: cut-offs that other processes ordered are looked for every second and before
//! every task, and carried out ahead of everything.

use super::Worker;
use crate::in_hand::Urgent;
use crate::{AppError, DecisionContext};
use futures::stream::{FuturesUnordered, StreamExt as _};
use jiff::Timestamp;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tenure_model::IdentityId;
use tenure_model::range::moved;

/// How often the outside file is read.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long the work of one cut-off may take; open work then stays in the queue.
const CUT_OFF_WORK_MAX: jiff::SignedDuration = jiff::SignedDuration::from_mins(1);
/// The least time for it, where the time of this process is limited.
const CUT_OFF_WORK_MIN: jiff::SignedDuration = jiff::SignedDuration::from_secs(5);
/// Cut-offs that are worked concurrently: a hanging system delays no other cut-off.
const CUT_OFFS_AT_ONCE: usize = 64;

impl Worker<'_> {
    /// Does `work`, and concurrently carries out the cut-offs that come in. It returns when both have ended: what came in before
    /// the end is carried out too. `until` is when `work` ends at the latest.
    pub async fn attended<T>(
        &self,
        moment: &DecisionContext,
        until: Option<Timestamp>,
        work: impl Future<Output = T>,
    ) -> T {
        if self.app.outside.is_none() || self.app.store.reads_only() {
            return work.await;
        }
        let ended = AtomicBool::new(false);
        let mut done = None;
        let mut work = pin!(work);
        let mut watch = pin!(self.watch(&ended, moment, until));
        loop {
            tokio::select! {
                biased;
                out = &mut work, if done.is_none() => {
                    done = Some(out);
                    ended.store(true, Ordering::Release);
                    self.app.in_hand.woken.notify_one();
                }
                () = &mut watch => match done {
                    Some(out) => return out,
                    // The watch ends only after the work.
                    None => return work.await,
                },
            }
        }
    }

    /// Looks for orders, and works the tasks that they cause, each cut-off concurrently.
    async fn watch(&self, ended: &AtomicBool, moment: &DecisionContext, until: Option<Timestamp>) {
        let mut under_way = FuturesUnordered::new();
        loop {
            let last = ended.load(Ordering::Acquire);
            // Work in progress continues meanwhile: it may hold what the look waits for.
            let mut look = Box::pin(self.take_orders(moment));
            let looked = loop {
                tokio::select! {
                    looked = &mut look => break looked,
                    Some(done) = under_way.next(), if !under_way.is_empty() => tell(done),
                }
            };
            drop(look);
            if let Err(error) = looked {
                tracing::warn!(%error, "cut-offs ordered during the pass could not be carried out; they are tried again");
            }
            while under_way.len() < CUT_OFFS_AT_ONCE
                && let Some(urgent) = self.app.in_hand.next_urgent()
            {
                under_way.push(self.carry_out(urgent, moment, until));
            }
            if last && under_way.is_empty() {
                return;
            }
            tokio::select! {
                Some(done) = under_way.next(), if !under_way.is_empty() => tell(done),
                _ = tokio::time::timeout(LOOK_EVERY, self.app.in_hand.woken.notified()) => {}
            }
        }
    }

    /// Works the tasks of an order, for no longer than a cut-off may take.
    async fn carry_out(
        &self,
        urgent: Urgent,
        moment: &DecisionContext,
        until: Option<Timestamp>,
    ) -> Result<(), AppError> {
        let now = self.app.machine.clock.now();
        let most = moved(now, CUT_OFF_WORK_MAX);
        let end = until.map_or(most, |until| until.max(moved(now, CUT_OFF_WORK_MIN)).min(most));
        let identity = match urgent {
            Urgent::Identity(identity) => identity,
            Urgent::Account(order) => {
                let left = Duration::try_from(end.duration_since(now)).unwrap_or_default();
                let met =
                    tokio::time::timeout(left, self.app.cut_off_orders().meet_account(&order, moment)).await;
                match met.unwrap_or(Ok(None))? {
                    Some(identity) => identity,
                    None => return Ok(()),
                }
            }
        };
        self.work_until(identity, end, moment).await.map(|_| ())
    }

    /// Decides what was ordered since the last look, if anything.
    pub(super) async fn take_orders(&self, moment: &DecisionContext) -> Result<(), AppError> {
        let Some(outside) = &self.app.outside else { return Ok(()) };
        if outside.size() == self.app.in_hand.seen() {
            return Ok(());
        }
        let _alone = self.app.in_hand.looking().await;
        let size = outside.size();
        if size == self.app.in_hand.seen() {
            return Ok(());
        }
        let moment = DecisionContext { actor: None, ..moment.clone() };
        let ordered = Box::pin(self.app.cut_off_journal().order_again(&moment)).await?;
        self.app.in_hand.set_seen(size);
        if !ordered.people.is_empty() {
            self.app.in_hand.overtake(ordered.people);
        }
        Ok(())
    }

    /// Works the tasks of one identity until none is ready, and for no longer than a cut-off may take.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn work_for(
        &self,
        identity: IdentityId,
        moment: &DecisionContext,
    ) -> Result<super::WorkReport, AppError> {
        self.work_until(identity, moved(self.app.machine.clock.now(), CUT_OFF_WORK_MAX), moment).await
    }

    async fn work_until(
        &self,
        identity: IdentityId,
        end: Timestamp,
        moment: &DecisionContext,
    ) -> Result<super::WorkReport, AppError> {
        let moment = &moment.automatic();
        let report = super::queue::Shared::default();
        let of = tenure_store::TasksOf::Identity(identity);
        self.drain_of(&of, moment, Some(end), &|_, _| (), &report).await?;
        let counts = self.app.store.task_counts().await?;
        Ok(report.read(&counts))
    }
}

fn tell(done: Result<(), AppError>) {
    if let Err(error) = done {
        tracing::warn!(%error, "the work of a cut-off was interrupted; the next pass continues it");
    }
}
