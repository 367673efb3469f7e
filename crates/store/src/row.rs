//! Stored rows, as the application sees them.

use crate::{Change, Expect};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_ledger::Draft;
use tenure_model::range::moved;
use tenure_model::{
    Account, AskReason, CaseId, CorrelationId, EngagementId, EntitlementName, FeedRunId, Finding, FindingId,
    Grant, HeldChangeId, Identity, IdentityId, Kind, NormalRecord, OrphanClass, Phase, RecordKey,
    RecordState, SetupHash, SourceName, SystemName,
};

/// An identity with the keys that make it searchable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRow {
    /// The identity. Its `version` is the version that this write makes.
    pub identity: Identity,
    /// Its display name, for lists and look-up.
    pub title: Arc<str>,
    /// Its names as they are searched, folded by the application: a space before each word, and each whole name without spaces between
    /// `=` signs.
    pub search: Arc<str>,
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
    /// Its display name.
    pub title: Arc<str>,
    /// Its phase as last settled.
    pub phase: Phase,
    /// When to settle it again.
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
    /// The identity, once known.
    pub identity: Option<IdentityId>,
    /// Its state.
    pub state: RecordState,
    /// Digest of the raw row that `record` was made from.
    pub digest: [u8; 32],
    /// As last read, while a brake or a question holds it.
    pub waiting: Option<NormalRecord>,
    /// The feed run that last changed it.
    pub run: FeedRunId,
}

/// What a feed needs to know of each record before it reads the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordIndexRow {
    /// The key.
    pub key: RecordKey,
    /// Digest of the raw row last read.
    pub digest: [u8; 32],
    /// Its state.
    pub state: RecordState,
    /// The identity.
    pub identity: Option<IdentityId>,
}

/// A row that could not be interpreted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineRow {
    /// The source.
    pub source: SourceName,
    /// The record's key, if it could be read; else `line N`.
    pub key: Arc<str>,
    /// Number of the problem within the row, from 0.
    pub nth: u32,
    /// The stable code of the problem, for example `R13`.
    pub code: Arc<str>,
    /// File, line, column.
    pub place: Arc<str>,
    /// The value, as read.
    pub value: Arc<str>,
    /// What is wrong and what to do.
    pub reason: Arc<str>,
    /// Since when the row is in quarantine.
    pub since: Timestamp,
    /// Whether an end may be hidden in it: then it must be corrected within the hour.
    pub urgent: bool,
    /// The feed run that saw it last.
    pub run: FeedRunId,
}

/// Result of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedResult {
    /// All rows were processed.
    Taken,
    /// Some of its changes are held by the brake.
    Held(HeldChangeId),
    /// Refused as a whole.
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
    /// When it was extracted, if the source states it.
    pub extracted: Option<Timestamp>,
    /// Rows read.
    pub rows: u64,
    /// Rows that changed something.
    pub changed: u64,
    /// Rows in quarantine.
    pub quarantined: u64,
    /// Known records that were missing from it.
    pub missing: u64,
    /// Its result.
    pub result: FeedResult,
}

/// A change that a brake holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldChangeRow {
    /// Its id.
    pub id: HeldChangeId,
    /// What tripped: `source hr` or `system directory`.
    pub scope: Arc<str>,
    /// Why, as text, with the numbers.
    pub reason: Arc<str>,
    /// Its owner.
    pub owner: Arc<str>,
    /// Since when.
    pub since: Timestamp,
    /// Until when it must be decided.
    pub deadline: Timestamp,
    /// The identities concerned, and what each would lose, as text.
    pub people: Vec<(IdentityId, Arc<str>)>,
    /// Released (when, by whom), or dropped because nothing of it remains.
    pub ended: Option<(Timestamp, Arc<str>)>,
    /// Increases with every write: two concurrent releases cannot overwrite each other.
    pub revision: u64,
}

/// A question "same person?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrelationRow {
    /// Its id.
    pub id: CorrelationId,
    /// The source of the waiting record.
    pub source: SourceName,
    /// Its key.
    pub key: RecordKey,
    /// Why the question is asked.
    pub reason: AskReason,
    /// Candidates with their similarity in percent.
    pub candidates: Vec<(IdentityId, u8)>,
    /// Since when.
    pub since: Timestamp,
    /// The answer: when, by whom, and which identity (`None`: a new person).
    pub answer: Option<(Timestamp, IdentityId, Option<IdentityId>)>,
    /// Increases with every write: two concurrent answers cannot overwrite each other.
    pub revision: u64,
}

/// A finding, about an identity, an account or a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingRow {
    /// Its id, derived from its subject.
    pub id: FindingId,
    /// The identity that it is about.
    pub identity: Option<IdentityId>,
    /// The system that it is about.
    pub system: Option<SystemName>,
    /// The finding.
    pub finding: Finding,
    /// Its owner, as the configuration names them; `None`: derived from the kind.
    pub owner: Option<Arc<str>>,
    /// Its deadline; `None`: derived from the kind.
    pub deadline: Option<Timestamp>,
    /// Since when.
    pub since: Timestamp,
}

impl FindingRow {
    /// Its deadline: the stated one, else the one that its kind determines.
    #[must_use]
    pub fn due(&self) -> Timestamp {
        self.deadline.unwrap_or_else(|| moved(self.since, self.finding.kind().resolved_within()))
    }
}

/// An account of a system that is not linked to an identity: an orphan, or one in question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlinkedAccount {
    /// The system.
    pub system: SystemName,
    /// The external id: the system's own stable id.
    pub external_id: Arc<str>,
    /// Its name there.
    pub name: Arc<str>,
    /// Whether it can be used.
    pub enabled: bool,
    /// What it holds.
    pub entitlements: Vec<EntitlementName>,
    /// Its class, as far as known.
    pub class: OrphanClass,
    /// Its owner.
    pub owner: Arc<str>,
    /// The kind of account that it would be.
    pub kind: Kind,
    /// The possible holders, with their similarity in percent: while there are any, a person is asked.
    pub candidates: Vec<(IdentityId, u8)>,
    /// When a person decided that it is an orphan, and who.
    pub said: Option<(Timestamp, IdentityId)>,
    /// When it was last observed.
    pub seen: Timestamp,
}

/// A nested entitlement, as a scan of its system observed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainmentRow {
    /// The containing one, whose holders inherit the other one.
    pub outer: EntitlementName,
    /// The other one, of the same system.
    pub inner: EntitlementName,
    /// Since when scans observe it.
    pub since: Timestamp,
    /// When it was last observed.
    pub seen: Timestamp,
}

/// A loss of access by an identity: what brakes count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// `source hr` or `system directory`.
    pub scope: Arc<str>,
    /// When.
    pub at: Timestamp,
    /// The identity.
    pub identity: IdentityId,
}

/// The ledger entry of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The entry, which gets its number and its links later; it contains no personal data.
    pub draft: Draft,
    /// The identity of its opening.
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
    /// Its links to the previous entries (`Links` of the ledger).
    pub links: Arc<[u8]>,
    /// Proves that a holder of the key wrote it at this place.
    pub stamp: [u8; 32],
    /// The identity of its opening.
    pub identity: Option<IdentityId>,
    /// The sealed opening, unless erased.
    pub opening: Option<Arc<[u8]>>,
}

/// Head of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerHead {
    /// Number of entries.
    pub size: u64,
    /// The right edge, which the appender needs to continue (its own encoding).
    pub frontier: Arc<[u8]>,
    /// The last signed checkpoint, as text.
    pub checkpoint: Option<Arc<str>>,
}

/// A stored configuration.
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

/// Number of engagements of a class.
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
    /// The write of a held change, and the revision that it depends on.
    #[must_use]
    pub fn rewritten(mut self) -> (Expect, Change) {
        let expect = Expect::HeldChange(self.id, self.revision);
        self.revision += 1;
        (expect, Change::PutHeldChange(self))
    }
}

impl CorrelationRow {
    /// The write of a question about a record, and the revision that it depends on.
    #[must_use]
    pub fn rewritten(mut self) -> (Expect, Change) {
        let expect = Expect::Correlation(self.id, self.revision);
        self.revision += 1;
        (expect, Change::PutCorrelation(self))
    }
}
