//! When the name of an adopted account becomes its holder's identifier, which other identity must get another name for it, and which
//! names accounts keep.

use super::whose::kept_name;
use crate::Context;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{Account, AccountKey, Identity, Kind, SystemName};
use tenure_policy::System;

/// The identifier that names accounts of a kind, if an adopted account's name differs from its holder's identifier: the name then
/// belongs to the holder. Also returns whether the name becomes the identifier, whatever the candidates are: for the kind that the
/// identifier is for, and while no other created account has the present identifier as its name. Of several adopted names the first
/// becomes the identifier; the others stay account names, reserved for their holder.
#[must_use]
pub fn named_by(
    context: &Context,
    system: &System,
    (identity, accounts): (&Identity, &[Account]),
    (kind, name): (&Kind, &str),
) -> Option<(Arc<str>, bool)> {
    let identifier = system.name_of(kind);
    if identity.identifiers.get(identifier).is_some_and(|is| **is == *name) {
        return None;
    }
    let key = AccountKey { system: system.name.clone(), kind: kind.clone() };
    let systems = &context.setup.systems;
    let is_named = |a: &Account| {
        a.key != key
            && (a.external_id.is_some() || a.confirmed > 0)
            && systems.get(&a.key.system).is_some_and(|s| s.name_of(&a.key.kind) == identifier)
    };
    let mut declared = context.setup.policy.identifiers.iter().filter(|i| i.name == *identifier);
    let is_for = declared.any(|i| i.kinds.contains(&identity.kind));
    let is_primary = *kind == Kind::default() || *identifier != system.account_name;
    let becomes = is_for && is_primary && !accounts.iter().any(is_named);
    Some((identifier.clone(), becomes))
}

/// The names that accounts keep beside the identifiers of their holder, by system: those of the default kind, which references use.
#[must_use]
pub fn kept_names(
    context: &Context,
    identity: &Identity,
    accounts: &[Account],
) -> BTreeMap<SystemName, Arc<str>> {
    let all = accounts.iter().filter(|a| a.key.kind == Kind::default() && a.external_id.is_some());
    let kept = all.filter_map(|account| {
        let system = context.setup.systems.get(&account.key.system)?;
        Some((account.key.system.clone(), kept_name(system, identity, account)?.clone()))
    });
    kept.collect()
}

/// Whether no account was ever created under an identity's identifiers: then a namesake who really has an account of this name may get
/// it.
#[must_use]
pub fn is_unused(accounts: &[Account]) -> bool {
    accounts.iter().all(|a| a.external_id.is_none() && a.confirmed == 0)
}

/// Makes the name of an adopted account its holder's identifier. What was derived from the previous identifier stays: nothing happened
/// that justifies other names.
pub fn take_name(identity: &mut Identity, identifier: Arc<str>, name: Arc<str>) {
    let of = format!("id.{identifier}");
    for made in identity.naming.made_of.values_mut() {
        if let Some(input) = made.get_mut(of.as_str()) {
            *input = name.clone();
        }
    }
    identity.identifiers.insert(identifier, name);
}

/// Removes an identifier from an identity, with those derived from it: new ones are issued.
pub fn give_up(identity: &mut Identity, identifier: &str) {
    let of = format!("id.{identifier}");
    let mut names = vec![Arc::from(identifier)];
    let made = identity.naming.made_of.iter().filter(|(_, made)| made.contains_key(of.as_str()));
    names.extend(made.map(|(name, _)| name.clone()));
    for name in names {
        identity.identifiers.remove(&name);
        identity.naming.made_of.remove(&name);
        if let Some(renaming) = &mut identity.naming.renaming {
            renaming.names.remove(&name);
        }
    }
}
