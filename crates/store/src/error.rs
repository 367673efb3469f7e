//! Errors of a store, distinguished by what the caller can do.

/// A failed store operation. "Not found" is `Ok(None)` or an empty list, never an error.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has this database open for writing.
    #[error("the database {path} is in use by process {pid}: stop it, or let it do the work")]
    InUse {
        /// Path of the database.
        path: String,
        /// The other process.
        pid: u32,
    },
    /// The database was written by a newer Tenure.
    #[error("the database has schema {found}, this program knows {known}: use the newer program")]
    TooNew {
        /// Version in the database.
        found: u32,
        /// Newest version known here.
        known: u32,
    },
    /// Stored bytes that cannot be read back: never guessed.
    #[error("stored {what} cannot be read: {why}")]
    Inconsistent {
        /// Table and key.
        what: String,
        /// What is wrong.
        why: String,
    },
    /// The database is not as durable as promised.
    #[error("the database does not sync its writes ({0}): refused")]
    NotDurable(String),
    /// The driver failed (disk full, I/O).
    #[error("the database failed: {0}")]
    Driver(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The named lease of a job was lost: another process took the job over.
    #[error("the lease of this job is lost: {0}; nothing was written after that")]
    LeaseLost(String),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

/// A stored row, or a value of it, that cannot be read: it is left out of results, and hides no other row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// Its table.
    pub table: &'static str,
    /// The key by which a person finds the row.
    pub key: String,
    /// What is wrong.
    pub why: String,
}
