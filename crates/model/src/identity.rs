//! A person or a non-human: engagements, standing decisions, and what `settle` is given of it.

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
    /// A program that runs by itself.
    Service,
    /// A program that decides by itself.
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
    /// Reads the configuration's word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text)
    }
}

/// What a source without authority over engagements says of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supplement {
    /// The source.
    pub source: SourceName,
    /// Its key there.
    pub key: RecordKey,
    /// What it gives for matching: kind of key and normalised value.
    pub keys: BTreeMap<Arc<str>, Arc<str>>,
    /// What it says.
    pub attributes: BTreeMap<AttributeName, Timeline<Value>>,
}

/// A person (one or more engagements) or a non-human identity (one engagement of type `custody`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its id.
    pub id: IdentityId,
    /// Row version: rises with every committed change; two changes never build on the same one.
    pub version: u64,
    /// What it is.
    pub kind: IdentityKind,
    /// Engagements in the order in which they became known.
    pub engagements: Vec<Engagement>,
    /// What other sources add.
    pub supplements: Vec<Supplement>,
    /// Names issued to it (`user_name` → `mmk1532`): never changed unasked, never issued to another.
    pub identifiers: BTreeMap<Arc<str>, Arc<str>>,
    /// Where its names come from, what they were, and what they are to become.
    pub naming: Naming,
    /// Requests, exceptions, emergencies, adoptions, overrides, cut-off.
    pub decisions: Decisions,
    /// Merged into another identity, which answers for it now.
    pub merged_into: Option<IdentityId>,
    /// What was known of it was erased, and what is left.
    pub erased: Option<Erased>,
}

/// What is left of an identity that was erased: nothing that says who it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// When.
    pub at: Timestamp,
    /// Sorted keyed hashes of the names that were issued to it and of its strong keys: who has the key can say whether a name was
    /// issued before and whether somebody was here before, and nobody can say more.
    pub marks: Vec<[u8; 32]>,
}

/// How a reference (manager, sponsor, owner, deputy) resolves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReferenceState {
    /// To an identity in a phase.
    Resolved {
        /// Whom.
        id: IdentityId,
        /// That identity's phase.
        phase: Phase,
        /// Whether that identity is cut off.
        cut_off: bool,
        /// The names issued to it, by which accounts point at it.
        identifiers: Arc<BTreeMap<Arc<str>, Arc<str>>>,
        /// The names of its accounts that are none of those, by system: they were adopted under them.
        accounts: Arc<BTreeMap<SystemName, Arc<str>>>,
    },
    /// The text matches nobody.
    Unresolved,
    /// The text matches several.
    Ambiguous,
    /// Following it leads back to the identity itself.
    Circular {
        /// Over whom; nobody where it names the identity itself.
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

/// The people whom owners' names mean, and whether each is here: not departed and not cut off.
pub type Owners = BTreeMap<OwnerName, Vec<(IdentityId, bool)>>;

/// All that `settle` may know of one identity: nothing else is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The identity.
    pub identity: Identity,
    /// Its references, resolved.
    pub references: Vec<Reference>,
    /// The owners of its exceptions.
    pub owners: Owners,
    /// The accounts it has or is to have.
    pub accounts: Vec<Account>,
    /// The grants it has or is to have, with the justifications that were last settled.
    pub grants: Vec<Grant>,
    /// What systems were seen to nest, as far as policy keeps anything of it apart.
    pub contained: Arc<Containment>,
    /// Every label of the change that is being decided.
    pub changes: BTreeSet<CaseLabel>,
    /// What brings the change about.
    pub provenance: Provenance,
    /// Reasons that took the place of others, each with the one before: a rule has another name.
    pub carried: BTreeMap<Reason, Reason>,
    /// Parts of the configuration whose authors count: those that the identity, or who counts as it, wrote, and all of them where
    /// another configuration is what brings the change about.
    pub authored: BTreeMap<ConfigPart, Authors>,
}

impl Subject {
    /// An identity that has nothing yet.
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
    /// Whether it was erased and nobody has come back to it.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.erased.is_some() && self.engagements.is_empty()
    }
    /// The engagement that a record of a source stands for.
    #[must_use]
    pub fn engagement_of(&self, source: &SourceName, key: &RecordKey) -> Option<&Engagement> {
        self.engagements.iter().rfind(|e| &e.source == source && &e.key == key)
    }
    /// The other names that are proposed, beside those that it has.
    pub fn proposed(&self) -> impl Iterator<Item = Renamed> + '_ {
        let renaming = self.naming.renaming.iter();
        renaming.flat_map(|r| &r.names).filter_map(|(name, to)| {
            let from = self.identifiers.get(name)?.clone();
            Some(Renamed { name: name.clone(), from, to: to.clone() })
        })
    }
    /// All names that are and were its own: what each is called, and the name.
    pub fn all_names(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>)> {
        let former = self.naming.former.iter().flat_map(|(name, all)| all.iter().map(move |f| (name, f)));
        self.identifiers.iter().chain(former)
    }
    /// Whether it is cut off at `now`.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.decisions.cut_off.is_some()
    }
    /// A hold that stops deletion and erasure at `now`.
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
