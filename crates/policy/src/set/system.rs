//! Downstream systems: how they are reached, what can be held there, and what Tenure may do.

use super::{At, Brake};
use crate::Expression;
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{AttributeName, EntitlementName, Kind, OrphanClass, SystemName, ValueType};

/// What Tenure may do in a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Due work becomes manual tasks, assigned to the system's owner.
    Observe,
    /// Leavers, cut-offs and expiries are carried out; nothing else is removed.
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
    /// If the system has none.
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
    /// A reference: the value is an attribute that refers to an identity; written as that identity's account.
    pub reference: Option<AttributeName>,
    /// When it is written.
    pub strength: Strength,
}

/// An entitlement of a system.
#[derive(Debug, Clone)]
pub struct Entitlement {
    /// Its name, optionally with one parameter: `project/{project}`.
    pub name: EntitlementName,
    /// Its owner; without an owner it is unmanaged and never changed.
    pub owner: Option<Arc<str>>,
    /// Its risk, 0 to 100.
    pub risk: u8,
    /// Maximum duration by request or exception.
    pub max: Option<SignedDuration>,
    /// The account kind that holds it.
    pub kind: Kind,
    /// The entitlements that it contains, by name.
    pub contains: Vec<EntitlementName>,
    /// The shared identity, by name, whose secret a holder knows.
    pub opens: Option<Arc<str>>,
    /// Where it was declared.
    pub at: At,
}

/// How a holder gets a first password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// No password there: another system authenticates.
    Federated,
    /// By a link that works once.
    OneTimeLink,
    /// A person delivers it.
    Manual,
}

/// `[activation]`: the first password of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// How.
    pub how: How,
    /// Who receives the link, or delivers the password: the identity that this attribute refers to; `None`: the account's holder.
    pub to: Option<AttributeName>,
    /// Where the recipient's address is: one of their attributes, else one of their identifiers.
    pub address: Arc<str>,
    /// For how long a link works.
    pub expires: SignedDuration,
}

/// A kind of account other than the default one.
#[derive(Debug, Clone)]
pub struct AccountKind {
    /// The identifier that names its accounts.
    pub name: Arc<str>,
    /// All attributes written to its accounts: the system's, replaced by its own where it defines them.
    pub attributes: Vec<Outbound>,
}

/// A rule that matches unlinked accounts to identities. The first rules rank highest.
#[derive(Debug, Clone)]
pub struct AccountMatch {
    /// The kind of account that it finds.
    pub kind: Kind,
    /// Only accounts whose name matches one of these patterns (`adm-*`); empty: all.
    pub names: Vec<Arc<str>>,
    /// The attribute that identifies the holder; `None`: the account's name.
    pub attribute: Option<AttributeName>,
    /// What it contains.
    pub by: MatchBy,
}

/// How an attribute of an account identifies its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MatchBy {
    /// A key that sources state (`worker_number`).
    Key(Arc<str>),
    /// A name that Tenure issues (`user_name`).
    Identifier(Arc<str>),
    /// The holder's name: from this similarity on, in percent, a person is asked. It never links.
    Alike(u8),
}

/// Classification of an orphan account by its name or an attribute.
#[derive(Debug, Clone)]
pub struct OrphanRule {
    /// The class.
    pub class: OrphanClass,
    /// Patterns of names (`svc-*`); empty: all.
    pub names: Vec<Arc<str>>,
    /// An attribute with one of these values; `None`: any.
    pub attribute: Option<(AttributeName, Vec<Arc<str>>)>,
    /// Its owner; `None`: the system's owner.
    pub owner: Option<Arc<str>>,
}

/// What happens if an account was disabled in its system by hand, not by Tenure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnManualDisable {
    /// It stays disabled, and is a finding.
    Keep,
    /// The system's owner is asked; it stays disabled until they decide otherwise.
    Ask,
    /// It is drift: the account is enabled again.
    Enable,
}

/// A downstream system.
#[derive(Debug, Clone)]
pub struct System {
    /// Its name (that of its file).
    pub name: SystemName,
    /// Its connector.
    pub connector: Arc<str>,
    /// Its owner.
    pub owner: Arc<str>,
    /// What Tenure may do.
    pub mode: Mode,
    /// What happens if an account was disabled there by hand.
    pub on_manual_disable: OnManualDisable,
    /// Whether departed people's accounts are deleted after the keeping time.
    pub delete: bool,
    /// The identifier that names accounts.
    pub account_name: Arc<str>,
    /// Kinds of accounts that have names of their own.
    pub kinds: BTreeMap<Kind, AccountKind>,
    /// Rules that match unlinked accounts to identities.
    pub matches: Vec<AccountMatch>,
    /// Rules that classify orphan accounts.
    pub orphans: Vec<OrphanRule>,
    /// `[connection]`: texts; values with the prefix `env:`, `file:` or `credential:` under a key that ends in `password`, `token`,
    /// `secret` or `key` are references to secrets.
    pub connection: BTreeMap<Arc<str>, Arc<str>>,
    /// `[limits]`: time-out, calls per second, concurrent calls, retries.
    pub limits: BTreeMap<Arc<str>, u32>,
    /// Its brake.
    pub brake: Brake,
    /// Who attests manual tasks; `None`: its owners, their deputies, the holder's manager, the escalation group.
    pub attested_by: Option<Arc<str>>,
    /// Account names that are never changed (built-in, break-glass).
    pub protected: BTreeSet<Arc<str>>,
    /// How first passwords are delivered; `None`: Tenure does not manage passwords there.
    pub activation: Option<Activation>,
    /// The attributes written to accounts.
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

    /// Whether rules identify holders by more than the issued account name.
    #[must_use]
    pub fn tells_holders(&self) -> bool {
        self.matches.iter().any(|r| r.attribute.is_some() || !matches!(r.by, MatchBy::Identifier(_)))
    }

    /// The attributes written to accounts of a kind.
    #[must_use]
    pub fn attributes_of(&self, kind: &Kind) -> &[Outbound] {
        self.kinds.get(kind).map_or(&self.attributes, |k| &k.attributes)
    }

    /// All attributes written to accounts of any kind.
    pub fn all_attributes(&self) -> impl Iterator<Item = &Outbound> {
        self.attributes.iter().chain(self.kinds.values().flat_map(|k| &k.attributes))
    }

    /// Whether an identifier names accounts here.
    #[must_use]
    pub fn is_named_by(&self, identifier: &str) -> bool {
        *self.account_name == *identifier || self.kinds.values().any(|k| *k.name == *identifier)
    }

    /// The declaration of an entitlement by its local name: the exact one, else its family.
    #[must_use]
    pub fn entitlement(&self, local: &str) -> Option<&Entitlement> {
        let exact = self.entitlements.iter().find(|e| e.name.local() == local);
        exact.or_else(|| self.entitlements.iter().find(|e| crate::load::covers(e.name.local(), local)))
    }
}

/// Whether a name matches a pattern, in which `*` is any text; letter case is ignored.
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
