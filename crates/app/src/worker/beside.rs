//! What is given beside a loss that a brake holds: a brake delays losses and no addition, so access that is due on the same account
//! does not wait for a release.

use super::Worker;
use super::task::{Convergence, Failure, Job};
use super::written::Written;
use crate::{AppError, DecisionContext};
use futures::stream::{self, StreamExt};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use tenure_model::{AccountState, Holding, IdentityId, Task, TaskKind, TaskState};
use tenure_store::{StoredSubject, TasksOf, Unit};

/// Most tasks of one queue that are looked at.
const HELD_MAX: u32 = 100_000;
/// Identities that are read together.
const CHUNK: usize = 512;
/// Concurrent calls.
const AT_ONCE: usize = 16;

impl Worker<'_> {
    /// Gives what is due on accounts whose loss a brake holds. What the account is to lose stays, and so does the held task.
    pub(super) async fn give_beside_holds(
        &self,
        of: &TasksOf,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let tasks = match of {
            TasksOf::System(name) => self.app.store.braked(name, HELD_MAX).await?,
            TasksOf::Identity(id) => self.app.store.tasks(Some(*id), HELD_MAX).await?,
            TasksOf::Elsewhere(_) => return Ok(()),
        };
        let is_held = |t: &Task| {
            t.kind == TaskKind::Converge && !t.brake_passed && matches!(t.state, TaskState::Held { .. })
        };
        let held: Vec<Task> = tasks.into_iter().filter(is_held).collect();
        let ids: BTreeSet<IdentityId> = held.iter().map(|t| t.identity).collect();
        let mut subjects = BTreeMap::new();
        for some in ids.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
            subjects.extend(self.app.stored().readable(some).await?.into_iter().map(|s| (s.identity.id, s)));
        }
        let waits = |t: &Task| subjects.get(&t.identity).is_some_and(|s| is_waiting(s, t));
        let given: Vec<_> =
            held.into_iter().filter(waits).map(|task| self.give_beside(task, &subjects, moment)).collect();
        let units = stream::iter(given).buffer_unordered(self.app.machine.at_once(AT_ONCE));
        let units: Vec<Result<Option<Unit>, AppError>> = units.collect().await;
        let units: Vec<Unit> = units.into_iter().filter_map(Result::transpose).collect::<Result<_, _>>()?;
        if !units.is_empty() {
            self.app.store.commit(units).await?;
        }
        Ok(())
    }

    async fn give_beside(
        &self,
        task: Task,
        subjects: &BTreeMap<IdentityId, StoredSubject>,
        moment: &DecisionContext,
    ) -> Result<Option<Unit>, AppError> {
        let subject = subjects.get(&task.identity);
        let found = subject.and_then(|s| Some((s, s.accounts.iter().find(|a| a.key == task.account)?)));
        let system = self.app.context.setup.systems.get(&task.account.system);
        let wired = self.app.systems.get(&task.account.system);
        let (Some((subject, account)), Some(system), Some(wired)) = (found, system, wired) else {
            return Ok(None);
        };
        let _alone = self.app.in_hand.work_on(task.identity, &task.account).await;
        let case = self.app.cases().open_case(task.identity).await?;
        let job = Job { app: self.app, moment, task, subject, facts: &[], case, account, system, wired };
        if job.is_overtaken() { Ok(None) } else { job.give().await }
    }
}

impl Job<'_> {
    /// Grants what is due on a usable account, and removes nothing. The evidence is a claim: the read that confirms it comes with
    /// the task itself.
    async fn give(&self) -> Result<Option<Unit>, AppError> {
        let mut written = Written::default();
        if let Err(failure) = self.give_only(&mut written).await {
            written.failed(failure);
        }
        let common = |did: &[String]| {
            json!({
                "v": 1, "system": self.system_name(), "account": self.task.account.to_string(),
                "generation": self.account.generation, "did": did,
            })
        };
        let mut payload = common(&written.did);
        let kind = match &written.failure {
            Some(failure) => {
                payload["failed"] = json!(&*failure.why);
                payload["attempts"] = json!(self.task.attempts);
                "task.failed"
            }
            None if written.did.is_empty() => return Ok(None),
            None => "task.claimed",
        };
        let changes = vec![self.evidence(kind, payload)?];
        Ok(Some(Unit { expects: Vec::new(), changes }))
    }

    async fn give_only(&self, written: &mut Written) -> Result<(), Failure> {
        let account = self.account_ref()?;
        let Some(remote) = self.wired.writer.read(&account).await? else { return Ok(()) };
        self.goes_on()?;
        Convergence { job: self }.is_ours(&remote)?;
        if remote.enabled {
            Convergence { job: self }.grant(&account, &remote, written).await;
        }
        Ok(())
    }
}

/// Whether something is due on the account of a held task that was not seen there yet.
fn is_waiting(subject: &StoredSubject, task: &Task) -> bool {
    let mut accounts = subject.accounts.iter();
    let is_on = accounts.any(|a| a.key == task.account && a.target.state == AccountState::Enabled);
    let due = |g: &tenure_model::Grant| g.account == task.account && g.holding == Holding::Ordered;
    is_on && subject.grants.iter().any(due)
}
