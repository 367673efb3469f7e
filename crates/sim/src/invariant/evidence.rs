//! What must not happen between two steps: an older generation after a newer one, and a removal without a fact about it.

use super::checker::{Held, Notes};
use super::property::Property;
use super::snapshot::{Snapshot, SystemsSnapshot};
use std::collections::{BTreeMap, BTreeSet};
use tenure_model::{AccountKey, EntitlementName, FactState, Holding, IdentityId, Obligation};

/// What the last step left.
#[derive(Default)]
pub(super) struct Past {
    generations: BTreeMap<(IdentityId, AccountKey), u64>,
    /// What was held, or was being taken away.
    held: BTreeSet<Held>,
}

impl Past {
    /// Compares with what is now.
    pub(super) fn follow(&mut self, after: &Snapshot<'_>, notes: &mut Notes) {
        // Accounts are forgotten with an erasure: what comes back later is another account.
        self.generations.retain(|(id, _), _| after.members.get(id).is_some_and(|m| !m.identity.is_erased()));
        for member in after.living() {
            for account in &member.accounts {
                let key = (member.identity.id, account.key.clone());
                let before = self.generations.insert(key, account.generation).unwrap_or(0);
                if account.generation < before {
                    let fell = format!("from {before} to {}", account.generation);
                    notes.add(Property::GenerationRises, format!("{} {} {fell}", member.name, account.key));
                }
            }
        }
        let Some(outside) = &after.outside else { return };
        let mut held = BTreeSet::new();
        for member in after.living() {
            for grant in member.grants.iter().filter(|g| !is_account(&g.entitlement)) {
                let key = (member.identity.id, grant.account.clone(), grant.entitlement.clone());
                match grant.holding {
                    Holding::Held | Holding::Ending => drop(held.insert(key)),
                    Holding::Ended if self.held.contains(&key) && !is_evidenced(after, outside, &key) => {
                        let over =
                            format!("{} {} is over, and no fact says so", member.name, grant.entitlement);
                        notes.add(Property::RemovedIsEvidenced, over);
                    }
                    _ => {}
                }
            }
        }
        self.held = held;
    }
}

/// Whether a fact tells how it is known that something is over. A change by hand, and a change by a system in another mode, is seen by
/// reconciliation, which takes note of it without owing anything.
fn is_evidenced(after: &Snapshot<'_>, outside: &SystemsSnapshot, (id, account, what): &Held) -> bool {
    let seen = &outside.reconciled;
    if seen.contains(&account.system)
        || outside.touched.contains(&account.system)
        || !after.is_enforced(&account.system)
    {
        return true;
    }
    let tells = |obligation: &Obligation| match obligation {
        Obligation::AccountUnusable | Obligation::AccountDeleted => true,
        Obligation::EntitlementGone(gone) => gone == what,
        _ => false,
    };
    let mut facts = outside.facts.iter().filter(|f| f.identity == *id && f.account.as_ref() == Some(account));
    facts.any(|f| tells(&f.obligation) && !matches!(f.state, FactState::Unknown))
}

fn is_account(what: &EntitlementName) -> bool {
    what.local() == "account"
}
