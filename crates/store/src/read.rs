//! The store as the application sees it. Two adapters pass one conformance suite.

use crate::{
    ClassCount, ContainmentRow, CorrelationRow, FeedRunRow, FindingRow, HeldChangeRow, Keyed, LeafRow,
    LedgerHead, Outcome, QuarantineRow, RecordIndexRow, RecordRow, SetUpRow, StoreError, StoredSubject, Unit,
    UnlinkedAccount, Unreadable,
};
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_ledger::{Subject, SubjectKind};
use tenure_model::{
    AccountKey, Acknowledgement, ApprovalId, ApprovalRequest, Case, CaseId, CaseLabel, CorrelationId,
    CutOffOrder, Fact, FindingId, HeldChangeId, IdentityId, RecordKey, SetupHash, SourceName, SystemName,
    Task, TaskId,
};

/// Which cases to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Only of this identity.
    pub identity: Option<IdentityId>,
    /// Only open ones.
    pub open: bool,
    /// Only with this label.
    pub label: Option<CaseLabel>,
    /// Only those decided in this period (from, before).
    pub decided: Option<(Timestamp, Timestamp)>,
    /// At most this many, newest first (0, no limit, is not permitted; the adapter uses 1,000).
    pub limit: u32,
}

/// Numbers of tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskCounts {
    /// Ready now or later.
    pub ready: u64,
    /// Leased.
    pub leased: u64,
    /// Held by the brake of their system.
    pub held: u64,
    /// That need a person.
    pub needs_person: u64,
    /// The earliest `not_before` of a ready task.
    pub next: Option<Timestamp>,
}

/// Which tasks to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TasksOf {
    /// Those on a system.
    System(SystemName),
    /// Those on systems other than these.
    Elsewhere(BTreeSet<SystemName>),
    /// Those of an identity, on all systems.
    Identity(IdentityId),
}

/// A named lease, for work that only one process may do at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Its name.
    pub name: Arc<str>,
    /// Its owner.
    pub owner: Arc<str>,
    /// Until when (machine time).
    pub until: Timestamp,
}

/// Storage. All methods may be called from any task; reads see everything committed before they began. Instants are stored to the
/// microsecond: finer ones are truncated.
#[async_trait]
pub trait Store: Send + Sync {
    /// Whether this process only reads: another one has the database open, and every write is refused with `InUse`.
    fn reads_only(&self) -> bool {
        false
    }

    /// The stored rows that reads have left out since the last call, because they cannot be read.
    fn left_out(&self) -> Vec<Unreadable> {
        Vec::new()
    }

    /// Commits units: each completely or not at all, in order, merged into few transactions. Returns when everything `Committed` is
    /// synced to disk.
    async fn commit(&self, units: Vec<Unit>) -> Result<Vec<Outcome>, StoreError>;

    /// Subjects by id, in the order of `ids`; ids that do not exist are left out.
    async fn subjects(&self, ids: &[IdentityId]) -> Result<Vec<StoredSubject>, StoreError>;
    /// Identities after `after` in id order, at most `limit`.
    async fn identities(&self, after: Option<IdentityId>, limit: u32) -> Result<Vec<IdentityId>, StoreError>;
    /// The holders of these keys.
    async fn by_keys(&self, keys: &[Keyed]) -> Result<Vec<(Keyed, IdentityId)>, StoreError>;
    /// Identities whose title, key or identifier contains `text` (case-folded), at most `limit`.
    async fn find(&self, text: &str, limit: u32) -> Result<Vec<(IdentityId, Arc<str>)>, StoreError>;
    /// Identities to settle again at `now`, earliest first.
    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<IdentityId>, StoreError>;
    /// The earliest instant at which an identity must be settled again.
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError>;
    /// Identities whose settlement read one of these.
    async fn readers_of(&self, ids: &[IdentityId]) -> Result<Vec<IdentityId>, StoreError>;
    /// Which of these names were issued, and to which identities.
    async fn identifiers(
        &self,
        names: &[(Arc<str>, Arc<str>)],
    ) -> Result<Vec<(Arc<str>, Arc<str>, IdentityId)>, StoreError>;
    /// Every name ever issued to an identity: identifier and folded name.
    async fn names_of(&self, id: IdentityId) -> Result<Vec<(Arc<str>, Arc<str>)>, StoreError>;
    /// The identity whose account has this external id in a system; if there is none, the identity whose account there is decided to
    /// have this name, if the name was issued to it.
    async fn account_owners(
        &self,
        system: &SystemName,
        natives: &[Arc<str>],
    ) -> Result<Vec<(Arc<str>, IdentityId, AccountKey)>, StoreError>;
    /// Identities that have an account in a system, in id order after `after`.
    async fn account_holders(
        &self,
        system: &SystemName,
        after: Option<IdentityId>,
        limit: u32,
    ) -> Result<Vec<IdentityId>, StoreError>;
    /// Identities after one, in the order of ids, with an account that is not confirmed as decided and has no open task.
    async fn without_task(
        &self,
        after: Option<IdentityId>,
        limit: u32,
    ) -> Result<Vec<IdentityId>, StoreError>;
    /// Number of identities with a usable account in a system (by decision).
    async fn account_count(&self, system: &SystemName) -> Result<u64, StoreError>;

    /// Records of a source by key.
    async fn records(&self, source: &SourceName, keys: &[RecordKey]) -> Result<Vec<RecordRow>, StoreError>;
    /// All records of a source, without their content.
    async fn record_index(&self, source: &SourceName) -> Result<Vec<RecordIndexRow>, StoreError>;
    /// Records of an identity.
    async fn records_of(&self, identity: IdentityId) -> Result<Vec<RecordRow>, StoreError>;
    /// Rows in quarantine.
    async fn quarantine(&self, source: Option<&SourceName>) -> Result<Vec<QuarantineRow>, StoreError>;
    /// Feed runs of a source, newest first.
    async fn feed_runs(&self, source: &SourceName, limit: u32) -> Result<Vec<FeedRunRow>, StoreError>;

    /// Claims ready tasks, most urgent and oldest first, for `owner` until `until`; expired leases are claimed again. At most
    /// `per_system` tasks of one system are leased at once. Each claim counts as an attempt: `attempts` increases by one, so that an
    /// attempt that died is counted; so do its `uncertain_creates`.
    async fn claim(
        &self,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
        per_system: u32,
    ) -> Result<Vec<Task>, StoreError>;
    /// The same for the tasks of one system or one identity only, without a share for each system.
    async fn claim_of(
        &self,
        of: &TasksOf,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Task>, StoreError>;
    /// The earliest `not_before` of the ready tasks of one system or one identity.
    async fn next_ready(&self, of: &TasksOf) -> Result<Option<Timestamp>, StoreError>;
    /// Extends leases; returns those that are lost.
    async fn heartbeat(
        &self,
        owner: &str,
        tasks: &[TaskId],
        until: Timestamp,
    ) -> Result<Vec<TaskId>, StoreError>;
    /// Open tasks of a system that have not passed its brake yet, by identity; at most `limit`.
    async fn braked(&self, system: &SystemName, limit: u32) -> Result<Vec<Task>, StoreError>;
    /// Numbers of tasks.
    async fn task_counts(&self) -> Result<TaskCounts, StoreError>;
    /// A task that is not done.
    async fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError>;
    /// Tasks that are not done, in id order after `after`, at most `limit`.
    async fn tasks_after(&self, after: Option<TaskId>, limit: u32) -> Result<Vec<Task>, StoreError>;
    /// Tasks that are not done, of one identity or all, most urgent first, at most `limit`.
    async fn tasks(&self, identity: Option<IdentityId>, limit: u32) -> Result<Vec<Task>, StoreError>;

    /// Open case of each identity that has one.
    async fn open_cases(&self, ids: &[IdentityId]) -> Result<Vec<Case>, StoreError>;
    /// Open cases of identities after one, in the order of identities: each has at most one.
    async fn open_cases_after(&self, after: Option<IdentityId>, limit: u32) -> Result<Vec<Case>, StoreError>;
    /// A case.
    async fn case(&self, id: CaseId) -> Result<Option<Case>, StoreError>;
    /// Cases, newest first.
    async fn cases(&self, filter: &CaseFilter) -> Result<Vec<Case>, StoreError>;
    /// Number of cases by label, decided in a period.
    async fn case_labels(
        &self,
        from: Timestamp,
        before: Timestamp,
    ) -> Result<Vec<(CaseLabel, u64)>, StoreError>;
    /// Facts of identities, in the order of `ids`; a repeated id counts once.
    async fn facts(&self, ids: &[IdentityId]) -> Result<Vec<Fact>, StoreError>;
    /// Facts without an account that are unknown or claimed, of all identities, in the order of ids; at most `limit`.
    async fn owed(&self, limit: u32) -> Result<Vec<Fact>, StoreError>;
    /// Accepted facts (residual risks), by identity; at most `limit`.
    async fn accepted(&self, limit: u32) -> Result<Vec<Fact>, StoreError>;
    /// Number of facts by state.
    async fn fact_counts(&self) -> Result<Vec<(Arc<str>, u64)>, StoreError>;

    /// A request for approval.
    async fn approval(&self, id: ApprovalId) -> Result<Option<ApprovalRequest>, StoreError>;
    /// Pending requests, of one identity or all, oldest first.
    async fn approvals(
        &self,
        identity: Option<IdentityId>,
        limit: u32,
    ) -> Result<Vec<ApprovalRequest>, StoreError>;
    /// Pending requests of all identities, in id order after `after`, at most `limit`.
    async fn approvals_after(
        &self,
        after: Option<ApprovalId>,
        limit: u32,
    ) -> Result<Vec<ApprovalRequest>, StoreError>;
    /// Pending requests about these identities, oldest first for each.
    async fn approvals_about(&self, ids: &[IdentityId]) -> Result<Vec<ApprovalRequest>, StoreError>;
    /// Pending requests whose deadline is at or before `now`.
    async fn approvals_due(&self, now: Timestamp, limit: u32) -> Result<Vec<ApprovalRequest>, StoreError>;

    /// Cut-off orders that have not ended, oldest first.
    async fn cut_off_orders(&self) -> Result<Vec<CutOffOrder>, StoreError>;
    /// Findings, of one identity or all.
    async fn findings(&self, identity: Option<IdentityId>, limit: u32)
    -> Result<Vec<FindingRow>, StoreError>;
    /// Findings after one, in the order of ids.
    async fn findings_after(
        &self,
        after: Option<FindingId>,
        limit: u32,
    ) -> Result<Vec<FindingRow>, StoreError>;
    /// Number of findings.
    async fn finding_count(&self) -> Result<u64, StoreError>;
    /// Findings about these identities.
    async fn findings_about(&self, ids: &[IdentityId]) -> Result<Vec<FindingRow>, StoreError>;
    /// Findings about no identity and no system, oldest first.
    async fn findings_about_the_whole(&self, limit: u32) -> Result<Vec<FindingRow>, StoreError>;
    /// Acknowledgements of findings that end after `now`, by finding.
    async fn acknowledgements(&self, now: Timestamp) -> Result<Vec<Acknowledgement>, StoreError>;
    /// The acknowledgement of one finding, even if it has ended.
    async fn acknowledgement(&self, finding: FindingId) -> Result<Option<Acknowledgement>, StoreError>;
    /// Accounts without an identity.
    async fn unlinked(
        &self,
        system: Option<&SystemName>,
        limit: u32,
    ) -> Result<Vec<UnlinkedAccount>, StoreError>;
    /// Unlinked accounts of a system that a person is asked about.
    async fn unlinked_asked(&self, system: &SystemName) -> Result<Vec<UnlinkedAccount>, StoreError>;

    /// One account that is not linked to an identity, by external id.
    async fn unlinked_account(
        &self,
        system: &SystemName,
        external_id: &str,
    ) -> Result<Option<UnlinkedAccount>, StoreError>;
    /// Nested entitlements in these systems, as scans observed them; all systems if none is named.
    async fn containment(&self, systems: &[SystemName]) -> Result<Vec<ContainmentRow>, StoreError>;
    /// A held change.
    async fn held_change(&self, id: HeldChangeId) -> Result<Option<HeldChangeRow>, StoreError>;
    /// Held changes that are not ended.
    async fn held_changes(&self) -> Result<Vec<HeldChangeRow>, StoreError>;
    /// The identities that lost access in a scope since an instant: each once, in id order.
    async fn losses(&self, scope: &str, since: Timestamp) -> Result<Vec<IdentityId>, StoreError>;
    /// A correlation question.
    async fn correlation(&self, id: CorrelationId) -> Result<Option<CorrelationRow>, StoreError>;
    /// Correlation questions without an answer.
    async fn correlations(&self) -> Result<Vec<CorrelationRow>, StoreError>;

    /// Number of engagements of each class.
    async fn classes(&self) -> Result<Vec<ClassCount>, StoreError>;
    /// Identities of a class, at most `limit`.
    async fn of_class(&self, id: i64, limit: u32) -> Result<Vec<IdentityId>, StoreError>;

    /// The active configuration.
    async fn active_set_up(&self) -> Result<Option<SetUpRow>, StoreError>;
    /// Configurations that were made active at or after an instant (business time), newest first, each as it was last made active.
    async fn set_ups_since(&self, at: Timestamp) -> Result<Vec<SetUpRow>, StoreError>;
    /// A stored configuration.
    async fn set_up(&self, hash: &SetupHash) -> Result<Option<SetUpRow>, StoreError>;

    /// Takes, renews or takes over a named lease; `None` if another owner holds it.
    async fn lease(
        &self,
        name: &str,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError>;
    /// Releases a lease.
    async fn unlease(&self, name: &str, owner: &str) -> Result<(), StoreError>;
    /// Returns when something was committed since the last call, or after `patience`.
    async fn woken(&self, patience: std::time::Duration);

    /// Head of the ledger.
    async fn ledger_head(&self) -> Result<LedgerHead, StoreError>;
    /// The right edge of the first `size` entries, from the stored hashes (the frontier's own encoding).
    async fn ledger_at(&self, size: u64) -> Result<Arc<[u8]>, StoreError>;
    /// Signed checkpoints of more than `after` entries, the smallest first, at most `limit`: size and text.
    async fn checkpoints(&self, after: Option<u64>, limit: u32) -> Result<Vec<(u64, Arc<str>)>, StoreError>;
    /// The decided state of subjects of a kind, as a digest of their stored rows: those after an id, at most `limit`.
    async fn states(
        &self,
        kind: SubjectKind,
        after: Option<[u8; 16]>,
        limit: u32,
    ) -> Result<Vec<(Subject, [u8; 32])>, StoreError>;
    /// Problems of pages, indexes, references, and single rows; `now` (machine time) shows which rows wait too long. Empty if there
    /// are none. Slow.
    async fn integrity(&self, now: Timestamp) -> Result<Vec<Arc<str>>, StoreError>;
    /// Entries from `from` on, at most `limit`.
    async fn leaves(&self, from: u64, limit: u32) -> Result<Vec<LeafRow>, StoreError>;
    /// Leaf hashes from `from` on, at most `limit`.
    async fn leaf_hashes(&self, from: u64, limit: u32) -> Result<Vec<[u8; 32]>, StoreError>;
    /// A full tile: 256 hashes.
    async fn tile(&self, level: u8, index: u64) -> Result<Option<Arc<[u8]>>, StoreError>;
    /// The signed checkpoint of a size.
    async fn checkpoint(&self, size: u64) -> Result<Option<Arc<str>>, StoreError>;

    /// The last committed business instant.
    async fn business_time(&self) -> Result<Option<Timestamp>, StoreError>;
    /// The last committed business instant before the first jump by more than [`crate::CLOCK_JUMP`] that no person confirmed.
    async fn clock_jump(&self) -> Result<Option<Timestamp>, StoreError>;
    /// A small named value.
    async fn note(&self, name: &str) -> Result<Option<Arc<[u8]>>, StoreError>;
    /// Ensures that nothing deleted remains in the files: free space and logs are rewritten. Slow.
    async fn scrub(&self) -> Result<(), StoreError>;
    /// Number of identities.
    async fn identity_count(&self) -> Result<u64, StoreError>;
}
