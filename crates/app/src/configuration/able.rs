//! A configuration never locks out the last two members of the escalation group who can act.

use super::Configurations;
use crate::directory::is_here;
use crate::text::fold;
use crate::{AppError, Born, OperationRefusal};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::IdentityId;
use tenure_policy::GlobalSettings;
use tenure_store::Keyed;

/// Members needed: one proposes, another confirms.
const NEEDED: usize = 2;

impl Configurations<'_> {
    /// Refuses a configuration with which fewer than two members of its escalation group could act, where more can now. Confirmation by
    /// a second person does not help: no member would be left who could revert it.
    ///
    /// # Errors
    /// When it is refused, or the store fails.
    pub async fn keeps_able(&self, proposed: &GlobalSettings) -> Result<(), AppError> {
        let now = self.able(&self.app.context.setup.settings).await?.len();
        let then = self.able(proposed).await?.len();
        if then >= NEEDED.min(now) {
            return Ok(());
        }
        Err(AppError::refused(OperationRefusal::TooFewCouldAct {
            group: proposed.last_resort.clone(),
            then: u64::try_from(then).unwrap_or(u64::MAX),
            now: u64::try_from(now).unwrap_or(u64::MAX),
        }))
    }

    /// The available members of the escalation group whom `[actors]` maps; in a replay all of them, because `--as` acts for each.
    async fn able(&self, settings: &GlobalSettings) -> Result<BTreeSet<IdentityId>, AppError> {
        let members = settings.groups.get(&settings.last_resort).into_iter().flatten();
        let mut able = self.meant(settings, members).await?;
        if self.app.vault.born() == Born::Live {
            let mapped = self.meant(settings, settings.actors.values()).await?;
            able.retain(|id| mapped.contains(id));
        }
        let ids: Vec<IdentityId> = able.into_iter().collect();
        Ok(self
            .app
            .stored()
            .readable(&ids)
            .await?
            .into_iter()
            .filter(is_here)
            .map(|s| s.identity.id)
            .collect())
    }

    /// The people whom keys identify; a key that several people have had identifies none.
    async fn meant(
        &self,
        settings: &GlobalSettings,
        keys: impl Iterator<Item = &Arc<str>>,
    ) -> Result<BTreeSet<IdentityId>, AppError> {
        let keys: Vec<Keyed> =
            keys.map(|key| Keyed { kind: settings.actor_key.clone(), value: fold(key) }).collect();
        let mut found: BTreeMap<Arc<str>, BTreeSet<IdentityId>> = BTreeMap::new();
        for (key, id) in self.app.store.by_keys(&keys).await? {
            found.entry(key.value).or_default().insert(id);
        }
        Ok(found.into_values().filter(|ids| ids.len() == 1).flatten().collect())
    }
}
