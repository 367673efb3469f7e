//! Due work that has lost its task gets another one, with evidence: a decision that was not seen executed is never forgotten.

use super::Worker;
use crate::describe::by_hand;
use crate::{About, AppError, DecisionContext};
use serde_json::json;
use std::collections::BTreeSet;
use tenure_model::{
    Account, AccountState, Fact, FactState, Phase, Task, TaskId, TaskKind, TaskState, Urgency,
};
use tenure_policy::{Mode, System};
use tenure_store::{Change, Expect, StoredSubject, Unit};

/// Identities that are read together.
const CHUNK: u32 = 512;
/// Most open tasks of one identity that are read: three kinds of work for each of its accounts.
const TASKS_MAX: u32 = 10_000;

impl Worker<'_> {
    /// Gives tasks to accounts that were not seen as decided and have none, because the task was lost. Returns their number.
    pub(crate) async fn give_tasks_again(&self, moment: &DecisionContext) -> Result<u64, AppError> {
        let (mut given, mut after) = (0, None);
        loop {
            let ids = self.app.store.without_task(after, CHUNK).await?;
            let Some(last) = ids.last() else { return Ok(given) };
            after = Some(*last);
            let facts = self.app.store.facts(&ids).await?;
            let mut units = Vec::new();
            for subject in self.app.stored().readable(&ids).await? {
                let id = subject.identity.id;
                let tasks = self.app.store.tasks(Some(id), TASKS_MAX).await?;
                let worked: BTreeSet<_> = tasks.iter().map(|t| &t.account).collect();
                let lost = |a: &&Account| {
                    let of = facts.iter().filter(|f| f.identity == id && f.is_of(&a.key));
                    !worked.contains(&a.key) && is_owed(a, of)
                };
                for account in subject.accounts.iter().filter(lost) {
                    let Some(system) = self.app.context.setup.systems.get(&account.key.system) else {
                        continue;
                    };
                    // Accounts due to be created where rules match accounts to identities get their tasks after a scan.
                    if !(system.tells_holders() && crate::first_scan::is_to_be_made(account)) {
                        units.push(self.given_again(&subject, account, system, moment)?);
                    }
                }
            }
            given += u64::try_from(units.len()).unwrap_or(u64::MAX);
            if !units.is_empty() {
                self.app.store.commit(units).await?;
            }
        }
    }

    fn given_again(
        &self,
        subject: &StoredSubject,
        account: &Account,
        system: &System,
        moment: &DecisionContext,
    ) -> Result<Unit, AppError> {
        let id = subject.identity.id;
        let urgency = urgency(subject, account);
        let ends = urgency != Urgency::Normal;
        let acts = match system.mode {
            Mode::Enforce => true,
            Mode::EndOnly => ends,
            Mode::AddOnly => !ends,
            Mode::Observe => false,
        };
        let kind = self.app.work_kind(&system.name, !acts && urgency != Urgency::CutOff);
        let (ms, random) = self.app.machine.id();
        let task = Task {
            id: TaskId::new(ms, random),
            identity: id,
            account: account.key.clone(),
            kind,
            generation: account.generation,
            urgency,
            attempts: 0,
            // The lost task may have created it.
            uncertain_creates: 1,
            failed: None,
            contradictions: 0,
            // Whether a brake released the lost task is unknown: an end of all access passes, a partial one is counted.
            brake_passed: kind == TaskKind::Manual
                || urgency == Urgency::CutOff
                || subject.phase == Phase::Departed,
            state: match kind {
                TaskKind::Manual => TaskState::NeedsPerson { why: by_hand() },
                _ => TaskState::Ready { not_before: self.app.machine.clock.now() },
            },
        };
        let key = self.app.stored().key_of(id, subject.person_key.as_deref());
        let about = About {
            identity: key.as_ref().map(|k| (id, k)),
            task: Some(task.id),
            account: Some(&account.key),
            entitlements: &crate::evidence::in_motion(&subject.grants, &account.key),
            ..About::default()
        };
        let payload = json!({
            "v": 1, "account": account.key.to_string(), "generation": account.generation,
            "why": "it is decided and was not seen, and no task was open for it",
        });
        let evidence = self.app.recorder(moment).evidence("task.given-again", about, payload)?;
        let expects = vec![Expect::Version(id, subject.identity.version)];
        Ok(Unit { expects, changes: vec![Change::PutTask(task), Change::Append(evidence)] })
    }
}

/// Whether the state of an account must still be confirmed; not for what its system's owner accepted.
fn is_owed<'f>(account: &Account, mut facts: impl Iterator<Item = &'f Fact>) -> bool {
    let unseen = account.generation > 0 && account.confirmed != account.generation;
    unseen && !facts.any(|f| matches!(f.state, FactState::Accepted { .. }))
}

fn urgency(subject: &StoredSubject, account: &Account) -> Urgency {
    if subject.identity.is_cut_off() {
        Urgency::CutOff
    } else if subject.phase == Phase::Departed || account.target.state < AccountState::Enabled {
        Urgency::Removal
    } else {
        Urgency::Normal
    }
}
