//! Secure connections: trusted by the named file, otherwise refused with a clear message.

use crate::setting_up::{made, named, seen, try_connector};
use tenure_connect::{ErrorKind, Status};
use tenure_testkit::need;
use tenure_testkit::peer;

#[tokio::test]
async fn both_ways_to_be_secure_work() {
    let slapd = need!(peer::slapd());
    let ca = slapd.ca_pem.display().to_string();
    let secure = try_connector(&slapd, &[("url", &slapd.ldaps_url), ("ca", &ca)]).unwrap();
    secure.test().await.unwrap();
    made(&*secure, "alice").await;
    let upgraded = try_connector(&slapd, &[("starttls", "true"), ("ca", &ca)]).unwrap();
    upgraded.test().await.unwrap();
    assert!(!seen(&*upgraded, &named("alice")).await.enabled);
}

#[tokio::test]
async fn an_unknown_authority_is_refused_in_words() {
    let slapd = need!(peer::slapd());
    let other = need!(peer::slapd());
    let ca = other.ca_pem.display().to_string();
    for more in [
        vec![("url", slapd.ldaps_url.as_str()), ("ca", &ca)],
        vec![("url", slapd.ldaps_url.as_str())],
        vec![("starttls", "true"), ("ca", &ca)],
    ] {
        let error = try_connector(&slapd, &more).unwrap().test().await.unwrap_err();
        assert_eq!((error.kind, error.status), (ErrorKind::Configuration, Status::Permanent), "{error}");
        assert!(error.message.contains("`ca`"), "{error}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_not_printed() {
    let slapd = need!(peer::slapd());
    let mut settings = crate::setting_up::settings(&slapd, &[]);
    settings.secrets.insert("password".into(), tenure_connect::Secret::new("hush-hush"));
    let connector = tenure_connector_ldap::connect(&settings).unwrap();
    let error = connector.test().await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Refused, Status::NoAccess));
    assert!(error.message.contains("`password`") && !error.to_string().contains("hush"), "{error}");
    assert!(!format!("{settings:?}").contains("hush"));
}
