//! SQLite fulfils the contract of the port.
#![expect(clippy::expect_used, reason = "what a test cannot set up fails the test")]

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tenure_store::Store;
use tenure_store_sqlite::{Options, SqliteStore};
use tenure_testkit::store::Fixture;

/// A database in a folder of its own, and its clock.
struct Folder(TempDir, Arc<Mutex<Timestamp>>);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the database");
        Self(folder, Arc::new(Mutex::new(Timestamp::UNIX_EPOCH)))
    }
}

#[async_trait]
impl Fixture for Folder {
    async fn open(&self) -> Arc<dyn Store> {
        let clock = self.1.clone();
        let options = Options::by(move || *clock.lock().expect("the clock"));
        SqliteStore::open(&self.0.path().join("tenure.db"), &options).expect("the store opens")
    }

    async fn clock(&self, now: Timestamp) {
        *self.1.lock().expect("the clock") = now;
    }
}

tenure_testkit::store_conformance!(Folder::new());

/// The process that opens the database is the only one that works with it: it need not wait for what a dead one had.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_of_a_process_that_died_ends_when_the_database_is_opened() {
    let folder = Folder::new();
    let store = folder.open().await;
    let hour = SignedDuration::from_hours(1);
    assert!(store.lease("pass", "dead", hour).await.expect("it works").is_some());
    assert!(store.lease("pass", "next", hour).await.expect("it works").is_none());
    drop(store);
    assert!(folder.open().await.lease("pass", "next", hour).await.expect("it works").is_some());
}
