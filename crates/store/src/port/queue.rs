//! Tasks, claimed under leases.

use crate::StoreError;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use tenure_model::{IdentityId, SystemName, Task, TaskId};

/// Numbers of tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskCounts {
    /// Ready now or later.
    pub ready: u64,
    /// Leased.
    pub leased: u64,
    /// Held by the brake of their system.
    pub held: u64,
    /// That need a person.
    pub needs_person: u64,
    /// The earliest `not_before` of a ready task.
    pub next: Option<Timestamp>,
}

/// Which tasks to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TasksOf {
    /// Those on a system.
    System(SystemName),
    /// Those on systems other than these.
    Elsewhere(BTreeSet<SystemName>),
    /// Those of an identity, on all systems.
    Identity(IdentityId),
}

/// Tasks, claimed under leases.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Claims ready tasks, most urgent and oldest first, for `owner` and for as long as `lasting`; expired leases are claimed again. The
    /// database's clock says what is ready and what has expired, never the caller's. At most `per_system` tasks of one system are leased
    /// at once. Each claim counts as an attempt: `attempts` increases by one, so that an
    /// attempt that died is counted; so do its `uncertain_creates`.
    async fn claim(
        &self,
        owner: &str,
        lasting: SignedDuration,
        limit: u32,
        per_system: u32,
    ) -> Result<Vec<Task>, StoreError>;
    /// The same for the tasks of one system or one identity only, without a share for each system.
    async fn claim_of(
        &self,
        of: &TasksOf,
        owner: &str,
        lasting: SignedDuration,
        limit: u32,
    ) -> Result<Vec<Task>, StoreError>;
    /// The earliest `not_before` of the ready tasks of one system or one identity.
    async fn next_ready(&self, of: &TasksOf) -> Result<Option<Timestamp>, StoreError>;
    /// Extends leases to `lasting` from now on, by the database's clock; returns those that are lost.
    async fn heartbeat(
        &self,
        owner: &str,
        tasks: &[TaskId],
        lasting: SignedDuration,
    ) -> Result<Vec<TaskId>, StoreError>;
    /// Open tasks of a system that have not passed its brake yet, by identity; at most `limit`.
    async fn braked(&self, system: &SystemName, limit: u32) -> Result<Vec<Task>, StoreError>;
    /// Numbers of tasks.
    async fn task_counts(&self) -> Result<TaskCounts, StoreError>;
    /// A task that is not done.
    async fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError>;
    /// Tasks that are not done, in id order after `after`, at most `limit`.
    async fn tasks_after(&self, after: Option<TaskId>, limit: u32) -> Result<Vec<Task>, StoreError>;
    /// Tasks that are not done, of one identity or all, most urgent first, at most `limit`.
    async fn tasks(&self, identity: Option<IdentityId>, limit: u32) -> Result<Vec<Task>, StoreError>;
}
