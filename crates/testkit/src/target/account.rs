//! An account as the fake system keeps it, open for tests to edit.

use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::{Credential, Session};
use tenure_model::{AttributeName, Kind, Value};

/// An account of the fake system. Tests edit it as an administrator would: by hand, past Tenure.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FakeAccount {
    /// Its name.
    pub name: Arc<str>,
    /// Its kind.
    pub kind: Kind,
    /// Whether it can be used.
    pub enabled: bool,
    /// Its attributes. References to other accounts are kept apart.
    pub attributes: BTreeMap<AttributeName, Value>,
    /// References to other accounts, by external id: they follow a rename.
    pub references: BTreeMap<AttributeName, Arc<str>>,
    /// What it holds directly.
    pub entitlements: BTreeSet<Arc<str>>,
    /// Sessions that are open.
    pub sessions: Vec<Session>,
    /// Credentials that work.
    pub credentials: Vec<Credential>,
    /// The password, and when it was set; where the system generates it, it is not known outside.
    pub password: Option<(Arc<str>, Timestamp)>,
    /// Counts writes; the version that conditional writes compare.
    pub version: u64,
}

impl FakeAccount {
    /// An enabled account that holds nothing, as an administrator makes it by hand.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: Arc::from(name), enabled: true, ..Self::default() }
    }
    /// The same holding these entitlements.
    #[must_use]
    pub fn holding(mut self, entitlements: &[&str]) -> Self {
        self.entitlements.extend(entitlements.iter().map(|e| Arc::from(*e)));
        self
    }
    /// The same with an attribute.
    #[must_use]
    pub fn with(mut self, attribute: &AttributeName, value: Value) -> Self {
        self.attributes.insert(attribute.clone(), value);
        self
    }
}
