//! Writes are values: a unit is one decision, committed whole or not at all.

use crate::{
    ContainmentRow, CorrelationRow, Evidence, FeedRunRow, FindingRow, HeldChangeRow, IdentityRow, Loss,
    QuarantineRow, RecordRow, SetUpRow, UnlinkedAccount,
};
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{
    Account, AccountKey, Acknowledgement, ApprovalId, ApprovalRequest, Case, CaseId, CaseState,
    CorrelationId, CutOffOrder, EntitlementName, Fact, FindingId, Grant, HeldChangeId, IdentityId,
    Obligation, RecordKey, SetupHash, SourceName, SystemName, Task, TaskId,
};

/// What a unit rests on. When it moved, the unit fails alone and is decided again.
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
    /// The case is in this state: of two that close it, or open it again, one is told that it moved.
    CaseIs(CaseId, CaseState),
    /// This set-up is the active one.
    SetUp(SetupHash),
    /// The record of a source was made from the raw row of this digest.
    Record(SourceName, RecordKey, [u8; 32]),
    /// This owner still holds the task's lease.
    TaskLease(TaskId, Arc<str>),
    /// This owner still holds the named lease.
    Lease(Arc<str>, Arc<str>),
}

/// When business time advances by more than this at once, the clock may be wrong: the jump is kept until a person says that it
/// is right.
pub const CLOCK_JUMP: jiff::SignedDuration = jiff::SignedDuration::from_hours(7 * 24);

/// One typed change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Writes an identity with its keys, reads and classes (all replaced).
    PutIdentity(Box<IdentityRow>),
    /// Takes away everything that is kept of an identity but its row, its cases and the entries of the ledger: records,
    /// names, accounts, grants, work, facts, requests, findings, its key and every opening about it. What is left of it is
    /// written after it.
    Erase(IdentityId),
    /// Writes a record of a source.
    PutRecord(Box<RecordRow>),
    /// Issues a name, for ever; erasure leaves a mark of it in the identity. When it was issued before, to anybody else, the unit fails as moved.
    IssueIdentifier {
        /// To whom.
        identity: IdentityId,
        /// What sort of name.
        name: Arc<str>,
        /// The name, as issued; compared case-folded.
        value: Arc<str>,
    },
    /// Passes a name under which nothing was made on to whom a system shows it to belong. When it was not issued to `from`, the
    /// unit fails as moved.
    PassIdentifier {
        /// Who was given it first.
        from: IdentityId,
        /// Whose it is.
        to: IdentityId,
        /// What sort of name.
        name: Arc<str>,
        /// The name, as it is there.
        value: Arc<str>,
    },
    /// Writes an account.
    PutAccount(IdentityId, Account),
    /// Writes a grant.
    PutGrant(IdentityId, Grant),
    /// Writes a task, or refreshes the open one of the same identity, account and kind (new generation, state and `cleared`,
    /// the more urgent urgency, the older id and `doubts`, attempts 0). Work by hand and work by program end each other: an account
    /// has one of them.
    PutTask(Task),
    /// As `PutTask`; where the open task that it refreshes is not cleared, it is not either: what a brake counts of that one goes
    /// on to be counted.
    JoinTask(Task),
    /// Writes a task's outcome (by id). When there is no such task, or a newer one of the same account and kind is open, the
    /// unit fails as moved.
    EndTask(Task),
    /// Ends all open tasks of an account: what they were to bring about is there, or another way is taken.
    EndTasks(IdentityId, AccountKey),
    /// Writes a fact (by identity, account and obligation).
    PutFact(Fact),
    /// An obligation was overtaken by a newer decision.
    DropFact(IdentityId, Option<AccountKey>, Obligation),
    /// Writes a case. An identity has one open case: a unit that opens a second fails as moved.
    PutCase(Case),
    /// Writes a request for approval, with its revision.
    PutApproval(ApprovalRequest),
    /// Writes an order to cut off.
    PutCutOffOrder(CutOffOrder),
    /// Writes a finding; an existing one keeps its `since`.
    PutFinding(FindingRow),
    /// The finding is no longer so.
    EndFinding(FindingId),
    /// All findings about an identity (of settling; system findings stay) are replaced by these.
    ReplaceFindings(IdentityId, Vec<FindingRow>),
    /// Writes the acknowledgement of a finding, with its revision.
    PutAcknowledgement(Acknowledgement),
    /// Puts one thing that is wrong with a row into quarantine (by source, key and which of them).
    Quarantine(QuarantineRow),
    /// Takes all rows of a key out of quarantine.
    Repaired(SourceName, Arc<str>),
    /// Writes a held change.
    PutHeldChange(HeldChangeRow),
    /// Writes a correlation question.
    PutCorrelation(CorrelationRow),
    /// A correlation question is asked no more: its record is gone, or found its person by itself.
    EndCorrelation(CorrelationId),
    /// Writes a feed run.
    PutFeedRun(FeedRunRow),
    /// Writes an account that belongs to nobody (by system and native id).
    PutUnlinked(UnlinkedAccount),
    /// It belongs to somebody now, or is gone.
    EndUnlinked(SystemName, Arc<str>),
    /// Writes an entitlement within another one (by both); an existing one keeps its `since`.
    PutContainment(ContainmentRow),
    /// The first one does not contain the second one any more.
    EndContainment(EntitlementName, EntitlementName),
    /// Counts a loss of access.
    PutLoss(Loss),
    /// Stores a set-up and makes it the active one.
    Activate(SetUpRow),
    /// Appends an entry to the ledger.
    Append(Evidence),
    /// Writes the signed checkpoint for a size.
    PutCheckpoint(u64, Arc<str>),
    /// Remembers the last committed business instant and whether it came from `--now`.
    BusinessTime(Timestamp),
    /// A person says that the clock is right, although business time jumped.
    ConfirmClock,
    /// Sets business time back to this instant: the way back from a wrong clock. A jump is forgotten with it.
    SetClockBack(Timestamp),
    /// A small named value (sealed signing key, verifier key, origin).
    PutNote(Arc<str>, Arc<[u8]>),
}

/// One decision: what it rests on and all that it writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    /// What it rests on.
    pub expects: Vec<Expect>,
    /// What it writes, in order.
    pub changes: Vec<Change>,
}

/// What became of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Committed and synced.
    Committed,
    /// Something it rested on moved: nothing of it was written. The text says what.
    Moved(Arc<str>),
}

impl Outcome {
    /// Whether it was committed.
    #[must_use]
    pub fn is_committed(&self) -> bool {
        matches!(self, Self::Committed)
    }
}
