//! Systems that refuse Tenure's own access: this is one finding per system, not per task, and waiting work continues as soon
//! as the system answers again.

use super::Worker;
use super::task::{Failure, Job};
use crate::AppError;
use crate::finding_rows::OrganisationFinding;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::{ConnectError, ErrorKind, Status};
use tenure_model::{FindingDetail, FindingId, FindingKind, Name as _, SystemName, Task, TaskState};
use tenure_store::{Change, Expect, Unit};

/// Tasks that are read together.
const TASKS_AT_ONCE: u32 = 2_048;
/// Most findings that are searched.
const FINDINGS_MAX: u32 = 100_000;

/// An open refusal: of the connection, or of a write.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    system: SystemName,
    finding: FindingId,
    /// Whether only some writes are refused: reads prove nothing about them.
    of_writes: bool,
    /// Whether the system answers a small read again.
    answers: bool,
}

/// The subject of a finding about a refusal.
fn about(system: &SystemName, of_writes: bool) -> String {
    format!("{}{}", system.as_str(), if of_writes { " (writing)" } else { "" })
}

/// Whether a test was answered: an answer about the settings is no refusal.
fn answered<T>(test: Result<T, ConnectError>) -> bool {
    test.map_or_else(|e| e.status == Status::Permanent && e.kind != ErrorKind::Refused, |_| true)
}

impl Job<'_> {
    /// The finding that a system refused Tenure's access.
    pub(super) fn refusal(&self, failure: &Failure) -> Option<Change> {
        let (system, owner) = (&self.system.name, &self.system.owner);
        let (of, problem) = (system.clone(), Arc::from(failure.why.to_string()));
        let (of_writes, detail) = match failure.status {
            Status::NoAccess => (false, FindingDetail::AccessRefused { system: of, problem }),
            Status::NotAllowed => (true, FindingDetail::WritingRefused { system: of, problem }),
            _ => return None,
        };
        let looked = OrganisationFinding::new(about(system, of_writes), detail);
        Some(Change::PutFinding(looked.owned_by(owner).row(self.moment.now)))
    }
}

/// Whether a change is the finding of such a refusal.
pub(super) fn is_refusal(change: &Change) -> bool {
    matches!(change, Change::PutFinding(row) if row.finding.kind() == FindingKind::RefusedAccess)
}

impl Worker<'_> {
    /// Makes a small read in the systems that refused Tenure's access. What waits for one that answers again is tried at once.
    pub(super) async fn ask_refusing(&self) -> Result<Vec<Refusal>, AppError> {
        let rows = self.app.store.findings_about_the_whole(FINDINGS_MAX).await?.into_iter();
        let found: BTreeMap<String, FindingId> = rows
            .filter(|r| r.finding.kind() == FindingKind::RefusedAccess)
            .map(|r| (r.finding.about.to_string(), r.id))
            .collect();
        let mut refusals = Vec::new();
        if found.is_empty() {
            return Ok(refusals);
        }
        for system in self.app.context.setup.systems.keys() {
            for of_writes in [false, true] {
                let Some(finding) = found.get(&about(system, of_writes)).copied() else { continue };
                let answers = match self.app.systems.get(system) {
                    Some(wired) if !of_writes => answered(wired.reader.test().await),
                    _ => false,
                };
                refusals.push(Refusal { system: system.clone(), finding, of_writes, answers });
            }
        }
        let answering: BTreeSet<&SystemName> =
            refusals.iter().filter(|r| r.answers).map(|r| &r.system).collect();
        let now = self.app.machine.clock.now();
        let failed = self.failed_tasks(&answering).await?.into_iter();
        let at_once = failed.map(|task| Unit {
            expects: vec![Expect::TaskIs(Box::new(task.clone()))],
            changes: vec![Change::PutTask(Task { state: TaskState::Ready { not_before: now }, ..task })],
        });
        let units: Vec<Unit> = at_once.collect();
        if !units.is_empty() {
            self.app.store.commit(units).await?;
        }
        Ok(refusals)
    }

    /// Ends the findings about systems that refuse nothing any more. `refused`: those that did in this pass.
    pub(super) async fn end_refusals(
        &self,
        refusals: Vec<Refusal>,
        refused: &BTreeSet<FindingId>,
    ) -> Result<(), AppError> {
        let of_writes: BTreeSet<&SystemName> =
            refusals.iter().filter(|r| r.of_writes).map(|r| &r.system).collect();
        let failed: BTreeSet<SystemName> =
            self.failed_tasks(&of_writes).await?.into_iter().map(|t| t.account.system).collect();
        let over = refusals.iter().filter(|r| !refused.contains(&r.finding));
        let over = over.filter(|r| if r.of_writes { !failed.contains(&r.system) } else { r.answers });
        let changes: Vec<Change> = over.map(|r| Change::EndFinding(r.finding)).collect();
        if !changes.is_empty() {
            self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        }
        Ok(())
    }

    /// Tasks of these systems whose last attempt failed and that are scheduled for retry.
    async fn failed_tasks(&self, systems: &BTreeSet<&SystemName>) -> Result<Vec<Task>, AppError> {
        let (mut found, mut after) = (Vec::new(), None);
        while !systems.is_empty() {
            let some = self.app.store.tasks_after(after, TASKS_AT_ONCE).await?;
            let Some(last) = some.last() else { break };
            after = Some(last.id);
            let waits = |t: &Task| t.failed.is_some() && matches!(t.state, TaskState::Ready { .. });
            found.extend(some.into_iter().filter(|t| systems.contains(&t.account.system) && waits(t)));
        }
        Ok(found)
    }
}
