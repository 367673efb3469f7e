//! The whole configuration and `tenure.toml`: what is not about one source, one system or one rule.

use super::{Entitlement, Policy, Source, System};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{
    AttributeName, CutOffClass, EntitlementName, SetupHash, SourceName, SystemName, ValueType,
};

/// A place in the configuration folder, for messages and `explain`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// Path within the folder, with forward slashes.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
}

/// The whole configuration of an organisation, immutable, identified by its content hash.
#[derive(Debug, Clone)]
pub struct SetUp {
    /// SHA-256 over the files, sorted by path, each with its length: the version that decisions refer to.
    pub hash: SetupHash,
    /// `tenure.toml`.
    pub settings: GlobalSettings,
    /// Declared attributes of engagements.
    pub attributes: BTreeMap<AttributeName, AttributeDecl>,
    /// Authoritative sources.
    pub sources: BTreeMap<SourceName, Source>,
    /// Downstream systems.
    pub systems: BTreeMap<SystemName, System>,
    /// The policy.
    pub policy: Policy,
}

/// `tenure.toml`: what is not about people.
#[derive(Debug, Clone)]
pub struct GlobalSettings {
    /// Name of the organisation; also the origin of the ledger.
    pub organisation: Arc<str>,
    /// Path of the database, relative to the configuration folder.
    pub database: Arc<str>,
    /// Folder for checkpoints outside the database, relative to the configuration folder.
    pub checkpoints: Arc<str>,
    /// Folder in which messages are placed for the local mail system, relative to the configuration folder.
    pub outbox: Arc<str>,
    /// The sender of messages.
    pub mail_from: Arc<str>,
    /// Reference to the key-encryption key (`env:NAME`, `file:/path`, `credential:name`).
    pub key_encryption_key: Arc<str>,
    /// Login of the operating system (its name, or `uid:N`) → person (by the value of `actor_key`).
    pub actors: BTreeMap<Arc<str>, Arc<str>>,
    /// The kind of strong key that identifies people in the configuration (actors, owners, groups).
    pub actor_key: Arc<str>,
    /// Named groups of people, by the value of `actor_key`.
    pub groups: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    /// The escalation group, which decides when no one else can: at least two people.
    pub last_resort: Arc<str>,
    /// Who may read the reason of a cut-off, in addition to the person who ordered it and the escalation group.
    pub cut_off_readers: Option<Arc<str>>,
    /// The classes of a cut-off after which approvals are asked for again once it is lifted.
    pub reapprove_after: BTreeSet<CutOffClass>,
    /// Who may cut off any identity at once, in addition to owners, managers and the escalation group.
    pub cut_off_by: Vec<Arc<str>>,
    /// Who may lift a cut-off, by reason class (`*`: any other); without an entry, the escalation group.
    pub lift_by: BTreeMap<Arc<str>, Arc<str>>,
    /// Who may run passes and apply configurations; `None`: any mapped identity.
    pub operators: Option<Arc<str>>,
    /// Who may read the ledger's openings and export it, in addition to the escalation group.
    pub auditors: Option<Arc<str>>,
    /// Whether `--as` may be used in a replay; in a live database it never is.
    pub allow_as: bool,
}

/// A declared attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeDecl {
    /// Its type.
    pub value_type: ValueType,
    /// If it refers to an identity: the kind of key of its text (`worker_number`, `name`).
    pub reference: Option<Arc<str>>,
    /// Whether a change of it makes a mover.
    pub moves: bool,
    /// Where it was declared.
    pub at: At,
}

impl GlobalSettings {
    /// The person that a login belongs to, by the value of `actor_key`: its entry by number, else the one by name.
    #[must_use]
    pub fn actor(&self, uid_key: &str, name: Option<&str>) -> Option<&Arc<str>> {
        self.actors.get(uid_key).or_else(|| self.actors.get(name?))
    }
}

impl SetUp {
    /// The declaration of an entitlement: the exact one, else its family.
    #[must_use]
    pub fn entitlement(&self, name: &EntitlementName) -> Option<&Entitlement> {
        self.systems.get(name.system_str())?.entitlement(name.local())
    }
}
