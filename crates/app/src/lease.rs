//! A job that one process does at a time: its lease is taken before it begins, kept by heartbeats, and given back when it ends.
//!
//! A job whose lease another process took over calls no system and commits nothing any more: each of its units depends on the lease
//! ([`LeasedStore`](crate::leased_store::LeasedStore)), and the worker asks before each call.

use crate::leased_store::Held;
use crate::{App, AppError, Machine, WorkRefusal};
use jiff::SignedDuration;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tenure_model::{SourceName, SystemName};
use tenure_store::Store;

/// How long a lease lasts without a heartbeat.
pub(crate) const JOB_LEASE: SignedDuration = SignedDuration::from_secs(60);
/// Time between heartbeats: a third of it.
const BEAT: Duration = Duration::from_secs(20);

/// A job that one process does at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Job<'a> {
    /// A pass.
    Pass,
    /// Reading one source.
    Feed(&'a SourceName),
    /// Reconciling one system.
    Reconcile(&'a SystemName),
    /// Making a configuration the active one.
    Apply,
}

impl fmt::Display for Job<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass => f.write_str("pass"),
            Self::Feed(source) => write!(f, "feed {source}"),
            Self::Reconcile(system) => write!(f, "reconcile {system}"),
            Self::Apply => f.write_str("apply"),
        }
    }
}

/// Takes the lease of a job.
///
/// # Errors
/// When another process has it, or the store fails.
pub(crate) async fn take(store: &dyn Store, machine: &Machine, job: Job<'_>) -> Result<Arc<Held>, AppError> {
    let owner = format!("{} {:016x}", machine.name, u64::from_be_bytes(machine.random()));
    let held = Held::new(Arc::from(job.to_string()), Arc::from(owner));
    if store.lease(&held.name, &held.owner, JOB_LEASE).await?.is_some() {
        return Ok(Arc::new(held));
    }
    Err(AppError::precondition(WorkRefusal::JobUnderWay {
        job: held.name.clone(),
        seconds: JOB_LEASE.as_secs().unsigned_abs(),
    }))
}

/// A job under its lease.
pub(crate) struct Leased {
    /// The application whose commits depend on the lease.
    pub(crate) app: App,
    held: Arc<Held>,
}

impl Leased {
    /// Does the work, with heartbeats beside it, and gives the lease back.
    pub(crate) async fn keep<T>(
        &self,
        work: impl Future<Output = Result<T, AppError>>,
    ) -> Result<T, AppError> {
        // On the heap: a pass is a large future, and it is inside of others.
        let mut work = Box::pin(work);
        let mut beat = tokio::time::interval(BEAT);
        // The first tick is at once: the lease was just taken.
        beat.tick().await;
        let done = loop {
            tokio::select! {
                done = &mut work => break done,
                _ = beat.tick() => self.beat().await,
            }
        };
        let given_back = match self.held.is_lost() {
            true => Ok(()),
            false => self.app.store.unlease(&self.held.name, &self.held.owner).await,
        };
        // What went wrong in the job says more than that its lease could not be given back.
        let done = done?;
        given_back?;
        Ok(done)
    }

    /// A store that fails now may work again before the lease ends; the next commit says so otherwise.
    async fn beat(&self) {
        match self.app.store.lease(&self.held.name, &self.held.owner, JOB_LEASE).await {
            Ok(Some(_)) => {}
            Ok(None) => {
                tracing::warn!(lease = %self.held.name, "another process took the lease over; this job stops");
                self.held.lose();
            }
            Err(error) => tracing::warn!(%error, lease = %self.held.name, "the lease could not be renewed"),
        }
    }
}

impl App {
    /// Takes the lease of a job. What the job does, it does by the application in it.
    pub(crate) async fn lease(&self, job: Job<'_>) -> Result<Leased, AppError> {
        let held = take(&*self.store, &self.machine, job).await?;
        Ok(Leased { app: self.under(held.clone()), held })
    }
}
