//! What a use case can fail with: a stable code and words for the person who asked, and the cause for the log.

use super::Refusal;
use std::sync::Arc;
use tenure_store::StoreError;

/// A failed use case.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger's formats or keys failed.
    #[error("the ledger cannot be written: {0}")]
    Ledger(String),
    /// The ledger in the database is not what was signed.
    #[error("{0}")]
    Unproved(String),
    /// What is kept outside the database cannot be read or written.
    #[error("{0}")]
    Outside(String),
    /// What was asked for is not there.
    #[error("{what} `{name}` is not known{hint}")]
    Unknown {
        /// What sort of thing.
        what: &'static str,
        /// As given.
        name: Arc<str>,
        /// What to do.
        hint: Arc<str>,
    },
    /// A rule of Tenure forbids it.
    #[error("{1}")]
    Forbidden(Refusal, Arc<str>),
    /// It cannot be done as things stand.
    #[error("{1}")]
    NotNow(Refusal, Arc<str>),
    /// Others changed the same thing too often while this was decided.
    #[error("{0} changed concurrently while it was decided; try again")]
    Contended(Arc<str>),
}

impl AppError {
    /// A rule of Tenure forbids it.
    pub fn refused(why: Refusal, text: impl Into<Arc<str>>) -> Self {
        Self::Forbidden(why, text.into())
    }

    /// It cannot be done as things stand.
    pub fn precondition(why: Refusal, text: impl Into<Arc<str>>) -> Self {
        Self::NotNow(why, text.into())
    }

    /// Why it was refused, where it was.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Forbidden(why, _) | Self::NotNow(why, _) => Some(*why),
            _ => None,
        }
    }

    /// Whether it is about one stored record, and not about the store: it stops the work on no other.
    #[must_use]
    pub fn is_of_one_record(&self) -> bool {
        matches!(self, Self::Contended(_) | Self::Store(StoreError::Inconsistent { .. }))
    }

    /// The stable code of its page in `docs/errors/`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(StoreError::InUse { .. }) => "S001",
            Self::Store(StoreError::TooNew { .. }) => "S002",
            Self::Store(StoreError::NotDurable(_)) => "S003",
            Self::Store(_) => "S004",
            Self::Ledger(_) | Self::Unproved(_) => "L001",
            Self::Outside(_) => "L002",
            Self::Unknown { .. } => "A001",
            Self::Forbidden(..) => "A002",
            Self::NotNow(..) => "A003",
            Self::Contended(_) => "A004",
        }
    }
}

macro_rules! ledger_errors {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for AppError {
            fn from(e: $error) -> Self {
                Self::Ledger(e.to_string())
            }
        }
    )+};
}

ledger_errors!(
    tenure_ledger::EntryError,
    tenure_ledger::NoteError,
    tenure_ledger::CheckpointError,
    tenure_ledger::TreeError,
    tenure_ledger::tree::FrontierError,
    tenure_ledger::seal::SealError,
    tenure_ledger::commitment::OpeningError,
);
