//! What the brake of a system holds, or may still hold: an approval of it is not used up.

use crate::{App, AppError, Candidate};
use std::collections::{BTreeMap, BTreeSet};
use tenure_engine::use_up;
use tenure_model::{AccountKey, Holding, Identity, IdentityId};
use tenure_store::StoredSubject;

/// Most open tasks of one identity that are read.
const TASKS_MAX: u32 = 1_000;

/// Accounts with work that a brake has not released.
pub(crate) struct Braked(BTreeMap<IdentityId, BTreeSet<AccountKey>>);

impl Braked {
    /// For identities that are to lose access and have answers to lose with it.
    pub(super) async fn load(app: &App, candidates: &[Candidate]) -> Result<Self, AppError> {
        let mut braked = BTreeMap::new();
        for before in candidates.iter().filter_map(|c| c.before.as_ref()) {
            let loses = before.grants.iter().any(|g| g.holding == Holding::Ending);
            if !loses || before.identity.decisions.answers.is_empty() {
                continue;
            }
            let id = before.identity.id;
            let tasks = app.store.tasks(Some(id), TASKS_MAX).await?;
            let waiting = tasks.into_iter().filter(|t| !t.brake_passed);
            braked.insert(id, waiting.map(|t| t.account).collect());
        }
        Ok(Self(braked))
    }

    /// Drops the answers about access that was removed since an identity was last decided.
    pub(super) fn use_up(&self, before: Option<&StoredSubject>, after: &mut Identity) {
        let Some(before) = before else { return };
        let none = BTreeSet::new();
        let braked = self.0.get(&before.identity.id).unwrap_or(&none);
        use_up(&before.identity, &before.grants, braked, after);
    }
}
