//! The accounts found in a system before adoption, as shown to people before they agree.

use super::snapshot::{Scope, Snapshot};
use super::unlinked::{Unlinked, Weighed, candidates};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::RemoteAccount;
use tenure_engine::{Context, Whose};
use tenure_model::{AccountDoubt, EntitlementName, IdentityId, Kind, OrphanClass, SystemName};

/// An account that would be adopted, or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its name.
    pub account: Arc<str>,
    /// Its identity.
    pub person: Arc<str>,
    /// Its kind among their accounts.
    pub kind: Kind,
    /// The rule that matched it.
    pub by: Arc<str>,
    /// Whether it can be used.
    pub enabled: bool,
    /// What it holds, and whether Tenure would manage each.
    pub holds: Vec<(Arc<str>, bool)>,
}

/// What an adoption would do, or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// The system.
    pub system: SystemName,
    /// Accounts seen.
    pub accounts: u64,
    /// Whether the scan was proved complete.
    pub complete: bool,
    /// Accounts of people who are here.
    pub linked: Vec<Link>,
    /// Accounts of departed people: they get no justification, and are ended as the system's mode allows.
    pub departed: Vec<Link>,
    /// Accounts of the adopting person, with access at or above the risk of review: another person adopts them.
    pub own: Vec<Link>,
    /// Accounts about which a person is asked.
    pub asked: Vec<AskedAccount>,
    /// Orphan accounts: class, name, responsible person.
    pub orphans: Vec<(OrphanClass, Arc<str>, Arc<str>)>,
    /// Accounts that are protected by name and left out of everything.
    pub protected: Vec<Arc<str>>,
    /// People with more than one of these accounts, and how many.
    pub several: Vec<(Arc<str>, u64)>,
    /// Entitlements without an owner, and the number of holders: they stay as they are.
    pub unmanaged: BTreeMap<Arc<str>, u64>,
    /// Inherited entitlements of accounts: account, entitlement, path.
    pub nested: Vec<(Arc<str>, Arc<str>, Arc<str>)>,
    /// Whether it was done.
    pub done: bool,
    /// Accounts that were adopted.
    pub adopted: u64,
}

/// What an account holds directly, and whether each is managed.
fn holds(context: &Context, scope: &Scope<'_>, remote: &RemoteAccount) -> Vec<(Arc<str>, bool)> {
    let managed = |e: &Arc<str>| EntitlementName::of(scope.name, e).is_ok_and(|e| context.is_managed(&e));
    remote.entitlements.iter().map(|e| (e.clone(), managed(e))).collect()
}

/// Whether an account belongs to the adopter or an identity that counts as the adopter, and holds what another person must review.
pub(super) fn is_own_risk(
    context: &Context,
    scope: &Scope<'_>,
    account: &Unlinked,
    adopter: &BTreeSet<IdentityId>,
) -> bool {
    let risk = context.setup.policy.request.review_risk;
    let risky = |e: &Arc<str>| {
        EntitlementName::of(scope.name, e)
            .is_ok_and(|e| context.is_managed(&e) && context.risk_of(&e) >= risk)
    };
    matches!(&account.whose, Whose::Linked { id, .. } if adopter.contains(id))
        && account.remote.entitlements.iter().any(risky)
}

/// An account about which a person is asked: its name, the candidates, why.
pub type AskedAccount = (Arc<str>, Vec<Arc<str>>, AccountDoubt);

impl Adoption {
    pub(crate) fn of(
        context: &Context,
        scope: &Scope<'_>,
        seen: &Snapshot,
        weighed: &Weighed,
        adopter: &BTreeSet<IdentityId>,
    ) -> Self {
        let mut it = Self {
            system: scope.name.clone(),
            accounts: u64::try_from(seen.accounts.len()).unwrap_or(u64::MAX),
            complete: seen.complete,
            linked: Vec::new(),
            departed: Vec::new(),
            own: Vec::new(),
            asked: Vec::new(),
            orphans: Vec::new(),
            protected: Vec::new(),
            several: Vec::new(),
            unmanaged: BTreeMap::new(),
            nested: Vec::new(),
            done: false,
            adopted: 0,
        };
        let mut count: BTreeMap<IdentityId, u64> = BTreeMap::new();
        for account in &weighed.all {
            let name = account.remote.name.clone();
            match &account.whose {
                Whose::Linked { id, kind, by } => {
                    let person = Arc::from(weighed.title(*id));
                    let holds = holds(context, scope, &account.remote);
                    let (kind, by, enabled) = (kind.clone(), by.clone(), account.remote.enabled);
                    let link = Link { account: name, person, kind, by, enabled, holds };
                    *count.entry(*id).or_default() += 1;
                    let list = match () {
                        () if weighed.departed.contains(id) => &mut it.departed,
                        () if is_own_risk(context, scope, account, adopter) => &mut it.own,
                        () => &mut it.linked,
                    };
                    list.push(link);
                }
                Whose::Ask { why, .. } => {
                    let maybe = candidates(&account.whose);
                    let maybe = maybe.iter().map(|id| Arc::from(weighed.title(*id))).collect();
                    it.asked.push((name, maybe, *why));
                }
                Whose::Orphan => {
                    it.orphans.push((account.orphan.class, name, account.orphan.owner.clone()));
                }
            }
        }
        let several = count.into_iter().filter(|(_, n)| *n > 1);
        it.several = several.map(|(id, n)| (Arc::from(weighed.title(id)), n)).collect();
        it.orphans.sort();
        it.holdings(context, scope, seen);
        it
    }

    /// What accounts hold that is not simply managed, for all accounts of the system together.
    fn holdings(&mut self, context: &Context, scope: &Scope<'_>, seen: &Snapshot) {
        let managed: BTreeSet<&Arc<str>> = seen
            .accounts
            .values()
            .flat_map(|a| &a.entitlements)
            .filter(|e| EntitlementName::of(scope.name, e).is_ok_and(|e| context.is_managed(&e)))
            .collect();
        for account in seen.accounts.values() {
            if scope.system.protected.contains(&account.name) {
                self.protected.push(account.name.clone());
            }
            for held in account.entitlements.iter().filter(|e| !managed.contains(e)) {
                *self.unmanaged.entry(held.clone()).or_default() += 1;
            }
            let nested = account.indirect.iter();
            self.nested.extend(nested.map(|(what, path)| (account.name.clone(), what.clone(), path.clone())));
        }
    }
}
