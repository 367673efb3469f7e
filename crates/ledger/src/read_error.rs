//! The error of readers supplied by the caller: the ledger does no I/O, so it does not know their failures.

/// The error of a reader supplied by the caller; the ledger passes it on unchanged.
pub type ReadError = Box<dyn std::error::Error + Send + Sync>;
