//! Input and output of account matching.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use tenure_model::{Account, AttributeName, Identity, IdentityId, Kind, Value};
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
        why: Doubt,
    },
    /// No known identity: an orphan.
    Orphan,
}

/// Why a person is asked whose account this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// Names are similar; similarity never links.
    Alike,
    /// Its attributes point at several people.
    SeveralPeople,
    /// Several accounts of one kind point at one person.
    SeveralAccounts,
    /// The person already has an account of this kind there.
    HasOne,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alike => "its name resembles that of an identity, and a resemblance never decides",
            Self::SeveralPeople => "its attributes match several identities",
            Self::SeveralAccounts => "another account matches the same identity",
            Self::HasOne => "the identity has an account there already",
        })
    }
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
