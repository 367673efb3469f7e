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
    /// Calls in a second that fit the protocol, where the system's file says nothing else; 0: as many as it takes.
    pub calls_per_second: u32,
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
    /// Whether the account is to be usable, as decided: what a write of the whole account states where the system does not
    /// show it. It switches nothing by itself.
    pub enabled: Option<bool>,
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
    /// What could not be read of it.
    pub unread: Unread,
    /// Where it is, where that is none of the places that a scan reads: it was moved there.
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

/// Whether two names differ only in capitals and blanks.
fn is_alike(a: &str, b: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    plain(a) == plain(b)
}

/// What could not be read of an account. It is not known then: absence of it proves nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unread {
    /// Why it is not known whether the account can be used; [`RemoteAccount::enabled`] is `true` then.
    pub enabled: Option<Arc<str>>,
    /// Entitlements of which it is not known whether they are held, by local name, and why.
    pub entitlements: BTreeMap<Arc<str>, Arc<str>>,
    /// Why it is not known of any entitlement that is not shown whether it is held.
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
    /// It does, through another entitlement: the path that leads there.
    Through(Arc<str>),
    /// It does not: the system was asked for exactly this and answered readably.
    No,
    /// What the system answers cannot be read, and why.
    Unreadable(Arc<str>),
}

/// A part of the system that a scan did not see.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The entitlement of which not all holders are known, by local name; `None`: accounts, or any entitlement.
    pub entitlement: Option<Arc<str>>,
    /// What was met instead.
    pub why: Arc<str>,
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
    /// What the scan met and could not read: it is not complete then. Each page brings its own.
    pub gaps: BTreeSet<Gap>,
    /// All entitlements that the scan has met, by local name, once it has met all; `None`: the system does not list them.
    pub entitlements: Option<BTreeSet<Arc<str>>>,
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

/// An account that was made, as the system showed it when it was read back under the name that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// Its stable id.
    pub native: Arc<str>,
    /// Whether it can be used already: a system that makes no other ones. The caller switches it off before anything else.
    pub usable: bool,
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

    /// The accounts that show this value in this attribute, wherever they are: before an account is made, whether there is one
    /// already. An empty answer is evidence, as for [`Connector::read`]. By default the system cannot be asked so.
    async fn find(&self, attribute: &AttributeName, _value: &str) -> Result<Vec<AccountRef>, ConnectError> {
        let why = format!("accounts cannot be looked up by `{attribute}`: a scan shows them");
        Err(ConnectError::new(crate::ErrorKind::Unsupported, "find", why))
    }

    /// Whether an account holds an entitlement, by a read of that entitlement itself where the system has one: what confirms
    /// a removal. By default what [`Connector::read`] shows.
    async fn holds(&self, account: &AccountRef, entitlement: &EntitlementRef) -> Result<Holds, ConnectError> {
        Ok(self.read(account).await?.map_or(Holds::No, |shown| shown.holds(entitlement)))
    }

    /// Makes an account that cannot be used yet, where the system can make one so. One that is there already under this name is
    /// [`crate::ErrorKind::Exists`]; an answer about another account is [`crate::ErrorKind::Protocol`], and nothing is written
    /// to that one. The account is read back before this returns.
    async fn create(&self, account: &NewAccount) -> Result<Created, ConnectError>;

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
