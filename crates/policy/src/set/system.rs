//! Downstream systems: how they are reached, what can be held there, and how much Tenure may do.

use super::{At, Brake};
use crate::Expression;
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{AttributeName, EntitlementName, Kind, OrphanClass, SystemName, ValueType};

/// How much Tenure may do in a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Due work becomes tasks for the system's owner.
    Observe,
    /// Leavers, cut-offs and expiries act, nothing else is removed.
    EndOnly,
    /// Nothing is removed.
    AddOnly,
    /// Held equals justified.
    Enforce,
}

/// When an outbound attribute is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// Always.
    Always,
    /// At creation.
    Initial,
    /// When the system has none.
    IfEmpty,
}

/// An outbound attribute.
#[derive(Debug, Clone)]
pub struct Outbound {
    /// The system's name for it.
    pub name: AttributeName,
    /// Its type.
    pub value_type: ValueType,
    /// The value: an expression over the primary engagement's attributes and the identifiers (`id.user_name`).
    pub value: Expression,
    /// A reference: the value is an attribute that points at an identity; written as that identity's account.
    pub reference: Option<AttributeName>,
    /// When it is written.
    pub strength: Strength,
}

/// An entitlement that a system has.
#[derive(Debug, Clone)]
pub struct Entitlement {
    /// Its name, perhaps with one parameter: `project/{project}`.
    pub name: EntitlementName,
    /// Who answers for it; without an owner it is unmanaged and never touched.
    pub owner: Option<Arc<str>>,
    /// Its risk, 0 to 100.
    pub risk: u8,
    /// For how long it may be held at most by request or exception.
    pub max: Option<SignedDuration>,
    /// The account kind that holds it.
    pub kind: Kind,
    /// What it contains, by name.
    pub contains: Vec<EntitlementName>,
    /// The shared identity, by name, whose secret a holder knows.
    pub opens: Option<Arc<str>>,
    /// Where it was declared.
    pub at: At,
}

/// How somebody comes by a first password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// They have none there: another system logs them in.
    Federated,
    /// By a link that works once.
    OneTimeLink,
    /// A person hands it over.
    Manual,
}

/// `[activation]`: the first password of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// How.
    pub how: How,
    /// Who receives the link, or hands the password over: whom this attribute refers to; `None`: whose account it is.
    pub to: Option<AttributeName>,
    /// What holds the recipient's address: one of their attributes, else one of their identifiers.
    pub address: Arc<str>,
    /// For how long a link works.
    pub expires: SignedDuration,
}

/// A kind of account beside the default one.
#[derive(Debug, Clone)]
pub struct AccountKind {
    /// The identifier that names its accounts.
    pub name: Arc<str>,
    /// All that is written to its accounts: the system's attributes, its own in their place.
    pub attributes: Vec<Outbound>,
}

/// A rule that says whose an account is that nobody has. The first ones rank highest.
#[derive(Debug, Clone)]
pub struct AccountMatch {
    /// The kind of account that is found by it.
    pub kind: Kind,
    /// Only accounts whose name fits one of these patterns (`adm-*`); none: all.
    pub names: Vec<Arc<str>>,
    /// The attribute that tells whose it is; `None`: the account's name.
    pub attribute: Option<AttributeName>,
    /// What it tells.
    pub by: MatchBy,
}

/// What an attribute of an account tells of its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MatchBy {
    /// A key that sources give (`worker_number`).
    Key(Arc<str>),
    /// A name that Tenure issues (`user_name`).
    Identifier(Arc<str>),
    /// What people call the holder: from this likeness on, in percent, a person is asked. It never links.
    Alike(u8),
}

/// What an account of nobody is, by its name or an attribute.
#[derive(Debug, Clone)]
pub struct OrphanRule {
    /// What it is.
    pub class: OrphanClass,
    /// Patterns of names (`svc-*`); none: all.
    pub names: Vec<Arc<str>>,
    /// An attribute with one of these values; `None`: whatever they are.
    pub attribute: Option<(AttributeName, Vec<Arc<str>>)>,
    /// Who answers for it; `None`: the system's owner.
    pub owner: Option<Arc<str>>,
}

/// What it means that an account was made unusable in its system by hand, and not by Tenure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnManualDisable {
    /// It stays so, and is a finding.
    Keep,
    /// The system's owner is asked; it stays so until they say otherwise.
    Ask,
    /// It is drift: it is made usable again.
    Enable,
}

/// A downstream system.
#[derive(Debug, Clone)]
pub struct System {
    /// Its name (that of its file).
    pub name: SystemName,
    /// Its connector.
    pub connector: Arc<str>,
    /// Who answers for it.
    pub owner: Arc<str>,
    /// How much Tenure may do.
    pub mode: Mode,
    /// What an account means that was made unusable there by hand.
    pub on_manual_disable: OnManualDisable,
    /// Whether departed people's accounts are deleted after the keeping time.
    pub delete: bool,
    /// The identifier that names accounts.
    pub account_name: Arc<str>,
    /// Kinds of accounts that have names of their own.
    pub kinds: BTreeMap<Kind, AccountKind>,
    /// Whose an account is that nobody has.
    pub matches: Vec<AccountMatch>,
    /// What an account is that belongs to nobody.
    pub orphans: Vec<OrphanRule>,
    /// `[connection]`: texts; values that begin with `env:`, `file:` or `credential:` under a key that ends in
    /// `password`, `token`, `secret` or `key` are references to secrets.
    pub connection: BTreeMap<Arc<str>, Arc<str>>,
    /// `[limits]`: time-out, calls per second and at once, retries.
    pub limits: BTreeMap<Arc<str>, u32>,
    /// Its brake.
    pub brake: Brake,
    /// Who attests manual work; `None`: its owners, their deputies, the holder's manager, the escalation group.
    pub attested_by: Option<Arc<str>>,
    /// Account names that are never touched (built-in, break-glass).
    pub protected: BTreeSet<Arc<str>>,
    /// How first passwords are handed over; `None`: Tenure does not see to passwords there.
    pub activation: Option<Activation>,
    /// What is written to accounts.
    pub attributes: Vec<Outbound>,
    /// What can be held, patterns included, by local name.
    pub entitlements: Vec<Entitlement>,
    /// Where it was declared.
    pub at: At,
}

impl System {
    /// The identifier that names accounts of a kind.
    #[must_use]
    pub fn name_of(&self, kind: &Kind) -> &Arc<str> {
        self.kinds.get(kind).map_or(&self.account_name, |k| &k.name)
    }

    /// Whether rules tell by more than the name that an identity was issued whose an account is.
    #[must_use]
    pub fn tells_holders(&self) -> bool {
        self.matches.iter().any(|r| r.attribute.is_some() || !matches!(r.by, MatchBy::Identifier(_)))
    }

    /// What is written to accounts of a kind.
    #[must_use]
    pub fn attributes_of(&self, kind: &Kind) -> &[Outbound] {
        self.kinds.get(kind).map_or(&self.attributes, |k| &k.attributes)
    }

    /// Everything that is written to accounts of any kind.
    pub fn all_attributes(&self) -> impl Iterator<Item = &Outbound> {
        self.attributes.iter().chain(self.kinds.values().flat_map(|k| &k.attributes))
    }

    /// Whether an identifier names accounts here.
    #[must_use]
    pub fn is_named_by(&self, identifier: &str) -> bool {
        *self.account_name == *identifier || self.kinds.values().any(|k| *k.name == *identifier)
    }

    /// The declaration of an entitlement by its local name: the exact one, else the family that it belongs to.
    #[must_use]
    pub fn entitlement(&self, local: &str) -> Option<&Entitlement> {
        let exact = self.entitlements.iter().find(|e| e.name.local() == local);
        exact.or_else(|| self.entitlements.iter().find(|e| crate::load::covers(e.name.local(), local)))
    }
}

/// Whether a name fits a pattern, in which `*` stands for any text; capitals make no difference.
#[must_use]
pub fn fits_pattern(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(place) => rest = rest.get(place + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::fits_pattern;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name) in
            [("svc-*", "SVC-backup"), ("*", ""), ("*-adm", "ada-adm"), ("a*b*c", "axxbyyc"), ("root", "root")]
        {
            assert!(fits_pattern(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("svc-*", "xsvc-1"), ("root", "root2"), ("a*b*c", "acb"), ("*-adm", "ada-admx")]
        {
            assert!(!fits_pattern(pattern, name), "{pattern} {name}");
        }
    }
}
