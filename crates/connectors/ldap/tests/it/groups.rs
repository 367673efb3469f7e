//! Entitlements: nesting, the last member, duplicate names, and the effects of a rename and a deletion.

use crate::setting_up::{connector, group, made, named, new, person, scanned, seen, try_connector, values};
use tenure_connect::{AccountChange, ErrorKind};
use tenure_model::Value;
use tenure_testkit::need;
use tenure_testkit::peer::{self, Slapd};

fn dn(slapd: &Slapd, name: &str) -> String {
    format!("cn={name},ou=groups,{}", slapd.base_dn)
}

fn texts(set: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<String> {
    set.into_iter().map(|s| s.as_ref().to_owned()).collect()
}

#[tokio::test]
async fn nested_groups_are_held_indirectly_with_their_path() {
    let slapd = need!(peer::slapd());
    let connector = connector(&slapd);
    let alice = made(&*connector, "alice").await;
    group(&slapd, "team", &[&person(&slapd, "alice")]);
    group(&slapd, "unit", &[&dn(&slapd, "team")]);
    group(&slapd, "staff", &[&dn(&slapd, "unit")]);
    // A cycle, as administrators create them.
    slapd
        .apply_ldif(&format!(
            "dn: {}\nchangetype: modify\nadd: member\nmember: {}\n",
            dn(&slapd, "team"),
            dn(&slapd, "staff")
        ))
        .unwrap();
    let read = seen(&*connector, &alice).await;
    assert_eq!(texts(&read.entitlements), ["team"]);
    let indirect: Vec<(&str, &str)> = read.indirect.iter().map(|(n, p)| (&**n, &**p)).collect();
    assert_eq!(indirect, [("staff", "team > unit > staff"), ("unit", "team > unit")]);
    let (all, _) = scanned(&*connector).await.unwrap();
    assert_eq!(all, [read]);
    // The cycle is reported, and so is a nested group without members.
    group(&slapd, "guests", &["cn=nobody,dc=example,dc=test"]);
    group(&slapd, "visitors", &[&dn(&slapd, "guests")]);
    let within = [("guests", "visitors"), ("staff", "team"), ("team", "unit"), ("unit", "staff")];
    let within = within.map(|(outer, inner)| (outer.into(), inner.into()));
    assert_eq!(connector.scan(None).await.unwrap().contains, within.into());
    // Only what is held directly can be revoked.
    assert!(!connector.revoke(&alice, &"unit".into()).await.unwrap().changed);
    assert!(connector.revoke(&alice, &"team".into()).await.unwrap().changed);
    assert!(seen(&*connector, &alice).await.indirect.is_empty());
}

#[tokio::test]
async fn the_last_member_leaves_a_placeholder_that_nobody_sees() {
    let slapd = need!(peer::slapd());
    let connector = connector(&slapd);
    let (alice, bob) = (made(&*connector, "alice").await, made(&*connector, "bob").await);
    group(&slapd, "staff", &[&person(&slapd, "alice")]);
    assert!(connector.revoke(&alice, &"staff".into()).await.unwrap().changed);
    assert!(!connector.revoke(&alice, &"staff".into()).await.unwrap().changed);
    assert_eq!(values(&slapd, &dn(&slapd, "staff"), "member"), ["cn=nobody,dc=example,dc=test"]);
    assert!(connector.grant(&bob, &"staff".into()).await.unwrap().changed);
    assert!(!connector.grant(&bob, &"staff".into()).await.unwrap().changed);
    let (all, _) = scanned(&*connector).await.unwrap();
    let holders: Vec<&str> = all.iter().filter(|a| !a.entitlements.is_empty()).map(|a| &*a.name).collect();
    assert_eq!(holders, ["bob"]);
}

#[tokio::test]
async fn a_deleted_account_leaves_no_membership_to_inherit() {
    let slapd = need!(peer::slapd());
    let connector = connector(&slapd);
    let alice = made(&*connector, "alice").await;
    group(&slapd, "staff", &[&person(&slapd, "alice")]);
    assert!(connector.delete(&alice).await.unwrap().changed);
    assert_eq!(values(&slapd, &dn(&slapd, "staff"), "member"), ["cn=nobody,dc=example,dc=test"]);
    let again = made(&*connector, "alice").await;
    assert!(seen(&*connector, &again).await.entitlements.is_empty());
}

#[tokio::test]
async fn a_rename_keeps_memberships_and_references() {
    let slapd = need!(peer::slapd());
    let connector = connector(&slapd);
    let boss = made(&*connector, "boss").await;
    connector.create(&new("alice", &[("manager", Value::text("boss"))])).await.unwrap();
    group(&slapd, "staff", &[&person(&slapd, "boss"), &person(&slapd, "alice")]);
    let rename = AccountChange { rename: Some("the, boss".into()), ..AccountChange::default() };
    assert!(connector.update(&boss, &rename).await.unwrap().changed);
    let read = seen(&*connector, &named("the, boss")).await;
    assert_eq!(
        (Some(&read.external_id), texts(&read.entitlements)),
        (boss.external_id.as_ref(), texts(["staff"]))
    );
    let alice = seen(&*connector, &named("alice")).await;
    assert_eq!(alice.attributes.get("manager"), Some(&Value::text("the, boss")));
    assert!(!values(&slapd, &dn(&slapd, "staff"), "member").contains(&person(&slapd, "boss")));
}

#[tokio::test]
async fn groups_are_listed_and_made_only_where_that_is_asked_for() {
    let slapd = need!(peer::slapd());
    let connector = connector(&slapd);
    made(&*connector, "alice").await;
    group(&slapd, "staff", &[]);
    let listed: Vec<String> =
        connector.catalogue().await.unwrap().into_iter().map(|e| e.name.to_string()).collect();
    assert_eq!(listed, ["staff"]);
    let error = connector.grant(&named("alice"), &"new, group".into()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::UnknownEntitlement);
    let making = try_connector(&slapd, &[("create_groups", "true")]).unwrap();
    assert!(making.grant(&named("alice"), &"new, group".into()).await.unwrap().changed);
    assert!(!making.grant(&named("alice"), &"new, group".into()).await.unwrap().changed);
    assert_eq!(texts(&seen(&*connector, &named("alice")).await.entitlements), ["new, group"]);
}

#[tokio::test]
async fn a_group_name_in_two_places_is_revoked_in_both_and_granted_in_neither() {
    let slapd = need!(peer::slapd());
    let connector = connector(&slapd);
    let alice = made(&*connector, "alice").await;
    group(&slapd, "staff", &[&person(&slapd, "alice")]);
    slapd
        .apply_ldif(&format!(
            "dn: ou=old,ou=groups,dc=example,dc=test\nobjectClass: organizationalUnit\nou: old\n\n\
             dn: cn=staff,ou=old,ou=groups,dc=example,dc=test\nobjectClass: groupOfNames\ncn: staff\nmember: {}\n",
            person(&slapd, "alice")
        ))
        .unwrap();
    assert_eq!(connector.grant(&alice, &"staff".into()).await.unwrap_err().kind, ErrorKind::Invalid);
    assert!(connector.revoke(&alice, &"staff".into()).await.unwrap().changed);
    assert!(seen(&*connector, &alice).await.entitlements.is_empty());
}
