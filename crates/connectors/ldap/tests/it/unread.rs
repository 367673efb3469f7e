//! What the directory does not show is not "nothing": parts on other servers, hidden groups and members, different spellings of names.

use crate::setting_up::{connector, group, made, named, person, seen, try_connector};
use tenure_connect::{AccountRef, Connector, ErrorKind, Holds};
use tenure_testkit::need;
use tenure_testkit::peer::{self, Slapd};

async fn holds(connector: &dyn Connector, account: &AccountRef) -> Holds {
    connector.holds(account, &"staff".into()).await.unwrap()
}

fn is_unknown(holds: &Holds) -> bool {
    matches!(holds, Holds::Unreadable(_))
}

/// Replaces an entry by a reference to another server, offline: no overlay processes it.
fn refer(slapd: &mut Slapd, name: &str) {
    let (first, base) = (name.split(',').next().unwrap().to_owned(), slapd.base_dn.clone());
    let (attribute, value) = first.split_once('=').unwrap();
    let (attribute, value, dn) = (attribute.to_owned(), value.to_owned(), format!("{name},{base}"));
    slapd
        .rewrite(|text| {
            let others = text.split("\n\n").filter(|e| !e.starts_with(&format!("dn: {dn}\n")));
            let others: Vec<&str> = others.collect();
            format!(
                "{}\n\ndn: {dn}\nobjectClass: referral\nobjectClass: extensibleObject\n{attribute}: {value}\n\
                 ref: ldap://127.0.0.1:1/{dn}\n\n",
                others.join("\n\n").trim_end()
            )
        })
        .unwrap();
}

#[tokio::test]
async fn what_is_on_another_server_is_not_gone() {
    let mut slapd = need!(peer::slapd());
    let before = connector(&slapd);
    let alice = made(&*before, "alice").await;
    group(&slapd, "staff", &[&person(&slapd, "alice")]);
    group(&slapd, "other", &[&person(&slapd, "alice")]);
    assert_eq!(holds(&*before, &alice).await, Holds::Yes);
    let staff = format!("cn=staff,ou=groups,{}", slapd.base_dn);
    slapd.apply_ldif(&format!("dn: {staff}\nchangetype: delete\n")).unwrap();
    refer(&mut slapd, "cn=staff,ou=groups");
    let c = connector(&slapd);
    assert!(is_unknown(&holds(&*c, &alice).await));
    let e = c.revoke(&alice, &"staff".into()).await.unwrap_err();
    assert!(e.message.contains("elsewhere, at ldap://127.0.0.1:1"), "{e}");
    let page = c.scan(None).await.unwrap();
    assert!(page.gaps.iter().any(|g| g.why.contains("elsewhere")), "{:?}", page.gaps);
    assert!(page.accounts[0].unread.of("staff").is_some());
    // What is found is not in doubt, and the owner may declare that the rest does not belong to the system.
    assert_eq!(c.holds(&alice, &"other".into()).await.unwrap(), Holds::Yes);
    let ignoring = try_connector(&slapd, &[("referrals", "ignore")]).unwrap();
    assert!(ignoring.scan(None).await.unwrap().gaps.is_empty());
    // An account that was here, and may be on the referenced server.
    slapd.apply_ldif(&format!("dn: {}\nchangetype: delete\n", person(&slapd, "alice"))).unwrap();
    assert!(is_absent(&*c, &alice).await.is_err());
    assert_eq!(is_absent(&*ignoring, &alice).await, Ok(true));
}

async fn is_absent(connector: &dyn Connector, account: &AccountRef) -> Result<bool, ErrorKind> {
    connector.read(account).await.map(|found| found.is_none()).map_err(|e| e.kind)
}

#[tokio::test]
async fn a_hidden_group_and_hidden_members_are_unknown() {
    let mut slapd = need!(peer::slapd());
    let alice = made(&*connector(&slapd), "alice").await;
    group(&slapd, "staff", &["cn=nobody,dc=example,dc=test"]);
    group(&slapd, "open", &["cn=nobody,dc=example,dc=test"]);
    assert_eq!(holds(&*connector(&slapd), &alice).await, Holds::No);
    let dn = format!("cn=staff,ou=groups,{}", slapd.base_dn);
    for (rule, shows_group) in [
        (format!("access to dn.base=\"{dn}\" by * none"), false),
        (format!("access to dn.base=\"{dn}\" attrs=member by * none"), true),
        (format!("access to dn.base=\"{dn}\" attrs=member by * disclose"), true),
    ] {
        slapd.rule(&rule).unwrap();
        let c = connector(&slapd);
        assert!(is_unknown(&holds(&*c, &alice).await), "{rule}");
        let page = c.scan(None).await.unwrap();
        assert_eq!(page.gaps.len(), usize::from(shows_group), "{rule}: {:?}", page.gaps);
        let read = page.entitlements.unwrap();
        assert!(!read.contains("staff") && read.contains("open"), "{rule}: {read:?}");
        assert_eq!(c.holds(&alice, &"open".into()).await.unwrap(), Holds::No);
    }
    // A client that may read but not compare reads.
    slapd.rule(&format!("access to dn.base=\"{dn}\" attrs=member by * =rsd")).unwrap();
    assert_eq!(holds(&*connector(&slapd), &alice).await, Holds::No);
}

#[tokio::test]
async fn a_member_in_another_writing_is_the_member_whom_the_directory_means() {
    let slapd = need!(peer::slapd());
    let c = connector(&slapd);
    let alice = made(&*c, "alice").await;
    made(&*c, "strasse").await;
    let base = &slapd.base_dn;
    // Full-width and ligature forms are equal for OpenLDAP; a sharp s does not equal ss.
    let wide = person(&slapd, "\u{ff41}lice");
    let sharp = person(&slapd, "stra\u{df}e");
    group(&slapd, "staff", &[&wide, &sharp]);
    assert_eq!(holds(&*c, &alice).await, Holds::Yes);
    assert_eq!(holds(&*c, &named("strasse")).await, Holds::No);
    let page = c.scan(None).await.unwrap();
    for account in &page.accounts {
        assert_eq!(account.entitlements.contains("staff"), &*account.name == "alice", "{}", account.name);
        let read = seen(&*c, &named(&account.name)).await;
        assert_eq!(read.entitlements, account.entitlements, "{}", account.name);
    }
    assert!(c.revoke(&alice, &"staff".into()).await.unwrap().changed);
    assert_eq!(holds(&*c, &alice).await, Holds::No);
    assert!(slapd.entry(&format!("cn=staff,ou=groups,{base}")).unwrap().is_some());
}

#[tokio::test]
async fn an_account_that_was_moved_is_found_by_its_id_and_says_where_it_is() {
    let slapd = need!(peer::slapd());
    let c = connector(&slapd);
    let alice = made(&*c, "alice").await;
    c.enable(&alice).await.unwrap();
    let base = &slapd.base_dn;
    slapd
        .apply_ldif(&format!(
            "dn: ou=former,{base}\nobjectClass: organizationalUnit\nou: former\n\n\
             dn: {}\nchangetype: modrdn\nnewrdn: uid=alice\ndeleteoldrdn: 0\nnewsuperior: ou=former,{base}\n",
            person(&slapd, "alice")
        ))
        .unwrap();
    assert!(c.scan(None).await.unwrap().accounts.is_empty(), "scans look below people_base");
    let moved = seen(&*c, &alice).await;
    assert_eq!(moved.outside.as_deref(), Some(format!("uid=alice,ou=former,{base}").as_str()));
    assert!(c.disable(&alice).await.unwrap().changed, "it is ended where it is");
    assert!(!seen(&*c, &alice).await.enabled);
}

#[tokio::test]
async fn a_unique_member_with_an_identifier_is_a_member() {
    let slapd = need!(peer::slapd());
    let settings = [("group_class", "groupOfUniqueNames"), ("member_attribute", "uniqueMember")];
    let c = try_connector(&slapd, &settings).unwrap();
    let alice = made(&*c, "alice").await;
    let (base, dn) = (&slapd.base_dn, person(&slapd, "alice"));
    slapd
        .apply_ldif(&format!(
            "dn: cn=staff,ou=groups,{base}\nobjectClass: groupOfUniqueNames\ncn: staff\n\
             uniqueMember: cn=nobody,{base}\nuniqueMember: {dn}#'0101'B\n"
        ))
        .unwrap();
    assert_eq!(holds(&*c, &alice).await, Holds::Yes);
    assert!(c.scan(None).await.unwrap().accounts[0].entitlements.contains("staff"));
    assert!(c.revoke(&alice, &"staff".into()).await.unwrap().changed);
    assert_eq!(holds(&*c, &alice).await, Holds::No);
    assert!(c.scan(None).await.unwrap().accounts[0].entitlements.is_empty());
}
