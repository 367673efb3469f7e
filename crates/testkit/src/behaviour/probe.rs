//! The helper that every check works with: creates accounts, waits as long as the system states, and words what it saw.

use super::harness::Harness;
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tenure_connect::{
    AccountRef, Capabilities, ConnectError, Connector, ErrorKind, NewAccount, RemoteAccount, Written,
};
use tenure_model::{AttributeName, Value};
use tokio::time::{Instant, sleep};

/// How often a read is repeated within the time that the system states for its propagation.
const POLLS: u32 = 20;

/// Why a check stopped.
pub(crate) enum Stop {
    Failed(String),
    Skipped(String),
}

pub(crate) type Check = Result<(), Stop>;

/// A check of one behaviour.
pub(crate) type CheckFn = for<'a> fn(&'a Probe<'a>) -> BoxFuture<'a, Check>;

/// Stops a check with what was seen, unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($text:tt)+) => {
        if !$condition {
            return Err($crate::behaviour::probe::Stop::Failed(format!($($text)+)));
        }
    };
}
pub(crate) use ensure;

/// Says which call went wrong.
pub(crate) trait Calling<T> {
    fn calling(self, what: &str) -> Result<T, Stop>;
}

impl<T> Calling<T> for Result<T, ConnectError> {
    fn calling(self, what: &str) -> Result<T, Stop> {
        self.map_err(|e| Stop::Failed(format!("{what}: {e} ({:?})", e.status)))
    }
}

/// Two connections to the system under test and what it can do.
pub(crate) struct Probe<'a> {
    pub(crate) harness: &'a dyn Harness,
    pub(crate) writer: Arc<dyn Connector>,
    pub(crate) reader: Arc<dyn Connector>,
    pub(crate) can: Capabilities,
}

impl Probe<'_> {
    /// A name that only the suite uses; `tag` is different in every check.
    pub(crate) fn name(&self, tag: &str) -> Arc<str> {
        Arc::from(format!("{}-{tag}", self.harness.prefix()))
    }

    /// Addresses an account by name only.
    pub(crate) fn by_name(&self, name: &Arc<str>) -> AccountRef {
        AccountRef { external_id: None, name: name.clone(), kind: self.harness.kind() }
    }

    /// An account that was never made.
    pub(crate) fn absent(&self, tag: &str) -> AccountRef {
        self.by_name(&self.name(tag))
    }

    /// A new account of that name with what the system requires and these attributes.
    pub(crate) fn new_account(&self, name: &Arc<str>, more: &[(&AttributeName, Value)]) -> NewAccount {
        let mut attributes = self.harness.required(name);
        attributes.extend(more.iter().map(|(n, v)| ((*n).clone(), v.clone())));
        NewAccount { name: name.clone(), kind: self.harness.kind(), attributes }
    }

    /// Makes an account with attributes and waits until the reader sees it.
    pub(crate) async fn made_with(
        &self,
        tag: &str,
        more: &[(&AttributeName, Value)],
    ) -> Result<AccountRef, Stop> {
        let name = self.name(tag);
        self.made_named(&name, more).await
    }

    /// Makes an account of exactly that name and waits until the reader sees it.
    pub(crate) async fn made_named(
        &self,
        name: &Arc<str>,
        more: &[(&AttributeName, Value)],
    ) -> Result<AccountRef, Stop> {
        let new = self.new_account(name, more);
        let written = self.writer.create(&new).await.calling(&format!("creating `{name}`"))?;
        ensure!(!written.external_id.is_empty(), "creating `{name}` answered an empty external id");
        let account = AccountRef { external_id: Some(written.external_id), ..self.by_name(name) };
        // A system that creates no disabled accounts says so, and is told to disable the account before anything else.
        if written.usable {
            self.writer.disable(&account).await.calling(&format!("disabling the new `{name}`"))?;
        }
        self.sees(&account, "the new account", |_| true).await?;
        Ok(account)
    }

    /// Makes an account.
    pub(crate) async fn made(&self, tag: &str) -> Result<AccountRef, Stop> {
        self.made_with(tag, &[]).await
    }

    /// The account as the independent reader shows it now.
    pub(crate) async fn read(&self, account: &AccountRef) -> Result<Option<RemoteAccount>, Stop> {
        self.reader.read(account).await.calling(&format!("reading `{}`", account.name))
    }

    /// Waits, as long as the system states, until the reader shows the account in the `expected` state.
    pub(crate) async fn sees(
        &self,
        account: &AccountRef,
        expected: &str,
        holds: impl Fn(&RemoteAccount) -> bool + Send + Sync,
    ) -> Result<RemoteAccount, Stop> {
        let seen = self.until(account, |seen| seen.is_some_and(&holds)).await?;
        match seen {
            Some(seen) if holds(&seen) => Ok(seen),
            Some(seen) => Err(self.unseen(expected, &format!("{seen:?}"))),
            None => Err(self.unseen(expected, &format!("no account `{}`", account.name))),
        }
    }

    /// Waits, as long as the system states, until the reader shows no such account.
    pub(crate) async fn sees_none(&self, account: &AccountRef) -> Check {
        match self.until(account, |seen| seen.is_none()).await? {
            None => Ok(()),
            Some(seen) => Err(self.unseen(&format!("no account `{}`", account.name), &format!("{seen:?}"))),
        }
    }

    fn unseen(&self, expected: &str, seen: &str) -> Stop {
        let waited = self.can.propagation;
        Stop::Failed(format!("expected {expected}; the reader shows, {waited:#} after the write: {seen}"))
    }

    async fn until(
        &self,
        account: &AccountRef,
        holds: impl Fn(Option<&RemoteAccount>) -> bool + Send + Sync,
    ) -> Result<Option<RemoteAccount>, Stop> {
        let propagation = Duration::try_from(self.can.propagation).unwrap_or_default();
        let end = Instant::now() + propagation;
        loop {
            let late = Instant::now() >= end;
            let seen = self.read(account).await?;
            if late || holds(seen.as_ref()) {
                return Ok(seen);
            }
            sleep((propagation / POLLS).max(Duration::from_millis(1))).await;
        }
    }

    /// Checks that a write succeeded and said whether it changed anything.
    pub(crate) fn wrote(
        &self,
        what: &str,
        result: Result<Written, ConnectError>,
        changed: bool,
    ) -> Result<Written, Stop> {
        let written = result.calling(what)?;
        ensure!(written.changed == changed, "{what} answered changed: {}", written.changed);
        Ok(written)
    }

    /// Checks that a call failed, and how.
    pub(crate) fn failed<T: std::fmt::Debug>(
        &self,
        what: &str,
        result: Result<T, ConnectError>,
        kind: ErrorKind,
    ) -> Check {
        match result {
            Err(e) if e.kind == kind => Ok(()),
            Err(e) => Err(Stop::Failed(format!(
                "{what} failed as {}, not as {}: {e}",
                e.kind.as_str(),
                kind.as_str()
            ))),
            Ok(done) => {
                Err(Stop::Failed(format!("{what} succeeded ({done:?}) and should fail as {}", kind.as_str())))
            }
        }
    }

    /// The text attributes that the harness has, or a skip.
    pub(crate) fn texts<const N: usize>(&self) -> Result<[AttributeName; N], Stop> {
        let all = self.harness.text_attributes();
        let first: Vec<AttributeName> = all.into_iter().take(N).collect();
        first
            .try_into()
            .map_err(|_| Stop::Skipped(format!("the harness names fewer than {N} text attributes")))
    }

    /// The entitlements that the harness has, or a failure.
    pub(crate) fn entitlements(&self) -> Result<[Arc<str>; 2], Stop> {
        let first: Vec<Arc<str>> = self.harness.entitlements().into_iter().take(2).collect();
        first.try_into().map_err(|_| Stop::Failed("the harness names fewer than two entitlements".to_owned()))
    }
}

/// A change of attributes, without a rename and unconditional.
pub(crate) fn setting(all: &[(&AttributeName, Option<Value>)]) -> tenure_connect::AccountChange {
    let attributes: BTreeMap<_, _> = all.iter().map(|(n, v)| ((*n).clone(), v.clone())).collect();
    tenure_connect::AccountChange { attributes, ..Default::default() }
}
