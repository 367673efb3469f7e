//! Errors of a use case: a stable code and words for the user, and the cause for the log.

use super::{Item, Refusal, RefusalDetail};
use serde_json::{Value, json};
use std::sync::Arc;
use tenure_model::Parameter;
use tenure_store::StoreError;
use tenure_store::codec::parameters_json;

/// A failed use case.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger's formats or keys failed.
    #[error("the ledger cannot be written: {0}")]
    Ledger(String),
    /// The ledger in the database is not the signed one.
    #[error("{0}")]
    Unproved(String),
    /// The data outside the database cannot be read or written.
    #[error("{0}")]
    Outside(String),
    /// The requested item does not exist.
    #[error("unknown {}: {name}", what.code())]
    Unknown {
        /// The kind of item.
        what: Item,
        /// As given.
        name: Arc<str>,
    },
    /// A text means several identities: it must say more.
    #[error("ambiguous: {name} matches {}", matches.len() + more)]
    Ambiguous {
        /// As given.
        name: Arc<str>,
        /// A line for each of the first matches.
        matches: Vec<Arc<str>>,
        /// Number of further matches.
        more: usize,
    },
    /// The operation ends access, erases or merges, and takes a key or an id: the text is a name.
    #[error("name only: {name} matches {}", matches.len() + more)]
    NameOnly {
        /// As given.
        name: Arc<str>,
        /// A line for each of the first matches.
        matches: Vec<Arc<str>>,
        /// Number of further matches.
        more: usize,
    },
    /// A rule of Tenure forbids it.
    #[error("{0}")]
    Forbidden(RefusalDetail),
    /// It is not possible in the present state.
    #[error("{0}")]
    PreconditionFailed(RefusalDetail),
    /// Concurrent changes interrupted the decision too often.
    #[error("{0} changed concurrently while it was decided; try again")]
    ConcurrentChange(Arc<str>),
}

impl AppError {
    /// A rule of Tenure forbids it.
    pub fn refused(detail: impl Into<RefusalDetail>) -> Self {
        Self::Forbidden(detail.into())
    }

    /// It is not possible in the present state.
    pub fn precondition(detail: impl Into<RefusalDetail>) -> Self {
        Self::PreconditionFailed(detail.into())
    }

    /// There is no such item.
    pub fn unknown(what: Item, name: impl Into<Arc<str>>) -> Self {
        Self::Unknown { what, name: name.into() }
    }

    /// The refusal with its parameters, if it is one.
    #[must_use]
    pub fn detail(&self) -> Option<&RefusalDetail> {
        match self {
            Self::Forbidden(detail) | Self::PreconditionFailed(detail) => Some(detail),
            _ => None,
        }
    }

    /// The reason of the refusal, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        self.detail().map(RefusalDetail::why)
    }

    /// For programs: the reason, the code and the parameters of what was refused or is unknown.
    #[must_use]
    pub fn detail_json(&self) -> Option<Value> {
        match self {
            Self::Unknown { what, name } => {
                let mut parameters = what.parameters();
                parameters.insert("name".into(), Parameter::Text(name.clone()));
                Some(json!({ "code": what.code(), "parameters": parameters_json(parameters) }))
            }
            other => other.detail().map(RefusalDetail::to_json),
        }
    }

    /// Whether it is about one stored record, and not about the store: work on other records continues.
    #[must_use]
    pub fn is_of_one_record(&self) -> bool {
        matches!(self, Self::ConcurrentChange(_) | Self::Store(StoreError::Inconsistent { .. }))
    }

    /// The stable code of its page in `docs/errors/`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(StoreError::InUse { .. }) => "S001",
            Self::Store(StoreError::TooNew { .. }) => "S002",
            Self::Store(StoreError::NotDurable(_)) => "S003",
            Self::Store(StoreError::LeaseLost(_)) => "S005",
            Self::Store(_) => "S004",
            Self::Ledger(_) | Self::Unproved(_) => "L001",
            Self::Outside(_) => "L002",
            Self::Unknown { .. } => "A001",
            Self::Ambiguous { .. } => "A008",
            Self::NameOnly { .. } => "A007",
            Self::Forbidden(..) => "A002",
            Self::PreconditionFailed(..) => "A003",
            Self::ConcurrentChange(_) => "A004",
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
