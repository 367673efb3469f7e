//! The container of an account: created in it, moved with all references, read back, and invalid ones refused.

use crate::setting_up::{attribute, change, group, named, new, person, scanned, seen, settings, values};
use std::sync::Arc;
use tenure_connect::{AccountChange, AttributeSpec, Connector, ErrorKind, RemoteAccount, SettingError};
use tenure_model::{Value, ValueType};
use tenure_testkit::need;
use tenure_testkit::peer::{self, Slapd};

fn with_places(slapd: &Slapd, value_type: ValueType) -> Result<Arc<dyn Connector>, SettingError> {
    let admins = format!("ou=admins,ou=people,{}", slapd.base_dn);
    let mut settings = settings(slapd, &[("people_base.admin", &admins)]);
    settings.attributes.push(AttributeSpec { name: attribute("container"), value_type, reference: false });
    tenure_connector_ldap::connect(&settings)
}

fn container(slapd: &Slapd, place: &str) {
    let (first, base) = (place.split(',').next().unwrap(), &slapd.base_dn);
    let ou = first.strip_prefix("ou=").unwrap();
    let ldif = format!("dn: {place},ou=people,{base}\nobjectClass: organizationalUnit\nou: {ou}\n");
    slapd.apply_ldif(&ldif).unwrap();
}

fn place(account: &RemoteAccount) -> Option<String> {
    account.attributes.get("container").map(ToString::to_string)
}

fn to(place: Option<&str>) -> AccountChange {
    change(&[("container", place.map(Value::text))])
}

#[tokio::test]
async fn an_account_is_made_where_it_belongs_and_moves_with_all_that_points_at_it() {
    let slapd = need!(peer::slapd());
    for ou in ["ou=admins", "ou=Sales", "ou=Oslo,ou=Sales", "ou=Former"] {
        container(&slapd, ou);
    }
    let connector = with_places(&slapd, ValueType::Text).unwrap();
    let written = connector.create(&new("boss", &[("container", Value::text("ou=Sales"))])).await.unwrap();
    let mut boss = named("boss");
    boss.external_id = Some(written.external_id);
    let dn = |place: &str| format!("uid=boss,{place}ou=people,{}", slapd.base_dn);
    assert!(slapd.entry(&dn("ou=Sales,")).unwrap().is_some());
    connector.create(&new("alice", &[("manager", Value::text("boss"))])).await.unwrap();
    group(&slapd, "staff", &[&dn("ou=Sales,"), &person(&slapd, "alice")]);
    for (target, there) in
        [(Some("ou=Oslo,ou=Sales"), "ou=Oslo,ou=Sales,"), (Some("ou=Former"), "ou=Former,"), (None, "")]
    {
        assert!(connector.update(&boss, &to(target)).await.unwrap().changed, "{target:?}");
        assert!(!connector.update(&boss, &to(target)).await.unwrap().changed, "{target:?}");
        let read = seen(&*connector, &boss).await;
        assert_eq!((place(&read).as_deref(), &*read.name), (target, "boss"));
        assert_eq!((Some(&read.external_id), read.entitlements.len()), (boss.external_id.as_ref(), 1));
        let staff = format!("cn=staff,ou=groups,{}", slapd.base_dn);
        assert_eq!(values(&slapd, &staff, "member"), [person(&slapd, "alice"), dn(there)]);
        assert_eq!(values(&slapd, &person(&slapd, "alice"), "manager"), [dn(there)]);
        let (all, _) = scanned(&*connector).await.unwrap();
        assert!(all.contains(&read));
    }
    // A new name, a new place and a changed attribute in one change.
    let all = AccountChange {
        rename: Some("chief".into()),
        ..change(&[("cn", Some(Value::text("Chief"))), ("container", Some(Value::text("ou=Sales")))])
    };
    assert!(connector.update(&boss, &all).await.unwrap().changed);
    let read = seen(&*connector, &boss).await;
    assert_eq!((&*read.name, place(&read).as_deref()), ("chief", Some("ou=Sales")));
    let alice = seen(&*connector, &named("alice")).await;
    assert_eq!(alice.attributes.get("manager"), Some(&Value::text("chief")));
}

#[tokio::test]
async fn a_place_that_is_none_is_named_and_nothing_is_written() {
    let slapd = need!(peer::slapd());
    container(&slapd, "ou=Sales");
    container(&slapd, "ou=admins");
    let connector = with_places(&slapd, ValueType::Text).unwrap();
    let alice = crate::setting_up::made(&*connector, "alice").await;
    for (target, says) in [
        ("ou=Nowhere", "there is no container `ou=Nowhere,ou=people,"),
        ("ou=sales", "the directory writes `ou=Sales,ou=people,"),
        ("Sales", "no relative DN"),
        ("ou=admins", "accounts of another kind"),
    ] {
        let error = connector.update(&alice, &to(Some(target))).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid);
        assert!(error.to_string().contains(says), "{error}");
        let error = connector.create(&new("bob", &[("container", Value::text(target))])).await.unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
    assert_eq!(place(&seen(&*connector, &alice).await), None);
    assert!(connector.read(&named("bob")).await.unwrap().is_none());
    // Moved by hand outside the places of accounts, it is found by its id, and moved back.
    let base = &slapd.base_dn;
    let ldif = format!(
        "dn: {}\nchangetype: modrdn\nnewrdn: uid=alice\ndeleteoldrdn: 1\nnewsuperior: ou=Sales,ou=people,{base}\n",
        person(&slapd, "alice")
    );
    slapd.apply_ldif(&ldif).unwrap();
    assert_eq!(place(&seen(&*connector, &alice).await).as_deref(), Some("ou=Sales"));
    assert!(connector.update(&alice, &to(None)).await.unwrap().changed);
    assert!(slapd.entry(&person(&slapd, "alice")).unwrap().is_some());
}

#[tokio::test]
async fn a_container_is_a_text() {
    let slapd = need!(peer::slapd());
    let error = with_places(&slapd, ValueType::Texts).err().unwrap();
    assert!(error.to_string().contains("`container` is a text"), "{error}");
}

#[tokio::test]
async fn a_comma_in_a_value_makes_no_other_place() {
    let slapd = need!(peer::slapd());
    for ou in ["ou=admins", "ou=privileged"] {
        container(&slapd, ou);
    }
    let base = &slapd.base_dn;
    let ldif = format!(
        "dn: ou=IT\\2Cou\\3Dprivileged,ou=people,{base}\nobjectClass: organizationalUnit\nou: IT,ou=privileged\n"
    );
    slapd.apply_ldif(&ldif).unwrap();
    let connector = with_places(&slapd, ValueType::Text).unwrap();
    let alice = crate::setting_up::made(&*connector, "alice").await;
    // As `dn()` escapes it, and as the directory writes it back.
    let escaped = "ou=IT\\2Cou\\3Dprivileged";
    assert!(connector.update(&alice, &to(Some(escaped))).await.unwrap().changed);
    assert_eq!(place(&seen(&*connector, &alice).await).as_deref(), Some(escaped));
    assert!(slapd.entry(&format!("uid=alice,ou=privileged,ou=people,{base}")).unwrap().is_none());
}
