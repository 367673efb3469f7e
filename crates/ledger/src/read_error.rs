//! The error of readers that the caller supplies: the ledger does no I/O, so it cannot know what may fail there.

/// What a reader that the caller supplies may fail with; the ledger passes it on unchanged.
pub type ReadError = Box<dyn std::error::Error + Send + Sync>;
