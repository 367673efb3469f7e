//! PATCH as RFC 7644 §3.5.2 specifies it, and as clients that deviate from it send it.

use serde_json::{Value, json};
use tenure_scim::{Patch, PatchRules, Schemas, ScimError, ScimType, urn};

fn user() -> Value {
    json!({
        "schemas": [urn::USER], "id": "1", "userName": "bjensen", "active": true, "title": "Guide",
        "name": { "givenName": "Barbara", "familyName": "Jensen" },
        "emails": [{ "value": "b@x.test", "type": "work", "primary": true }, { "value": "h@x.test", "type": "home" }],
        "groups": [{ "value": "g1" }]
    })
}

fn group() -> Value {
    json!({ "schemas": [urn::GROUP], "id": "g", "displayName": "Guides", "members": [{ "value": "1" }, { "value": "2" }, { "value": "3" }] })
}

fn run(
    resource: &Value,
    schemas: &Schemas,
    operations: Value,
    rules: PatchRules,
) -> Result<Value, ScimError> {
    let body = json!({ "schemas": [urn::PATCH_OP], "Operations": operations });
    Patch::parse(&body)?.apply(resource, schemas, rules)
}

fn on_user(operations: Value) -> Result<Value, ScimError> {
    run(&user(), &Schemas::user().unwrap(), operations, PatchRules::default())
}

fn on_group(operations: Value) -> Result<Value, ScimError> {
    run(&group(), &Schemas::group().unwrap(), operations, PatchRules::default())
}

fn scim_type(result: Result<Value, ScimError>) -> Option<ScimType> {
    result.unwrap_err().scim_type
}

#[test]
fn adding() {
    let r = on_user(json!([{ "op": "add", "value": { "emails": [{ "value": "babs@jensen.org", "type": "other" }], "nickName": "Babs" } }])).unwrap();
    assert_eq!((r["emails"].as_array().unwrap().len(), &r["nickName"]), (3, &json!("Babs")));
    let g =
        on_group(json!([{ "op": "add", "path": "members", "value": [{ "value": "2" }, { "value": "4" }] }]))
            .unwrap();
    assert_eq!(g["members"].as_array().unwrap().len(), 4, "a member that is there is not added again");
    let r = on_user(json!([{ "op": "Add", "path": "emails[type eq \"other\"].value", "value": "o@x.test" }]))
        .unwrap();
    assert_eq!(r["emails"][2], json!({ "type": "other", "value": "o@x.test" }));
}

#[test]
fn removing() {
    let left = |p: &str| on_group(json!([{ "op": "remove", "path": p }])).unwrap()["members"].clone();
    assert_eq!(left("members[value eq \"2\"]"), json!([{ "value": "1" }, { "value": "3" }]));
    assert_eq!(left("members[value eq \"9\"]").as_array().unwrap().len(), 3);
    assert_eq!(left("members"), Value::Null);
    let r =
        on_user(json!([{ "op": "remove", "path": "emails[type eq \"work\" and value eq \"b@x.test\"]" }]))
            .unwrap();
    assert_eq!(r["emails"], json!([{ "value": "h@x.test", "type": "home" }]));
    assert_eq!(
        on_user(json!([{ "op": "remove", "path": "name.givenName" }])).unwrap()["name"],
        json!({ "familyName": "Jensen" })
    );
    assert_eq!(scim_type(on_user(json!([{ "op": "remove" }]))), Some(ScimType::NoTarget));
    assert_eq!(
        scim_type(on_user(json!([{ "op": "remove", "path": "userName" }]))),
        Some(ScimType::Mutability)
    );
}

#[test]
fn removing_listed_values_wipes_the_group_unless_the_service_reads_it_otherwise() {
    let ops = json!([{ "op": "Remove", "path": "members", "value": [{ "value": "2" }] }]);
    assert_eq!(on_group(ops.clone()).unwrap()["members"], Value::Null);
    let rules = PatchRules { remove_listed_values: true };
    let g = run(&group(), &Schemas::group().unwrap(), ops, rules).unwrap();
    assert_eq!(g["members"], json!([{ "value": "1" }, { "value": "3" }]));
}

#[test]
fn replacing() {
    let r = on_user(json!([{ "op": "replace", "path": "name", "value": { "givenName": "Babs" } }])).unwrap();
    assert_eq!(r["name"], json!({ "givenName": "Babs", "familyName": "Jensen" }), "what is not named stays");
    let r = on_user(
        json!([{ "op": "replace", "path": "emails[type eq \"work\"]", "value": { "value": "new@x.test" } }]),
    )
    .unwrap();
    assert_eq!(r["emails"][0], json!({ "value": "new@x.test", "type": "work", "primary": true }));
    let r = on_user(json!([{ "op": "replace", "path": "emails", "value": [{ "value": "only@x.test" }] }]))
        .unwrap();
    assert_eq!(r["emails"], json!([{ "value": "only@x.test" }]));
    let none = on_user(json!([{ "op": "replace", "path": "emails[type eq \"other\"].value", "value": "x" }]));
    assert_eq!(scim_type(none), Some(ScimType::NoTarget));
    assert_eq!(
        on_user(json!([{ "op": "replace", "path": "nickName", "value": "B" }])).unwrap()["nickName"],
        "B"
    );
    assert_eq!(
        on_user(json!([{ "op": "replace", "path": "title", "value": null }])).unwrap().get("title"),
        None
    );
}

#[test]
fn one_value_is_primary() {
    let r = on_user(json!([{ "op": "replace", "path": "emails[type eq \"home\"].primary", "value": true }]))
        .unwrap();
    let primary: Vec<&Value> = r["emails"].as_array().unwrap().iter().map(|e| &e["primary"]).collect();
    assert_eq!(primary, [&json!(false), &json!(true)]);
    let r = on_user(
        json!([{ "op": "add", "path": "emails", "value": [{ "value": "n@x.test", "primary": true }] }]),
    )
    .unwrap();
    let primary: Vec<&Value> = r["emails"].as_array().unwrap().iter().map(|e| &e["primary"]).collect();
    assert_eq!(primary, [&json!(false), &Value::Null, &json!(true)]);
}

#[test]
fn all_or_nothing_and_in_order() {
    let before = user();
    let failing = json!([{ "op": "replace", "path": "title", "value": "Boss" }, { "op": "replace", "path": "id", "value": "9" }]);
    assert_eq!(scim_type(on_user(failing)), Some(ScimType::Mutability));
    assert_eq!(before, user());
    let swap = json!([{ "op": "remove", "path": "members" }, { "op": "add", "path": "members", "value": [{ "value": "9" }] }]);
    assert_eq!(on_group(swap).unwrap()["members"], json!([{ "value": "9" }]));
}

#[test]
fn the_dialects_of_clients_are_understood() {
    let entra = json!([{ "op": "Replace", "value": { "active": "False", "name.givenName": "B",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "R&D",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager": "m7" } }]);
    let r = on_user(entra).unwrap();
    assert_eq!((&r["active"], &r["name"]["givenName"]), (&json!(false), &json!("B")));
    assert_eq!(r[urn::ENTERPRISE_USER], json!({ "department": "R&D", "manager": { "value": "m7" } }));
    assert_eq!(r["schemas"], json!([urn::USER, urn::ENTERPRISE_USER]));
    let cleared = json!([{ "op": "replace", "value": { "name": { "givenName": null },
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": null } } }]);
    let body = json!({ "Operations": cleared });
    let left =
        Patch::parse(&body).unwrap().apply(&r, &Schemas::user().unwrap(), PatchRules::default()).unwrap();
    assert_eq!(left["name"], json!({ "familyName": "Jensen" }));
    assert_eq!(left[urn::ENTERPRISE_USER], json!({ "manager": { "value": "m7" } }));
    let okta = json!([{ "op": "replace", "value": { "active": false } }]);
    assert_eq!(on_user(okta).unwrap()["active"], false);
}

#[test]
fn what_cannot_be_is_refused_with_its_type() {
    let table = [
        (json!([{ "op": "replace", "path": "groups", "value": [] }]), ScimType::Mutability),
        (json!([{ "op": "replace", "path": "nmae", "value": "x" }]), ScimType::InvalidPath),
        (json!([{ "op": "replace", "path": "active", "value": "maybe" }]), ScimType::InvalidValue),
        (json!([{ "op": "replace", "value": "x" }]), ScimType::InvalidValue),
        (json!([{ "op": "move", "path": "title" }]), ScimType::InvalidSyntax),
        (json!([{ "op": "add", "path": "title" }]), ScimType::InvalidValue),
        (json!([{ "op": "replace", "path": "userName", "value": "" }]), ScimType::InvalidValue),
        (json!({ "op": "add" }), ScimType::InvalidSyntax),
    ];
    for (operations, wanted) in table {
        assert_eq!(scim_type(on_user(operations.clone())), Some(wanted), "{operations}");
    }
    let change = json!([{ "op": "replace", "path": "members[value eq \"1\"].value", "value": "9" }]);
    assert_eq!(scim_type(on_group(change)), Some(ScimType::Mutability));
}
