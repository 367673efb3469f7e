//! The whole set-up and `tenure.toml`: what is not about one source, one system or one rule.

use super::{Entitlement, Policy, Source, System};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{
    AttributeName, CutOffClass, EntitlementName, SetupHash, SourceName, SystemName, ValueType,
};

/// Where something stands in the configuration folder, for messages and `explain`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// Path within the folder, with forward slashes.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
}

/// The whole set-up of an organisation, immutable, known by its content hash.
#[derive(Debug, Clone)]
pub struct SetUp {
    /// SHA-256 over the files, sorted by path, each with its length: the version that decisions name.
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
    /// Folder in which messages are laid for the local mail system, relative to the configuration folder.
    pub outbox: Arc<str>,
    /// From whom messages are.
    pub mail_from: Arc<str>,
    /// Reference to the key-encryption key (`env:NAME`, `file:/path`, `credential:name`).
    pub key_encryption_key: Arc<str>,
    /// Login of the operating system (its name, or `uid:N`) → person (by the value of `actor_key`).
    pub actors: BTreeMap<Arc<str>, Arc<str>>,
    /// The kind of strong key by which people are named in the set-up (actors, owners, groups).
    pub actor_key: Arc<str>,
    /// Named groups of people, by the value of `actor_key`.
    pub groups: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    /// The group that decides when nobody else is left: at least two people.
    pub last_resort: Arc<str>,
    /// Who reads why somebody is cut off, beside whoever ordered it and the last resort.
    pub cut_off_readers: Option<Arc<str>>,
    /// The classes of a cut-off after which what was agreed to is asked about again once it is lifted.
    pub reapprove_after: BTreeSet<CutOffClass>,
    /// Who may cut off anyone at once, beside owners, managers and the escalation group.
    pub cut_off_by: Vec<Arc<str>>,
    /// Who lifts a cut-off, by reason class (`*`: any other); without an entry, the escalation group.
    pub lift_by: BTreeMap<Arc<str>, Arc<str>>,
    /// Who runs passes and applies configurations; `None`: any mapped identity.
    pub operators: Option<Arc<str>>,
    /// Who reads the ledger's openings and exports it, beside the escalation group.
    pub auditors: Option<Arc<str>>,
    /// Whether `--as` may be used in a replay; in a live database it never is.
    pub allow_as: bool,
}

/// A declared attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeDecl {
    /// Its type.
    pub value_type: ValueType,
    /// Where it points at an identity: the kind of key that its text is (`worker_number`, `name`).
    pub reference: Option<Arc<str>>,
    /// Whether a change of it makes a mover.
    pub moves: bool,
    /// Where it was declared.
    pub at: At,
}

impl GlobalSettings {
    /// The person whom a login stands for, by the value of `actor_key`: its entry by number, else the one by name.
    #[must_use]
    pub fn actor(&self, uid_key: &str, name: Option<&str>) -> Option<&Arc<str>> {
        self.actors.get(uid_key).or_else(|| self.actors.get(name?))
    }
}

impl SetUp {
    /// The declaration of an entitlement: the exact one, else the family that it belongs to.
    #[must_use]
    pub fn entitlement(&self, name: &EntitlementName) -> Option<&Entitlement> {
        self.systems.get(name.system_str())?.entitlement(name.local())
    }
}
