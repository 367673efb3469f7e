//! Whether the name of an account that is adopted becomes its holder's identifier, and who must be given another one for it.

use crate::Context;
use crate::identifier::{Seen, candidates};
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{Account, AccountKey, Identity, Kind};
use tenure_policy::System;

/// What names accounts of a kind, where an adopted account is called otherwise than its holder's identifier says: the name is its
/// holder's from then on. Whether it becomes the identifier as well: where it is one that the holder could be given, and no other
/// account that was made is called by the present one. A name of another make stays the account's own.
#[must_use]
pub fn named_by(
    context: &Context,
    system: &System,
    (identity, accounts): (&Identity, &[Account]),
    (kind, name): (&Kind, &str),
    now: Timestamp,
) -> Option<(Arc<str>, bool)> {
    let identifier = system.name_of(kind);
    if identity.identifiers.get(identifier).is_some_and(|is| **is == *name) {
        return None;
    }
    let key = AccountKey { system: system.name.clone(), kind: kind.clone() };
    let systems = &context.setup.systems;
    let is_named = |a: &Account| {
        a.key != key
            && a.native.is_some()
            && systems.get(&a.key.system).is_some_and(|s| s.name_of(&a.key.kind) == identifier)
    };
    let becomes = !accounts.iter().any(is_named) && fits(context, identity, identifier, name, now);
    Some((identifier.clone(), becomes))
}

/// Whether a name is one that an identity could be given.
fn fits(context: &Context, identity: &Identity, identifier: &str, name: &str, now: Timestamp) -> bool {
    let declared = context.setup.policy.identifiers.iter().find(|i| *i.name == *identifier);
    let seen = Seen::of(context, identity, now);
    declared.zip(seen).is_some_and(|(i, seen)| candidates(i, &seen.inputs(&identity.identifiers)).fits(name))
}

/// Whether nothing was ever made under an identity's identifiers: a namesake who really has an account of this name may have it.
#[must_use]
pub fn is_unused(accounts: &[Account]) -> bool {
    accounts.iter().all(|a| a.native.is_none() && a.confirmed == 0)
}

/// Makes the name of an adopted account its holder's identifier. What was made of the one before stays: nothing happened that would be a
/// reason for other names.
pub fn take_name(identity: &mut Identity, identifier: Arc<str>, name: Arc<str>) {
    let of = format!("id.{identifier}");
    for made in identity.naming.made_of.values_mut() {
        if let Some(input) = made.get_mut(of.as_str()) {
            *input = name.clone();
        }
    }
    identity.identifiers.insert(identifier, name);
}

/// Takes an identifier from an identity, with those that were made of it: it is given others.
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
