//! Connectors for the server of a test, and shared helpers.

use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_connect::{
    AccountChange, AccountRef, AttributeSpec, ConnectError, Connector, NewAccount, RemoteAccount, Secret,
    SettingError, Settings,
};
use tenure_model::{AttributeName, Kind, Name as _, SystemName, Value, ValueType};
use tenure_testkit::peer::Slapd;

pub(crate) fn attribute(name: &str) -> AttributeName {
    AttributeName::new(name).unwrap()
}

fn spec(name: &str, value_type: ValueType, reference: bool) -> AttributeSpec {
    AttributeSpec { name: attribute(name), value_type, reference }
}

/// Settings for the server; `more` adds or replaces.
pub(crate) fn settings(slapd: &Slapd, more: &[(&str, &str)]) -> Settings {
    let base = &slapd.base_dn;
    let mut texts = BTreeMap::new();
    for (key, value) in [
        ("url", slapd.url.clone()),
        ("bind_dn", slapd.service_dn.clone()),
        ("people_base", format!("ou=people,{base}")),
        ("groups_base", format!("ou=groups,{base}")),
        ("placeholder_member", format!("cn=nobody,{base}")),
        ("page_size", "100".to_owned()),
    ] {
        texts.insert(Arc::from(key), Arc::from(value));
    }
    for (key, value) in more {
        texts.insert(Arc::from(*key), Arc::from(*value));
    }
    Settings {
        system: SystemName::new("directory").unwrap(),
        texts,
        attributes: vec![
            spec("cn", ValueType::Text, false),
            spec("sn", ValueType::Text, false),
            spec("title", ValueType::Text, false),
            spec("description", ValueType::Text, false),
            spec("departmentNumber", ValueType::Texts, false),
            spec("manager", ValueType::Text, true),
        ],
        secrets: [(Arc::from("password"), Secret::new(&slapd.service_password))].into(),
    }
}

pub(crate) fn try_connector(
    slapd: &Slapd,
    more: &[(&str, &str)],
) -> Result<Arc<dyn Connector>, SettingError> {
    tenure_connector_ldap::connect(&settings(slapd, more))
}

pub(crate) fn connector(slapd: &Slapd) -> Arc<dyn Connector> {
    try_connector(slapd, &[]).unwrap()
}

/// Creates a group by hand. Its members are DNs; a group without any gets the placeholder.
pub(crate) fn group(slapd: &Slapd, name: &str, members: &[&str]) {
    let base = &slapd.base_dn;
    let nobody = format!("cn=nobody,{base}");
    let members = if members.is_empty() { &[nobody.as_str()][..] } else { members };
    let members: String = members.iter().map(|m| format!("member: {m}\n")).collect();
    let ldif = format!("dn: cn={name},ou=groups,{base}\nobjectClass: groupOfNames\ncn: {name}\n{members}");
    slapd.apply_ldif(&ldif).unwrap();
}

pub(crate) fn named(name: &str) -> AccountRef {
    AccountRef { external_id: None, name: name.into(), kind: Kind::default() }
}

pub(crate) fn new(name: &str, attributes: &[(&str, Value)]) -> NewAccount {
    let attributes = attributes.iter().map(|(n, v)| (attribute(n), v.clone())).collect();
    NewAccount { name: name.into(), kind: Kind::default(), attributes }
}

pub(crate) fn change(attributes: &[(&str, Option<Value>)]) -> AccountChange {
    let attributes = attributes.iter().map(|(n, v)| (attribute(n), v.clone())).collect();
    AccountChange { attributes, ..AccountChange::default() }
}

/// Creates an account and returns its stable address.
pub(crate) async fn made(connector: &dyn Connector, name: &str) -> AccountRef {
    let written = connector.create(&new(name, &[])).await.unwrap();
    AccountRef { external_id: Some(written.external_id), ..named(name) }
}

pub(crate) async fn seen(connector: &dyn Connector, account: &AccountRef) -> RemoteAccount {
    connector.read(account).await.unwrap().unwrap()
}

/// All accounts of a scan, and the number of its pages.
pub(crate) async fn scanned(connector: &dyn Connector) -> Result<(Vec<RemoteAccount>, usize), ConnectError> {
    let (mut all, mut cursor, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = connector.scan(cursor).await?;
        pages += 1;
        all.extend(page.accounts);
        if page.next.is_none() {
            return Ok((all, pages));
        }
        cursor = page.next;
    }
}

/// The values on the server, read by its own tools.
pub(crate) fn values(slapd: &Slapd, dn: &str, name: &str) -> Vec<String> {
    let entry = slapd.entry(dn).unwrap().unwrap();
    let mut values = entry.get(name).cloned().unwrap_or_default();
    values.sort();
    values
}

pub(crate) fn person(slapd: &Slapd, name: &str) -> String {
    format!("uid={name},ou=people,{}", slapd.base_dn)
}
