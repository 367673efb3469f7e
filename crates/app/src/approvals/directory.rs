//! The people whom the set-up names, and who of them is here.

use crate::references::fold;
use crate::{App, AppError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{Approver, IdentityId, Phase};
use tenure_policy::GlobalSettings;
use tenure_store::Keyed;

/// The people that the set-up names, by key.
#[derive(Debug, Default)]
pub(crate) struct Directory(BTreeMap<Arc<str>, IdentityId>);

impl Directory {
    /// Looks up everybody whom the set-up names.
    pub(crate) async fn load(app: &App) -> Result<Self, AppError> {
        let setup = &app.context.setup;
        let mut names: BTreeSet<Arc<str>> = setup.settings.groups.values().flatten().cloned().collect();
        names.extend(setup.sources.values().map(|s| s.owner.clone()));
        for system in setup.systems.values() {
            names.insert(system.owner.clone());
            names.extend(system.entitlements.iter().filter_map(|e| e.owner.clone()));
        }
        names.extend(setup.settings.cut_off_readers.clone());
        names.extend(setup.policy.bundles.values().map(|b| b.owner.clone()));
        names.extend(setup.policy.local.iter().filter_map(|l| Some(l.withheld.as_ref()?.readers.clone())));
        names.extend(setup.policy.retention.by.clone());
        for approver in setup.policy.approvals.iter().flat_map(|a| &a.stages).flat_map(|s| &s.by) {
            if let Approver::Named(name) = approver {
                names.insert(name.clone());
            }
        }
        let keys: Vec<Keyed> =
            names.iter().map(|n| Keyed { kind: setup.settings.actor_key.clone(), value: fold(n) }).collect();
        let mut found: BTreeMap<Arc<str>, IdentityId> = BTreeMap::new();
        let mut people = Vec::new();
        for (key, id) in app.store.by_keys(&keys).await? {
            people.push(id);
            found.insert(key.value, id);
        }
        let here: BTreeSet<IdentityId> = app
            .store
            .subjects(&people)
            .await?
            .into_iter()
            .filter(|s| s.phase != Phase::Departed && !s.identity.is_cut_off())
            .map(|s| s.identity.id)
            .collect();
        found.retain(|_, id| here.contains(id));
        Ok(Self(found))
    }

    /// Everybody whom the set-up names and who is here.
    pub(crate) fn everybody(&self) -> impl Iterator<Item = IdentityId> + '_ {
        self.0.values().copied()
    }

    /// Those whom an owner's or approver's name means and who are here: one person, or everybody of `group:name`.
    pub(crate) fn people(&self, settings: &GlobalSettings, name: &str) -> Vec<IdentityId> {
        let one = |n: &str| self.0.get(&fold(n)).copied();
        match name.strip_prefix("group:") {
            Some(group) => settings.groups.get(group).into_iter().flatten().filter_map(|n| one(n)).collect(),
            None => one(name).into_iter().collect(),
        }
    }
}
