//! The port, method by method: writes go to the writer, reads to a reader.

use crate::head;
use crate::open::SqliteStore;
use crate::prepare::prepare;
use crate::read::{access, asked, case, identity, ledger, organisation, record, subject, task};
use crate::state;
use crate::write::{Answer, Work};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tenure_ledger::{Subject, SubjectKind};
use tenure_model::{
    AccountKey, Acknowledgement, ApprovalId, ApprovalRequest, Case, CaseId, CaseLabel, CorrelationId,
    CutOffOrder, Fact, FindingId, HeldChangeId, IdentityId, RecordKey, SetupHash, SourceName, SystemName,
    Task, TaskId,
};
use tenure_store::{
    CaseFilter, ClassCount, ContainmentRow, CorrelationRow, FeedRunRow, FindingRow, HeldChangeRow, Keyed,
    LeafRow, Lease, LedgerHead, Outcome, QuarantineRow, RecordIndexRow, RecordRow, SetUpRow, Store,
    StoreError, StoredSubject, TaskCounts, TasksOf, Unit, UnlinkedAccount, Unreadable,
};

type Result<T> = std::result::Result<T, StoreError>;

/// The writer's answer has the wrong type, which would be a defect.
fn mixed_up<T>(answer: &Answer) -> Result<T> {
    Err(StoreError::Inconsistent {
        what: "the answer of the writer".to_owned(),
        why: format!("it is {answer:?}"),
    })
}

#[async_trait]
impl Store for SqliteStore {
    fn reads_only(&self) -> bool {
        self.is_beside()
    }

    fn left_out(&self) -> Vec<Unreadable> {
        self.readers.left_out.take()
    }

    async fn commit(&self, units: Vec<Unit>) -> Result<Vec<Outcome>> {
        let units = units.into_iter().map(prepare).collect::<Result<Vec<_>>>()?;
        let mut outcomes = Vec::with_capacity(units.len());
        for answer in self.send_units(units).await? {
            match answer.await.map_err(|_| StoreError::Closed)?? {
                Answer::Outcomes(slice) => outcomes.extend(slice),
                other => return mixed_up(&other),
            }
        }
        Ok(outcomes)
    }

    async fn subjects(&self, ids: &[IdentityId]) -> Result<Vec<StoredSubject>> {
        let ids = ids.to_vec();
        self.readers.read(move |c| subject::subjects(c, &ids)).await
    }

    async fn identities(&self, after: Option<IdentityId>, limit: u32) -> Result<Vec<IdentityId>> {
        self.readers.read(move |c| identity::identities(c, after, limit)).await
    }

    async fn by_keys(&self, keys: &[Keyed]) -> Result<Vec<(Keyed, IdentityId)>> {
        let keys = keys.to_vec();
        self.readers.read(move |c| identity::by_keys(c, &keys)).await
    }

    async fn find(&self, text: &str, limit: u32) -> Result<Vec<(IdentityId, Arc<str>)>> {
        let text = text.to_owned();
        self.readers.read(move |c| identity::find(c, &text, limit)).await
    }

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<IdentityId>> {
        self.readers.read(move |c| identity::due(c, now, limit)).await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>> {
        self.readers.read(identity::next_due).await
    }

    async fn readers_of(&self, ids: &[IdentityId]) -> Result<Vec<IdentityId>> {
        let ids = ids.to_vec();
        self.readers.read(move |c| identity::readers_of(c, &ids)).await
    }

    async fn identifiers(
        &self,
        names: &[(Arc<str>, Arc<str>)],
    ) -> Result<Vec<(Arc<str>, Arc<str>, IdentityId)>> {
        let names = names.to_vec();
        self.readers.read(move |c| identity::identifiers(c, &names)).await
    }

    async fn names_of(&self, id: IdentityId) -> Result<Vec<(Arc<str>, Arc<str>)>> {
        self.readers.read(move |c| identity::names_of(c, id)).await
    }

    async fn account_owners(
        &self,
        system: &SystemName,
        natives: &[Arc<str>],
    ) -> Result<Vec<(Arc<str>, IdentityId, AccountKey)>> {
        let system = system.clone();
        let natives = natives.to_vec();
        self.readers.read(move |c| access::account_owners(c, &system, &natives)).await
    }

    async fn account_holders(
        &self,
        system: &SystemName,
        after: Option<IdentityId>,
        limit: u32,
    ) -> Result<Vec<IdentityId>> {
        let system = system.clone();
        self.readers.read(move |c| access::account_holders(c, &system, after, limit)).await
    }

    async fn without_task(&self, after: Option<IdentityId>, limit: u32) -> Result<Vec<IdentityId>> {
        self.readers.read(move |c| access::without_task(c, after, limit)).await
    }

    async fn account_count(&self, system: &SystemName) -> Result<u64> {
        let system = system.clone();
        self.readers.read(move |c| access::account_count(c, &system)).await
    }

    async fn records(&self, source: &SourceName, keys: &[RecordKey]) -> Result<Vec<RecordRow>> {
        let source = source.clone();
        let keys = keys.to_vec();
        self.readers.read(move |c| record::records(c, &source, &keys)).await
    }

    async fn record_index(&self, source: &SourceName) -> Result<Vec<RecordIndexRow>> {
        let source = source.clone();
        self.readers.read(move |c| record::record_index(c, &source)).await
    }

    async fn records_of(&self, identity: IdentityId) -> Result<Vec<RecordRow>> {
        self.readers.read(move |c| record::records_of(c, identity)).await
    }

    async fn quarantine(&self, source: Option<&SourceName>) -> Result<Vec<QuarantineRow>> {
        let source = source.cloned();
        self.readers.read(move |c| record::quarantine(c, source.as_ref())).await
    }

    async fn feed_runs(&self, source: &SourceName, limit: u32) -> Result<Vec<FeedRunRow>> {
        let source = source.clone();
        self.readers.read(move |c| record::feed_runs(c, &source, limit)).await
    }

    async fn claim(
        &self,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
        per_system: u32,
    ) -> Result<Vec<Task>> {
        let work = Work::Claim { owner: owner.into(), now, until, limit, per_system, of: None };
        match self.ask(work).await? {
            Answer::Tasks(tasks) => Ok(tasks),
            other => mixed_up(&other),
        }
    }

    async fn claim_of(
        &self,
        of: &TasksOf,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Task>> {
        let (owner, of) = (owner.into(), Some(of.clone()));
        match self.ask(Work::Claim { owner, now, until, limit, per_system: limit, of }).await? {
            Answer::Tasks(tasks) => Ok(tasks),
            other => mixed_up(&other),
        }
    }

    async fn next_ready(&self, of: &TasksOf) -> Result<Option<Timestamp>> {
        let of = of.clone();
        self.readers.read(move |c| task::next_ready(c, &of)).await
    }

    async fn heartbeat(&self, owner: &str, tasks: &[TaskId], until: Timestamp) -> Result<Vec<TaskId>> {
        match self.ask(Work::Heartbeat { owner: owner.into(), tasks: tasks.to_vec(), until }).await? {
            Answer::Lost(tasks) => Ok(tasks),
            other => mixed_up(&other),
        }
    }

    async fn braked(&self, system: &SystemName, limit: u32) -> Result<Vec<Task>> {
        let system = system.clone();
        self.readers.read(move |c| task::braked(c, &system, limit)).await
    }

    async fn task_counts(&self) -> Result<TaskCounts> {
        self.readers.read(task::task_counts).await
    }

    async fn task(&self, id: TaskId) -> Result<Option<Task>> {
        self.readers.read(move |c| task::open_task(c, id)).await
    }
    async fn tasks_after(&self, after: Option<TaskId>, limit: u32) -> Result<Vec<Task>> {
        self.readers.read(move |c| task::tasks_after(c, after, limit)).await
    }
    async fn tasks(&self, identity: Option<IdentityId>, limit: u32) -> Result<Vec<Task>> {
        self.readers.read(move |c| task::tasks(c, identity, limit)).await
    }

    async fn open_cases(&self, ids: &[IdentityId]) -> Result<Vec<Case>> {
        let ids = ids.to_vec();
        self.readers.read(move |c| case::open_cases(c, &ids)).await
    }

    async fn open_cases_after(&self, after: Option<IdentityId>, limit: u32) -> Result<Vec<Case>> {
        self.readers.read(move |c| case::open_cases_after(c, after, limit)).await
    }

    async fn case(&self, id: CaseId) -> Result<Option<Case>> {
        self.readers.read(move |c| case::case(c, id)).await
    }

    async fn cases(&self, filter: &CaseFilter) -> Result<Vec<Case>> {
        let filter = filter.clone();
        self.readers.read(move |c| case::cases(c, &filter)).await
    }

    async fn case_labels(&self, from: Timestamp, before: Timestamp) -> Result<Vec<(CaseLabel, u64)>> {
        self.readers.read(move |c| case::case_labels(c, from, before)).await
    }

    async fn facts(&self, ids: &[IdentityId]) -> Result<Vec<Fact>> {
        let ids = ids.to_vec();
        self.readers.read(move |c| access::facts(c, &ids)).await
    }

    async fn owed(&self, limit: u32) -> Result<Vec<Fact>> {
        self.readers.read(move |c| access::owed(c, limit)).await
    }

    async fn accepted(&self, limit: u32) -> Result<Vec<Fact>> {
        self.readers.read(move |c| access::accepted(c, limit)).await
    }

    async fn fact_counts(&self) -> Result<Vec<(Arc<str>, u64)>> {
        self.readers.read(access::fact_counts).await
    }

    async fn approval(&self, id: ApprovalId) -> Result<Option<ApprovalRequest>> {
        self.readers.read(move |c| asked::approval(c, id)).await
    }

    async fn approvals(&self, identity: Option<IdentityId>, limit: u32) -> Result<Vec<ApprovalRequest>> {
        self.readers.read(move |c| asked::approvals(c, identity, limit)).await
    }

    async fn approvals_after(&self, after: Option<ApprovalId>, limit: u32) -> Result<Vec<ApprovalRequest>> {
        self.readers.read(move |c| asked::approvals_after(c, after, limit)).await
    }
    async fn approvals_about(&self, ids: &[IdentityId]) -> Result<Vec<ApprovalRequest>> {
        let ids = ids.to_vec();
        self.readers.read(move |c| asked::approvals_about(c, &ids)).await
    }

    async fn approvals_due(&self, now: Timestamp, limit: u32) -> Result<Vec<ApprovalRequest>> {
        self.readers.read(move |c| asked::approvals_due(c, now, limit)).await
    }

    async fn findings(&self, identity: Option<IdentityId>, limit: u32) -> Result<Vec<FindingRow>> {
        self.readers.read(move |c| asked::findings(c, identity, limit)).await
    }

    async fn findings_after(&self, after: Option<FindingId>, limit: u32) -> Result<Vec<FindingRow>> {
        self.readers.read(move |c| asked::findings_after(c, after, limit)).await
    }

    async fn finding_count(&self) -> Result<u64> {
        self.readers.read(asked::finding_count).await
    }

    async fn findings_about(&self, ids: &[IdentityId]) -> Result<Vec<FindingRow>> {
        let ids = ids.to_vec();
        self.readers.read(move |c| asked::findings_about(c, &ids)).await
    }

    async fn findings_about_the_whole(&self, limit: u32) -> Result<Vec<FindingRow>> {
        self.readers.read(move |c| asked::findings_about_the_whole(c, limit)).await
    }

    async fn acknowledgements(&self, now: Timestamp) -> Result<Vec<Acknowledgement>> {
        self.readers.read(move |c| asked::acknowledgements(c, now)).await
    }

    async fn acknowledgement(&self, finding: FindingId) -> Result<Option<Acknowledgement>> {
        self.readers.read(move |c| asked::acknowledgement(c, finding)).await
    }

    async fn unlinked(&self, system: Option<&SystemName>, limit: u32) -> Result<Vec<UnlinkedAccount>> {
        let system = system.cloned();
        self.readers.read(move |c| asked::unlinked(c, system.as_ref(), limit)).await
    }

    async fn unlinked_account(
        &self,
        system: &SystemName,
        external_id: &str,
    ) -> Result<Option<UnlinkedAccount>> {
        let (system, external_id) = (system.clone(), external_id.to_owned());
        self.readers.read(move |c| asked::unlinked_account(c, &system, &external_id)).await
    }

    async fn unlinked_asked(&self, system: &SystemName) -> Result<Vec<UnlinkedAccount>> {
        let system = system.clone();
        self.readers.read(move |c| asked::unlinked_asked(c, &system)).await
    }

    async fn containment(&self, systems: &[SystemName]) -> Result<Vec<ContainmentRow>> {
        let systems = systems.to_vec();
        self.readers.read(move |c| asked::containment(c, &systems)).await
    }

    async fn held_change(&self, id: HeldChangeId) -> Result<Option<HeldChangeRow>> {
        self.readers.read(move |c| asked::held_change(c, id)).await
    }

    async fn held_changes(&self) -> Result<Vec<HeldChangeRow>> {
        self.readers.read(asked::held_changes).await
    }

    async fn losses(&self, scope: &str, since: Timestamp) -> Result<Vec<IdentityId>> {
        let scope = scope.to_owned();
        self.readers.read(move |c| asked::losses(c, &scope, since)).await
    }

    async fn correlation(&self, id: CorrelationId) -> Result<Option<CorrelationRow>> {
        self.readers.read(move |c| asked::correlation(c, id)).await
    }

    async fn cut_off_orders(&self) -> Result<Vec<CutOffOrder>> {
        self.readers.read(asked::cut_off_orders).await
    }

    async fn correlations(&self) -> Result<Vec<CorrelationRow>> {
        self.readers.read(asked::correlations).await
    }

    async fn classes(&self) -> Result<Vec<ClassCount>> {
        self.readers.read(identity::classes).await
    }

    async fn of_class(&self, id: i64, limit: u32) -> Result<Vec<IdentityId>> {
        self.readers.read(move |c| identity::of_class(c, id, limit)).await
    }

    async fn active_set_up(&self) -> Result<Option<SetUpRow>> {
        self.readers.read(organisation::active_set_up).await
    }

    async fn set_ups_since(&self, at: Timestamp) -> Result<Vec<SetUpRow>> {
        self.readers.read(move |c| organisation::set_ups_since(c, at)).await
    }

    async fn set_up(&self, hash: &SetupHash) -> Result<Option<SetUpRow>> {
        let hash = hash.clone();
        self.readers.read(move |c| organisation::set_up(c, &hash)).await
    }

    async fn lease(
        &self,
        name: &str,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>> {
        match self.ask(Work::Lease { name: name.into(), owner: owner.into(), now, until }).await? {
            Answer::Lease(lease) => Ok(lease),
            other => mixed_up(&other),
        }
    }

    async fn unlease(&self, name: &str, owner: &str) -> Result<()> {
        match self.ask(Work::Unlease { name: name.into(), owner: owner.into() }).await? {
            Answer::Done => Ok(()),
            other => mixed_up(&other),
        }
    }

    async fn woken(&self, patience: Duration) {
        let mut committed = self.committed.clone();
        let seen = self.woken.load(Ordering::Acquire);
        // Time is over, or the writer has ended: the caller checks for itself in both cases.
        drop(tokio::time::timeout(patience, committed.wait_for(|count| *count != seen)).await);
        self.woken.store(*committed.borrow(), Ordering::Release);
    }

    async fn ledger_head(&self) -> Result<LedgerHead> {
        if self.is_beside() {
            let head = self.readers.read(crate::head::resume).await?;
            self.head.publish(head);
        }
        Ok(self.head.read())
    }

    async fn ledger_at(&self, size: u64) -> Result<Arc<[u8]>> {
        self.readers.read(move |c| head::at(c, size)).await
    }

    async fn checkpoints(&self, after: Option<u64>, limit: u32) -> Result<Vec<(u64, Arc<str>)>> {
        self.readers.read(move |c| ledger::checkpoints(c, after, limit)).await
    }

    async fn states(
        &self,
        kind: SubjectKind,
        after: Option<[u8; 16]>,
        limit: u32,
    ) -> Result<Vec<(Subject, [u8; 32])>> {
        self.readers.read(move |c| state::states(c, kind, after, limit)).await
    }

    async fn integrity(&self, now: Timestamp) -> Result<Vec<Arc<str>>> {
        self.readers.read(move |c| ledger::integrity(c, now)).await
    }

    async fn leaves(&self, from: u64, limit: u32) -> Result<Vec<LeafRow>> {
        self.readers.read(move |c| ledger::leaves(c, from, limit)).await
    }

    async fn leaf_hashes(&self, from: u64, limit: u32) -> Result<Vec<[u8; 32]>> {
        self.readers.read(move |c| ledger::leaf_hashes(c, from, limit)).await
    }

    async fn tile(&self, level: u8, index: u64) -> Result<Option<Arc<[u8]>>> {
        self.readers.read(move |c| ledger::tile(c, level, index)).await
    }

    async fn checkpoint(&self, size: u64) -> Result<Option<Arc<str>>> {
        self.readers.read(move |c| ledger::checkpoint(c, size)).await
    }

    async fn clock_jump(&self) -> Result<Option<Timestamp>> {
        self.readers.read(organisation::clock_jump).await
    }
    async fn business_time(&self) -> Result<Option<Timestamp>> {
        self.readers.read(organisation::business_time).await
    }

    async fn note(&self, name: &str) -> Result<Option<Arc<[u8]>>> {
        let name = name.to_owned();
        self.readers.read(move |c| organisation::note(c, &name)).await
    }

    async fn scrub(&self) -> Result<()> {
        self.ask(Work::Scrub).await.map(drop)
    }

    async fn identity_count(&self) -> Result<u64> {
        self.readers.read(identity::identity_count).await
    }
}
