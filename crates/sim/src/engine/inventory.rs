//! What was in systems before Tenure, as the engine alone keeps it: accounts made by hand, found by a scan, and adopted.

use super::keys::fold;
use super::world::{Key, World};
use crate::book::Event;
use crate::verbs::Act;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::longer;
use tenure_engine::{
    AccountSeen, Estate, ScannedAccount, Whose, give_up, is_unused, look, named_by, note_adopter, take_in,
    take_name,
};
use tenure_model::{
    Account, AccountKey, AccountState, AttributeName, CaseLabel, Containment, EntitlementName, IdentityId,
    Kind, Name as _, Observed, SystemName, Value,
};
use tenure_policy::{Mode, System};

/// An account that an administrator made.
#[derive(Default)]
pub(super) struct ByHand {
    pub(super) enabled: bool,
    pub(super) attributes: BTreeMap<AttributeName, Value>,
    pub(super) holds: BTreeSet<Arc<str>>,
    /// Whether it is linked to an identity since.
    pub(super) linked: bool,
    /// Whether a person said that it belongs to no identity.
    orphan_identity: bool,
    /// Whether a scan has seen it.
    seen: bool,
}

/// Accounts by system and name.
pub(super) type Inventory = BTreeMap<SystemName, BTreeMap<Arc<str>, ByHand>>;

/// Entitlements within entitlements: outer, inner.
pub(super) type Nested = BTreeMap<SystemName, BTreeSet<(EntitlementName, EntitlementName)>>;

impl World {
    /// An administrator's hand in a system.
    pub(super) fn by_hand(&mut self, event: &Event) {
        let Ok(system) = SystemName::new(&event.system) else { return };
        let named = |local: &String| EntitlementName::of(&system, local).unwrap();
        let nested = self.nested.entry(system.clone()).or_default();
        if let (Some(outer), Some(inner)) = (&event.nest, &event.into) {
            nested.insert((named(outer), named(inner)));
        }
        if let (Some(outer), Some(inner)) = (&event.nest, &event.out_of) {
            nested.remove(&(named(outer), named(inner)));
        }
        let accounts = self.inventory.entry(system).or_default();
        if let Some(name) = &event.remove {
            accounts.remove(name.as_str());
        }
        if let Some(name) = &event.add {
            accounts.insert(Arc::from(name.as_str()), ByHand { enabled: true, ..ByHand::default() });
        }
        let touched = event.add.as_ref().or(event.edit.as_ref());
        let Some(account) = touched.and_then(|name| accounts.get_mut(name.as_str())) else { return };
        account.enabled = event.enabled.unwrap_or(account.enabled);
        account.holds.extend(event.hold.iter().map(|e| Arc::from(e.as_str())));
        account.holds.retain(|e| !event.drop.iter().any(|d| **d == **e));
        for (name, value) in &event.set {
            let name = AttributeName::new(name).unwrap();
            account.attributes.insert(name, Value::Text(Arc::from(value.as_str())));
        }
    }

    /// A scan sees every account made by hand, and what is nested: where that changed, all identities are settled again. Accounts that
    /// an order names are cut off.
    pub(super) fn scan(&mut self, system: &str) {
        let Some((name, declared)) = self.context.setup.systems.get_key_value(system) else { return };
        let (name, declared) = (name.clone(), declared.clone());
        self.inventory.entry(name.clone()).or_default().values_mut().for_each(|a| a.seen = true);
        let others = self.contained.iter().filter(|(outer, _)| outer.system() != name);
        let others: Vec<_> = others.map(|(outer, inner)| (outer.clone(), inner.clone())).collect();
        let now = self.nested.get(&name).into_iter().flatten().cloned();
        let contained: Containment = others.into_iter().chain(now).collect();
        if contained != *self.contained {
            self.contained = Arc::new(contained);
            self.hold_through(&name);
            let all: Vec<IdentityId> = self.known.keys().copied().collect();
            self.settle_again(&all);
            self.resettle_dependents();
        }
        self.cut_off_seen(&declared);
    }

    /// Adopts the accounts that rules link to an identity.
    pub(super) fn adopt(&mut self, system: &str, by: Option<&str>) -> Result<(), String> {
        let name = SystemName::new(system).map_err(|e| e.to_string())?;
        let declared = self.context.setup.systems.get(&name).cloned();
        let declared = declared.ok_or_else(|| format!("the configuration has no system `{system}`"))?;
        if declared.mode == Mode::Enforce {
            return Err(format!("{system} is in `enforce`: existing access is adopted before that"));
        }
        self.scan(system);
        let mut estate = Estate::new(&self.context, &declared, self.now);
        self.known.values().for_each(|k| estate.add(&k.subject.identity, &k.subject.accounts));
        let open = self.open_accounts(&declared);
        let kind = Kind::default();
        let all: Vec<AccountSeen<'_>> = open
            .iter()
            .map(|n| AccountSeen { name: n, kind: &kind, attributes: &self.inventory[&name][n].attributes })
            .collect();
        let whose = estate.whose(&all);
        let mut theirs: BTreeMap<IdentityId, Vec<(Kind, Arc<str>)>> = BTreeMap::new();
        for (account, whose) in open.iter().zip(whose) {
            if let Whose::Linked { id, kind, .. } = whose {
                theirs.entry(id).or_default().push((kind, account.clone()));
            }
        }
        let by = self.person(by.unwrap_or(&declared.owner)).ok();
        for (id, accounts) in theirs {
            self.take_in(&declared, id, &accounts, (by, false));
        }
        self.resettle_dependents();
        Ok(())
    }

    /// A person says which identity an account (`system:name`) belongs to, or that it belongs to none.
    pub(super) fn claim(&mut self, act: &Act) -> Result<(), String> {
        let account = act.claim.as_ref().or(act.disclaim.as_ref()).unwrap();
        let (system, account) =
            account.split_once(':').unwrap_or_else(|| panic!("an account is system:name"));
        let name = SystemName::new(system).map_err(|e| e.to_string())?;
        let known = self.inventory.get_mut(&name).and_then(|all| all.get_mut(account));
        let known = known.ok_or_else(|| format!("no account {account} in {system}"))?;
        let (Some(_), Some(person)) = (&act.claim, &act.person) else {
            known.orphan_identity = true;
            return Ok(());
        };
        let declared = self.context.setup.systems[&name].clone();
        let id = self.person(person)?;
        let by = act.by.as_deref().and_then(|by| self.person(by).ok());
        self.take_in(&declared, id, &[(Kind::default(), Arc::from(account))], (by, true));
        self.resettle_dependents();
        Ok(())
    }

    /// Unlinked accounts that a scan has seen, by name; protected ones are left out.
    pub(super) fn open_accounts(&self, system: &System) -> Vec<Arc<str>> {
        let all = self.inventory.get(&system.name).into_iter().flatten();
        let open = all.filter(|(name, a)| {
            a.seen && !a.linked && !a.orphan_identity && !system.protected.contains(*name)
        });
        open.map(|(name, _)| name.clone()).collect()
    }

    /// Adopted accounts hold, through others, what is nested now.
    fn hold_through(&mut self, system: &SystemName) {
        let theirs = self.inventory.get(system).into_iter().flatten();
        let now: BTreeMap<Arc<str>, _> =
            theirs.map(|(name, a)| (name.clone(), self.through(system, &a.holds))).collect();
        let accounts = self.known.values_mut().flat_map(|k| &mut k.subject.accounts);
        for account in accounts.filter(|a| a.key.system == *system) {
            if let Observed::Present { external_id, through, .. } = &mut account.observed
                && let Some(now) = now.get(external_id)
            {
                through.clone_from(now);
            }
        }
    }

    /// What is inherited, with the path.
    fn through(
        &self,
        system: &SystemName,
        holds: &BTreeSet<Arc<str>>,
    ) -> BTreeMap<EntitlementName, Arc<str>> {
        let mut found: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::new();
        let mut open: Vec<(Arc<str>, Arc<str>)> = holds.iter().map(|e| (e.clone(), e.clone())).collect();
        while let Some((outer, way)) = open.pop() {
            let nested = self.nested.get(system).into_iter().flatten();
            for (_, inner) in nested.filter(|(o, _)| *o.local() == *outer) {
                let inner: Arc<str> = Arc::from(inner.local());
                if !holds.contains(&inner) && !found.contains_key(&inner) {
                    let way = longer(&way, &inner);
                    found.insert(inner.clone(), way.clone());
                    open.push((inner, way));
                }
            }
        }
        self.context.declared_of(system, &found)
    }

    /// Accounts as they would be seen: what is decided exists, where a program writes.
    fn as_made(&self, accounts: &[Account]) -> Vec<Account> {
        let is_made = |a: &Account| {
            let written =
                self.context.setup.systems.get(&a.key.system).is_some_and(|s| s.mode != Mode::Observe);
            written && a.target.state != AccountState::Absent
        };
        let seen = |a: &Account| match is_made(a) {
            true => Account { external_id: Some(Arc::from("made")), ..a.clone() },
            false => a.clone(),
        };
        accounts.iter().map(seen).collect()
    }

    /// The names of adopted accounts that become their holder's identifiers; an earlier holder who used a name nowhere gets another one.
    fn take_names(&mut self, system: &System, id: IdentityId, accounts: &[(Kind, Arc<str>)]) -> Vec<Key> {
        let mut taken = Vec::new();
        for (kind, account) in accounts {
            let subject = &self.known[&id].subject;
            let accounts = self.as_made(&subject.accounts);
            let of = (&subject.identity, &*accounts);
            let named = named_by(&self.context, system, of, (kind, account));
            let Some((name, becomes)) = named else { continue };
            let key = (name.clone(), fold(account));
            match self.issued.get(&key).copied() {
                None => {}
                Some(Some(holder)) if holder == id => {}
                Some(Some(holder)) if is_unused(&self.as_made(&self.known[&holder].subject.accounts)) => {
                    self.issued.insert(key.clone(), Some(id));
                    let mut other = self.known[&holder].subject.identity.clone();
                    give_up(&mut other, &name);
                    let known = self.known.get_mut(&holder).unwrap();
                    known.subject.identity.identifiers.clone_from(&other.identifiers);
                    let decision = self.weigh(other, None, None);
                    self.commit(decision);
                }
                Some(_) => continue,
            }
            self.issued.insert(key, Some(id));
            if let Some(look) = look(account) {
                self.issued.entry((name.clone(), look)).or_insert(Some(id));
            }
            taken.extend(becomes.then(|| (name, account.clone())));
        }
        taken
    }

    fn take_in(
        &mut self,
        system: &System,
        id: IdentityId,
        accounts: &[(Kind, Arc<str>)],
        (by, is_single): (Option<IdentityId>, bool),
    ) {
        let asks = is_single || by.is_some_and(|by| by == id || self.delegates(by, true).contains(&id));
        let names = self.take_names(system, id, accounts);
        // Accounts of others may refer to this one by name.
        self.changed.insert(id);
        let mut after = self.known[&id].subject.identity.clone();
        for (identifier, name) in names {
            let known = &mut self.known.get_mut(&id).unwrap().subject.identity;
            known.identifiers.insert(identifier.clone(), name.clone());
            take_name(&mut after, identifier, name);
        }
        for (kind, account) in accounts {
            let by_hand = &self.inventory[&system.name][account];
            let through = self.through(&system.name, &by_hand.holds);
            let found = ScannedAccount {
                seen: AccountSeen { name: account, kind, attributes: &by_hand.attributes },
                external_id: account,
                enabled: by_hand.enabled,
                entitlements: &by_hand.holds,
                through: &through,
            };
            let key = AccountKey { system: system.name.clone(), kind: kind.clone() };
            let subject = &self.known[&id].subject;
            let known = subject.accounts.iter().find(|a| a.key == key);
            let owner = |_: &EntitlementName| None;
            let mut taken = take_in(&self.context, system, &after, (kind, known), &found, &owner, self.now);
            if let Some(by) = by {
                note_adopter(&self.context, &mut taken.individual, by, asks);
            }
            after.decisions.individual.extend(taken.individual);
            let subject = &mut self.known.get_mut(&id).unwrap().subject;
            subject.accounts.retain(|a| a.key != key);
            subject.accounts.push(taken.account);
            subject.grants.retain(|g| g.account != key);
            subject.grants.extend(taken.grants);
            let by_hand = self.inventory.get_mut(&system.name).and_then(|all| all.get_mut(account));
            by_hand.unwrap().linked = true;
        }
        let decision = self.weigh(after, Some(CaseLabel::Onboarding), None);
        self.commit(decision);
    }
}
