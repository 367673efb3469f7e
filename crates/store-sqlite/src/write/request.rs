//! Requests to the writer, and its answers after the commit.

use crate::prepare::Prepared;
use jiff::SignedDuration;
use std::sync::Arc;
use tenure_model::{Task, TaskId};
use tenure_store::{Lease, Outcome, StoreError, TasksOf};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// One request. Its answer is sent when its writes are synced.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) work: Work,
    pub(crate) reply: oneshot::Sender<Result<Answer, StoreError>>,
    /// Room in the queue, released with the answer.
    pub(crate) room: Option<OwnedSemaphorePermit>,
}

#[derive(Debug)]
pub(crate) enum Work {
    Units(Vec<Prepared>),
    Claim {
        owner: Arc<str>,
        lasting: SignedDuration,
        limit: u32,
        per_system: u32,
        of: Option<TasksOf>,
    },
    Heartbeat {
        owner: Arc<str>,
        tasks: Vec<TaskId>,
        lasting: SignedDuration,
    },
    Lease {
        name: Arc<str>,
        owner: Arc<str>,
        lasting: SignedDuration,
    },
    Unlease {
        name: Arc<str>,
        owner: Arc<str>,
    },
    /// Leave nothing deleted in the files.
    Scrub,
}

#[derive(Debug)]
pub(crate) enum Answer {
    Outcomes(Vec<Outcome>),
    Tasks(Vec<Task>),
    Lost(Vec<TaskId>),
    Lease(Option<Lease>),
    Done,
}

impl Work {
    /// Approximate number of changes that it writes.
    pub(crate) fn writes(&self) -> usize {
        match self {
            Self::Units(units) => units.iter().map(|unit| unit.writes.len()).sum(),
            Self::Claim { limit, .. } => usize::try_from(*limit).unwrap_or(usize::MAX),
            Self::Heartbeat { tasks, .. } => tasks.len(),
            Self::Lease { .. } | Self::Unlease { .. } | Self::Scrub => 1,
        }
    }
}
