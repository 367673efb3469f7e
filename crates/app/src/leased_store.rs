//! The store as a job uses it: everything that it commits is committed only while the job holds its leases.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::Clock;
use jiff::{SignedDuration, Timestamp};
use tenure_model::Task;
use tenure_store::{Expect, Outcome, Store, StoreError, TasksOf, Unit};

/// A named lease that this process took for a job.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) name: Arc<str>,
    /// A name for this time only: a lost lease is never had again under it.
    pub(crate) owner: Arc<str>,
    lost: AtomicBool,
}

impl Held {
    pub(crate) fn new(name: Arc<str>, owner: Arc<str>) -> Self {
        Self { name, owner, lost: AtomicBool::new(false) }
    }

    /// What each unit of the job depends on.
    pub(crate) fn expected(&self) -> Expect {
        Expect::Lease(self.name.clone(), self.owner.clone())
    }

    pub(crate) fn lose(&self) {
        self.lost.store(true, Ordering::Release);
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }
}

/// The clock of the database.
pub(crate) struct DatabaseClock {
    pub(crate) store: Arc<dyn Store>,
    /// The clock of this process: one that goes on by pauses only may be the database's too.
    pub(crate) machine: Arc<dyn Clock>,
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        self.store.machine_time()
    }

    fn waited(&self, pause: SignedDuration) {
        self.machine.waited(pause);
    }
}

/// The store, and the leases of the job that uses it: none outside a job. Reads go to the store directly.
#[derive(Clone)]
pub(crate) struct LeasedStore {
    store: Arc<dyn Store>,
    held: Vec<Arc<Held>>,
}

impl From<Arc<dyn Store>> for LeasedStore {
    fn from(store: Arc<dyn Store>) -> Self {
        Self { store, held: Vec::new() }
    }
}

impl Deref for LeasedStore {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        &*self.store
    }
}

impl LeasedStore {
    /// The same store under one more lease.
    pub(crate) fn under(&self, held: Arc<Held>) -> Self {
        let held = self.held.iter().cloned().chain([held]).collect();
        Self { store: self.store.clone(), held }
    }

    /// Fails when a lease of the job is lost: asked before each call of a system.
    pub(crate) fn goes_on(&self) -> Result<(), StoreError> {
        match self.held.iter().find(|held| held.is_lost()) {
            Some(lost) => Err(StoreError::LeaseLost(format!("`{}` was taken over", lost.name))),
            None => Ok(()),
        }
    }

    /// Commits units, each only if the leases are still held.
    pub(crate) async fn commit(&self, mut units: Vec<Unit>) -> Result<Vec<Outcome>, StoreError> {
        self.goes_on()?;
        for unit in &mut units {
            unit.expects.splice(0..0, self.held.iter().map(|held| held.expected()));
        }
        let outcomes = self.store.commit(units).await?;
        let lost = outcomes.iter().find_map(|outcome| match outcome {
            Outcome::LeaseLost(why) => Some(why.to_string()),
            Outcome::Committed | Outcome::Moved(_) => None,
        });
        let Some(why) = lost else { return Ok(outcomes) };
        self.held.iter().for_each(|held| held.lose());
        Err(StoreError::LeaseLost(why))
    }

    /// Claims tasks, unless a lease is lost.
    pub(crate) async fn claim_of(
        &self,
        of: &TasksOf,
        owner: &str,
        lasting: SignedDuration,
        limit: u32,
    ) -> Result<Vec<Task>, StoreError> {
        self.goes_on()?;
        self.store.claim_of(of, owner, lasting, limit).await
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    /// Files that commit without the leases of a job, each with the reason.
    const AROUND: [(&str, &str); 5] = [
        ("configuration/activate.rs", "takes the lease of `apply` itself"),
        ("first_entry.rs", "before there is a configuration"),
        ("leased_store.rs", "adds the leases"),
        ("proof/checkpoint.rs", "signs what is committed; also before there is a configuration"),
        ("vault.rs", "makes the keys of a new database"),
    ];

    /// The files whose lines commit through another store than that of the application.
    fn around(folder: &Path, root: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            if entry.is_dir() {
                around(&entry, root, found);
            } else if commits_around(&std::fs::read_to_string(&entry).unwrap()) {
                found.insert(entry.strip_prefix(root).unwrap().to_string_lossy().into_owned());
            }
        }
    }

    fn commits_around(text: &str) -> bool {
        let takes = text.contains("store: &dyn Store") || text.contains("store: &Arc<dyn Store>");
        let commits = |line: &str| line.contains("store.commit(") && !line.contains("app.store.commit(");
        takes && text.lines().any(commits)
    }

    #[test]
    fn only_what_is_no_part_of_a_job_commits_without_its_leases() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut found = BTreeSet::new();
        around(&root, &root, &mut found);
        let listed: BTreeSet<String> = AROUND.iter().map(|(file, _)| (*file).to_owned()).collect();
        assert_eq!(found, listed);
        assert!(commits_around("async fn f(store: &dyn Store) {\n    store.commit(units).await\n}"));
        assert!(!commits_around("async fn f(&self) {\n    self.app.store.commit(units).await\n}"));
    }
}
