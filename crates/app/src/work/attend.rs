//! Beside whatever this process does: cut-offs that other processes ordered meanwhile are looked for every second and before
//! every task, and carried out ahead of everything.

use crate::{App, AppError, Moment};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tenure_model::IdentityId;

/// How often the file outside is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long the work of one cut-off may take; what is open then stays in the queue.
const CUT_OFF_WORK_MAX: jiff::SignedDuration = jiff::SignedDuration::from_mins(1);

impl App {
    /// Does `work`, and beside it carries out the cut-offs that come in. It returns when both have ended: what came in up to
    /// the end is carried out too.
    pub async fn attended<T>(&self, moment: &Moment, work: impl Future<Output = T>) -> T {
        if self.outside.is_none() || self.store.reads_only() {
            return work.await;
        }
        let ended = AtomicBool::new(false);
        let mut done = None;
        let mut work = pin!(work);
        let mut watch = pin!(self.watch(&ended, moment));
        loop {
            tokio::select! {
                biased;
                out = &mut work, if done.is_none() => {
                    done = Some(out);
                    ended.store(true, Ordering::Release);
                    self.in_hand.woken.notify_one();
                }
                () = &mut watch => match done {
                    Some(out) => return out,
                    // The watch ends only after the work.
                    None => return work.await,
                },
            }
        }
    }

    async fn watch(&self, ended: &AtomicBool, moment: &Moment) {
        loop {
            let last = ended.load(Ordering::Acquire);
            if let Err(error) = self.carry_out(moment).await {
                tracing::warn!(%error, "cut-offs that were ordered meanwhile could not be carried out; tried again");
            }
            if last {
                return;
            }
            let woken = self.in_hand.woken.notified();
            drop(tokio::time::timeout(LOOK_EVERY, woken).await);
        }
    }

    async fn carry_out(&self, moment: &Moment) -> Result<(), AppError> {
        self.take_orders(moment).await?;
        while let Some(identity) = self.in_hand.next_urgent() {
            self.work_for(identity, moment).await?;
        }
        Ok(())
    }

    /// Decides what was ordered since the last look, if anything was.
    pub(super) async fn take_orders(&self, moment: &Moment) -> Result<(), AppError> {
        let Some(outside) = &self.outside else { return Ok(()) };
        if outside.size() == self.in_hand.seen() {
            return Ok(());
        }
        let _alone = self.in_hand.looking().await;
        let size = outside.size();
        if size == self.in_hand.seen() {
            return Ok(());
        }
        let moment = Moment { actor: None, ..moment.clone() };
        let ordered = Box::pin(self.order_again(&moment)).await?;
        self.in_hand.set_seen(size);
        let people: Vec<IdentityId> = ordered.people;
        if !people.is_empty() {
            self.in_hand.overtake(people);
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
        moment: &Moment,
    ) -> Result<super::WorkReport, AppError> {
        let until = Some(tenure_model::range::moved(self.machine.clock.now(), CUT_OFF_WORK_MAX));
        let moment = &moment.automatic();
        let report = super::queue::Shared::default();
        self.drain_of(&tenure_store::TasksOf::Identity(identity), moment, until, &|_, _| (), &report).await?;
        let counts = self.store.task_counts().await?;
        Ok(report.read(&counts))
    }
}
