//! What every connector promises. One behaviour suite, gated by capability, holds each of them to it.

use crate::{ConnectError, ErrorKind, Operation, Secret};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{AttributeName, Kind, Value};

/// What a system can do, and its limits. Flat on purpose: a missing ability is a `false`, never a surprise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// One account can be read by native id or name.
    pub read: bool,
    /// All accounts can be listed, with proof of completeness.
    pub scan: bool,
    /// Only what changed since a cursor can be listed.
    pub scan_incremental: bool,
    /// Accounts can be created.
    pub create: bool,
    /// Attributes can be written.
    pub update: bool,
    /// The name of an account can be changed.
    pub rename: bool,
    /// Accounts can be made unusable and usable again, enforced by the system.
    pub disable: bool,
    /// Accounts can be removed.
    pub delete: bool,
    /// Entitlements can be given and taken.
    pub grant: bool,
    /// Entitlements can be listed.
    pub catalogue: bool,
    /// Writes can be made conditional on the version that was read.
    pub conditional: bool,
    /// Sessions can be listed and ended.
    pub sessions: bool,
    /// Credentials can be listed and revoked.
    pub credentials: bool,
    /// A password can be set, and it can be read when it was last changed.
    pub passwords: bool,
    /// The system makes a new secret of an account and keeps it where those find it who may know it.
    pub rotate: bool,
    /// Most accounts on one page of a scan; 0 where the system does not page.
    pub page_accounts_max: u32,
    /// Most calls at once.
    pub concurrency_max: u32,
    /// How long after a write a read by another connection may still show the old state.
    pub propagation: SignedDuration,
}

/// How an account is addressed: by the system's own stable id where it is known, else by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRef {
    /// The system's own stable id (entryUUID, SCIM `id`).
    pub native: Option<Arc<str>>,
    /// The name of the account (`uid`, `userName`).
    pub name: Arc<str>,
    /// The kind of account.
    pub kind: Kind,
}

/// An account to be created: unusable, without a usable password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// Its name.
    pub name: Arc<str>,
    /// Its kind.
    pub kind: Kind,
    /// What is written on it. Names are the system's attribute names, as declared in its file.
    pub attributes: BTreeMap<AttributeName, Value>,
}

/// A change of attributes: only what differs is written, what is not named stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The new value; `None` removes the attribute.
    pub attributes: BTreeMap<AttributeName, Option<Value>>,
    /// The new name of the account, where it changes.
    pub rename: Option<Arc<str>>,
    /// Write only if the account still has this version.
    pub if_version: Option<Arc<str>>,
}

/// An account as the system shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteAccount {
    /// The system's own stable id.
    pub native: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// Its kind, where the system tells kinds apart.
    pub kind: Kind,
    /// Whether it can be used now: what the system enforces, not what a label says.
    pub enabled: bool,
    /// The attributes that Tenure was told to look at.
    pub attributes: BTreeMap<AttributeName, Value>,
    /// What it holds directly: local names of entitlements.
    pub entitlements: BTreeSet<Arc<str>>,
    /// What it holds through other entitlements: local name and the path that leads there.
    pub indirect: BTreeMap<Arc<str>, Arc<str>>,
    /// The version for conditional writes (ETag, entryCSN).
    pub version: Option<Arc<str>>,
}

/// An entitlement of the system's catalogue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemoteEntitlement {
    /// Local name (what stands after the colon).
    pub name: Arc<str>,
    /// The system's own stable id.
    pub native: Arc<str>,
    /// What it is called there.
    pub title: Arc<str>,
}

/// An entitlement by its local name.
pub type EntitlementRef = Arc<str>;

/// One page of a scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Accounts on this page.
    pub accounts: Vec<RemoteAccount>,
    /// Entitlements within entitlements, by local name: the outer one, and the inner one that its holders hold by it. All
    /// pages of a scan together bring all of them, circles included.
    pub contains: BTreeSet<(Arc<str>, Arc<str>)>,
    /// Where the next page begins; `None` on the last page, which is the end marker of a complete scan.
    pub next: Option<Arc<str>>,
    /// How many accounts the system says there are in all, where it says so.
    pub total: Option<u64>,
}

/// The system answered, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Product and version, as far as the system tells.
    pub product: Arc<str>,
}

/// A write that the system accepted. It is a claim, never evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The stable id of the account.
    pub native: Arc<str>,
    /// Whether anything was written (`false`: it was so already).
    pub changed: bool,
}

/// A session that is open now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The system's id for it.
    pub native: Arc<str>,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
}

/// A credential that works for an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The system's id for it. Never the secret.
    pub native: Arc<str>,
    /// What it is (`password`, `key`, `token`, `certificate`).
    pub sort: Arc<str>,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
}

/// A downstream system. Connectors contain no retry, rate limit or tracing: layers wrap them.
///
/// For all operations: a system that cannot do it answers [`crate::ErrorKind::Unsupported`]; what is asked for and is so
/// already succeeds with `changed: false`; a read after a write shows it, at the latest after
/// [`Capabilities::propagation`].
#[async_trait]
pub trait Connector: Send + Sync {
    /// What the system can do. Needs no connection.
    fn capabilities(&self) -> Capabilities;

    /// Connects, logs in and asks for something small.
    async fn test(&self) -> Result<Health, ConnectError>;

    /// The instant at which what this connection reads was true, where that is not the moment of reading (an export
    /// that somebody uploaded); `None`: reads show the present. Ask before reading: the answer then never flatters.
    async fn as_of(&self) -> Result<Option<Timestamp>, ConnectError> {
        Ok(None)
    }

    /// One page of all accounts, from `cursor` (`None`: from the start). A complete scan ends with a page without `next`.
    async fn scan(&self, cursor: Option<Arc<str>>) -> Result<Page, ConnectError>;

    /// The catalogue of entitlements.
    async fn catalogue(&self) -> Result<Vec<RemoteEntitlement>, ConnectError>;

    /// One account; `None` is evidence of absence: the system was asked for exactly this account and has none.
    async fn read(&self, account: &AccountRef) -> Result<Option<RemoteAccount>, ConnectError>;

    /// Makes an account that cannot be used yet. One that is there already under this name is
    /// [`crate::ErrorKind::Exists`].
    async fn create(&self, account: &NewAccount) -> Result<Written, ConnectError>;

    /// Writes attributes and the name. An account that is not there is [`crate::ErrorKind::NotFound`] (as for enable, disable
    /// and grant); a version that moved is [`crate::ErrorKind::Conflict`]; a name that another account has is
    /// [`crate::ErrorKind::Exists`]; a reference to an account that is not there is [`crate::ErrorKind::Invalid`].
    async fn update(&self, account: &AccountRef, change: &Change) -> Result<Written, ConnectError>;

    /// Makes the account usable.
    async fn enable(&self, account: &AccountRef) -> Result<Written, ConnectError>;

    /// Makes the account unusable, by what the system enforces.
    async fn disable(&self, account: &AccountRef) -> Result<Written, ConnectError>;

    /// Removes the account. One that is gone succeeds with `changed: false`.
    async fn delete(&self, account: &AccountRef) -> Result<Written, ConnectError>;

    /// Gives an entitlement. One that the system does not have is [`crate::ErrorKind::UnknownEntitlement`].
    async fn grant(
        &self,
        account: &AccountRef,
        entitlement: &EntitlementRef,
    ) -> Result<Written, ConnectError>;

    /// Takes an entitlement away. What is not held succeeds with `changed: false`.
    async fn revoke(
        &self,
        account: &AccountRef,
        entitlement: &EntitlementRef,
    ) -> Result<Written, ConnectError>;

    /// Sessions that are open.
    async fn sessions(&self, account: &AccountRef) -> Result<Vec<Session>, ConnectError>;

    /// Ends all sessions; how many were ended.
    async fn end_sessions(&self, account: &AccountRef) -> Result<u64, ConnectError>;

    /// Credentials that work.
    async fn credentials(&self, account: &AccountRef) -> Result<Vec<Credential>, ConnectError>;

    /// Revokes all credentials; how many were revoked.
    async fn revoke_credentials(&self, account: &AccountRef) -> Result<u64, ConnectError>;

    /// Sets the password; the old one does not work any more.
    async fn set_password(&self, _: &AccountRef, _: &Secret) -> Result<Written, ConnectError> {
        Err(cannot(Operation::SetPassword))
    }

    /// When the password was last changed, by anybody; `None`: it has none, or the system did not say.
    async fn password_changed(&self, _: &AccountRef) -> Result<Option<Timestamp>, ConnectError> {
        Err(cannot(Operation::PasswordChanged))
    }

    /// Makes a new secret where the system keeps it; nobody is shown it, Tenure neither.
    async fn rotate(&self, _: &AccountRef) -> Result<Written, ConnectError> {
        Err(cannot(Operation::Rotate))
    }
}

fn cannot(operation: Operation) -> ConnectError {
    ConnectError::new(ErrorKind::Unsupported, operation.as_str(), "the system cannot do this")
}
