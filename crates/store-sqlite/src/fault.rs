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
    /// A stored value that is not what its column holds.
    Value(String),
    Store(StoreError),
}

impl Fault {
    pub(crate) fn inconsistent(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Store(StoreError::Inconsistent { what: what.into(), why: why.into() })
    }
    /// Why a stored row cannot be read, where that is what failed.
    pub(crate) fn unreadable(&self) -> Option<String> {
        match self {
            Self::Value(why) => Some(why.clone()),
            Self::Store(StoreError::Inconsistent { what, why }) => Some(format!("{what}: {why}")),
            Self::Sql(_) | Self::Rule(_) | Self::Store(_) => None,
        }
    }
    /// The rule that a write would break, or the value that it would rest on and that cannot be read: one unit's own failure.
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
