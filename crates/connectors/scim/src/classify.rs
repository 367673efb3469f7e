//! The only place where a foreign failure becomes an error of the contract.

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};
use tenure_connect::{ConnectError, ErrorKind, Status};
use tenure_scim::{ScimError, ScimType};

/// The pause if a service throttles without stating a readable one.
const THROTTLE: SignedDuration = SignedDuration::from_secs(5);

/// The message for a web page in place of an answer.
const PAGE: &str = "the service answered with a web page (to log in, or that it is not there now): check `url` and the token";

/// A failure in terms of HTTP.
pub(crate) enum Foreign {
    /// No answer.
    Network(reqwest::Error),
    /// A refusal.
    Answer {
        /// Status, type and message.
        error: ScimError,
        /// The requested pause, if the service states one.
        after: Option<SignedDuration>,
    },
    /// A web page: a login page, or the service is unavailable.
    Page,
    /// An answer that cannot be used.
    Unusable(String),
}

/// The purpose of the call; determines the meaning of a failure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About {
    /// The operation of the contract.
    pub(crate) operation: &'static str,
    /// Whether the call writes: then without an answer the outcome is unknown.
    pub(crate) write: bool,
    /// Whether a conflict (409) can only be about a name that is taken.
    pub(crate) names: bool,
}

impl About {
    /// A call that only reads.
    pub(crate) fn read(operation: &'static str) -> Self {
        Self { operation, write: false, names: false }
    }
    /// A call that writes.
    pub(crate) fn write(operation: &'static str) -> Self {
        Self { operation, write: true, names: false }
    }
    /// A call that writes a name which must be unique.
    pub(crate) fn named(operation: &'static str) -> Self {
        Self { operation, write: true, names: true }
    }
}

/// Kind and status of a failure.
pub(crate) fn classify(about: About, foreign: Foreign) -> ConnectError {
    match foreign {
        Foreign::Network(e) => network(about, &e),
        Foreign::Answer { error, after } => answer(about, &error, after),
        Foreign::Page => {
            ConnectError::new(ErrorKind::Refused, about.operation, PAGE).with_status(Status::NoAccess)
        }
        Foreign::Unusable(what) => ConnectError::new(ErrorKind::Protocol, about.operation, what),
    }
}

fn network(about: About, e: &reqwest::Error) -> ConnectError {
    let what = in_words(e);
    // Without a connection nothing was sent. Otherwise a write may have taken effect.
    let status = if about.write && !e.is_connect() { Status::UnknownOutcome } else { Status::Temporary };
    let kind = if e.is_timeout() { ErrorKind::TimedOut } else { ErrorKind::Unreachable };
    ConnectError::new(kind, about.operation, what).with_status(status)
}

fn answer(about: About, error: &ScimError, after: Option<SignedDuration>) -> ConnectError {
    let kind = match (error.status, error.scim_type) {
        (_, Some(ScimType::Uniqueness)) => ErrorKind::Exists,
        (409, _) if about.names => ErrorKind::Exists,
        (409 | 412, _) => ErrorKind::Conflict,
        (401 | 403, _) => ErrorKind::Refused,
        (404, _) => ErrorKind::NotFound,
        (405 | 501, _) | (_, Some(ScimType::InvalidFilter | ScimType::TooMany)) => ErrorKind::Unsupported,
        (429, _) => ErrorKind::Throttled,
        (503, _) if after.is_some() => ErrorKind::Throttled,
        (408, _) => ErrorKind::TimedOut,
        (400 | 413 | 414 | 422, _) => ErrorKind::Invalid,
        (300..=399, _) => ErrorKind::Configuration,
        (500..=599, _) => ErrorKind::Unreachable,
        _ => ErrorKind::Protocol,
    };
    let hint = match kind {
        ErrorKind::Configuration => {
            "; redirects are not followed, because the token would go with them: set `url` to the final address"
        }
        ErrorKind::Refused => "; check the token and what it may do",
        _ => "",
    };
    let scim_type = error.scim_type.map(|t| format!(" {}", t.as_str())).unwrap_or_default();
    let message = format!("the service answered {}{scim_type}: {}{hint}", error.status, short(&error.detail));
    let made = ConnectError::new(kind, about.operation, message);
    match (kind, error.status) {
        (ErrorKind::Refused, 403) if about.write => made.with_status(Status::NotAllowed),
        (ErrorKind::Refused, _) => made.with_status(Status::NoAccess),
        (ErrorKind::Throttled, _) => made.with_status(Status::Throttled(after.unwrap_or(THROTTLE))),
        // A gateway that gave up does not tell what the service behind it did.
        (_, 502 | 504 | 408) if about.write => made.with_status(Status::UnknownOutcome),
        (_, 408 | 500..=599) if kind != ErrorKind::Unsupported => made.with_status(Status::Temporary),
        _ => made,
    }
}

/// The pause requested by `Retry-After` (RFC 9110 §10.2.3): seconds, or a date, which is relative to the `Date` of the same answer
/// because the clocks of two machines differ.
pub(crate) fn retry_after(header: Option<&str>, date: Option<&str>) -> Option<SignedDuration> {
    let header = header?.trim();
    if let Ok(seconds) = header.parse::<u32>() {
        return Some(SignedDuration::from_secs(i64::from(seconds)));
    }
    let (then, now) = (dated(header)?, dated(date?)?);
    Some(now.duration_until(then).max(SignedDuration::ZERO))
}

/// An instant in HTTP format.
pub(crate) fn dated(header: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(header.trim()).ok()
}

/// A network failure with its causes; the URL is left out, because its filters contain people's names.
fn in_words(e: &reqwest::Error) -> String {
    let mut words =
        if e.is_connect() { "the service cannot be reached" } else { "the service broke off" }.to_owned();
    if e.is_timeout() {
        "the service did not answer in time".clone_into(&mut words);
    }
    let mut cause = std::error::Error::source(e);
    while let Some(c) = cause {
        words = format!("{words}: {c}");
        cause = c.source();
    }
    words
}

/// Maximum length of a service's own message that is passed on, in characters.
const DETAIL_CHARS_MAX: usize = 500;

fn short(detail: &str) -> String {
    detail.chars().filter(|c| !c.is_control()).take(DETAIL_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, scim_type: Option<ScimType>, about: About) -> (ErrorKind, Status) {
        let error = ScimError { status, scim_type, detail: String::new() };
        let e = classify(about, Foreign::Answer { error, after: None });
        (e.kind, e.status)
    }

    #[test]
    fn each_answer_has_a_kind_and_a_status() {
        let (read, write, named) = (About::read("read"), About::write("grant"), About::named("create"));
        let table = [
            (of(409, Some(ScimType::Uniqueness), write), (ErrorKind::Exists, Status::Permanent)),
            (of(400, Some(ScimType::Uniqueness), write), (ErrorKind::Exists, Status::Permanent)),
            (of(409, None, named), (ErrorKind::Exists, Status::Permanent)),
            (of(409, None, write), (ErrorKind::Conflict, Status::Temporary)),
            (of(412, None, write), (ErrorKind::Conflict, Status::Temporary)),
            (of(401, None, read), (ErrorKind::Refused, Status::NoAccess)),
            (of(403, None, read), (ErrorKind::Refused, Status::NoAccess)),
            (of(403, None, write), (ErrorKind::Refused, Status::NotAllowed)),
            (of(401, None, write), (ErrorKind::Refused, Status::NoAccess)),
            (of(404, None, read), (ErrorKind::NotFound, Status::Permanent)),
            (of(400, Some(ScimType::InvalidValue), write), (ErrorKind::Invalid, Status::Permanent)),
            (of(400, Some(ScimType::InvalidFilter), read), (ErrorKind::Unsupported, Status::Permanent)),
            (of(405, None, write), (ErrorKind::Unsupported, Status::Permanent)),
            (of(429, None, write), (ErrorKind::Throttled, Status::Throttled(THROTTLE))),
            (of(500, None, write), (ErrorKind::Unreachable, Status::Temporary)),
            (of(502, None, write), (ErrorKind::Unreachable, Status::UnknownOutcome)),
            (of(504, None, read), (ErrorKind::Unreachable, Status::Temporary)),
            (of(501, None, read), (ErrorKind::Unsupported, Status::Permanent)),
            (of(302, None, read), (ErrorKind::Configuration, Status::Permanent)),
            (of(418, None, read), (ErrorKind::Protocol, Status::Permanent)),
        ];
        for (n, (is, wanted)) in table.into_iter().enumerate() {
            assert_eq!(is, wanted, "row {n}");
        }
    }

    #[test]
    fn pauses_are_read_in_both_forms() {
        let at = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(retry_after(Some("120"), None), Some(SignedDuration::from_secs(120)));
        let later = retry_after(Some("Sun, 06 Nov 1994 08:50:07 GMT"), Some(at));
        assert_eq!(later, Some(SignedDuration::from_secs(30)));
        assert_eq!(retry_after(Some(at), Some("Sun, 06 Nov 1994 08:50:07 GMT")), Some(SignedDuration::ZERO));
        assert_eq!(retry_after(Some(at), None), None, "a date alone says nothing without a clock");
        assert_eq!(retry_after(Some("soon"), Some(at)), None);
    }
}
