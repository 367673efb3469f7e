//! Downstream systems: how they are reached, what can be held there, and how much Tenure may do.

use super::{At, Brake};
use crate::Expression;
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{AttributeName, EntitlementName, Kind, SystemName, ValueType};

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
    /// Whether departed people's accounts are deleted after the keeping time.
    pub delete: bool,
    /// The identifier that names accounts.
    pub account_name: Arc<str>,
    /// `[connection]`: texts; values that begin with `env:`, `file:` or `credential:` under a key that ends in
    /// `password`, `token`, `secret` or `key` are references to secrets.
    pub connection: BTreeMap<Arc<str>, Arc<str>>,
    /// `[limits]`: time-out, calls per second and at once, retries.
    pub limits: BTreeMap<Arc<str>, u32>,
    /// Its brake.
    pub brake: Brake,
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
    /// The declaration of an entitlement by its local name: the exact one, else the family that it belongs to.
    #[must_use]
    pub fn entitlement(&self, local: &str) -> Option<&Entitlement> {
        let exact = self.entitlements.iter().find(|e| e.name.local() == local);
        exact.or_else(|| self.entitlements.iter().find(|e| crate::load::covers(e.name.local(), local)))
    }
}
