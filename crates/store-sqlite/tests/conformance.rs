//! SQLite fulfils the contract of the port.
#![expect(clippy::expect_used, reason = "what a test cannot set up fails the test")]

use async_trait::async_trait;
use std::sync::Arc;
use tempfile::TempDir;
use tenure_store::Store;
use tenure_store_sqlite::{Options, SqliteStore};
use tenure_testkit::store::Fixture;

/// A database in a folder of its own.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder for the database"))
    }
}

#[async_trait]
impl Fixture for Folder {
    async fn open(&self) -> Arc<dyn Store> {
        SqliteStore::open(&self.0.path().join("tenure.db"), &Options::default()).expect("the store opens")
    }
}

tenure_testkit::store_conformance!(Folder::new());
