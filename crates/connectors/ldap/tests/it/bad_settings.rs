//! Wrong settings: each gets its error before any connection is made.

use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_connect::{AttributeSpec, Secret, Settings};
use tenure_model::{AttributeName, Name as _, SystemName, ValueType};

fn error(more: &[(&str, &str)], mapped: &str) -> String {
    let mut texts: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::new();
    for (key, value) in [
        ("url", "ldaps://ldap.example.org"),
        ("bind_dn", "cn=tenure,dc=example,dc=org"),
        ("people_base", "ou=people,dc=example,dc=org"),
    ] {
        texts.insert(key.into(), value.into());
    }
    for (key, value) in more {
        if value.is_empty() {
            texts.remove(*key);
        } else {
            texts.insert((*key).into(), (*value).into());
        }
    }
    let settings = Settings {
        system: SystemName::new("directory").unwrap(),
        texts,
        attributes: vec![AttributeSpec {
            name: AttributeName::new(mapped).unwrap(),
            value_type: ValueType::Text,
            reference: false,
        }],
        secrets: [(Arc::from("password"), Secret::new("hush"))].into(),
    };
    tenure_connector_ldap::connect(&settings).map_or_else(|e| e.to_string(), |_| String::new())
}

#[test]
fn wrong_settings_are_named() {
    assert_eq!(error(&[], "mail"), "");
    assert_eq!(error(&[("url", "ldapi:///run/slapd/ldapi"), ("bind_dn", "")], "mail"), "");
    for (key, value, part) in [
        ("url", "", "is missing"),
        ("url", "http://x", "must begin with ldaps://"),
        ("url", "ldap://", "must begin with"),
        ("url", "ldap://user@host", "must begin with"),
        ("url", "ldap://host:port", "must begin with"),
        ("url", "ldaps://host/dc=x", "must begin with"),
        ("starttls", "true", "belongs to an ldap:// `url` only"),
        ("starttls", "yes", "neither true nor false"),
        ("referrals", "follow", "neither report nor ignore"),
        ("ca", "/no/such/file.pem", "cannot be read"),
        ("bind_dn", "", "is missing"),
        ("bind_dn", "tenure", "is not a DN"),
        ("people_base", "", "is missing"),
        ("people_base", "people", "is not a DN"),
        ("people_base.admin", "admins", "is not a DN"),
        ("people_class", ",", "names no object class"),
        ("people_class", "x)(uid=*", "is not a name in an LDAP schema"),
        ("name_attribute", "(uid", "is not a name in an LDAP schema"),
        ("groups_base", "groups", "is not a DN"),
        ("policy", "default", "is not a DN"),
        ("search_base", "all", "is not a DN"),
        ("page_size", "many", "is not a whole number"),
        ("timeout_seconds", "601", "is not a whole number from 0 to 600"),
        ("disable", "label", "neither \"ppolicy\" nor"),
        ("disable", "attribute:employeeType=a/b", "could still log in"),
        ("disable_enforced", "maybe", "neither true nor false"),
        ("colour", "red", "is not known; known are"),
    ] {
        let text = error(&[(key, value)], "mail");
        assert!(text.contains(part) && text.contains("`directory`"), "{key} = {value:?}: {text:?}");
    }
    let posix = error(&[("groups_base", "ou=g,dc=x"), ("member_attribute", "memberUid")], "mail");
    assert!(posix.contains("names instead of DNs"), "{posix}");
    for mapped in ["uid", "userPassword", "objectClass", "pwdAccountLockedTime", "memberOf"] {
        assert!(error(&[], mapped).contains("cannot be mapped"), "{mapped}");
    }
    assert!(error(&[], "a b").contains("is not the name of an LDAP attribute"));
}

#[test]
fn a_ca_file_without_certificates_is_said() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().display().to_string();
    assert!(error(&[("ca", &path)], "mail").contains("holds no certificate"));
}

#[test]
fn the_password_goes_to_no_other_machine_in_the_clear() {
    let plain = |url| error(&[("url", url), ("starttls", "false")], "mail");
    for url in [
        "ldap://ldap.example.org",
        "ldap://192.0.2.1:389",
        "ldap://127.0.0.1.example.org",
        "ldap://[2001:db8::1]",
    ] {
        assert!(plain(url).contains("in the clear"), "{url}");
        assert_eq!(error(&[("url", url)], "mail"), "", "StartTLS is the default");
    }
    for url in ["ldap://127.0.0.1:1389", "ldap://localhost", "ldap://[::1]"] {
        assert_eq!(plain(url), "", "{url}");
    }
}
