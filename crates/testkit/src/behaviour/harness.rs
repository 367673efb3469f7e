//! What the suite asks of a connector's test: two connections, what exists, and changes by hand inside the system.

use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_connect::Connector;
use tenure_model::{AttributeName, Kind, Value};

/// One system under test. The suite makes accounts whose names carry [`Harness::prefix`] and leaves them there:
/// give it a fresh system, or a fresh prefix. Only the first three methods must be written; each of the others opens
/// checks that are skipped (and listed as skipped) without it.
#[async_trait]
pub trait Harness: Send + Sync {
    /// A new connection that writes.
    fn writer(&self) -> Arc<dyn Connector>;

    /// A new connection that reads, independent of the writer's. Configure pages of at most 100 accounts, so that paging is
    /// seen to work.
    fn reader(&self) -> Arc<dyn Connector>;

    /// Local names of at least two entitlements that exist and that the suite may give and take. Only the suite's
    /// accounts should hold the first one: its last holder is taken away too.
    fn entitlements(&self) -> Vec<Arc<str>>;

    /// Part of the names of all accounts that the suite makes.
    fn prefix(&self) -> &str {
        "suite"
    }

    /// The kind of account that the suite makes.
    fn kind(&self) -> Kind {
        Kind::default()
    }

    /// Attributes without which the system refuses an account of that name (`sn`).
    fn required(&self, _name: &str) -> BTreeMap<AttributeName, Value> {
        BTreeMap::new()
    }

    /// Optional single-valued text attributes that both connections look at and that are not in
    /// [`Harness::required`]: two of them for all checks.
    fn text_attributes(&self) -> Vec<AttributeName> {
        Vec::new()
    }

    /// An optional attribute that takes a set of texts.
    fn set_attribute(&self) -> Option<AttributeName> {
        None
    }

    /// An optional attribute whose value is the name of another account (`manager`).
    fn reference_attribute(&self) -> Option<AttributeName> {
        None
    }

    /// An entitlement that the system does not have.
    fn unknown_entitlement(&self) -> Arc<str> {
        Arc::from("no-such-entitlement")
    }

    /// Names that need escaping somewhere. Override to add the system's own traps, not to drop any.
    fn awkward_names(&self) -> Vec<Arc<str>> {
        awkward_names(self.prefix())
    }

    /// Whether the system's own rules forbid this name. The suite then checks that it is refused as
    /// [`tenure_connect::ErrorKind::Invalid`] and nothing is left behind.
    fn refuses_name(&self, _name: &str) -> bool {
        false
    }

    /// Sets an attribute as an administrator would, without the connector. `false`: this test cannot.
    async fn edit_by_hand(&self, _name: &str, _attribute: &AttributeName, _value: &str) -> bool {
        false
    }

    /// Whether the account can really be used (a login that the system itself decides), after giving it a password where it
    /// needs one. `None`: this test cannot tell.
    async fn usable(&self, _name: &str) -> Option<bool> {
        None
    }

    /// Opens a session of the account. `false`: this test cannot.
    async fn open_session(&self, _name: &str) -> bool {
        false
    }

    /// Adds a credential to the account. `false`: this test cannot.
    async fn add_credential(&self, _name: &str) -> bool {
        false
    }
}

/// Names that need escaping in a DN, a filter, a URL, JSON or a CSV file, each ending in `mark` so that they are
/// the suite's own.
#[must_use]
pub fn awkward_names(mark: &str) -> Vec<Arc<str>> {
    let long = "long-".repeat(14);
    [
        "o'brien, jr.",
        "plus+equals=x",
        "say \"hi\"",
        "back\\slash",
        "<angle>;semicolon",
        "jürgen.größe",
        "漢字 名前",
        " leading space",
        "#leading hash",
        "star*and(brackets)",
        "per%20cent/slash?query&more",
        &long,
    ]
    .iter()
    .map(|name| Arc::from(format!("{name} {mark}")))
    .collect()
}
