//! Work that waited for a scan continues once the scan shows what it needs.

use super::Reconciliation;
use super::snapshot::{Scope, Snapshot};
use crate::AppError;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::RemoteAccount;
use tenure_engine::account_name;
use tenure_model::{IdentityId, SystemName, Task, TaskKind, TaskState};
use tenure_store::{Change, Expect, StoredSubject, Unit, UnlinkedAccount};

/// Tasks that are read together.
const TASKS_AT_ONCE: u32 = 2_048;
/// Identities whose work is read together.
const CHUNK: usize = 512;

impl Reconciliation<'_> {
    /// After a scan: tries work again that needs a person and that the system no longer prevents. Returns the number of tasks.
    pub(crate) async fn put_back(&self, scope: &Scope<'_>, seen: &Snapshot) -> Result<u64, AppError> {
        let waits = |t: &Task| {
            t.account.system == *scope.name
                && t.kind != TaskKind::Manual
                && matches!(t.state, TaskState::NeedsPerson { .. })
        };
        let (mut tasks, mut after) = (Vec::new(), None);
        loop {
            let some = self.app.store.tasks_after(after, TASKS_AT_ONCE).await?;
            let Some(last) = some.last() else { break };
            after = Some(last.id);
            tasks.extend(some.into_iter().filter(waits));
        }
        let ids: Vec<IdentityId> =
            tasks.iter().map(|t| t.identity).collect::<BTreeSet<_>>().into_iter().collect();
        let mut subjects: BTreeMap<IdentityId, StoredSubject> = BTreeMap::new();
        for some in ids.chunks(CHUNK) {
            subjects.extend(self.app.stored().readable(some).await?.into_iter().map(|s| (s.identity.id, s)));
        }
        let by_name: BTreeMap<&Arc<str>, &RemoteAccount> =
            seen.accounts.values().map(|a| (&a.name, a)).collect();
        let asked = self.app.stored().unlinked(scope.name, true).await?;
        let open = |task: &Task| {
            let about = |u: &&UnlinkedAccount| u.kind == task.account.kind;
            asked.iter().filter(about).flat_map(|u| &u.candidates).any(|(id, _)| *id == task.identity)
        };
        let may_go = |task: &Task| {
            let subject = subjects.get(&task.identity);
            !open(task) && subject.is_some_and(|s| is_free(scope, seen, &by_name, s, task))
        };
        let units: Vec<Unit> =
            tasks.into_iter().filter(may_go).map(|task| self.ready_again(task, Vec::new())).collect();
        if units.is_empty() {
            return Ok(0);
        }
        let outcomes = self.app.store.commit(units).await?;
        let count = outcomes.iter().filter(|outcome| outcome.is_committed()).count();
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }

    /// Tries the work of these people in a system again that needs a person.
    pub(crate) async fn put_back_for(
        &self,
        system: &SystemName,
        people: &BTreeSet<IdentityId>,
    ) -> Result<(), AppError> {
        let mut units = Vec::new();
        for id in people {
            let tasks = self.app.store.tasks(Some(*id), u32::MAX).await?.into_iter();
            let waits = |t: &Task| {
                t.account.system == *system
                    && t.kind != TaskKind::Manual
                    && matches!(t.state, TaskState::NeedsPerson { .. })
            };
            units.extend(tasks.filter(waits).map(|task| self.ready_again(task, Vec::new())));
        }
        if !units.is_empty() {
            self.app.store.commit(units).await?;
        }
        Ok(())
    }

    pub(crate) fn ready_again(&self, task: Task, more: Vec<Change>) -> Unit {
        // A newer decision refreshed the task otherwise, and an older generation never replaces a newer one.
        let expects = vec![Expect::TaskIs(Box::new(task.clone()))];
        let state = TaskState::Ready { not_before: self.app.machine.clock.now() };
        let again = Change::PutTask(Task { attempts: 0, contradictions: 0, state, ..task });
        Unit { expects, changes: [again].into_iter().chain(more).collect() }
    }
}

/// Whether the system shows that work can continue: the intended account exists, or its name is free.
fn is_free(
    scope: &Scope<'_>,
    seen: &Snapshot,
    by_name: &BTreeMap<&Arc<str>, &RemoteAccount>,
    subject: &StoredSubject,
    task: &Task,
) -> bool {
    let Some(account) = subject.accounts.iter().find(|a| a.key == task.account) else { return false };
    if let Some(external_id) = &account.external_id {
        return seen.complete || seen.accounts.contains_key(external_id);
    }
    let name = account_name(scope.system, &subject.identity, account);
    seen.complete && name.is_some_and(|n| !by_name.contains_key(n))
}
