//! Broken settings: each gets an error that names the setting and says what to write.

use crate::common::{TOKEN, attribute, settings};
use tenure_connect::{AttributeSpec, Settings};
use tenure_model::ValueType;

fn said(settings: &Settings) -> String {
    tenure_connector_scim::connect(settings).err().map_or_else(|| "no error".to_owned(), |e| e.to_string())
}

#[test]
fn settings_that_are_wrong() {
    let url = "https://scim.example.test/v2";
    let table: &[(&str, &str, &str)] = &[
        ("url", "scim.example.test", "is no URL"),
        ("url", "ftp://scim.example.test", "write https"),
        ("url", "http://scim.example.test", "in the clear"),
        ("url", "https://user:pw@scim.example.test", "the token is a secret of its own"),
        ("dialect", "azure", "known are rfc, entra, entra-inbound, okta, github"),
        ("write", "post", "neither put nor patch"),
        ("remove_member", "yes", "neither value nor filter"),
        ("page_size", "0", "at least 1"),
        ("page_size", "5000", "0 to 1000"),
        ("pathless", "maybe", "neither true nor false"),
        ("extensions", "acme:User", "is no URN"),
        ("ca", "not a certificate", "certificate"),
        ("uri", url, "is not known"),
    ];
    for (key, value, wanted) in table {
        let text = said(&settings(url, TOKEN, &[(key, value)]));
        assert!(text.contains(wanted) && text.contains(key), "{key} = {value}: {text}");
        assert!(!text.contains(TOKEN));
    }
    let mut bare = settings(url, TOKEN, &[]);
    assert_eq!(said(&bare), "no error");
    bare.secrets.clear();
    assert!(said(&bare).contains("env:NAME"), "{}", said(&bare));
    assert!(said(&settings(url, "line\nbreak", &[])).contains("cannot be sent"));
}

#[test]
fn attributes_that_are_wrong() {
    let table = [
        ("nmae.givenName", ValueType::Text, false, "no such attribute"),
        ("name", ValueType::Text, false, "name one of them"),
        ("emails", ValueType::Text, false, "pick one"),
        ("active", ValueType::Bool, false, "leave it out"),
        ("userName", ValueType::Text, false, "leave it out"),
        ("manager", ValueType::Texts, true, "a reference is a text"),
        ("urn:acme:1.0:User:badge", ValueType::Text, false, "no such attribute"),
    ];
    for (name, value_type, reference, wanted) in table {
        let mut s = settings("https://scim.example.test", TOKEN, &[]);
        s.attributes = vec![AttributeSpec { name: attribute(name), value_type, reference }];
        let text = said(&s);
        assert!(text.contains(wanted) && text.contains(name), "{name}: {text}");
    }
    let mut s = settings("https://scim.example.test", TOKEN, &[("extensions", "urn:acme:1.0:User")]);
    s.attributes = vec![AttributeSpec {
        name: attribute("urn:acme:1.0:User:badge"),
        value_type: ValueType::Text,
        reference: false,
    }];
    assert_eq!(said(&s), "no error");
}
