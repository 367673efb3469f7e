//! One error for all systems: what sort, whether to try again, and in which words.

use jiff::SignedDuration;
use std::fmt;
use std::sync::Arc;

/// What sort of failure it was. Connectors classify foreign errors into these in one function each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The system cannot be reached or broke off.
    Unreachable,
    /// It did not answer in time.
    TimedOut,
    /// Tenure's own login or permission was refused.
    Refused,
    /// The account is not there.
    NotFound,
    /// The account (or its name) is there already.
    Exists,
    /// The version moved: somebody else wrote.
    Conflict,
    /// The system does not have the entitlement.
    UnknownEntitlement,
    /// The system did not accept the value.
    Invalid,
    /// The system asks for fewer calls.
    Throttled,
    /// The system cannot do this.
    Unsupported,
    /// A setting of the system's file is missing or wrong.
    Configuration,
    /// The system answered something that its protocol does not allow.
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

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Not without somebody changing something.
    Permanent,
    /// It may.
    Temporary,
    /// It may, after this long.
    Throttled(SignedDuration),
    /// Not before this long: it did not answer, and was not asked.
    LeftAlone(SignedDuration),
    /// Tenure's own access was refused: that is about the system and not about this call. Not at once, and until it answers.
    NoAccess,
    /// Tenure may not do this there. Not at once, and until somebody allows it.
    NotAllowed,
    /// Nobody knows whether the call took effect: read before writing again.
    UnknownOutcome,
}

/// A failed call.
#[derive(Debug, Clone)]
pub struct ConnectError {
    /// What sort.
    pub kind: ErrorKind,
    /// Whether to try again.
    pub status: Status,
    /// The operation (`grant`, `read`, …).
    pub operation: &'static str,
    /// What the system said, without secrets.
    pub message: Arc<str>,
}

impl ConnectError {
    /// An error of a kind with the status that the kind usually has.
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
    /// The same with another status.
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
