//! What the store keeps, as the application sees it.

use crate::{Change, Expect};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_ledger::Draft;
use tenure_model::{
    Account, CaseId, CorrelationId, EngagementId, EntitlementName, FeedRunId, Finding, FindingId, Grant,
    HeldChangeId, Identity, IdentityId, Kind, NormalRecord, OrphanClass, Phase, RecordKey, RecordState,
    SetupHash, SourceName, SystemName,
};

/// An identity with what is kept beside it for finding it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRow {
    /// The identity. Its `version` is the version that this write makes.
    pub identity: Identity,
    /// What people call it (display name), for lists and look-up.
    pub title: Arc<str>,
    /// Its phase as last settled.
    pub phase: Phase,
    /// When to settle again.
    pub next: Option<Timestamp>,
    /// Keys by which it is found: strong keys and blocking keys.
    pub keys: Vec<Keyed>,
    /// Identities whose phase its settlement read.
    pub reads: Vec<IdentityId>,
    /// The class of each engagement, encoded by the policy; counted by `classes`.
    pub classes: Vec<(EngagementId, Arc<[u8]>)>,
    /// Its key for sealed openings, itself sealed. `None` leaves the stored one.
    pub person_key: Option<Arc<[u8]>>,
}

/// A key by which identities are found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Keyed {
    /// Kind of key (`worker_number`, `name`, `block`, …).
    pub kind: Arc<str>,
    /// Normalised value.
    pub value: Arc<str>,
}

/// A subject as stored, without its resolved references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSubject {
    /// The identity.
    pub identity: Identity,
    /// What people call it.
    pub title: Arc<str>,
    /// Its phase as last settled.
    pub phase: Phase,
    /// When it is settled again.
    pub next: Option<Timestamp>,
    /// Its accounts.
    pub accounts: Vec<Account>,
    /// Its grants, ended ones included.
    pub grants: Vec<Grant>,
    /// Its key for sealed openings, sealed.
    pub person_key: Option<Arc<[u8]>>,
}

/// One record of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// The source.
    pub source: SourceName,
    /// Its key.
    pub key: RecordKey,
    /// Whose it is, once known.
    pub identity: Option<IdentityId>,
    /// What became of it.
    pub state: RecordState,
    /// Digest of the raw row that `record` was made from.
    pub digest: [u8; 32],
    /// As last applied.
    pub taken: Option<NormalRecord>,
    /// As last read, where a brake or a question holds it.
    pub waiting: Option<NormalRecord>,
    /// The feed run that last changed it.
    pub run: FeedRunId,
}

/// What a feed needs to know of each record before it reads the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordIndexRow {
    /// The key.
    pub key: RecordKey,
    /// Digest of the raw row last looked at.
    pub digest: [u8; 32],
    /// What became of it.
    pub state: RecordState,
    /// Whose it is.
    pub identity: Option<IdentityId>,
}

/// A row that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineRow {
    /// The source.
    pub source: SourceName,
    /// The record's key, where it could be read; else `line N`.
    pub key: Arc<str>,
    /// Which of the things that are wrong with the row, from 0.
    pub nth: u32,
    /// The stable code of what is wrong, for example `R13`.
    pub code: Arc<str>,
    /// File, line, column.
    pub place: Arc<str>,
    /// The value, as read.
    pub value: Arc<str>,
    /// What is wrong and what to do.
    pub reason: Arc<str>,
    /// Since when the row is in quarantine.
    pub since: Timestamp,
    /// Whether an end may be hidden in it: then it is to be repaired within the hour.
    pub urgent: bool,
    /// The feed run that saw it last.
    pub run: FeedRunId,
}

/// How a feed ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedResult {
    /// All rows were looked at.
    Taken,
    /// Some of its changes are held by the brake.
    Held(HeldChangeId),
    /// Refused whole.
    Refused(Arc<str>),
}

/// One run of one feed: enough to prove completeness for a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedRunRow {
    /// Its id.
    pub id: FeedRunId,
    /// The source.
    pub source: SourceName,
    /// When (business time).
    pub at: Timestamp,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    /// When it was extracted, where the source says so.
    pub extracted: Option<Timestamp>,
    /// Rows read.
    pub rows: u64,
    /// Rows that changed something.
    pub changed: u64,
    /// Rows in quarantine.
    pub quarantined: u64,
    /// Known records that were not in it.
    pub missing: u64,
    /// How it ended.
    pub result: FeedResult,
}

/// A change that a brake holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldChangeRow {
    /// Its id.
    pub id: HeldChangeId,
    /// What tripped: `source hr` or `system directory`.
    pub scope: Arc<str>,
    /// Why, in words, with the numbers.
    pub reason: Arc<str>,
    /// Who answers for it.
    pub owner: Arc<str>,
    /// Since when.
    pub since: Timestamp,
    /// Until when somebody must have decided.
    pub deadline: Timestamp,
    /// Whom it is about, and in words what each would lose.
    pub people: Vec<(IdentityId, Arc<str>)>,
    /// Released (when, by whom), or dropped because nothing of it is left.
    pub ended: Option<(Timestamp, Arc<str>)>,
    /// Rises with every write: two who release at once cannot overwrite each other.
    pub revision: u64,
}

/// A question "same person?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrelationRow {
    /// Its id.
    pub id: CorrelationId,
    /// The record that waits.
    pub source: SourceName,
    /// Its key.
    pub key: RecordKey,
    /// Why it asks.
    pub reason: Arc<str>,
    /// Candidates with their likeness in percent.
    pub candidates: Vec<(IdentityId, u8)>,
    /// Since when.
    pub since: Timestamp,
    /// The answer: when, by whom, and which identity (`None`: somebody new).
    pub answer: Option<(Timestamp, IdentityId, Option<IdentityId>)>,
    /// Rises with every write: two who answer at once cannot overwrite each other.
    pub revision: u64,
}

/// A finding, about an identity, an account or a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingRow {
    /// Its id, which follows from whom and what it is about.
    pub id: FindingId,
    /// About whom.
    pub identity: Option<IdentityId>,
    /// About which system.
    pub system: Option<SystemName>,
    /// What.
    pub finding: Finding,
    /// Who deals with it, as the configuration names them; `None`: it follows from the kind.
    pub owner: Option<Arc<str>>,
    /// Until when; `None`: it follows from the kind.
    pub deadline: Option<Timestamp>,
    /// Since when.
    pub since: Timestamp,
}

/// An account of a system that belongs to nobody (or that nobody has said whose it is).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlinkedAccount {
    /// The system.
    pub system: SystemName,
    /// The system's own stable id.
    pub native: Arc<str>,
    /// Its name there.
    pub name: Arc<str>,
    /// Whether it can be used.
    pub enabled: bool,
    /// What it holds.
    pub entitlements: Vec<EntitlementName>,
    /// What it is, as far as anybody can say.
    pub class: OrphanClass,
    /// Who answers for it.
    pub owner: Arc<str>,
    /// Which of somebody's accounts it would be.
    pub kind: Kind,
    /// Whose it may be, with their likeness in percent: a person is asked while there are any.
    pub candidates: Vec<(IdentityId, u8)>,
    /// When a person said that it is nobody's, and who.
    pub said: Option<(Timestamp, IdentityId)>,
    /// When it was last seen.
    pub seen: Timestamp,
}

/// An entitlement within another one, as a scan of their system saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainmentRow {
    /// The one whose holders hold the other one by it.
    pub outer: EntitlementName,
    /// The other one, of the same system.
    pub inner: EntitlementName,
    /// Since when scans see it.
    pub since: Timestamp,
    /// When it was last seen.
    pub seen: Timestamp,
}

/// Somebody lost access: what brakes count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// `source hr` or `system directory`.
    pub scope: Arc<str>,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub identity: IdentityId,
}

/// What goes into the ledger with a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The entry, which gets its place and its links when it is numbered; nothing personal is in it.
    pub draft: Draft,
    /// Whose opening it has.
    pub identity: Option<IdentityId>,
    /// The case that it belongs to.
    pub case: Option<CaseId>,
    /// Whether it closes that case.
    pub closes: bool,
    /// The opening of its commitment, sealed under that identity's key.
    pub opening: Option<Arc<[u8]>>,
}

/// One entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafRow {
    /// Its number, from 0.
    pub index: u64,
    /// The entry.
    pub entry: Arc<[u8]>,
    /// Its leaf hash (RFC 9162 §2.1.1).
    pub leaf: [u8; 32],
    /// What its opening contributes to its commitment.
    pub inner: [u8; 32],
    /// How it hangs together with those before it (`Links` of the ledger).
    pub links: Arc<[u8]>,
    /// Shows that who has the key wrote it at this place.
    pub stamp: [u8; 32],
    /// Whose opening it has.
    pub identity: Option<IdentityId>,
    /// The sealed opening, unless erased.
    pub opening: Option<Arc<[u8]>>,
}

/// Where the ledger stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerHead {
    /// Number of entries.
    pub size: u64,
    /// The right edge: what the appender needs to go on (its own encoding).
    pub frontier: Arc<[u8]>,
    /// The last signed checkpoint, as text.
    pub checkpoint: Option<Arc<str>>,
}

/// A stored set-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetUpRow {
    /// Its content hash.
    pub hash: SetupHash,
    /// Its files: path and text.
    pub files: BTreeMap<Arc<str>, Arc<str>>,
    /// When it was made active.
    pub at: Timestamp,
    /// By whom.
    pub by: Arc<str>,
}

/// How many engagements are of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassCount {
    /// The store's number for the class.
    pub id: i64,
    /// The class, as the policy encoded it.
    pub class: Arc<[u8]>,
    /// How many engagements.
    pub count: u64,
}

impl HeldChangeRow {
    /// The write of a held change, and the revision that it rests on.
    #[must_use]
    pub fn rewritten(mut self) -> (Expect, Change) {
        let expect = Expect::HeldChange(self.id, self.revision);
        self.revision += 1;
        (expect, Change::PutHeldChange(self))
    }
}

impl CorrelationRow {
    /// The write of a question about a record, and the revision that it rests on.
    #[must_use]
    pub fn rewritten(mut self) -> (Expect, Change) {
        let expect = Expect::Correlation(self.id, self.revision);
        self.revision += 1;
        (expect, Change::PutCorrelation(self))
    }
}
