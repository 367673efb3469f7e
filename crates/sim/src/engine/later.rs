//! What another configuration takes away later, and the brakes of systems over it, as the application counts it.

use super::decide::Decision;
use super::world::World;
use std::collections::{BTreeMap, BTreeSet};
use tenure_app::Configured;
use tenure_model::{AccountKey, AccountState, EntitlementName, Holding, IdentityId, Name as _, SystemName};
use tenure_policy::Mode;

impl World {
    /// Of these identities, those that a brake holds because of later losses by the configuration: all that lose so, or none.
    pub(super) fn held_later(&mut self, ids: &[IdentityId]) -> BTreeSet<IdentityId> {
        let mut losing: BTreeMap<SystemName, BTreeSet<IdentityId>> = BTreeMap::new();
        for id in ids {
            let (decision, known) = (self.weigh_same(*id), self.kept_back.contains(id));
            for system in decision.loses_in(known) {
                losing.entry(system).or_default().insert(*id);
            }
        }
        let trips = |(system, people): (&SystemName, &BTreeSet<IdentityId>)| {
            let usable = self.usable_in(system);
            self.context.setup.systems.get(system).is_some_and(|s| {
                people.len() > s.brake.count as usize
                    && people.len() * 100 > usize::from(s.brake.percent) * usable
            })
        };
        let held = losing.iter().any(trips);
        losing.into_values().flatten().filter(|_| held).collect()
    }

    fn weigh_same(&mut self, id: IdentityId) -> Decision {
        let same = self.known[&id].subject.identity.clone();
        self.weigh(same, None, None)
    }

    /// Removes identities that no longer lose anything by the configuration.
    pub(super) fn shorten_later(&mut self) {
        self.configured = Configured::Anew;
        for id in self.kept_back.clone() {
            if self.weigh_same(id).loses_in(true).is_empty() {
                self.kept_back.remove(&id);
            }
        }
        self.configured = Configured::Before;
    }

    /// Releases what is held of a configuration, for all or for some people.
    pub(super) fn release_later(&mut self, only: &BTreeSet<IdentityId>) {
        self.configured = Configured::Anew;
        let chosen = |id: &IdentityId| only.is_empty() || only.contains(id);
        let people: Vec<IdentityId> = self.kept_back.iter().copied().filter(chosen).collect();
        self.kept_back.retain(|id| !chosen(id));
        self.settle_again(&people);
        self.configured = Configured::Before;
        self.resettle_dependents();
    }

    /// What is decided to be held.
    pub(super) fn decided(&self) -> BTreeSet<(IdentityId, AccountKey, EntitlementName)> {
        let all = self.known.iter().flat_map(|(id, k)| k.subject.grants.iter().map(move |g| (*id, g)));
        let decided = all.filter(|(_, g)| g.holding.is_decided());
        decided.map(|(id, g)| (id, g.account.clone(), g.entitlement.clone())).collect()
    }

    /// How many are to have a usable account in each system.
    pub(super) fn usable(&self) -> BTreeMap<SystemName, usize> {
        let systems = self.context.setup.systems.keys();
        systems.map(|system| (system.clone(), self.usable_in(system))).collect()
    }

    /// What the brakes of systems hold of what another configuration took away at once: it is ending, and was not lost.
    pub(super) fn hold_in_systems(
        &mut self,
        before: &BTreeSet<(IdentityId, AccountKey, EntitlementName)>,
        usable: &BTreeMap<SystemName, usize>,
    ) {
        let decided = self.decided();
        let mut losing: BTreeMap<SystemName, BTreeSet<IdentityId>> = BTreeMap::new();
        for (id, account, _) in before.difference(&decided) {
            losing.entry(account.system.clone()).or_default().insert(*id);
        }
        losing.retain(|system, people| {
            let declared = self.context.setup.systems.get(system);
            let declared = declared.filter(|s| &*s.connector != "manual" && s.mode != Mode::Observe);
            declared.is_some_and(|s| {
                let usable = usable.get(system).copied().unwrap_or_default();
                people.len() > s.brake.count as usize
                    && people.len() * 100 > usize::from(s.brake.percent) * usable
            })
        });
        for (id, account, entitlement) in before.difference(&decided) {
            let holds = losing.get(&account.system).is_some_and(|people| people.contains(id));
            let Some(known) = self.known.get_mut(id).filter(|_| holds) else { continue };
            for grant in &mut known.subject.grants {
                if grant.account == *account && grant.entitlement == *entitlement {
                    grant.holding = Holding::Ending;
                }
            }
        }
    }

    /// Releases what the brake of a system holds, for all or for some people.
    pub(super) fn release_in(&mut self, system: &str, only: &BTreeSet<IdentityId>) {
        let chosen = self.known.iter_mut().filter(|(id, _)| only.is_empty() || only.contains(*id));
        for grant in chosen.flat_map(|(_, known)| &mut known.subject.grants) {
            if grant.account.system.as_str() == system && grant.holding == Holding::Ending {
                grant.holding = Holding::Ended;
            }
        }
    }

    /// Identities that are to have a usable account in a system.
    fn usable_in(&self, system: &SystemName) -> usize {
        let is_usable =
            |a: &tenure_model::Account| a.key.system == *system && a.target.state == AccountState::Enabled;
        self.known.values().filter(|k| k.subject.accounts.iter().any(is_usable)).count()
    }
}
