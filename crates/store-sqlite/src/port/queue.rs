//! Tasks, claimed under leases.

use super::answer::{Result, mixed_up};
use crate::open::SqliteStore;
use crate::read::task;
use crate::write::{Answer, Work};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tenure_model::{IdentityId, SystemName, Task, TaskId};
use tenure_store::{Queue, TaskCounts, TasksOf};

#[async_trait]
impl Queue for SqliteStore {
    async fn claim(
        &self,
        owner: &str,
        lasting: SignedDuration,
        limit: u32,
        per_system: u32,
    ) -> Result<Vec<Task>> {
        let work = Work::Claim { owner: owner.into(), lasting, limit, per_system, of: None };
        match self.ask(work).await? {
            Answer::Tasks(tasks) => Ok(tasks),
            other => mixed_up(&other),
        }
    }

    async fn claim_of(
        &self,
        of: &TasksOf,
        owner: &str,
        lasting: SignedDuration,
        limit: u32,
    ) -> Result<Vec<Task>> {
        let (owner, of) = (owner.into(), Some(of.clone()));
        match self.ask(Work::Claim { owner, lasting, limit, per_system: limit, of }).await? {
            Answer::Tasks(tasks) => Ok(tasks),
            other => mixed_up(&other),
        }
    }

    async fn next_ready(&self, of: &TasksOf) -> Result<Option<Timestamp>> {
        let of = of.clone();
        self.readers.read(move |c| task::next_ready(c, &of)).await
    }

    async fn heartbeat(&self, owner: &str, tasks: &[TaskId], lasting: SignedDuration) -> Result<Vec<TaskId>> {
        match self.ask(Work::Heartbeat { owner: owner.into(), tasks: tasks.to_vec(), lasting }).await? {
            Answer::Lost(tasks) => Ok(tasks),
            other => mixed_up(&other),
        }
    }

    async fn braked(&self, system: &SystemName, limit: u32) -> Result<Vec<Task>> {
        let system = system.clone();
        self.readers.read(move |c| task::braked(c, &system, limit)).await
    }

    async fn task_counts(&self) -> Result<TaskCounts> {
        self.readers.read(task::task_counts).await
    }

    async fn task(&self, id: TaskId) -> Result<Option<Task>> {
        self.readers.read(move |c| task::open_task(c, id)).await
    }

    async fn tasks_after(&self, after: Option<TaskId>, limit: u32) -> Result<Vec<Task>> {
        self.readers.read(move |c| task::tasks_after(c, after, limit)).await
    }

    async fn tasks(&self, identity: Option<IdentityId>, limit: u32) -> Result<Vec<Task>> {
        self.readers.read(move |c| task::tasks(c, identity, limit)).await
    }
}
