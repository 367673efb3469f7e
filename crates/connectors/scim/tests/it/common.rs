//! Shared by the tests: settings, accounts, and the demo's peer.

use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tenure_connect::{AccountRef, AttributeSpec, Connector, Holds, NewAccount, Secret, Settings};
use tenure_demo::scim_peer::{PeerClock, PeerOptions, Quirks, ScimPeer};
use tenure_model::{AttributeName, Kind, Name as _, SystemName, Value, ValueType};

pub(crate) const TOKEN: &str = "a-token-for-tests";
/// Membership is read from the list of groups.
pub(crate) const LIST: &[(&str, &str)] = &[("membership", "list")];

/// Creates an account, and refers to it by its id.
pub(crate) async fn made(c: &Arc<dyn Connector>, name: &str) -> AccountRef {
    let made = c.create(&new_account(name, &[])).await.unwrap();
    AccountRef { external_id: Some(made.external_id), ..named(name) }
}

/// Whether an account holds the first group of the peer.
pub(crate) async fn holds(c: &Arc<dyn Connector>, account: &AccountRef) -> Holds {
    c.holds(account, &"alpha".into()).await.unwrap()
}

pub(crate) fn clock() -> PeerClock {
    let now = AtomicI64::new(1_800_000_000);
    Arc::new(move || Timestamp::from_second(now.fetch_add(1, Ordering::Relaxed)).unwrap())
}

pub(crate) async fn peer(quirks: Quirks) -> ScimPeer {
    let options = PeerOptions { record: true, quirks, ..PeerOptions::new("peer", TOKEN, clock()) };
    let peer = ScimPeer::start(options).await.unwrap();
    for group in ["alpha", "beta"] {
        peer.state().add_group(group).unwrap();
    }
    peer
}

pub(crate) fn attribute(name: &str) -> AttributeName {
    AttributeName::new(name).unwrap()
}

fn spec(name: &str, value_type: ValueType, reference: bool) -> AttributeSpec {
    AttributeSpec { name: attribute(name), value_type, reference }
}

pub(crate) const WORK_MAIL: &str = "emails[type eq \"work\"].value";
pub(crate) const DEPARTMENT: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";

pub(crate) fn settings(url: &str, token: &str, more: &[(&str, &str)]) -> Settings {
    let mut texts =
        BTreeMap::from([(Arc::from("url"), Arc::from(url)), (Arc::from("page_size"), Arc::from("10"))]);
    texts.extend(more.iter().map(|(k, v)| (Arc::from(*k), Arc::from(*v))));
    Settings {
        system: SystemName::new("saas").unwrap(),
        texts,
        attributes: vec![
            spec("title", ValueType::Text, false),
            spec("name.givenName", ValueType::Text, false),
            spec(WORK_MAIL, ValueType::Text, false),
            spec(DEPARTMENT, ValueType::Text, false),
            spec("roles", ValueType::Texts, false),
            spec("manager", ValueType::Text, true),
        ],
        secrets: BTreeMap::from([(Arc::from("token"), Secret::new(token))]),
    }
}

pub(crate) fn connected(url: &str, more: &[(&str, &str)]) -> Arc<dyn Connector> {
    tenure_connector_scim::connect(&settings(url, TOKEN, more)).unwrap()
}

pub(crate) fn named(name: &str) -> AccountRef {
    AccountRef { external_id: None, name: Arc::from(name), kind: Kind::default() }
}

pub(crate) fn new_account(name: &str, attributes: &[(&str, &str)]) -> NewAccount {
    let attributes = attributes.iter().map(|(k, v)| (attribute(k), Value::text(v))).collect();
    NewAccount { name: Arc::from(name), kind: Kind::default(), attributes }
}
