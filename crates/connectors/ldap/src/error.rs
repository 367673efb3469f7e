//! The only place where answers of the directory or the network become Tenure's kinds of error.

use ldap3::{LdapError, LdapResult};
use std::time::Duration;
use tenure_connect::{ConnectError, ErrorKind, Status};

/// What was in progress when a call failed: this determines whether the outcome is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// The connection was being opened: no request was sent yet.
    Nothing,
    /// A read.
    Read,
    /// A write.
    Write,
}

/// A failed call: the error, and the directory's own code for the few callers that expect one.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    /// The result code (RFC 4511, appendix A), if the directory answered at all.
    pub(crate) code: Option<u32>,
    /// Whether the connection can no longer be used.
    pub(crate) broken: bool,
    /// The error for all other callers. In a box, so that results stay small.
    pub(crate) error: Box<ConnectError>,
}

impl From<Failure> for ConnectError {
    fn from(failure: Failure) -> Self {
        *failure.error
    }
}

/// Result codes that callers check.
pub(crate) mod code {
    pub(crate) const COMPARE_FALSE: u32 = 5;
    pub(crate) const COMPARE_TRUE: u32 = 6;
    pub(crate) const REFERRAL: u32 = 10;
    pub(crate) const INSUFFICIENT_ACCESS: u32 = 50;
    pub(crate) const NO_SUCH_ATTRIBUTE: u32 = 16;
    pub(crate) const CONSTRAINT_VIOLATION: u32 = 19;
    pub(crate) const ATTRIBUTE_OR_VALUE_EXISTS: u32 = 20;
    pub(crate) const NO_SUCH_OBJECT: u32 = 32;
    pub(crate) const OBJECT_CLASS_VIOLATION: u32 = 65;
    pub(crate) const ENTRY_ALREADY_EXISTS: u32 = 68;
}

/// Classifies every failure of a call, except that no answer came in time ([`timed_out`]).
pub(crate) fn classify(operation: &'static str, sent: Sent, error: LdapError) -> Failure {
    match error {
        LdapError::LdapResult { result } => refused(operation, sent, &result),
        // The connection had ended before the call was passed to it, so nothing was sent.
        LdapError::OpSend { .. } => {
            broken(operation, Sent::Nothing, "the directory had closed the connection")
        }
        LdapError::Io { source } => match tls_error(&source) {
            Some(text) => plain(operation, ErrorKind::Configuration, &text),
            None => broken(operation, sent, &source.to_string()),
        },
        LdapError::Rustls { source } => plain(operation, ErrorKind::Configuration, &tls_text(&source)),
        LdapError::DNSName { .. } => plain(
            operation,
            ErrorKind::Configuration,
            "TLS needs a host name or an IPv4 address in `url`, as the server's certificate gives it",
        ),
        LdapError::ResultRecv { .. } | LdapError::EndOfStream | LdapError::IdScrubSend { .. } => {
            broken(operation, sent, "the directory broke the connection off")
        }
        LdapError::Timeout { .. } => broken(operation, sent, "the connection timed out"),
        other => plain(operation, ErrorKind::Protocol, &other.to_string()),
    }
}

/// No answer within the limit.
pub(crate) fn timed_out(operation: &'static str, sent: Sent, limit: Duration) -> Failure {
    let text = format!("the directory did not answer within {} s", limit.as_secs());
    let error = ConnectError::new(ErrorKind::TimedOut, operation, text).with_status(after(sent));
    Failure { code: None, broken: true, error: Box::new(error) }
}

fn after(sent: Sent) -> Status {
    if sent == Sent::Write { Status::UnknownOutcome } else { Status::Temporary }
}

fn broken(operation: &'static str, sent: Sent, text: &str) -> Failure {
    let error = ConnectError::new(ErrorKind::Unreachable, operation, text).with_status(after(sent));
    Failure { code: None, broken: true, error: Box::new(error) }
}

fn plain(operation: &'static str, kind: ErrorKind, text: &str) -> Failure {
    Failure { code: None, broken: false, error: Box::new(ConnectError::new(kind, operation, text)) }
}

/// The error of an untrusted certificate arrives inside an I/O error.
fn tls_error(source: &std::io::Error) -> Option<String> {
    source.get_ref()?.downcast_ref::<rustls::Error>().map(tls_text)
}

fn tls_text(error: &rustls::Error) -> String {
    use rustls::CertificateError as C;
    let hint = match error {
        rustls::Error::InvalidCertificate(C::NotValidForName | C::NotValidForNameContext { .. }) => {
            "; `url` must name the directory as its certificate does"
        }
        rustls::Error::InvalidCertificate(C::Expired | C::ExpiredContext { .. }) => {
            "; the directory needs a new certificate"
        }
        rustls::Error::InvalidCertificate(_) => {
            "; `ca` must name the PEM file of the authority that signed the directory's certificate"
        }
        _ => "",
    };
    format!("no secure connection: {error}{hint}")
}

/// The codes of RFC 4511, appendix A.2, RFC 4528 (122) and their meaning in OpenLDAP.
fn refused(operation: &'static str, sent: Sent, result: &LdapResult) -> Failure {
    use ErrorKind as K;
    let (kind, hint) = match result.rc {
        7 | 8 | 13 | 48 => (K::Configuration, "the directory does not accept this way to log in"),
        9 | 10 => (K::Configuration, "the directory refers to another server: name that one in `url`"),
        4 => (
            K::Configuration,
            "the directory limits answers for `bind_dn`: lower `page_size` or raise its limit",
        ),
        49 => (K::Refused, "`bind_dn` or `password` is wrong"),
        50 => (K::Refused, "`bind_dn` may not do this"),
        53 => (K::Refused, "the directory is unwilling"),
        3 => (K::TimedOut, "the directory's own time limit"),
        11 => (
            K::Configuration,
            "a limit of the directory for `bind_dn`: allow it paged results, or raise the limit",
        ),
        51 => (K::Throttled, "the directory is busy"),
        52 => (K::Unreachable, "the directory is not available"),
        32 => (K::NotFound, "there is no such entry"),
        68 => (K::Exists, "an entry of that name is there"),
        16 | 20 | 122 => (K::Conflict, "the entry was changed concurrently"),
        12 | 71 => (K::Unsupported, "the directory cannot do this"),
        17..=19 | 21 | 34 | 64..=67 | 69 => (K::Invalid, "the directory does not accept the value"),
        _ => (K::Protocol, "the directory failed"),
    };
    let status = match result.rc {
        3 | 11 | 52 => Status::Temporary,
        49 => Status::NoAccess,
        // A client that may not even read is refused as a whole.
        50 | 53 if sent == Sent::Write => Status::NotAllowed,
        50 | 53 => Status::NoAccess,
        // `other`: an internal failure of the server, which does not tell what it did before.
        80 => after(sent),
        _ => ConnectError::new(kind, operation, "").status,
    };
    let said = match result.text.as_str() {
        "" => String::new(),
        text => format!(": {text}"),
    };
    let text = format!("{hint} (LDAP result {}{said})", result.rc);
    let error = ConnectError::new(kind, operation, text).with_status(status);
    // After `unavailable` the server is about to close the connection.
    Failure { code: Some(result.rc), broken: result.rc == 52, error: Box::new(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(rc: u32, sent: Sent) -> (ErrorKind, Status) {
        let result =
            LdapResult { rc, matched: String::new(), text: String::new(), refs: vec![], ctrls: vec![] };
        let failure = classify("update", sent, LdapError::LdapResult { result });
        (failure.error.kind, failure.error.status)
    }

    #[test]
    fn result_codes_have_a_kind_and_a_status() {
        use ErrorKind as K;
        for (rc, kind, status) in [
            (3, K::TimedOut, Status::Temporary),
            (11, K::Configuration, Status::Temporary),
            (52, K::Unreachable, Status::Temporary),
            (49, K::Refused, Status::NoAccess),
            (50, K::Refused, Status::NotAllowed),
            (53, K::Refused, Status::NotAllowed),
            (32, K::NotFound, Status::Permanent),
            (68, K::Exists, Status::Permanent),
            (122, K::Conflict, Status::Temporary),
            (19, K::Invalid, Status::Permanent),
            (21, K::Invalid, Status::Permanent),
            (65, K::Invalid, Status::Permanent),
            (10, K::Configuration, Status::Permanent),
            (80, K::Protocol, Status::UnknownOutcome),
            (9999, K::Protocol, Status::Permanent),
        ] {
            assert_eq!(answer(rc, Sent::Write), (kind, status), "{rc}");
        }
        assert!(matches!(answer(51, Sent::Read), (K::Throttled, Status::Throttled(_))));
        assert_eq!(answer(80, Sent::Read).1, Status::Temporary);
        assert_eq!(answer(53, Sent::Read).1, Status::NoAccess);
    }

    #[test]
    fn only_a_write_that_was_sent_has_an_unknown_outcome() {
        for (sent, status) in [
            (Sent::Nothing, Status::Temporary),
            (Sent::Read, Status::Temporary),
            (Sent::Write, Status::UnknownOutcome),
        ] {
            let failure = classify("grant", sent, LdapError::EndOfStream);
            assert_eq!((failure.error.kind, failure.error.status), (ErrorKind::Unreachable, status));
            assert!(failure.broken);
            assert_eq!(timed_out("grant", sent, Duration::from_secs(1)).error.status, status);
        }
    }
}
