//! Failures inside the adapter, before they are reported to the application.

use rusqlite::ErrorCode;
use tenure_store::StoreError;

pub(crate) type Result<T> = std::result::Result<T, Fault>;

/// A failure of SQLite, or one that is already the store's.
#[derive(Debug)]
pub(crate) enum Fault {
    Sql(rusqlite::Error),
    /// The write would violate a constraint of the schema: the unit depends on something that is not true.
    Rule(String),
    /// A stored value that is not valid for its column.
    Value(String),
    Store(StoreError),
}

impl Fault {
    pub(crate) fn inconsistent(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Store(StoreError::Inconsistent { what: what.into(), why: why.into() })
    }
    /// Why a stored row cannot be read, if that is what failed.
    pub(crate) fn unreadable(&self) -> Option<String> {
        match self {
            Self::Value(why) => Some(why.clone()),
            Self::Store(StoreError::Inconsistent { what, why }) => Some(format!("{what}: {why}")),
            Self::Sql(_) | Self::Rule(_) | Self::Store(_) => None,
        }
    }
    /// The constraint that a write would violate, or the unreadable value that it would depend on: a failure of this unit only.
    pub(crate) fn rule(&self) -> Option<String> {
        match self {
            Self::Rule(why) | Self::Value(why) => Some(why.clone()),
            Self::Sql(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                Some(error.to_string())
            }
            Self::Sql(_) | Self::Store(_) => None,
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        match error {
            E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::InvalidColumnType(..)
            | E::Utf8Error(..) => Self::Value(error.to_string()),
            error => Self::Sql(error),
        }
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
            Fault::Value(why) => Self::Inconsistent { what: "a value".to_owned(), why },
            Fault::Rule(why) => Self::Inconsistent { what: "a write".to_owned(), why },
            Fault::Store(error) => error,
        }
    }
}
