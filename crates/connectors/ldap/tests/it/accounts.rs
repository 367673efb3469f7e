//! Accounts: the lock at login, attributes, names, conditions, protection.

use crate::setting_up::{
    attribute, change, connector, group, made, named, new, person, scanned, seen, settings, try_connector,
    values,
};
use tenure_connect::{AccountChange, ErrorKind, Status};
use tenure_model::{Kind, Name as _, Value, ValueType};
use tenure_testkit::need;
use tenure_testkit::peer;

const PASSWORD: &str = "a password that is long enough";

#[tokio::test]
async fn a_lock_is_what_a_login_meets() {
    let slapd = need!(peer::slapd());
    let connector = connector(&slapd);
    assert_eq!(&*connector.test().await.unwrap().product, "OpenLDAP");
    let alice = made(&*connector, "alice").await;
    let dn = person(&slapd, "alice");
    assert_eq!(values(&slapd, &dn, "pwdAccountLockedTime"), ["000001010000Z"]);
    assert!(values(&slapd, &dn, "userPassword").is_empty());

    assert!(connector.enable(&alice).await.unwrap().changed);
    slapd.set_password(&dn, PASSWORD).unwrap();
    assert!(slapd.bind_as(&dn, PASSWORD).unwrap());
    assert!(connector.disable(&alice).await.unwrap().changed);
    assert!(!slapd.bind_as(&dn, PASSWORD).unwrap(), "a disabled account can log in");
    assert!(!seen(&*connector, &alice).await.enabled);
    assert!(connector.enable(&alice).await.unwrap().changed);
    assert!(slapd.bind_as(&dn, PASSWORD).unwrap(), "an enabled account cannot log in");

    // The server's own lock after wrong passwords must not be removed.
    for _ in 0..5 {
        assert!(!slapd.bind_as(&dn, "wrong").unwrap());
    }
    assert!(!slapd.bind_as(&dn, PASSWORD).unwrap());
    assert!(seen(&*connector, &alice).await.enabled);
    assert!(!connector.enable(&alice).await.unwrap().changed);
    assert!(connector.disable(&alice).await.unwrap().changed);
    assert_eq!(values(&slapd, &dn, "pwdAccountLockedTime"), ["000001010000Z"]);

    // An administrator's new password removes the lock; a scan must not hide that.
    slapd.set_password(&dn, "another password, long enough").unwrap();
    let (all, _) = scanned(&*connector).await.unwrap();
    assert!(all.iter().any(|a| &*a.name == "alice" && a.enabled));
}

#[tokio::test]
async fn a_lock_that_the_server_ignores_is_not_relied_on() {
    let slapd = need!(peer::slapd());
    let base = &slapd.base_dn;
    let before = connector(&slapd);
    let alice = made(&*before, "alice").await;
    let off = format!(
        "dn: cn=default,ou=policies,{base}\nchangetype: modify\nreplace: pwdLockout\npwdLockout: FALSE\n"
    );
    slapd.apply_ldif(&off).unwrap();

    let after = connector(&slapd);
    let error = after.test().await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Configuration, Status::Permanent));
    assert!(error.message.contains("has not `pwdLockout: TRUE`"), "{error}");
    assert_eq!(after.disable(&alice).await.unwrap_err().kind, ErrorKind::Configuration);
    assert_eq!(after.create(&new("bob", &[])).await.unwrap_err().kind, ErrorKind::Configuration);
    assert!(seen(&*after, &alice).await.enabled, "a lock without effect was taken for one");
    // The next scan updates the old connection, which reads again.
    assert!(scanned(&*before).await.unwrap().0.iter().all(|a| a.enabled));

    // One policy locks, another does not: the file must state which one is the default.
    slapd
        .apply_ldif(&format!(
            "dn: cn=strict,ou=policies,{base}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: strict\n\
             pwdAttribute: userPassword\npwdLockout: TRUE\n"
        ))
        .unwrap();
    let policy = format!("cn=strict,ou=policies,{base}");
    assert!(connector(&slapd).test().await.is_err());
    try_connector(&slapd, &[("policy", &policy)]).unwrap().test().await.unwrap();
    let missing = try_connector(&slapd, &[("policy", "cn=no,dc=example,dc=test")]).unwrap();
    assert!(missing.test().await.unwrap_err().message.contains("is not there"));

    // An account may have a policy of its own.
    let dn = person(&slapd, "alice");
    slapd
        .apply_ldif(&format!(
            "dn: {dn}\nchangetype: modify\nadd: pwdPolicySubentry\npwdPolicySubentry: {policy}\n"
        ))
        .unwrap();
    assert!(!seen(&*connector(&slapd), &alice).await.enabled);
}

#[tokio::test]
async fn an_update_touches_what_it_names() {
    let slapd = need!(peer::slapd());
    let connector = connector(&slapd);
    let alice = made(&*connector, "alice").await;
    let dn = person(&slapd, "alice");
    slapd
        .apply_ldif(&format!(
            "dn: {dn}\nchangetype: modify\nadd: telephoneNumber\ntelephoneNumber: 123\n-\n\
             add: departmentNumber\ndepartmentNumber: kept\ndepartmentNumber: old\n-\nadd: title\ntitle: Boss\n"
        ))
        .unwrap();
    let edit = change(&[
        ("departmentNumber", Some(Value::texts(["kept", "new"]))),
        ("description", Some(Value::text("Straße (1) *, #"))),
    ]);
    assert!(connector.update(&alice, &edit).await.unwrap().changed);
    assert!(!connector.update(&alice, &edit).await.unwrap().changed);
    assert_eq!(values(&slapd, &dn, "departmentNumber"), ["kept", "new"]);
    assert_eq!(values(&slapd, &dn, "description"), ["Straße (1) *, #"]);
    assert_eq!(values(&slapd, &dn, "telephoneNumber"), ["123"]);
    assert_eq!(values(&slapd, &dn, "title"), ["Boss"]);
    assert!(connector.update(&alice, &change(&[("title", None)])).await.unwrap().changed);
    assert!(values(&slapd, &dn, "title").is_empty());
    let blank = change(&[("description", Some(Value::text("")))]);
    assert!(connector.update(&alice, &blank).await.unwrap().changed);
    assert!(values(&slapd, &dn, "description").is_empty());
    // What the schema requires stays, and what was not declared is not written.
    let error = connector.update(&alice, &change(&[("sn", None)])).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Invalid, Status::Permanent));
    let error = connector.update(&alice, &change(&[("mail", Some(Value::text("a@x")))])).await.unwrap_err();
    assert!(error.kind == ErrorKind::Invalid && error.message.contains("`mail`"), "{error}");
}

#[tokio::test]
async fn dates_numbers_and_switches_are_written_as_ldap_does() {
    let slapd = need!(peer::slapd());
    let mut settings = settings(&slapd, &[]);
    for (spec, value_type) in settings.attributes.iter_mut().zip([
        ValueType::Text,
        ValueType::Text,
        ValueType::Int,
        ValueType::Date,
    ]) {
        spec.value_type = value_type;
    }
    let connector = tenure_connector_ldap::connect(&settings).unwrap();
    let date = Value::Date(jiff::civil::date(2026, 2, 28));
    let account = new("alice", &[("title", Value::Int(7)), ("description", date.clone())]);
    connector.create(&account).await.unwrap();
    assert_eq!(values(&slapd, &person(&slapd, "alice"), "description"), ["20260228000000Z"]);
    let alice = seen(&*connector, &named("alice")).await;
    assert_eq!(alice.attributes.get("description"), Some(&date));
    assert_eq!(alice.attributes.get("title"), Some(&Value::Int(7)));
}

#[tokio::test]
async fn somebody_elses_write_is_a_conflict() {
    let slapd = need!(peer::slapd());
    let connector = connector(&slapd);
    let alice = made(&*connector, "alice").await;
    let version = seen(&*connector, &alice).await.version;
    let edit = |text: &str| AccountChange {
        if_version: version.clone(),
        ..change(&[("title", Some(Value::text(text)))])
    };
    // Twenty writers with one version: the directory itself lets one of them through.
    let edits: Vec<AccountChange> = (0..20).map(|n| edit(&format!("writer {n}"))).collect();
    let results = futures::future::join_all(edits.iter().map(|e| connector.update(&alice, e))).await;
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
    for error in results.into_iter().filter_map(Result::err) {
        assert_eq!((error.kind, error.status), (ErrorKind::Conflict, Status::Temporary), "{error}");
    }
    let rename = AccountChange { rename: Some("alicia".into()), attributes: Default::default(), ..edit("") };
    assert_eq!(connector.update(&alice, &rename).await.unwrap_err().kind, ErrorKind::Conflict);
    assert!(slapd.entry(&person(&slapd, "alice")).unwrap().is_some());
}

#[tokio::test]
async fn a_filter_cannot_be_smuggled_in_a_name() {
    let slapd = need!(peer::slapd());
    let connector = connector(&slapd);
    made(&*connector, "alice").await;
    group(&slapd, "staff", &[&person(&slapd, "alice")]);
    for name in ["*", "a*", "x)(uid=*", "x)(|(uid=*", "alice)(cn=*)", "\\2a", "alice\0", ""] {
        assert_eq!(connector.read(&named(name)).await.unwrap(), None, "{name:?}");
        let by_id = tenure_connect::AccountRef { external_id: Some(name.into()), ..named("alice") };
        assert_eq!(connector.read(&by_id).await.unwrap(), None, "{name:?}");
        assert!(!connector.delete(&named(name)).await.unwrap().changed);
        let error = connector.grant(&named("alice"), &name.into()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::UnknownEntitlement, "{name:?}");
        assert!(!connector.revoke(&named("alice"), &name.into()).await.unwrap().changed);
    }
    let parent = "x,ou=groups,dc=example,dc=test";
    connector.create(&new(parent, &[])).await.unwrap();
    assert_eq!(&*seen(&*connector, &named(parent)).await.name, parent);
    assert!(slapd.search_below("ou=groups,dc=example,dc=test", "sub", "(uid=*)", &[]).unwrap().is_empty());
}

#[tokio::test]
async fn kinds_live_in_places_of_their_own() {
    let slapd = need!(peer::slapd());
    slapd
        .apply_ldif(
            "dn: ou=admins,ou=people,dc=example,dc=test\nobjectClass: organizationalUnit\nou: admins\n",
        )
        .unwrap();
    let place = [("people_base.admin", "ou=Admins, ou=people,dc=example,dc=test")];
    let connector = try_connector(&slapd, &place).unwrap();
    let admin = Kind::new("admin").unwrap();
    connector.create(&new("alice", &[])).await.unwrap();
    let account = tenure_connect::NewAccount { kind: admin.clone(), ..new("alice", &[]) };
    connector.create(&account).await.unwrap();
    let of_kind = |kind: &Kind| tenure_connect::AccountRef { kind: kind.clone(), ..named("alice") };
    let (person, second) =
        (seen(&*connector, &of_kind(&Kind::default())).await, seen(&*connector, &of_kind(&admin)).await);
    assert_ne!(person.external_id, second.external_id);
    assert_eq!((person.kind, &second.kind), (Kind::default(), &admin));
    let (all, _) = scanned(&*connector).await.unwrap();
    assert_eq!(all.iter().map(|a| a.kind.as_str()).collect::<Vec<_>>(), ["default", "admin"]);
    let error = connector.read(&of_kind(&Kind::new("robot").unwrap())).await.unwrap_err();
    assert!(error.kind == ErrorKind::Configuration && error.message.contains("people_base.robot"), "{error}");

    // An account that is moved away is still found by external id.
    slapd
        .apply_ldif(
            "dn: uid=alice,ou=admins,ou=people,dc=example,dc=test\nchangetype: modrdn\nnewrdn: uid=alice\n\
             deleteoldrdn: 1\nnewsuperior: ou=services,dc=example,dc=test\n",
        )
        .unwrap();
    let moved =
        tenure_connect::AccountRef { external_id: Some(second.external_id.clone()), ..of_kind(&admin) };
    assert_eq!(seen(&*connector, &moved).await.external_id, second.external_id);
}

#[tokio::test]
async fn kinds_may_share_a_place() {
    let slapd = need!(peer::slapd());
    let connector = try_connector(&slapd, &[("people_base.admin", "ou=people,dc=example,dc=test")]).unwrap();
    let admin = Kind::new("admin").unwrap();
    connector.create(&new("alice", &[])).await.unwrap();
    let account = tenure_connect::NewAccount { kind: admin.clone(), ..new("adm-alice", &[]) };
    connector.create(&account).await.unwrap();
    let second = tenure_connect::AccountRef { kind: admin.clone(), ..named("adm-alice") };
    assert_eq!(seen(&*connector, &second).await.kind, admin);
    assert_eq!(seen(&*connector, &named("alice")).await.kind, Kind::default());
    let (mut all, _) = scanned(&*connector).await.unwrap();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(all.iter().map(|a| &*a.name).collect::<Vec<_>>(), ["adm-alice", "alice"]);
}

#[tokio::test]
async fn entries_may_be_called_by_another_attribute_than_their_name() {
    let slapd = need!(peer::slapd());
    let connector = try_connector(&slapd, &[("rdn_attribute", "cn")]).unwrap();
    connector.create(&new("boss", &[("cn", Value::text("The Boss"))])).await.unwrap();
    let account = new("alice", &[("cn", Value::text("Alice A")), ("manager", Value::text("boss"))]);
    connector.create(&account).await.unwrap();
    let dn = "cn=Alice A,ou=people,dc=example,dc=test";
    assert_eq!(values(&slapd, dn, "manager"), ["cn=The Boss,ou=people,dc=example,dc=test"]);
    let alice = seen(&*connector, &named("alice")).await;
    assert_eq!(alice.attributes.get("manager"), Some(&Value::text("boss")));
    let married =
        AccountChange { rename: Some("alice2".into()), ..change(&[("cn", Some(Value::text("Alice, B")))]) };
    assert!(connector.update(&named("alice"), &married).await.unwrap().changed);
    assert!(!connector.update(&named("alice2"), &married).await.unwrap().changed);
    let now = seen(&*connector, &named("alice2")).await;
    assert_eq!(now.external_id, alice.external_id);
    assert_eq!(now.attributes.get("cn"), Some(&Value::text("Alice, B")));
    assert!(slapd.entry(dn).unwrap().is_none());
    // References to the boss are updated to the new name.
    let renamed = change(&[("cn", Some(Value::text("New Boss")))]);
    assert!(connector.update(&named("boss"), &renamed).await.unwrap().changed);
    assert_eq!(
        seen(&*connector, &named("alice2")).await.attributes.get("manager"),
        Some(&Value::text("boss"))
    );
}

#[tokio::test]
async fn protected_accounts_are_never_written() {
    let slapd = need!(peer::slapd());
    made(&*connector(&slapd), "Root").await;
    group(&slapd, "staff", &[]);
    let connector = try_connector(&slapd, &[("protected", "root, breakglass")]).unwrap();
    let before = seen(&*connector, &named("root")).await;
    let stale =
        tenure_connect::AccountRef { external_id: Some(before.external_id.clone()), ..named("innocent") };
    for root in [named("ROOT"), stale] {
        let title = change(&[("title", Some(Value::text("x")))]);
        for result in [
            connector.update(&root, &title).await,
            connector.enable(&root).await,
            connector.disable(&root).await,
            connector.delete(&root).await,
            connector.grant(&root, &"staff".into()).await,
            connector.revoke(&root, &"staff".into()).await,
        ] {
            let error = result.unwrap_err();
            assert_eq!((error.kind, error.status), (ErrorKind::Refused, Status::Permanent));
        }
    }
    assert_eq!(connector.create(&new("breakglass", &[])).await.unwrap_err().kind, ErrorKind::Refused);
    assert_eq!(seen(&*connector, &named("root")).await, before);
    assert!(before.attributes.contains_key(&attribute("cn")));
}

#[tokio::test]
async fn one_name_in_two_places_is_said_and_not_guessed() {
    let slapd = need!(peer::slapd());
    let connector = connector(&slapd);
    made(&*connector, "alice").await;
    slapd
        .apply_ldif(
            "dn: ou=old,ou=people,dc=example,dc=test\nobjectClass: organizationalUnit\nou: old\n\n\
             dn: uid=Alice,ou=old,ou=people,dc=example,dc=test\nobjectClass: inetOrgPerson\ncn: A\nsn: A\n",
        )
        .unwrap();
    let error = connector.disable(&named("alice")).await.unwrap_err();
    assert!(error.kind == ErrorKind::Invalid && error.message.contains("ou=old"), "{error}");
    assert_eq!(scanned(&*connector).await.unwrap().0.len(), 2);
}
