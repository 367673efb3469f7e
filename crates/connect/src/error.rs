//! One error for all systems: its kind, whether to retry, and a message.

use jiff::SignedDuration;
use std::fmt;
use std::sync::Arc;

/// The kind of failure. Each connector classifies foreign errors into these in one function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The system cannot be reached or closed the connection.
    Unreachable,
    /// It did not answer in time.
    TimedOut,
    /// Tenure's own login or permission was refused.
    Refused,
    /// The account does not exist.
    NotFound,
    /// The account (or its name) exists already.
    Exists,
    /// The version changed: another client wrote.
    Conflict,
    /// The system does not have the entitlement.
    UnknownEntitlement,
    /// The system did not accept the value.
    Invalid,
    /// The system requests fewer calls.
    Throttled,
    /// The system cannot do this.
    Unsupported,
    /// A setting of the system's file is missing or wrong.
    Configuration,
    /// The system's answer violates its protocol.
    Protocol,
}

impl ErrorKind {
    /// As shown to people; also the stable code of its page in `docs/errors/`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed-out",
            Self::Refused => "refused",
            Self::NotFound => "not-found",
            Self::Exists => "exists",
            Self::Conflict => "conflict",
            Self::UnknownEntitlement => "unknown-entitlement",
            Self::Invalid => "invalid",
            Self::Throttled => "throttled",
            Self::Unsupported => "unsupported",
            Self::Configuration => "configuration",
            Self::Protocol => "protocol",
        }
    }
}

/// Whether a retry can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Not before a person changes something.
    Permanent,
    /// It can.
    Temporary,
    /// It can, after this time.
    Throttled(SignedDuration),
    /// Not before this time: the system did not answer, and is not called.
    LeftAlone(SignedDuration),
    /// Tenure's own access was refused: this concerns the system, not this call. Not at once, and until the system accepts it again.
    NoAccess,
    /// Tenure may not do this there. Not at once, and until it is permitted.
    NotAllowed,
    /// It is not known whether the call took effect: read before writing again.
    UnknownOutcome,
}

/// A failed call.
#[derive(Debug, Clone)]
pub struct ConnectError {
    /// Its kind.
    pub kind: ErrorKind,
    /// Whether to retry.
    pub status: Status,
    /// The operation (`grant`, `read`, …).
    pub operation: &'static str,
    /// What the system said, without secrets.
    pub message: Arc<str>,
}

impl ConnectError {
    /// An error with the usual status of its kind.
    #[must_use]
    pub fn new(kind: ErrorKind, operation: &'static str, message: impl AsRef<str>) -> Self {
        let status = match kind {
            ErrorKind::Unreachable | ErrorKind::Conflict => Status::Temporary,
            ErrorKind::TimedOut => Status::UnknownOutcome,
            ErrorKind::Throttled => Status::Throttled(SignedDuration::from_secs(1)),
            _ => Status::Permanent,
        };
        Self { kind, status, operation, message: Arc::from(message.as_ref()) }
    }
    /// The same with a different status.
    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed ({}): {}", self.operation, self.kind.as_str(), self.message)
    }
}

impl std::error::Error for ConnectError {}
