//! Business time of a database: from the clock, or stated in a replay; what waits while the clock may be wrong, and how to go back.

use crate::authority::Target;
use crate::{About, AppError, Born, DecisionContext, Operation, OperationRefusal};
use jiff::Timestamp;
use serde_json::json;
use tenure_model::{Instant, Task, TaskKind, TaskState};
use tenure_store::{CLOCK_JUMP, Change, Unit};

crate::app::part! {
    /// Business time.
    BusinessClock, clock
}

/// Most open tasks that are searched for waiting deletions.
const TASKS_MAX: u32 = 100_000;

impl BusinessClock<'_> {
    /// The moment of a decision: machine time, or `asked` (`--now`) in a replay; never before the last committed business instant.
    ///
    /// # Errors
    /// When the store fails, time is stated in a live database, or `asked` lies before what was already decided.
    pub async fn moment(&self, asked: Option<Timestamp>) -> Result<DecisionContext, AppError> {
        if asked.is_some() && self.app.vault.born() == Born::Live {
            return Err(AppError::refused(OperationRefusal::NowNotAllowed));
        }
        self.moment_of_plan(asked).await
    }

    /// The moment of a plan, which decides nothing: any later instant is allowed, in a live database too.
    ///
    /// # Errors
    /// When the store fails, or `asked` lies before what was already decided.
    pub async fn moment_of_plan(&self, asked: Option<Timestamp>) -> Result<DecisionContext, AppError> {
        let last = self.app.store.business_time().await?;
        if let Some(Err(e)) = asked.map(Instant::new) {
            return Err(AppError::precondition(OperationRefusal::TimeInvalid {
                problem: e.to_string().into(),
            }));
        }
        let now = match (asked, last) {
            (Some(asked), Some(last)) if asked < last => {
                return Err(AppError::precondition(OperationRefusal::TimeGoesBack { stated: asked, last }));
            }
            (Some(asked), _) => asked,
            // Once time was stated, only statements move it.
            (None, Some(last)) if self.app.vault.born() == Born::Replay => last,
            (None, last) => {
                last.map_or_else(|| self.app.machine.clock.now(), |l| l.max(self.app.machine.clock.now()))
            }
        };
        // Instants are stored to the microsecond: a decision must be the same when it is read again.
        let now = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
        let clock_doubt = match self.app.vault.born() {
            Born::Replay => None,
            Born::Live => {
                let jumps = |last: &Timestamp| now.duration_since(*last) > CLOCK_JUMP;
                self.app.store.clock_jump().await?.or(last.filter(jumps))
            }
        };
        Ok(DecisionContext { now, with_now: asked.is_some(), actor: None, clock_doubt })
    }

    /// A person confirms the clock after a jump: deletions, erasures and lapses of approvals continue.
    ///
    /// # Errors
    /// When no person acts, or the store fails.
    pub async fn confirm_clock(&self, moment: &DecisionContext) -> Result<DecisionContext, AppError> {
        self.app.authority().permit(Operation::ConfirmClock, &Target::all(), moment).await?;
        let Some(from) = moment.clock_doubt else { return Ok(moment.clone()) };
        let payload = json!({ "v": 1, "from": from.to_string(), "to": moment.now.to_string() });
        let evidence = self.app.recorder(moment).evidence("clock.confirmed", About::default(), payload)?;
        // Two units: the first moves business time here, which is the jump that the second confirms.
        let arrives = Unit { expects: Vec::new(), changes: vec![Change::BusinessTime(moment.now)] };
        self.app.store.commit(vec![arrives]).await?;
        let mut changes = vec![Change::ConfirmClock, Change::Append(evidence)];
        changes.extend(self.waiting_deletions().await?);
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(DecisionContext { clock_doubt: None, ..moment.clone() })
    }

    /// Waiting tasks, to be handled now: those that waited for the clock are among them.
    async fn waiting_deletions(&self) -> Result<Vec<Change>, AppError> {
        let now = self.app.machine.clock.now();
        let waits = |t: &Task| {
            t.kind == TaskKind::Converge
                && matches!(t.state, TaskState::Ready { not_before } if not_before > now)
        };
        let tasks = self.app.store.tasks(None, TASKS_MAX).await?.into_iter().filter(waits);
        Ok(tasks
            .map(|t| Change::EndTask(Task { state: TaskState::Ready { not_before: now }, ..t }))
            .collect())
    }

    /// Sets business time back to the machine's clock, or to `asked` in a replay, with evidence; then all identities are settled as of
    /// that time. The ledger keeps what was decided in the wrong time.
    ///
    /// # Errors
    /// When no person acts, no reason is given, or business time is not ahead.
    pub async fn reopen_clock(
        &self,
        asked: Option<Timestamp>,
        reason: &str,
        moment: &DecisionContext,
    ) -> Result<DecisionContext, AppError> {
        self.app.authority().permit(Operation::SetClockBack, &Target::all(), moment).await?;
        if reason.trim().is_empty() {
            return Err(AppError::refused(OperationRefusal::ClockReasonMissing));
        }
        let asked = asked.filter(|_| self.app.vault.born() == Born::Replay);
        let now = asked.unwrap_or_else(|| self.app.machine.clock.now());
        let Some(last) = self.app.store.business_time().await?.filter(|last| *last > now) else {
            return Err(AppError::precondition(OperationRefusal::ClockNotAhead { now }));
        };
        let back = DecisionContext {
            now,
            with_now: asked.is_some(),
            actor: moment.actor.clone(),
            clock_doubt: None,
        };
        let payload =
            json!({ "v": 1, "reason": reason.trim(), "from": last.to_string(), "to": now.to_string() });
        let evidence = self.app.recorder(&back).evidence("clock.reopened", About::default(), payload)?;
        let changes = vec![Change::SetClockBack(now), Change::Append(evidence)];
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(back)
    }
}

impl DecisionContext {
    /// Refuses irreversible work while the clock may be wrong.
    pub(crate) fn clock_is_right(&self) -> Result<(), AppError> {
        let Some(from) = self.clock_doubt else { return Ok(()) };
        Err(AppError::precondition(OperationRefusal::ErasingWaits { from, now: self.now }))
    }
}
