//! The contract of every connector. One behaviour suite, gated by capability, tests each of them.

use crate::{ConnectError, ErrorKind, Operation, Secret};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{AttributeName, Kind, Value};

/// What a system can do, and its limits. Flat on purpose: a missing capability is a `false`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// One account can be read by external id or name.
    pub read: bool,
    /// All accounts can be listed, with proof of completeness.
    pub scan: bool,
    /// Accounts can be created.
    pub create: bool,
    /// Attributes can be written.
    pub update: bool,
    /// The name of an account can be changed.
    pub rename: bool,
    /// Accounts can be disabled and enabled, enforced by the system.
    pub disable: bool,
    /// Accounts can be deleted.
    pub delete: bool,
    /// Entitlements can be granted and revoked.
    pub grant: bool,
    /// Entitlements can be listed.
    pub catalogue: bool,
    /// Writes can be made conditional on the version that was read.
    pub conditional: bool,
    /// Sessions can be listed and ended.
    pub sessions: bool,
    /// Credentials can be listed and revoked.
    pub credentials: bool,
    /// A password can be set, and the time of its last change can be read.
    pub passwords: bool,
    /// The system rotates an account's secret and stores it where authorised users find it.
    pub rotate: bool,
    /// Maximum number of accounts on one page of a scan; 0 if the system does not page.
    pub page_accounts_max: u32,
    /// Maximum number of concurrent calls.
    pub concurrency_max: u32,
    /// Calls per second that suit the protocol, if the system's file states nothing else; 0: no limit.
    pub calls_per_second: u32,
    /// How long after a write a read by another connection may still show the old state.
    pub propagation: SignedDuration,
}

/// How an account is addressed: by external id if known, else by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRef {
    /// The external id: the system's own stable id (entryUUID, SCIM `id`).
    pub external_id: Option<Arc<str>>,
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
    /// The attributes to write. Names are the system's attribute names, as declared in its file.
    pub attributes: BTreeMap<AttributeName, Value>,
}

/// A change of attributes: only differences are written, other attributes stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// The new value; `None` removes the attribute.
    pub attributes: BTreeMap<AttributeName, Option<Value>>,
    /// The new name of the account, if it changes.
    pub rename: Option<Arc<str>>,
    /// Write only if the account still has this version.
    pub if_version: Option<Arc<str>>,
    /// Whether the account is decided to be usable: a write of the whole account states this if the system does not show it. It does
    /// not enable or disable by itself.
    pub enabled: Option<bool>,
}

/// An account as the system shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteAccount {
    /// The external id.
    pub external_id: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// Its kind, if the system distinguishes kinds.
    pub kind: Kind,
    /// Whether it can be used now: what the system enforces, not what a label says.
    pub enabled: bool,
    /// The attributes that Tenure was configured to read.
    pub attributes: BTreeMap<AttributeName, Value>,
    /// What it holds directly: local names of entitlements.
    pub entitlements: BTreeSet<Arc<str>>,
    /// What it inherits from other entitlements: local name and the path.
    pub indirect: BTreeMap<Arc<str>, Arc<str>>,
    /// The version for conditional writes (ETag, entryCSN).
    pub version: Option<Arc<str>>,
    /// What could not be read of it.
    pub unread: Unread,
    /// Its place, if that is outside the places that a scan reads: it was moved there.
    pub outside: Option<Arc<str>>,
}

impl RemoteAccount {
    /// Whether it holds an entitlement, as far as it was read.
    #[must_use]
    pub fn holds(&self, entitlement: &str) -> Holds {
        if self.entitlements.contains(entitlement) {
            return Holds::Yes;
        }
        if let Some(path) = self.indirect.get(entitlement) {
            return Holds::Through(path.clone());
        }
        if let Some(why) = self.unread.of(entitlement) {
            return Holds::Unreadable(why.clone());
        }
        match self.entitlements.iter().find(|e| is_alike(e, entitlement)) {
            Some(other) => Holds::Unreadable(Arc::from(format!(
                "it holds `{other}`, which differs from `{entitlement}` only in how it is written"
            ))),
            None => Holds::No,
        }
    }
}

/// Whether two names differ only in letter case and blanks.
fn is_alike(a: &str, b: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    plain(a) == plain(b)
}

/// What could not be read of an account. It is not known: its absence proves nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unread {
    /// Why it is not known whether the account can be used; [`RemoteAccount::enabled`] is `true` then.
    pub enabled: Option<Arc<str>>,
    /// Entitlements for which it is not known whether they are held, by local name, and why.
    pub entitlements: BTreeMap<Arc<str>, Arc<str>>,
    /// Why it is not known whether the account holds entitlements that are not shown.
    pub others: Option<Arc<str>>,
}

impl Unread {
    /// Why it is not known whether an entitlement is held.
    #[must_use]
    pub fn of(&self, entitlement: &str) -> Option<&Arc<str>> {
        self.entitlements.get(entitlement).or(self.others.as_ref())
    }
}

/// Whether an account holds an entitlement, as a read of that entitlement shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// It does.
    Yes,
    /// It does, by inheritance: the path.
    Through(Arc<str>),
    /// It does not: the system was asked for exactly this and gave a readable answer.
    No,
    /// The system's answer cannot be read, and why.
    Unreadable(Arc<str>),
}

/// A part of the system that a scan did not see.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The entitlement whose holders are not all known, by local name; `None`: accounts, or any entitlement.
    pub entitlement: Option<Arc<str>>,
    /// What was found instead.
    pub why: Arc<str>,
}

/// An entitlement of the system's catalogue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemoteEntitlement {
    /// Local name (the part after the colon).
    pub name: Arc<str>,
    /// The external id.
    pub external_id: Arc<str>,
    /// Its display name there.
    pub title: Arc<str>,
}

/// An entitlement by its local name.
pub type EntitlementRef = Arc<str>;

/// One page of a scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Accounts on this page.
    pub accounts: Vec<RemoteAccount>,
    /// Nested entitlements, by local name: the outer one, and the inner one that its holders inherit. All pages of a scan together
    /// contain all of them, cycles included.
    pub contains: BTreeSet<(Arc<str>, Arc<str>)>,
    /// What the scan found and could not read: then it is not complete. Each page has its own.
    pub gaps: BTreeSet<Gap>,
    /// All entitlements that the scan found, by local name, once it has found all; `None`: the system does not list them.
    pub entitlements: Option<BTreeSet<Arc<str>>>,
    /// Where the next page begins; `None` on the last page, which is the end marker of a complete scan.
    pub next: Option<Arc<str>>,
    /// Total number of accounts, if the system states it.
    pub total: Option<u64>,
}

/// The system answered: its product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Product and version, as far as the system states them.
    pub product: Arc<str>,
}

/// A write that the system accepted. It is a claim, never evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The external id of the account.
    pub external_id: Arc<str>,
    /// Whether anything was written (`false`: the state was already as requested).
    pub changed: bool,
}

/// An account that was created, as the system showed it when it was read back under the requested name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// Its external id.
    pub external_id: Arc<str>,
    /// Whether it is usable already: some systems create no others. The caller disables it before anything else.
    pub usable: bool,
}

/// A session that is open now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The system's id for it.
    pub external_id: Arc<str>,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
}

/// A credential that works for an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The system's id for it. Never the secret.
    pub external_id: Arc<str>,
    /// Its kind (`password`, `key`, `token`, `certificate`).
    pub sort: Arc<str>,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
}

/// A downstream system. Connectors contain no retry, rate limit or tracing: layers wrap them.
///
/// For all operations: a system that cannot do it answers [`crate::ErrorKind::Unsupported`]; a request whose result already exists
/// succeeds with `changed: false`; a read after a write shows it, at the latest after [`Capabilities::propagation`].
#[async_trait]
pub trait Connector: Send + Sync {
    /// What the system can do. Needs no connection.
    fn capabilities(&self) -> Capabilities;

    /// Connects, logs in and makes a small request.
    async fn test(&self) -> Result<Health, ConnectError>;

    /// The instant at which the data read by this connection was true, if that is not the time of reading (an uploaded export);
    /// `None`: reads show the present. Call it before reading: then the answer is never too recent.
    async fn as_of(&self) -> Result<Option<Timestamp>, ConnectError> {
        Ok(None)
    }

    /// One page of all accounts, from `cursor` (`None`: from the start). A complete scan ends with a page without `next`.
    async fn scan(&self, cursor: Option<Arc<str>>) -> Result<Page, ConnectError>;

    /// The catalogue of entitlements.
    async fn catalogue(&self) -> Result<Vec<RemoteEntitlement>, ConnectError>;

    /// One account; `None` is evidence of absence: the system was asked for exactly this account and has none.
    async fn read(&self, account: &AccountRef) -> Result<Option<RemoteAccount>, ConnectError>;

    /// The accounts that show this value in this attribute, in any place: asked before an account is created, to find an existing one.
    /// An empty answer is evidence, as for [`Connector::read`]. By default the system cannot answer this.
    async fn find(&self, attribute: &AttributeName, _value: &str) -> Result<Vec<AccountRef>, ConnectError> {
        let why = format!("accounts cannot be looked up by `{attribute}`: a scan shows them");
        Err(ConnectError::new(crate::ErrorKind::Unsupported, "find", why))
    }

    /// Whether an account holds an entitlement, by a read of that entitlement itself if the system has one: this confirms a removal.
    /// By default what [`Connector::read`] shows.
    async fn holds(&self, account: &AccountRef, entitlement: &EntitlementRef) -> Result<Holds, ConnectError> {
        Ok(self.read(account).await?.map_or(Holds::No, |shown| shown.holds(entitlement)))
    }

    /// Creates an account that cannot be used yet, if the system can create such accounts. An existing account of this name is
    /// [`crate::ErrorKind::Exists`]; an answer about another account is [`crate::ErrorKind::Protocol`], and nothing is written to that
    /// one. The account is read back before this returns.
    async fn create(&self, account: &NewAccount) -> Result<Created, ConnectError>;

    /// Writes attributes and the name. A missing account is [`crate::ErrorKind::NotFound`] (as for enable, disable and grant); a
    /// changed version is [`crate::ErrorKind::Conflict`]; a name that another account has is [`crate::ErrorKind::Exists`]; a reference
    /// to a missing account is [`crate::ErrorKind::Invalid`].
    async fn update(&self, account: &AccountRef, change: &AccountChange) -> Result<Written, ConnectError>;

    /// Enables the account.
    async fn enable(&self, account: &AccountRef) -> Result<Written, ConnectError>;

    /// Disables the account, by a means that the system enforces.
    async fn disable(&self, account: &AccountRef) -> Result<Written, ConnectError>;

    /// Deletes the account. A missing one succeeds with `changed: false`.
    async fn delete(&self, account: &AccountRef) -> Result<Written, ConnectError>;

    /// Grants an entitlement. One that the system does not have is [`crate::ErrorKind::UnknownEntitlement`].
    async fn grant(
        &self,
        account: &AccountRef,
        entitlement: &EntitlementRef,
    ) -> Result<Written, ConnectError>;

    /// Revokes an entitlement. One that is not held succeeds with `changed: false`.
    async fn revoke(
        &self,
        account: &AccountRef,
        entitlement: &EntitlementRef,
    ) -> Result<Written, ConnectError>;

    /// Open sessions.
    async fn sessions(&self, account: &AccountRef) -> Result<Vec<Session>, ConnectError>;

    /// Ends all sessions; returns their number.
    async fn end_sessions(&self, account: &AccountRef) -> Result<u64, ConnectError>;

    /// Credentials that work.
    async fn credentials(&self, account: &AccountRef) -> Result<Vec<Credential>, ConnectError>;

    /// Revokes all credentials; returns their number.
    async fn revoke_credentials(&self, account: &AccountRef) -> Result<u64, ConnectError>;

    /// Sets the password; the old one no longer works.
    async fn set_password(&self, _: &AccountRef, _: &Secret) -> Result<Written, ConnectError> {
        Err(cannot(Operation::SetPassword))
    }

    /// When the password was last changed, by anyone; `None`: it has none, or the system did not say.
    async fn password_changed(&self, _: &AccountRef) -> Result<Option<Timestamp>, ConnectError> {
        Err(cannot(Operation::PasswordChanged))
    }

    /// Rotates the secret where the system stores it; it is shown to no one, not even to Tenure.
    async fn rotate(&self, _: &AccountRef) -> Result<Written, ConnectError> {
        Err(cannot(Operation::Rotate))
    }
}

fn cannot(operation: Operation) -> ConnectError {
    ConnectError::new(ErrorKind::Unsupported, operation.as_str(), "the system cannot do this")
}
