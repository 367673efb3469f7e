//! A broken connection can leave OpenLDAP's `memberOf` inconsistent with its groups: detected and repaired.

use crate::setting_up::{connector, group, made, person, seen, values};
use tenure_testkit::need;
use tenure_testkit::peer::{self, Slapd};

fn dn(slapd: &Slapd, name: &str) -> String {
    format!("cn={name},ou=groups,{}", slapd.base_dn)
}

/// Removes a line from the server's stored data about alice, or adds one.
fn half_written(slapd: &mut Slapd, lost: &str, left: &str) {
    let alice = format!("dn: {}\n", person(slapd, "alice"));
    slapd
        .rewrite(|text| {
            let (before, entry) = text.split_once(&alice).unwrap();
            let (entry, after) = entry.split_once("\n\n").unwrap();
            assert!(entry.contains(lost));
            format!("{before}{alice}{left}{}\n\n{after}", entry.replacen(lost, "", 1))
        })
        .unwrap();
}

fn told(slapd: &Slapd) -> Vec<String> {
    values(slapd, &person(slapd, "alice"), "memberOf")
}

#[tokio::test]
async fn a_group_that_the_account_is_not_told_of_is_granted_again() {
    let mut slapd = need!(peer::slapd());
    let alice = made(&*connector(&slapd), "alice").await;
    for name in ["staff", "team"] {
        group(&slapd, name, &[&person(&slapd, "alice")]);
    }
    let lost = format!("memberOf: {}\n", dn(&slapd, "staff"));
    half_written(&mut slapd, &lost, "");
    assert_eq!(told(&slapd), [dn(&slapd, "team")]);

    let connector = connector(&slapd);
    let read = seen(&*connector, &alice).await;
    assert_eq!(read.entitlements, ["team".into()].into());
    assert!(read.indirect.contains_key("staff"), "a half is not nothing: {:?}", read.indirect);
    assert!(connector.grant(&alice, &"staff".into()).await.unwrap().changed);
    assert_eq!(told(&slapd), [dn(&slapd, "staff"), dn(&slapd, "team")]);
    assert_eq!(values(&slapd, &dn(&slapd, "staff"), "member"), [person(&slapd, "alice")]);
    assert_eq!(seen(&*connector, &alice).await.entitlements, ["staff".into(), "team".into()].into());
    assert!(!connector.grant(&alice, &"staff".into()).await.unwrap().changed);
}

#[tokio::test]
async fn a_group_that_the_account_is_still_told_of_is_held_until_it_is_revoked_again() {
    let mut slapd = need!(peer::slapd());
    let alice = made(&*connector(&slapd), "alice").await;
    made(&*connector(&slapd), "bob").await;
    group(&slapd, "staff", &[&person(&slapd, "bob")]);
    let left = format!("memberOf: {}\n", dn(&slapd, "staff"));
    half_written(&mut slapd, "", &left);
    assert_eq!(told(&slapd), [dn(&slapd, "staff")]);

    let connector = connector(&slapd);
    assert_eq!(seen(&*connector, &alice).await.entitlements, ["staff".into()].into());
    assert!(connector.revoke(&alice, &"staff".into()).await.unwrap().changed);
    assert_eq!(told(&slapd), [""; 0]);
    assert_eq!(values(&slapd, &dn(&slapd, "staff"), "member"), [person(&slapd, "bob")]);
    assert!(seen(&*connector, &alice).await.entitlements.is_empty());
    assert!(!connector.revoke(&alice, &"staff".into()).await.unwrap().changed);
}
