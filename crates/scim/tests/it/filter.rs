//! The filters of RFC 7644 §3.4.2.2 against the example users of RFC 7643 §8.

use serde_json::{Value, json};
use tenure_scim::{Filter, Schemas, ScimType, eq};

fn barbara() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "2819c223-7f76-453a-919d-413861904646",
        "externalId": "Bjensen",
        "userName": "bjensen@example.com",
        "name": { "familyName": "O'Malley", "givenName": "Barbara" },
        "title": "Tour Guide", "userType": "Employee", "active": true,
        "emails": [{ "value": "bjensen@example.com", "type": "work", "primary": true }, { "value": "babs@jensen.org", "type": "home" }],
        "meta": { "lastModified": "2011-05-13T04:42:34Z" },
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "employeeNumber": "701984", "manager": { "value": "26118915" } }
    })
}

#[test]
fn the_examples_of_the_standard() {
    let schemas = Schemas::user().unwrap();
    let table = [
        (r#"userName Eq "BJENSEN@example.com""#, true),
        (r#"externalId eq "bjensen""#, false),
        (r#"externalId eq "Bjensen""#, true),
        (r#"name.familyName co "O'Malley""#, true),
        (r#"userName sw "J""#, false),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "B""#, true),
        ("title pr", true),
        ("nickName pr", false),
        (r#"meta.lastModified gt "2011-05-13T04:42:34Z""#, false),
        (r#"meta.lastModified ge "2011-05-13T06:42:34+02:00""#, true),
        (r#"meta.lastModified lt "2011-05-13T04:42:35Z""#, true),
        (r#"title pr and userType eq "Employee""#, true),
        (r#"title pr or userType eq "Intern""#, true),
        (r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#, true),
        (r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#, true),
        (
            r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
            false,
        ),
        (r#"userType eq "Employee" and (emails.type eq "work")"#, true),
        (r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#, true),
        (r#"emails[type eq "work" and value co "@jensen.org"]"#, false),
        (
            r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
            true,
        ),
        ("active eq true", true),
        ("active ne false", true),
        ("nickName eq null", true),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "701984""#, true),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "26118915""#, true),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr", true),
        (r#"title pr or nickName pr and nickName eq "x""#, true),
    ];
    for (text, wanted) in table {
        let filter = Filter::parse(text, &schemas).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(filter.matches(&barbara()), wanted, "{text}");
    }
}

#[test]
fn what_is_no_filter_is_refused() {
    let schemas = Schemas::user().unwrap();
    let deep = format!("{}title pr{}", "(".repeat(100), ")".repeat(100));
    let long = format!("title eq \"{}\"", "x".repeat(70_000));
    let wrong = [
        "",
        "userName",
        "userName eq",
        "userName eq bjensen",
        "userName is \"x\"",
        "titel pr",
        "emails[typ eq \"work\"]",
        "active gt true",
        "name.first pr",
        "userName eq \"a\" or",
        "urn:x:y:User:z pr",
        &deep,
        &long,
    ];
    for text in wrong {
        let e = Filter::parse(text, &schemas).unwrap_err();
        assert_eq!(e.scim_type, Some(ScimType::InvalidFilter), "{text}");
    }
}

#[test]
fn an_index_is_told_what_must_hold() {
    let (user, group) = (Schemas::user().unwrap(), Schemas::group().unwrap());
    let f = Filter::parse(&eq("userName", "a\"b\\"), &user).unwrap();
    assert_eq!((f.must_equal("userName"), f.is_equality()), (Some("a\"b\\"), true));
    let f = Filter::parse(r#"displayName eq "x" and members[value eq "7"]"#, &group).unwrap();
    assert_eq!(
        (f.must_equal("displayName"), f.must_equal("members.value"), f.is_equality()),
        (Some("x"), Some("7"), false)
    );
    let f = Filter::parse(r#"members eq "7" or displayName eq "x""#, &group).unwrap();
    assert_eq!(f.must_equal("members.value"), None);
}
