//! What fails inside the adapter, before it is told to the application.

use rusqlite::ErrorCode;
use tenure_store::StoreError;

pub(crate) type Result<T> = std::result::Result<T, Fault>;

/// A failure of SQLite, or one that already is the store's.
#[derive(Debug)]
pub(crate) enum Fault {
    Sql(rusqlite::Error),
    /// The write would break a rule of the schema: the unit rests on something that is not so.
    Rule(String),
    Store(StoreError),
}

impl Fault {
    pub(crate) fn inconsistent(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Store(StoreError::Inconsistent { what: what.into(), why: why.into() })
    }
    /// The rule that a write would break, where that is what failed.
    pub(crate) fn rule(&self) -> Option<String> {
        match self {
            Self::Rule(why) => Some(why.clone()),
            Self::Sql(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                Some(error.to_string())
            }
            Self::Sql(_) | Self::Store(_) => None,
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Sql(error) => Self::Driver(Box::new(error)),
            Fault::Rule(why) => Self::Inconsistent { what: "a write".to_owned(), why },
            Fault::Store(error) => error,
        }
    }
}
