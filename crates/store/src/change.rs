//! Writes are values: a unit is one decision, committed completely or not at all.

use crate::note::{Note, NoteBytes, NoteKey};
use crate::{
    ContainmentRow, CorrelationRow, Evidence, FeedRunRow, FindingRow, HeldChangeRow, IdentityRow, Keyed,
    Loss, QuarantineRow, RecordRow, SetUpRow, UnlinkedAccount,
};
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{
    Account, AccountKey, Acknowledgement, ApprovalId, ApprovalRequest, Case, CaseId, CaseState,
    CorrelationId, CutOffOrder, CutOffOrderId, EntitlementName, Fact, FindingId, Grant, HeldChangeId,
    IdentityId, Obligation, RecordKey, SetupHash, SourceName, SystemName, Task, TaskId,
};

/// What a unit depends on. If it changed, only this unit fails and is decided again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// The identity has this version (0: it does not exist).
    Version(IdentityId, u64),
    /// The account has this generation (0: it does not exist).
    Generation(IdentityId, AccountKey, u64),
    /// The request for approval has this revision (0: it does not exist).
    Approval(ApprovalId, u64),
    /// The held change has this revision (0: it does not exist).
    HeldChange(HeldChangeId, u64),
    /// The question about a record has this revision (0: it does not exist).
    Correlation(CorrelationId, u64),
    /// The acknowledgement of a finding has this revision (0: it does not exist).
    Acknowledgement(FindingId, u64),
    /// The finding is open since this instant (`None`: it is not open).
    Finding(FindingId, Option<Timestamp>),
    /// The task is as it was read: its whole value is its revision, so that of two writers of one task one is told that it changed.
    TaskIs(Box<Task>),
    /// The fact is as it was read, in the same way.
    FactIs(Box<Fact>),
    /// No identity other than these has the key (none: it is free).
    HeldOnlyBy(Keyed, Vec<IdentityId>),
    /// Together with those whose loss the unit counts, at most `most` identities lost access in a scope since an instant.
    LossesAtMost {
        /// The scope.
        scope: Arc<str>,
        /// The first instant that counts.
        since: Timestamp,
        /// The largest number of identities.
        most: u64,
    },
    /// The note is stored as it was read (`None`: there is none); see [`crate::note::NoteRead::expect`].
    Note(NoteKey, Option<NoteBytes>),
    /// The cut-off order is in force: it is stored, and it has not ended.
    OrderInForce(CutOffOrderId),
    /// The case is in this state: of two units that close or reopen it, one is told that it changed.
    CaseIs(CaseId, CaseState),
    /// This configuration is the active one.
    SetUp(SetupHash),
    /// The record of a source was made from the raw row of this digest.
    Record(SourceName, RecordKey, [u8; 32]),
    /// This owner still holds the task's lease: no other has claimed it, and no newer decision refreshed it.
    TaskLease(TaskId, Arc<str>),
    /// This owner still holds the named lease: no other has taken it over. If one has, the outcome is [`Outcome::LeaseLost`].
    Lease(Arc<str>, Arc<str>),
}

/// If business time advances by more than this at once, the clock may be wrong: the jump is recorded until a person confirms it.
pub const CLOCK_JUMP: jiff::SignedDuration = jiff::SignedDuration::from_hours(7 * 24);

/// One typed change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Writes an identity with its keys, references and classes (all replaced).
    PutIdentity(Box<IdentityRow>),
    /// Removes everything stored about an identity except its row, its cases and the ledger entries: records, names, accounts, grants,
    /// work, facts, requests, findings, its key and every opening about it. What remains of it is written afterwards.
    Erase(IdentityId),
    /// Writes a record of a source.
    PutRecord(Box<RecordRow>),
    /// Issues a name permanently; erasure leaves a mark of it in the identity. If it was issued before to another identity, the unit
    /// fails as moved.
    IssueIdentifier {
        /// The identity.
        identity: IdentityId,
        /// The kind of name.
        name: Arc<str>,
        /// The name, as issued; compared case-folded.
        value: Arc<str>,
    },
    /// Passes a name under which no account was created to the identity that a system shows as its holder. If it was not issued to
    /// `from`, the unit fails as moved.
    PassIdentifier {
        /// The identity to which it was issued first.
        from: IdentityId,
        /// The new holder.
        to: IdentityId,
        /// The kind of name.
        name: Arc<str>,
        /// The name, as written in the system.
        value: Arc<str>,
    },
    /// Writes an account.
    PutAccount(IdentityId, Account),
    /// Writes a grant.
    PutGrant(IdentityId, Grant),
    /// Writes a task, or refreshes the open one of the same identity, account and kind: new generation, state and `brake_passed`, the more
    /// urgent urgency, the older id and `uncertain_creates`, attempts 0. A manual task and an automatic one end each other: an account has only
    /// one of them.
    PutTask(Task),
    /// As `PutTask`; but if the open task that it refreshes has not passed the brake, neither has the result: what a brake counts of
    /// that one is still counted.
    JoinTask(Task),
    /// Writes a task's outcome (by id). If there is no such task, or a newer one of the same account and kind is open, the unit fails
    /// as moved.
    EndTask(Task),
    /// Ends all open tasks of an account: their work is done, or it is done in another way.
    EndTasks(IdentityId, AccountKey),
    /// Writes a fact (by identity, account and obligation).
    PutFact(Fact),
    /// An obligation was superseded by a newer decision.
    DropFact(IdentityId, Option<AccountKey>, Obligation),
    /// Writes a case. An identity has one open case: a unit that opens a second fails as moved.
    PutCase(Case),
    /// Writes a request for approval, with its revision.
    PutApproval(ApprovalRequest),
    /// Writes an order to cut off.
    PutCutOffOrder(CutOffOrder),
    /// Writes a finding; an existing one keeps its `since`.
    PutFinding(FindingRow),
    /// The finding no longer applies.
    EndFinding(FindingId),
    /// All findings about an identity (from settling; system findings stay) are replaced by these.
    ReplaceFindings(IdentityId, Vec<FindingRow>),
    /// Writes the acknowledgement of a finding, with its revision.
    PutAcknowledgement(Acknowledgement),
    /// Puts one problem of a row into quarantine (by source, key and its number).
    Quarantine(QuarantineRow),
    /// Removes all rows of a key from quarantine.
    Repaired(SourceName, Arc<str>),
    /// Writes a held change.
    PutHeldChange(HeldChangeRow),
    /// Writes a correlation question.
    PutCorrelation(CorrelationRow),
    /// A correlation question is obsolete: its record no longer exists, or was linked without the answer.
    EndCorrelation(CorrelationId),
    /// Writes a feed run.
    PutFeedRun(FeedRunRow),
    /// Writes an account without an identity (by system and external id).
    PutUnlinked(UnlinkedAccount),
    /// It is linked to an identity now, or no longer exists.
    EndUnlinked(SystemName, Arc<str>),
    /// Writes a nested entitlement (by both names); an existing one keeps its `since`.
    PutContainment(ContainmentRow),
    /// The first one no longer contains the second one.
    EndContainment(EntitlementName, EntitlementName),
    /// Counts a loss of access.
    PutLoss(Loss),
    /// Stores a configuration and makes it the active one.
    Activate(SetUpRow),
    /// Appends an entry to the ledger, durable with this unit; it gets its number then or later (see [`crate::Entries`]).
    Append(Evidence),
    /// Writes the signed checkpoint for a size.
    PutCheckpoint(u64, Arc<str>),
    /// States the business instant of the unit: the last committed one is never before it again.
    BusinessTime(Timestamp),
    /// A person confirms the clock although business time jumped.
    ConfirmClock,
    /// Sets business time back to this instant, to recover from a wrong clock. A recorded jump is removed with it.
    SetClockBack(Timestamp),
    /// Writes a note (by its key).
    PutNote(Note),
}

/// One decision: what it depends on and everything that it writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    /// What it depends on.
    pub expects: Vec<Expect>,
    /// What it writes, in order.
    pub changes: Vec<Change>,
}

/// Result of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Committed and synced.
    Committed,
    /// Something it depended on changed: nothing of it was written. The text says what.
    Moved(Arc<str>),
    /// The named lease under which it was decided is lost: nothing of it was written, and deciding again is not this process's work.
    LeaseLost(Arc<str>),
}

impl Outcome {
    /// Whether it was committed.
    #[must_use]
    pub fn is_committed(&self) -> bool {
        matches!(self, Self::Committed)
    }
}
