//! Puts work that waits for a person back into the queue: because somebody says so, or because a scan shows that it can go now.

use crate::authority::Target;
use crate::scan::{Scope, Seen};
use crate::{About, App, AppError, Moment, Operation, Refusal};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::RemoteAccount;
use tenure_engine::account_name;
use tenure_model::{IdentityId, SystemName, Task, TaskId, TaskKind, TaskState};
use tenure_store::{Change, StoredSubject, Unit, UnlinkedAccount};

/// Tasks that are looked at together.
const TASKS_AT_ONCE: u32 = 2_048;
/// Identities whose work is looked at together.
const CHUNK: usize = 512;

impl App {
    /// Tries work again that waits for a person or for its time, from the first attempt on. Nothing is decided by it: what was decided before
    /// is due still.
    ///
    /// # Errors
    /// When there is no such task, it is held by a brake, its owner does it by hand, or the actor would do it for
    /// their own account.
    pub async fn try_again(&self, id: TaskId, moment: &Moment) -> Result<(), AppError> {
        let task = self.store.task(id).await?;
        let unknown = || AppError::Unknown {
            what: "task",
            name: Arc::from(id.to_string()),
            hint: Arc::from(": `tenure case` lists open work"),
        };
        let task = task.ok_or_else(unknown)?;
        let refused = |why, text: String| Err(AppError::NotNow(why, Arc::from(text)));
        if task.kind == TaskKind::Manual {
            return refused(
                Refusal::ManualTask,
                format!("task {id} is done by hand: `tenure case --done {id}` says that it is done"),
            );
        }
        // What waits for its time goes at once too: the pause may be what is wrong.
        if let TaskState::Held { .. } = task.state {
            return refused(
                Refusal::HeldByBrake,
                format!("task {id} is held by the brake of its system: `tenure release` lets it go"),
            );
        }
        let subject = self.readable(&[task.identity]).await?.pop().ok_or_else(unknown)?;
        let target = Target::account(&subject, &task.account);
        let permit = self.permit(Operation::TryAgain, &target, moment).await?;
        let moment = permit.moment();
        let key = self.key_of(task.identity, subject.person_key.as_deref());
        let about = About {
            identity: key.as_ref().map(|k| (task.identity, k)),
            case: self.open_case(task.identity).await?,
            task: Some(id),
            account: Some(&task.account),
            entitlements: &crate::evidence::in_motion(&subject.grants, &task.account),
            ..About::default()
        };
        let payload = json!({ "v": 1, "account": task.account.to_string(), "generation": task.generation });
        let evidence = self.recorder(moment).evidence("task.again", about, payload)?;
        let changes =
            vec![self.ready_again(task), Change::BusinessTime(moment.now), Change::Append(evidence)];
        self.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(())
    }

    /// After a scan: work that waits for a person and that the system no longer stands in the way of is tried once more. How
    /// much there was of it.
    pub(crate) async fn put_back(&self, scope: &Scope<'_>, seen: &Seen) -> Result<u64, AppError> {
        let waits = |t: &Task| {
            t.account.system == *scope.name
                && t.kind != TaskKind::Manual
                && matches!(t.state, TaskState::NeedsPerson { .. })
        };
        let (mut tasks, mut after) = (Vec::new(), None);
        loop {
            let some = self.store.tasks_after(after, TASKS_AT_ONCE).await?;
            let Some(last) = some.last() else { break };
            after = Some(last.id);
            tasks.extend(some.into_iter().filter(waits));
        }
        let ids: Vec<IdentityId> =
            tasks.iter().map(|t| t.identity).collect::<BTreeSet<_>>().into_iter().collect();
        let mut subjects: BTreeMap<IdentityId, StoredSubject> = BTreeMap::new();
        for some in ids.chunks(CHUNK) {
            subjects.extend(self.readable(some).await?.into_iter().map(|s| (s.identity.id, s)));
        }
        let by_name: BTreeMap<&Arc<str>, &RemoteAccount> =
            seen.accounts.values().map(|a| (&a.name, a)).collect();
        let asked = self.store.unlinked_asked(scope.name).await?;
        let open = |task: &Task| {
            let about = |u: &&UnlinkedAccount| u.kind == task.account.kind;
            asked.iter().filter(about).flat_map(|u| &u.candidates).any(|(id, _)| *id == task.identity)
        };
        let may_go = |task: &Task| {
            let subject = subjects.get(&task.identity);
            !open(task) && subject.is_some_and(|s| is_free(scope, seen, &by_name, s, task))
        };
        let changes: Vec<Change> =
            tasks.into_iter().filter(may_go).map(|task| self.ready_again(task)).collect();
        let count = u64::try_from(changes.len()).unwrap_or(u64::MAX);
        if count > 0 {
            self.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        }
        Ok(count)
    }

    /// Work of these people in a system that waits for a person is tried once more.
    pub(crate) async fn put_back_for(
        &self,
        system: &SystemName,
        people: &BTreeSet<IdentityId>,
    ) -> Result<(), AppError> {
        let mut changes = Vec::new();
        for id in people {
            let tasks = self.store.tasks(Some(*id), u32::MAX).await?.into_iter();
            let waits = |t: &Task| {
                t.account.system == *system
                    && t.kind != TaskKind::Manual
                    && matches!(t.state, TaskState::NeedsPerson { .. })
            };
            changes.extend(tasks.filter(waits).map(|task| self.ready_again(task)));
        }
        if !changes.is_empty() {
            self.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        }
        Ok(())
    }

    fn ready_again(&self, task: Task) -> Change {
        let state = TaskState::Ready { not_before: self.machine.clock.now() };
        Change::PutTask(Task { attempts: 0, contradictions: 0, state, ..task })
    }
}

/// Whether the system showed that work can go on: the account is there as the one that was meant, or its name is free.
fn is_free(
    scope: &Scope<'_>,
    seen: &Seen,
    by_name: &BTreeMap<&Arc<str>, &RemoteAccount>,
    subject: &StoredSubject,
    task: &Task,
) -> bool {
    let Some(account) = subject.accounts.iter().find(|a| a.key == task.account) else { return false };
    if let Some(native) = &account.native {
        return seen.complete || seen.accounts.contains_key(native);
    }
    let name = account_name(scope.system, &subject.identity, account);
    seen.complete && name.is_some_and(|n| !by_name.contains_key(n))
}
