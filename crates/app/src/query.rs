//! Reads for edges: typed views behind a permit. No code outside this crate reaches the store or the keys.

mod beginning;
mod cut_offs;
mod entitlements;
mod exceptions;
mod findings;
mod holders;
mod named;
mod page;
mod people;
mod quarantine;
mod reviews;
mod unlinked;
mod waiting;
mod work;

use crate::authority::Target;
use crate::directory::Directory;
use crate::{App, AppError, Born, DecisionContext, Operation, Permit};
pub use cut_offs::CutOffListed;
pub use entitlements::{EntitlementFilter, EntitlementShown};
pub use exceptions::ExceptionShown;
pub use holders::{Held, HeldReason, Holder, Since};
use jiff::Timestamp;
pub(crate) use page::no_place;
pub use page::{Listed, PAGE_MAX, Page};
pub use people::PeopleFilter;
pub use reviews::{ReviewOf, ReviewShown};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_ledger::{Checkpoint, Entry, Opening};
use tenure_model::{ApprovalRequest, Fact, HeldChangeId, IdentityId, SourceName, SystemName, Task, TaskId};
use tenure_store::{FeedRunRow, HeldChangeRow, StoredSubject, TaskCounts, WaitingCounts};
pub use unlinked::UnlinkedShown;
pub use waiting::HeldPerson;
pub use work::TaskShown;

/// Reads of stored data, after a permit.
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
    /// Access to lists, counts and state.
    ///
    /// # Errors
    /// When the actor is not permitted to read them.
    pub async fn query(&self, moment: &DecisionContext) -> Result<Query<'_>, AppError> {
        let permit = self.authority().permit(Operation::ReadState, &Target::all(), moment).await?;
        Ok(Query { app: self, permit })
    }

    /// A permit for the actor to carry out an operation on the whole installation.
    ///
    /// # Errors
    /// When the actor is not permitted.
    pub async fn permit_for(
        &self,
        operation: Operation,
        moment: &DecisionContext,
    ) -> Result<Permit, AppError> {
        self.authority().permit(operation, &Target::all(), moment).await
    }

    /// An entry of the ledger with the content behind its commitment; `None` where it was erased.
    ///
    /// # Errors
    /// When the actor is not permitted to read openings, or there is no such entry.
    pub async fn entry(
        &self,
        index: u64,
        moment: &DecisionContext,
    ) -> Result<(Entry, Option<Opening>), AppError> {
        self.permit_for(Operation::ReadEntry, moment).await?;
        self.proof().opening(index).await
    }

    /// The purpose of the database.
    #[must_use]
    pub fn born(&self) -> Born {
        self.vault.born()
    }

    /// The key that verifies the ledger, in its published form.
    #[must_use]
    pub fn public_key(&self) -> String {
        self.vault.signer().verifier().to_string()
    }

    /// The key that verifies an earlier origin of this ledger.
    ///
    /// # Errors
    /// When it is no origin of this ledger.
    pub fn public_key_of(&self, origin: &str) -> Result<String, AppError> {
        Ok(self.vault.verifier_for(origin)?.to_string())
    }

    /// Number of ledger entries.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn ledger_size(&self) -> Result<u64, AppError> {
        Ok(self.store.ledger_head().await?.size)
    }

    /// Compares the database with the checkpoint outside it, and returns that checkpoint, if any.
    ///
    /// # Errors
    /// When the database is behind it, or holds something else.
    pub async fn proved(&self, outside: Option<&str>) -> Result<Option<Checkpoint>, AppError> {
        crate::proved(&*self.store, &self.vault, outside).await
    }
}

impl Query<'_> {
    /// The permit.
    #[must_use]
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// The instant of the reads.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.permit.moment().now
    }

    /// The instant of the last decision.
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

    /// Display names of identities.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn names(&self, ids: &[IdentityId]) -> Result<BTreeMap<IdentityId, Arc<str>>, AppError> {
        Ok(self.subjects(ids).await?.into_iter().map(|s| (s.identity.id, s.title)).collect())
    }

    /// Number of identities.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn identity_count(&self) -> Result<u64, AppError> {
        Ok(self.app.store.identity_count().await?)
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

    /// Numbers of what waits for people.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn waiting_counts(&self) -> Result<WaitingCounts, AppError> {
        Ok(self.app.store.waiting_counts().await?)
    }

    /// Who does manual work in a system for an identity: its owner, unless no owner other than the identity itself is here. Then a
    /// successor must be named, and the escalation group does the work meanwhile.
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
        // A person whom no source has named yet may still come.
        if all.is_empty() || here.iter().any(|id| *id != holder) {
            return Ok(owner.to_string());
        }
        Ok(format!(
            "group:{}, because its owner {owner} has left or is its subject: name a successor",
            setup.settings.last_resort
        ))
    }

    /// One held change.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn held_change(&self, id: HeldChangeId) -> Result<Option<HeldChangeRow>, AppError> {
        Ok(self.app.store.held_change(id).await?)
    }

    /// The last runs of a source's feed.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn feed_runs(&self, source: &SourceName, limit: u32) -> Result<Vec<FeedRunRow>, AppError> {
        Ok(self.app.store.feed_runs(source, limit).await?)
    }
}
