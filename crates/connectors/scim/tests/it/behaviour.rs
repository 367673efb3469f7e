//! The shared behaviour suite: once against the reference server, and against the demo's peer in every dialect.

use crate::common::{DEPARTMENT, TOKEN, WORK_MAIL, attribute, clock, connected, settings};
use async_trait::async_trait;
use serde_json::json;
use std::sync::Arc;
use tenure_connect::Connector;
use tenure_demo::scim_peer::{PeerOptions, PeerState, Quirks, ScimPeer};
use tenure_model::AttributeName;
use tenure_testkit::behaviour::{Harness, run};
use tenure_testkit::{need, peer};

struct Reference(peer::Scim2Server);

#[async_trait]
impl Harness for Reference {
    fn writer(&self) -> Arc<dyn Connector> {
        tenure_connector_scim::connect(&settings(&self.0.url, &self.0.token, &[])).unwrap()
    }
    fn reader(&self) -> Arc<dyn Connector> {
        self.writer()
    }
    fn entitlements(&self) -> Vec<Arc<str>> {
        vec!["alpha".into(), "beta".into()]
    }
    fn text_attributes(&self) -> Vec<AttributeName> {
        [WORK_MAIL, DEPARTMENT, "title", "name.givenName"].map(attribute).to_vec()
    }
    fn set_attribute(&self) -> Option<AttributeName> {
        Some(attribute("roles"))
    }
    fn reference_attribute(&self) -> Option<AttributeName> {
        Some(attribute("manager"))
    }
    async fn edit_by_hand(&self, name: &str, path: &AttributeName, value: &str) -> bool {
        let users = self.0.resources("Users").unwrap();
        let id = users
            .iter()
            .find(|u| u["userName"] == name)
            .map(|u| u["id"].as_str().unwrap().to_owned())
            .unwrap();
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": path.to_string(), "value": value }] });
        self.0.request("PATCH", &format!("/Users/{id}"), Some(&body)).unwrap().0 < 300
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_server() {
    let server = need!(peer::scim2_server());
    for name in ["alpha", "beta"] {
        let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name });
        assert_eq!(server.request("POST", "/Groups", Some(&body)).unwrap().0, 201);
    }
    run(&Reference(server)).await.verdict().unwrap();
}

struct Ours {
    url: String,
    state: PeerState,
    knobs: Vec<(&'static str, &'static str)>,
}

#[async_trait]
impl Harness for Ours {
    fn writer(&self) -> Arc<dyn Connector> {
        connected(&self.url, &self.knobs)
    }
    fn reader(&self) -> Arc<dyn Connector> {
        self.writer()
    }
    fn entitlements(&self) -> Vec<Arc<str>> {
        vec!["alpha".into(), "beta".into()]
    }
    fn text_attributes(&self) -> Vec<AttributeName> {
        [WORK_MAIL, "title", DEPARTMENT, "name.givenName"].map(attribute).to_vec()
    }
    fn set_attribute(&self) -> Option<AttributeName> {
        Some(attribute("roles"))
    }
    fn reference_attribute(&self) -> Option<AttributeName> {
        Some(attribute("manager"))
    }
    async fn edit_by_hand(&self, name: &str, path: &AttributeName, value: &str) -> bool {
        self.state.set_attribute(name, &path.to_string(), json!(value))
    }
    async fn usable(&self, name: &str) -> Option<bool> {
        self.state.user(name).map(|u| u["active"] == true)
    }
}

async fn ours(quirks: Quirks, cursors: bool, knobs: &[(&'static str, &'static str)]) {
    let options = PeerOptions { cursors, quirks, ..PeerOptions::new("peer", TOKEN, clock()) };
    let service = ScimPeer::start(options).await.unwrap();
    for group in ["alpha", "beta"] {
        service.state().add_group(group).unwrap();
    }
    let harness = Ours { url: service.url(), state: service.state(), knobs: knobs.to_vec() };
    run(&harness).await.verdict().unwrap();
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_follows_the_standard() {
    ours(Quirks::default(), false, &[]).await;
    ours(Quirks { patch_answers_groups: true, ..Quirks::default() }, false, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_built_for_entra() {
    let quirks = Quirks { removes_listed_values: true, patch_answers_204: true, ..Quirks::default() };
    ours(quirks, false, &[("dialect", "entra")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entra_itself() {
    let quirks =
        Quirks { missing_is_400: true, patch_answers_204: true, hides_total: true, ..Quirks::default() };
    ours(quirks, false, &[("dialect", "entra-inbound")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_built_for_okta() {
    ours(Quirks { member_filter_finds_nothing: true, ..Quirks::default() }, false, &[("dialect", "okta")])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn github() {
    let quirks =
        Quirks { removes_listed_values: true, member_filter_finds_nothing: true, ..Quirks::default() };
    ours(quirks, false, &[("dialect", "github")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_with_cursors_and_short_pages() {
    ours(Quirks { page_max: 3, ..Quirks::default() }, true, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_with_short_pages_that_says_little() {
    let quirks = Quirks {
        page_max: 7,
        create_answers_nothing: true,
        creates_active: true,
        forgets_user_groups: true,
        ..Quirks::default()
    };
    ours(quirks, false, &[("nested", "true")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_patch() {
    ours(Quirks { refuses_patch: true, ..Quirks::default() }, false, &[("write", "put")]).await;
}
