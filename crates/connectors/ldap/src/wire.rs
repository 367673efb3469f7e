//! Calls on one connection: each has a time limit, and each failure goes through the one classification.

use crate::entry::Entry;
use crate::error::{Failure, Sent, classify, code, timed_out};
use ldap3::controls::{Assertion, Control, ControlType, PagedResults, RawControl};
use ldap3::exop::PasswordModify;
use ldap3::{Ldap, LdapError, LdapResult, Mod, Scope, SearchResult};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tenure_connect::{ConnectError, ErrorKind};

/// Requests no attributes (RFC 4511, section 4.5.1.8).
pub(crate) const NO_ATTRIBUTES: &str = "1.1";

/// A connection, for one operation of the contract. Clones share the connection; calls run concurrently.
#[derive(Clone)]
pub(crate) struct Wire {
    ldap: Ldap,
    broken: Arc<AtomicBool>,
    limit: Duration,
    /// Whether parts on other servers are missed: the setting `referrals`.
    referrals_matter: bool,
    /// For errors: the operation of the caller.
    pub(crate) operation: &'static str,
}

/// What the directory returned for a search.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) entries: Vec<Entry>,
    /// Addresses of other servers that may have more results (search references, RFC 4511, section 4.5.3).
    pub(crate) elsewhere: Vec<String>,
}

impl Answer {
    /// Why something that is not among the entries may still exist.
    pub(crate) fn doubt(&self) -> Option<Arc<str>> {
        let first = self.elsewhere.first()?;
        Some(Arc::from(format!("the directory says that a part of it is elsewhere, at {first}")))
    }
}

/// The directory's answer about one value (RFC 4511, section 4.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compared {
    Equal,
    Different,
    /// The entry shows no value of the attribute.
    NoValue,
    /// No answer: the client has no permission, the entry is not visible, or it is on another server.
    Unsaid,
}

/// Parameters of a search.
pub(crate) struct Query<'a> {
    pub(crate) base: &'a str,
    pub(crate) scope: Scope,
    pub(crate) filter: String,
    pub(crate) attributes: Vec<String>,
}

impl Wire {
    pub(crate) fn new(ldap: Ldap, limit: Duration, referrals_matter: bool, operation: &'static str) -> Self {
        Self { ldap, broken: Arc::default(), limit, referrals_matter, operation }
    }

    /// The same connection for another operation; `None` if it can no longer be used.
    pub(crate) fn again(&self, operation: &'static str) -> Option<Self> {
        let mut wire = Self { operation, ..self.clone() };
        let usable = !wire.broken.load(Ordering::Relaxed) && !wire.ldap.is_closed();
        usable.then_some(wire)
    }

    /// An error of the present operation.
    pub(crate) fn error(&self, kind: ErrorKind, message: impl AsRef<str>) -> ConnectError {
        ConnectError::new(kind, self.operation, message)
    }

    /// Logs in with a name and a password.
    pub(crate) async fn bind(&self, dn: &str, password: &str) -> Result<(), Failure> {
        let mut ldap = self.ldap.clone();
        let result = self.run(Sent::Nothing, ldap.simple_bind(dn, password)).await?;
        self.done(Sent::Nothing, result).map(drop)
    }

    /// Logs in with the identity known to the operating system.
    pub(crate) async fn bind_external(&self) -> Result<(), Failure> {
        let mut ldap = self.ldap.clone();
        let result = self.run(Sent::Nothing, ldap.sasl_external_bind()).await?;
        self.done(Sent::Nothing, result).map(drop)
    }

    /// All entries that match. Subject to the directory's size limit for this client.
    pub(crate) async fn search(&self, query: Query<'_>) -> Result<Answer, Failure> {
        self.ask(query, None).await.map(|(answer, _)| answer)
    }

    /// Whether an entry has a value of an attribute, by the directory's own equality rules.
    pub(crate) async fn compare(&self, dn: &str, attribute: &str, value: &str) -> Result<Compared, Failure> {
        let mut ldap = self.ldap.clone();
        let result = self.run(Sent::Read, ldap.compare(dn, attribute, value)).await?.0;
        match result.rc {
            code::COMPARE_TRUE => Ok(Compared::Equal),
            code::COMPARE_FALSE => Ok(Compared::Different),
            code::NO_SUCH_ATTRIBUTE => Ok(Compared::NoValue),
            code::REFERRAL | code::INSUFFICIENT_ACCESS | code::NO_SUCH_OBJECT => Ok(Compared::Unsaid),
            _ => Err(self.noted(classify(self.operation, Sent::Read, LdapError::LdapResult { result }))),
        }
    }

    /// The entry of a name, if it exists and is visible.
    pub(crate) async fn entry(&self, dn: &str, attributes: Vec<String>) -> Result<Option<Entry>, Failure> {
        let query = Query { base: dn, scope: Scope::Base, filter: "(objectClass=*)".to_owned(), attributes };
        match self.search(query).await {
            Ok(answer) => Ok(answer.entries.into_iter().next()),
            Err(failure) if failure.code == Some(code::NO_SUCH_OBJECT) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// One page (RFC 2696) and the cookie of the next; no cookie after the last. OpenLDAP keeps the position of one paged search per
    /// connection, so a caller that reads several pages uses a separate connection.
    pub(crate) async fn page(
        &self,
        query: Query<'_>,
        size: i32,
        cookie: Vec<u8>,
    ) -> Result<(Answer, Vec<u8>), Failure> {
        let mut control: RawControl = PagedResults { size, cookie }.into();
        control.crit = true;
        let (answer, controls) = self.ask(query, Some(control)).await?;
        let cookie = controls.into_iter().find_map(|control| match control {
            Control(Some(ControlType::PagedResults), raw) if raw.val.is_some() => {
                Some(raw.parse::<PagedResults>().cookie)
            }
            _ => None,
        });
        Ok((answer, cookie.unwrap_or_default()))
    }

    async fn ask(
        &self,
        query: Query<'_>,
        control: Option<RawControl>,
    ) -> Result<(Answer, Vec<Control>), Failure> {
        let mut ldap = self.ldap.clone();
        if let Some(control) = control {
            ldap.with_controls(vec![control]);
        }
        let call = ldap.search(query.base, query.scope, &query.filter, query.attributes);
        let SearchResult(rows, result) = self.run(Sent::Read, call).await?;
        let result = self.done(Sent::Read, result)?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            let entry = Entry::read(row).ok_or_else(|| Failure {
                code: None,
                broken: true,
                error: Box::new(self.error(ErrorKind::Protocol, "the directory sent a malformed entry")),
            })?;
            entries.push(entry);
        }
        let elsewhere = if self.referrals_matter { result.refs } else { Vec::new() };
        Ok((Answer { entries, elsewhere }, result.ctrls))
    }

    /// Creates an entry.
    pub(crate) async fn add(&self, dn: &str, attributes: Vec<(String, Vec<String>)>) -> Result<(), Failure> {
        let mut ldap = self.ldap.clone();
        let attributes =
            attributes.into_iter().map(|(name, set)| (name, set.into_iter().collect())).collect();
        let result = self.run(Sent::Write, ldap.add(dn, attributes)).await?;
        self.done(Sent::Write, result).map(drop)
    }

    /// Changes an entry, all or nothing; with `only_if`, only while that filter matches it (RFC 4528).
    pub(crate) async fn modify(
        &self,
        dn: &str,
        changes: Vec<Mod<String>>,
        only_if: Option<&str>,
    ) -> Result<(), Failure> {
        let mut ldap = self.ldap.clone();
        assert(&mut ldap, only_if);
        let result = self.run(Sent::Write, ldap.modify(dn, changes)).await?;
        self.done(Sent::Write, result).map(drop)
    }

    /// Gives an entry a new relative name, in place or below another entry; the old one is not kept as a value.
    pub(crate) async fn rename(
        &self,
        dn: &str,
        relative: &str,
        below: Option<&str>,
        only_if: Option<&str>,
    ) -> Result<(), Failure> {
        let mut ldap = self.ldap.clone();
        assert(&mut ldap, only_if);
        let result = self.run(Sent::Write, ldap.modifydn(dn, relative, true, below)).await?;
        self.done(Sent::Write, result).map(drop)
    }

    /// Sets a password by the extended operation (RFC 3062): the directory hashes it and records the time.
    pub(crate) async fn set_password(&self, dn: &str, password: &str) -> Result<(), Failure> {
        let mut ldap = self.ldap.clone();
        let change = PasswordModify { user_id: Some(dn), old_pass: None, new_pass: Some(password) };
        let result = self.run(Sent::Write, ldap.extended(change)).await?;
        self.done(Sent::Write, result.1).map(drop)
    }

    /// Deletes an entry.
    pub(crate) async fn delete(&self, dn: &str) -> Result<(), Failure> {
        let mut ldap = self.ldap.clone();
        let result = self.run(Sent::Write, ldap.delete(dn)).await?;
        self.done(Sent::Write, result).map(drop)
    }

    async fn run<T>(
        &self,
        sent: Sent,
        call: impl Future<Output = Result<T, LdapError>>,
    ) -> Result<T, Failure> {
        let answer = tokio::time::timeout(self.limit, call).await;
        let failure = match answer {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => classify(self.operation, sent, error),
            // The connection may be broken, so the next call opens another one.
            Err(_) => timed_out(self.operation, sent, self.limit),
        };
        Err(self.noted(failure))
    }

    fn done(&self, sent: Sent, result: LdapResult) -> Result<LdapResult, Failure> {
        if result.rc == 0 {
            return Ok(result);
        }
        Err(self.noted(classify(self.operation, sent, LdapError::LdapResult { result })))
    }

    fn noted(&self, failure: Failure) -> Failure {
        if failure.broken {
            self.broken.store(true, Ordering::Relaxed);
        }
        failure
    }
}

fn assert(ldap: &mut Ldap, filter: Option<&str>) {
    if let Some(filter) = filter {
        let mut control = Assertion::new(filter);
        // Without this a directory may ignore the condition and write.
        control.crit = true;
        ldap.with_controls(vec![control]);
    }
}
