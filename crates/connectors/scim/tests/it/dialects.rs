//! The requests in each dialect, one by one.

use crate::common::{DEPARTMENT, WORK_MAIL, attribute, connected, named, new_account, peer};
use serde_json::{Value as Json, json};
use tenure_connect::AccountChange;
use tenure_demo::scim_peer::{Quirks, ScimPeer};
use tenure_model::Value;

/// The bodies of the writes since the last call: method, first part of the path, body without schemas.
fn writes(peer: &ScimPeer) -> Vec<(String, String, Json)> {
    let mut all = Vec::new();
    for r in peer.state().recorded().into_iter().filter(|r| r.method != "GET") {
        let mut body = r.body;
        if let Some(map) = body.as_object_mut() {
            map.remove("schemas");
        }
        let endpoint = r.path.split('/').nth(1).unwrap_or_default().to_owned();
        all.push((r.method, endpoint, body));
    }
    all
}

fn change(pairs: &[(&str, Option<&str>)]) -> AccountChange {
    let attributes = pairs.iter().map(|(k, v)| (attribute(k), v.map(Value::text))).collect();
    AccountChange { attributes, ..AccountChange::default() }
}

fn patch(endpoint: &str, operations: Json) -> (String, String, Json) {
    ("PATCH".to_owned(), endpoint.to_owned(), json!({ "Operations": operations }))
}

#[tokio::test(flavor = "multi_thread")]
async fn by_the_standard() {
    let peer = peer(Quirks::default()).await;
    let c = connected(&peer.url(), &[]);
    let id = c
        .create(&new_account("ada", &[(WORK_MAIL, "ada@x.test"), (DEPARTMENT, "R&D")]))
        .await
        .unwrap()
        .external_id;
    let user = json!({ "userName": "ada", "active": false, "emails": [{ "type": "work", "value": "ada@x.test" }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "R&D" } });
    assert_eq!(writes(&peer), [("POST".to_owned(), "Users".to_owned(), user)]);
    let ada = named("ada");
    c.enable(&ada).await.unwrap();
    c.update(&ada, &change(&[(WORK_MAIL, None), ("title", Some("Dr"))])).await.unwrap();
    c.update(&ada, &change(&[(WORK_MAIL, Some("a@x.test"))])).await.unwrap();
    c.update(&ada, &change(&[(WORK_MAIL, Some("b@x.test"))])).await.unwrap();
    c.grant(&ada, &"alpha".into()).await.unwrap();
    c.revoke(&ada, &"alpha".into()).await.unwrap();
    let wanted = [
        patch("Users", json!([{ "op": "replace", "path": "active", "value": true }])),
        patch(
            "Users",
            json!([{ "op": "remove", "path": "emails[type eq \"work\"]" }, { "op": "replace", "path": "title", "value": "Dr" }]),
        ),
        patch(
            "Users",
            json!([{ "op": "add", "path": "emails", "value": [{ "type": "work", "value": "a@x.test" }] }]),
        ),
        patch(
            "Users",
            json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "b@x.test" }]),
        ),
        patch("Groups", json!([{ "op": "add", "path": "members", "value": [{ "value": &*id }] }])),
        patch("Groups", json!([{ "op": "remove", "path": format!("members[value eq \"{id}\"]") }])),
    ];
    assert_eq!(writes(&peer), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn as_entra_speaks() {
    let peer = peer(Quirks { removes_listed_values: true, ..Quirks::default() }).await;
    let c = connected(&peer.url(), &[("dialect", "entra")]);
    let id = c.create(&new_account("ada", &[])).await.unwrap().external_id;
    let other = c.create(&new_account("bob", &[])).await.unwrap();
    c.grant(&named("bob"), &"alpha".into()).await.unwrap();
    assert!(!other.usable);
    writes(&peer);
    c.enable(&named("ada")).await.unwrap();
    c.disable(&named("ada")).await.unwrap();
    c.grant(&named("ada"), &"alpha".into()).await.unwrap();
    c.revoke(&named("ada"), &"alpha".into()).await.unwrap();
    let wanted = [
        patch("Users", json!([{ "op": "Replace", "path": "active", "value": "True" }])),
        patch("Users", json!([{ "op": "Replace", "path": "active", "value": "False" }])),
        patch("Groups", json!([{ "op": "Add", "path": "members", "value": [{ "value": &*id }] }])),
        patch("Groups", json!([{ "op": "Remove", "path": "members", "value": [{ "value": &*id }] }])),
    ];
    assert_eq!(writes(&peer), wanted);
    assert_eq!(peer.state().members("alpha").len(), 1, "the other member stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn as_okta_speaks() {
    let peer = peer(Quirks::default()).await;
    let c = connected(&peer.url(), &[("dialect", "okta")]);
    c.create(&new_account("ada", &[("name.givenName", "Ada"), (WORK_MAIL, "a@x.test")])).await.unwrap();
    writes(&peer);
    c.enable(&named("ada")).await.unwrap();
    c.update(
        &named("ada"),
        &change(&[("title", Some("Dr")), (WORK_MAIL, Some("b@x.test")), (DEPARTMENT, Some("R&D"))]),
    )
    .await
    .unwrap();
    c.update(&named("ada"), &change(&[("title", None)])).await.unwrap();
    let all = json!({ "title": "Dr", "emails": [{ "type": "work", "value": "b@x.test" }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "R&D" } });
    let wanted = [
        patch("Users", json!([{ "op": "replace", "value": { "active": true } }])),
        patch("Users", json!([{ "op": "replace", "value": all }])),
        patch("Users", json!([{ "op": "replace", "value": { "title": null } }])),
    ];
    assert_eq!(writes(&peer), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn github_takes_no_filters_in_paths() {
    let peer = peer(Quirks::default()).await;
    let c = connected(&peer.url(), &[("dialect", "github")]);
    c.create(&new_account("ada", &[(WORK_MAIL, "a@x.test")])).await.unwrap();
    writes(&peer);
    c.update(&named("ada"), &change(&[(WORK_MAIL, Some("b@x.test"))])).await.unwrap();
    c.update(&named("ada"), &change(&[(WORK_MAIL, None)])).await.unwrap();
    let wanted = [
        patch(
            "Users",
            json!([{ "op": "replace", "path": "emails", "value": [{ "type": "work", "value": "b@x.test" }] }]),
        ),
        patch("Users", json!([{ "op": "remove", "path": "emails" }])),
    ];
    assert_eq!(writes(&peer), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_resources_are_written_on_condition() {
    let peer = peer(Quirks { refuses_patch: true, ..Quirks::default() }).await;
    let c = connected(&peer.url(), &[("write", "put")]);
    c.create(&new_account("ada", &[("title", "Dr")])).await.unwrap();
    peer.state().recorded();
    c.enable(&named("ada")).await.unwrap();
    c.grant(&named("ada"), &"alpha".into()).await.unwrap();
    let puts: Vec<_> = peer.state().recorded().into_iter().filter(|r| r.method == "PUT").collect();
    assert_eq!(puts.len(), 2);
    assert!(puts.iter().all(|r| r.if_match.as_deref().is_some_and(|v| v.starts_with("W/"))), "{puts:?}");
    assert_eq!(
        (&puts[0].body["title"], &puts[0].body["active"]),
        (&json!("Dr"), &json!(true)),
        "the rest is kept"
    );
}
