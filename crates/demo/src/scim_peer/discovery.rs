//! `/ServiceProviderConfig`, `/ResourceTypes` and `/Schemas` (RFC 7644 §4).

use super::answer::Answer;
use super::state::Shared;
use super::store::Type;
use serde_json::{Value, json};
use tenure_scim::{List, ScimError, field, set_field, urn};

pub(crate) fn answer(shared: &Shared, endpoint: &str, id: Option<&str>) -> Result<Answer, ScimError> {
    if endpoint == "ServiceProviderConfig" {
        return match id {
            None => Ok(Answer::ok(config(shared))),
            Some(_) => Err(ScimError::status(404, "there is one service provider configuration")),
        };
    }
    let documents = if endpoint == "Schemas" { schemas(shared) } else { types(shared) };
    let Some(id) = id else {
        let total = u64::try_from(documents.len()).ok();
        let list = List { total, start: Some(1), next_cursor: None, resources: documents };
        return Ok(Answer::ok(list.into_json()));
    };
    let found = documents.into_iter().find(|d| field(d, "id").and_then(Value::as_str) == Some(id));
    found.map(Answer::ok).ok_or_else(|| ScimError::status(404, format!("there is no `{id}` in {endpoint}")))
}

fn config(shared: &Shared) -> Value {
    let no = json!({ "supported": false });
    let yes = json!({ "supported": true });
    let mut body = json!({
        "schemas": [urn::SERVICE_PROVIDER_CONFIG],
        "documentationUri": null,
        "patch": yes, "etag": yes, "sort": no, "changePassword": no,
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": super::query::PAGE_MAX },
        "authenticationSchemes": [{
            "type": "oauthbearertoken", "name": "bearer token", "description": shared.options.name,
            "specUri": "https://www.rfc-editor.org/info/rfc6750"
        }],
        "meta": { "resourceType": "ServiceProviderConfig", "location": format!("{}/ServiceProviderConfig", shared.base) },
    });
    tenure_scim::remove_field(&mut body, "documentationUri");
    if shared.options.cursors {
        let pagination = json!({ "cursor": true, "index": true, "defaultPaginationMethod": "cursor", "maxPageSize": super::query::PAGE_MAX });
        set_field(&mut body, "pagination", pagination);
    }
    body
}

fn types(shared: &Shared) -> Vec<Value> {
    let document = |of: Type, schema: &str, extensions: Value| {
        json!({
            "schemas": [urn::RESOURCE_TYPE], "id": of.name(), "name": of.name(), "endpoint": format!("/{}", of.endpoint()),
            "schema": schema, "schemaExtensions": extensions,
            "meta": { "resourceType": "ResourceType", "location": format!("{}/ResourceTypes/{}", shared.base, of.name()) },
        })
    };
    let enterprise = json!([{ "schema": urn::ENTERPRISE_USER, "required": false }]);
    vec![document(Type::User, urn::USER, enterprise), document(Type::Group, urn::GROUP, json!([]))]
}

fn schemas(shared: &Shared) -> Vec<Value> {
    let located = |mut document: Value| {
        let id = field(&document, "id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let meta = json!({ "resourceType": "Schema", "location": format!("{}/Schemas/{id}", shared.base) });
        set_field(&mut document, "meta", meta);
        document
    };
    shared.user.documents().into_iter().chain(shared.group.documents()).map(located).collect()
}
