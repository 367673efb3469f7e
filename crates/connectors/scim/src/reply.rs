//! A successful answer.

use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;
use tenure_scim::field;

/// Status below 300, body and version.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// When the service answered, by its own clock.
    pub(crate) date: Option<Timestamp>,
    pub(crate) body: Option<Value>,
    pub(crate) etag: Option<Arc<str>>,
    pub(crate) location: Option<String>,
    pub(crate) server: Option<String>,
}

/// The version of a resource: its own, else that of the response header.
pub(crate) fn version_of(resource: &Value, etag: Option<&Arc<str>>) -> Option<Arc<str>> {
    let own = field(resource, "meta").and_then(|m| field(m, "version")).and_then(Value::as_str);
    own.filter(|v| !v.is_empty()).map(Arc::from).or_else(|| etag.cloned())
}
