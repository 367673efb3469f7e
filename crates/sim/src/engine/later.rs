//! What another configuration takes away later, and the brakes of systems over it, as the application counts it.

use super::world::World;
use std::collections::{BTreeMap, BTreeSet};
use tenure_model::{AccountState, IdentityId, SystemName};

impl World {
    /// Of these identities those of whom a brake holds what the configuration takes away later: all that lose something so, or none.
    pub(super) fn held_later(&mut self, ids: &[IdentityId]) -> BTreeSet<IdentityId> {
        let mut losing: BTreeMap<SystemName, BTreeSet<IdentityId>> = BTreeMap::new();
        for id in ids {
            let same = self.known[id].subject.identity.clone();
            let decision = self.weigh(same, None, None);
            for loss in decision.later {
                losing.entry(loss.system).or_default().insert(*id);
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

    /// Identities that are to have a usable account in a system.
    fn usable_in(&self, system: &SystemName) -> usize {
        let is_usable =
            |a: &tenure_model::Account| a.key.system == *system && a.target.state == AccountState::Enabled;
        self.known.values().filter(|k| k.subject.accounts.iter().any(is_usable)).count()
    }
}
