//! Input and output of account matching.

use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{Account, AccountDoubt, AttributeName, Identity, IdentityId, Kind, Value};
use tenure_policy::System;

/// An account as a system shows it.
#[derive(Debug, Clone, Copy)]
pub struct AccountSeen<'a> {
    /// Its name there.
    pub name: &'a str,
    /// Its kind, if the system distinguishes kinds; else the default one.
    pub kind: &'a Kind,
    /// Its attributes, as far as Tenure reads them.
    pub attributes: &'a BTreeMap<AttributeName, Value>,
}

/// The identity of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// This identity's.
    Linked {
        /// The identity.
        id: IdentityId,
        /// The kind of account.
        kind: Kind,
        /// The evidence.
        by: Arc<str>,
    },
    /// A person must decide. Until then no account is created there for any candidate.
    Ask {
        /// The kind of account.
        kind: Kind,
        /// The possible identities with similarity in percent, the most similar first.
        candidates: Vec<(IdentityId, u8)>,
        /// Why only a person can decide.
        why: AccountDoubt,
    },
    /// No known identity: an orphan.
    Orphan,
}

/// The text of an attribute, or the account's name; blank is none.
pub(super) fn text(account: &AccountSeen<'_>, attribute: Option<&AttributeName>) -> Option<String> {
    let text = match attribute {
        None => account.name.to_owned(),
        Some(name) => account.attributes.get(name)?.to_string(),
    };
    (!text.trim().is_empty()).then_some(text)
}

/// The name of an account in its system: the name of its target, else the identifier that names its kind.
#[must_use]
pub fn account_name<'a>(
    system: &System,
    identity: &'a Identity,
    account: &'a Account,
) -> Option<&'a Arc<str>> {
    let issued = || identity.identifiers.get(system.name_of(&account.key.kind));
    account.target.name.as_ref().or_else(issued)
}

/// The name under which an account was adopted and which it keeps: none of its holder's previous names.
pub(crate) fn kept_name<'a>(
    system: &System,
    identity: &Identity,
    account: &'a Account,
) -> Option<&'a Arc<str>> {
    let former = |name: &str| identity.naming.was(system.name_of(&account.key.kind), name);
    account.target.name.as_ref().filter(|n| !former(n))
}

/// The due name of an account: the name that it keeps, else the identifier that names its kind.
pub(crate) fn due_name<'a>(
    system: &System,
    identity: &'a Identity,
    account: &'a Account,
) -> Option<&'a Arc<str>> {
    let issued = || identity.identifiers.get(system.name_of(&account.key.kind));
    kept_name(system, identity, account).or_else(issued)
}
