//! A person or a non-human identity: engagements, individual decisions, and the input of `settle`.

use crate::{
    Account, AttributeName, Authors, CaseLabel, ConfigPart, Containment, Decisions, Engagement, EngagementId,
    Grant, Hold, IdentityId, Naming, Phase, Provenance, Reason, RecordKey, Renamed, SourceName, SystemName,
    Timeline, Value,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What an identity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityKind {
    /// A human.
    Person,
    /// A program without autonomous decisions.
    Service,
    /// A program that decides autonomously (an AI agent).
    Agent,
    /// An account that several people use.
    Shared,
}

impl IdentityKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Person, Self::Service, Self::Agent, Self::Shared];
    /// As written in configuration and shown to people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Service => "service",
            Self::Agent => "agent",
            Self::Shared => "shared",
        }
    }
    /// Reads the word used in configuration.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text)
    }
}

/// What a source without authority over engagements states about an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supplement {
    /// The source.
    pub source: SourceName,
    /// Its key there.
    pub key: RecordKey,
    /// What it states for matching: kind of key and normalised value.
    pub keys: BTreeMap<Arc<str>, Arc<str>>,
    /// What it states.
    pub attributes: BTreeMap<AttributeName, Timeline<Value>>,
}

/// A person (one or more engagements) or a non-human identity (one engagement of type `custody`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its id.
    pub id: IdentityId,
    /// Row version: increases with every committed change; two changes never build on the same one.
    pub version: u64,
    /// What it is.
    pub kind: IdentityKind,
    /// Engagements in the order in which they became known.
    pub engagements: Vec<Engagement>,
    /// What other sources add.
    pub supplements: Vec<Supplement>,
    /// Names issued to it (`user_name` → `mmk1532`): never changed without approval, never issued to another identity.
    pub identifiers: BTreeMap<Arc<str>, Arc<str>>,
    /// The inputs of its names, former names, and proposed ones.
    pub naming: Naming,
    /// Requests, exceptions, emergencies, adoptions, overrides, cut-off.
    pub decisions: Decisions,
    /// The identity that it was merged into, which replaces it.
    pub merged_into: Option<IdentityId>,
    /// What remains after its data was erased.
    pub erased: Option<Erased>,
}

/// What remains of an erased identity: nothing that identifies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// When.
    pub at: Timestamp,
    /// Sorted keyed hashes of its issued names and strong keys. With the key one can test whether a name was issued before and whether
    /// a person was here before, and nothing else.
    pub marks: Vec<[u8; 32]>,
}

/// How a reference (manager, sponsor, owner, deputy) resolves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReferenceState {
    /// To an identity in a phase.
    Resolved {
        /// The identity.
        id: IdentityId,
        /// That identity's phase.
        phase: Phase,
        /// Whether that identity is cut off.
        cut_off: bool,
        /// Who cut it off, and when.
        cut_by: Option<(IdentityId, Timestamp)>,
        /// The names issued to it, which accounts use to refer to it.
        identifiers: Arc<BTreeMap<Arc<str>, Arc<str>>>,
        /// Names of its adopted accounts that differ from its issued names, by system.
        accounts: Arc<BTreeMap<SystemName, Arc<str>>>,
    },
    /// The text matches no identity.
    Unresolved,
    /// The text matches several identities.
    Ambiguous,
    /// Following it leads back to the identity itself.
    Circular {
        /// The identities on the cycle; empty if it names the identity itself.
        among: Vec<IdentityId>,
    },
}

/// One reference of one engagement, resolved by the application before settling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The engagement that names it.
    pub engagement: EngagementId,
    /// The attribute that holds it.
    pub attribute: AttributeName,
    /// What the source wrote.
    pub text: Arc<str>,
    /// How it resolves.
    pub state: ReferenceState,
}

/// How an exception names its owner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwnerName {
    /// One identity: an exception by command.
    Identity(IdentityId),
    /// A name of the configuration: one person or `group:name`.
    Configured(Arc<str>),
}

/// The people that owners' names refer to, and whether each is available: not departed and not cut off.
pub type Owners = BTreeMap<OwnerName, Vec<(IdentityId, bool)>>;

/// The complete input of `settle` for one identity: nothing else is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The identity.
    pub identity: Identity,
    /// Its references, resolved.
    pub references: Vec<Reference>,
    /// The owners of its exceptions.
    pub owners: Owners,
    /// Its present and due accounts.
    pub accounts: Vec<Account>,
    /// Its present and due grants, with the justifications last settled.
    pub grants: Vec<Grant>,
    /// Nested entitlements observed in systems, as far as a separation rule concerns them.
    pub contained: Arc<Containment>,
    /// Every label of the change that is being decided.
    pub changes: BTreeSet<CaseLabel>,
    /// The cause of the change.
    pub provenance: Provenance,
    /// Reasons that replaced others, each with the previous one: a rule was renamed.
    pub carried: BTreeMap<Reason, Reason>,
    /// Parts of the configuration whose authors count: those written by the identity or by a person who counts as it; all parts if a
    /// new configuration is the cause of the change.
    pub authored: BTreeMap<ConfigPart, Authors>,
}

impl Subject {
    /// An identity without accounts, grants and references.
    #[must_use]
    pub fn new(identity: Identity) -> Self {
        Self {
            identity,
            references: Vec::new(),
            owners: Owners::new(),
            accounts: Vec::new(),
            grants: Vec::new(),
            contained: Arc::default(),
            changes: BTreeSet::new(),
            provenance: Provenance::default(),
            carried: BTreeMap::new(),
            authored: BTreeMap::new(),
        }
    }
}

impl Identity {
    /// A new identity without engagements.
    #[must_use]
    pub fn new(id: IdentityId, kind: IdentityKind) -> Self {
        Self {
            id,
            version: 0,
            kind,
            engagements: Vec::new(),
            supplements: Vec::new(),
            identifiers: BTreeMap::new(),
            naming: Naming::default(),
            decisions: Decisions::default(),
            merged_into: None,
            erased: None,
        }
    }
    /// Whether it was erased and the person has not come back.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.erased.is_some() && self.engagements.is_empty()
    }
    /// The engagement of a source's record.
    #[must_use]
    pub fn engagement_of(&self, source: &SourceName, key: &RecordKey) -> Option<&Engagement> {
        self.engagements.iter().rfind(|e| &e.source == source && &e.key == key)
    }
    /// The proposed renames.
    pub fn proposed(&self) -> impl Iterator<Item = Renamed> + '_ {
        let renaming = self.naming.renaming.iter();
        renaming.flat_map(|r| &r.names).filter_map(|(name, to)| {
            let from = self.identifiers.get(name)?.clone();
            Some(Renamed { name: name.clone(), from, to: to.clone() })
        })
    }
    /// All its present and former names: identifier and name.
    pub fn all_names(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>)> {
        let former = self.naming.former.iter().flat_map(|(name, all)| all.iter().map(move |f| (name, f)));
        self.identifiers.iter().chain(former)
    }
    /// Whether it is cut off at `now`.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.decisions.cut_off.is_some()
    }
    /// Who cut it off, and when.
    #[must_use]
    pub fn cut_by(&self) -> Option<(IdentityId, Timestamp)> {
        self.decisions.cut_off.as_ref().map(|cut| (cut.by, cut.at))
    }
    /// A hold in force at `now`.
    #[must_use]
    pub fn held(&self, now: Timestamp) -> Option<&Hold> {
        self.decisions.holds.iter().find(|h| h.is_on(now))
    }
    /// When it was cut off.
    #[must_use]
    pub fn cut_off_at(&self) -> Option<Timestamp> {
        self.decisions.cut_off.as_ref().map(|c| c.at)
    }
}
