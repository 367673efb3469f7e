//! What edges read: typed views behind a permit. Nothing outside this crate reaches the store or the keys.

use crate::authority::Target;
use crate::directory::Directory;
use crate::{App, AppError, Born, InQuarantine, Moment, Operation, Permit, Register};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_ledger::{Checkpoint, Entry, Opening};
use tenure_model::{
    ApprovalRequest, Case, CaseLabel, CutOffOrder, Fact, HeldChangeId, IdentityId, SourceName, SystemName,
    Task, TaskId,
};
use tenure_store::{CaseFilter, CorrelationRow, FeedRunRow, HeldChangeRow, StoredSubject, TaskCounts};

/// Reads of what is stored, after a permit.
pub struct Query<'a> {
    app: &'a App,
    permit: Permit,
}

impl std::fmt::Debug for Query<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Query").field("permit", &self.permit).finish_non_exhaustive()
    }
}

impl App {
    /// What lists, counts and state are read through.
    ///
    /// # Errors
    /// When the actor may not read them.
    pub async fn query(&self, moment: &Moment) -> Result<Query<'_>, AppError> {
        let permit = self.authority().permit(Operation::ReadState, &Target::all(), moment).await?;
        Ok(Query { app: self, permit })
    }

    /// Whether who acts may do something to the whole installation.
    ///
    /// # Errors
    /// When they may not.
    pub async fn permit_for(&self, operation: Operation, moment: &Moment) -> Result<Permit, AppError> {
        self.authority().permit(operation, &Target::all(), moment).await
    }

    /// An entry of the ledger with what its commitment stands for; `None` where it was erased.
    ///
    /// # Errors
    /// When the actor may not read openings, or there is no such entry.
    pub async fn entry(&self, index: u64, moment: &Moment) -> Result<(Entry, Option<Opening>), AppError> {
        self.permit_for(Operation::ReadEntry, moment).await?;
        self.proof().opening(index).await
    }

    /// What the database was made for.
    #[must_use]
    pub fn born(&self) -> Born {
        self.vault.born()
    }

    /// The key that verifies the ledger, as it is published.
    #[must_use]
    pub fn public_key(&self) -> String {
        self.vault.signer().verifier().to_string()
    }

    /// The key that verifies an origin that this ledger had before.
    ///
    /// # Errors
    /// When it is no origin of this ledger.
    pub fn public_key_of(&self, origin: &str) -> Result<String, AppError> {
        Ok(self.vault.verifier_for(origin)?.to_string())
    }

    /// How many entries the ledger has.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn ledger_size(&self) -> Result<u64, AppError> {
        Ok(self.store.ledger_head().await?.size)
    }

    /// Compares the database with the checkpoint outside it, which it returns where there is one.
    ///
    /// # Errors
    /// When the database is behind it, or holds something else.
    pub async fn proved(&self, outside: Option<&str>) -> Result<Option<Checkpoint>, AppError> {
        crate::proved(&*self.store, &self.vault, outside).await
    }
}

impl Query<'_> {
    /// By which permit.
    #[must_use]
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// When.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.permit.moment().now
    }

    /// The last instant at which something was decided.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn business_time(&self) -> Result<Option<Timestamp>, AppError> {
        Ok(self.app.store.business_time().await?)
    }

    /// Identities with their accounts and grants.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn subjects(&self, ids: &[IdentityId]) -> Result<Vec<StoredSubject>, AppError> {
        self.app.stored().readable(ids).await
    }

    /// What identities are called.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn names(&self, ids: &[IdentityId]) -> Result<BTreeMap<IdentityId, Arc<str>>, AppError> {
        Ok(self.subjects(ids).await?.into_iter().map(|s| (s.identity.id, s.title)).collect())
    }

    /// How many identities there are.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn identity_count(&self) -> Result<u64, AppError> {
        Ok(self.app.store.identity_count().await?)
    }

    /// Cases.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn cases(&self, filter: &CaseFilter) -> Result<Vec<Case>, AppError> {
        Ok(self.app.store.cases(filter).await?)
    }

    /// Facts about identities.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn facts(&self, ids: &[IdentityId]) -> Result<Vec<Fact>, AppError> {
        Ok(self.app.store.facts(ids).await?)
    }

    /// Facts by state.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn fact_counts(&self) -> Result<Vec<(Arc<str>, u64)>, AppError> {
        Ok(self.app.store.fact_counts().await?)
    }

    /// Open tasks of one identity.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tasks(&self, of: IdentityId, limit: u32) -> Result<Vec<Task>, AppError> {
        Ok(self.app.store.tasks(Some(of), limit).await?)
    }

    /// An open task.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn task(&self, id: TaskId) -> Result<Option<Task>, AppError> {
        Ok(self.app.store.task(id).await?)
    }

    /// Tasks by state.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn task_counts(&self) -> Result<TaskCounts, AppError> {
        Ok(self.app.store.task_counts().await?)
    }

    /// Pending requests for approval, of one identity or all.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn approvals(
        &self,
        about: Option<IdentityId>,
        limit: u32,
    ) -> Result<Vec<ApprovalRequest>, AppError> {
        Ok(self.app.store.approvals(about, limit).await?)
    }

    /// Open questions whose a record is.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn correlations(&self) -> Result<Vec<CorrelationRow>, AppError> {
        Ok(self.app.store.correlations().await?)
    }

    /// Rows that are in quarantine, also of sources that left the configuration.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn in_quarantine(&self) -> Result<Vec<InQuarantine>, AppError> {
        self.app.quarantine().in_quarantine(self.permit.moment()).await
    }

    /// Everything that is found and not dealt with, with owners, deadlines and acknowledgements.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn findings(&self) -> Result<Register, AppError> {
        self.app.findings().register(self.permit.moment()).await
    }

    /// The owners' names of the configuration that mean an identity.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn names_meaning(
        &self,
        id: IdentityId,
        names: &BTreeSet<Arc<str>>,
    ) -> Result<BTreeSet<Arc<str>>, AppError> {
        let directory = Directory::load(self.app).await?;
        let settings = &self.app.context.setup.settings;
        Ok(names.iter().filter(|n| directory.people(settings, n).contains(&id)).cloned().collect())
    }

    /// Who does manual work in a system for an identity: its owner, unless none who is here is left but the identity itself. Then a
    /// successor is asked for, and the escalation group does it meanwhile.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn assigned_to(&self, system: &SystemName, holder: IdentityId) -> Result<String, AppError> {
        let setup = &self.app.context.setup;
        let Some(declared) = setup.systems.get(system) else { return Ok("its owner".to_owned()) };
        let directory = Directory::load(self.app).await?;
        let owner = &declared.owner;
        let all = directory.all(&setup.settings, owner);
        let here = directory.people(&setup.settings, owner);
        // One whom no source has named yet may still come.
        if all.is_empty() || here.iter().any(|id| *id != holder) {
            return Ok(owner.to_string());
        }
        Ok(format!(
            "group:{}, as its owner {owner} has left or it is about them: name a successor",
            setup.settings.last_resort
        ))
    }

    /// What brakes hold.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn held_changes(&self) -> Result<Vec<HeldChangeRow>, AppError> {
        Ok(self.app.store.held_changes().await?)
    }

    /// One held change.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn held_change(&self, id: HeldChangeId) -> Result<Option<HeldChangeRow>, AppError> {
        Ok(self.app.store.held_change(id).await?)
    }

    /// Identities that are cut off now, those who were cut off last first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn cut_off_identities(&self, limit: u32) -> Result<Vec<StoredSubject>, AppError> {
        let filter = CaseFilter { label: Some(CaseLabel::CutOff), limit, ..CaseFilter::default() };
        let mut ids: Vec<IdentityId> = Vec::new();
        for case in self.app.store.cases(&filter).await? {
            if !ids.contains(&case.identity) {
                ids.push(case.identity);
            }
        }
        let mut all = self.subjects(&ids).await?;
        // What was merged into another identity is no more: that one is cut off in its place.
        all.retain(|s| s.identity.is_cut_off() && s.identity.merged_into.is_none());
        Ok(all)
    }

    /// Orders to cut off that are in force.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn cut_off_orders(&self) -> Result<Vec<CutOffOrder>, AppError> {
        Ok(self.app.store.cut_off_orders().await?)
    }

    /// The last runs of a source's feed.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn feed_runs(&self, source: &SourceName, limit: u32) -> Result<Vec<FeedRunRow>, AppError> {
        Ok(self.app.store.feed_runs(source, limit).await?)
    }
}
