//! A SCIM failure (RFC 7644 §3.12) as one type for services and clients.

use crate::{field, urn};
use serde_json::{Value, json};

/// The detail error keyword (RFC 7644 §3.12 table 9, RFC 9865 §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScimType {
    /// The filter is not valid.
    InvalidFilter,
    /// The query yields more results than the service is willing to process.
    TooMany,
    /// A value is already in use.
    Uniqueness,
    /// The attribute cannot be changed in this way.
    Mutability,
    /// The body is not a valid message.
    InvalidSyntax,
    /// The path of a PATCH operation is not valid.
    InvalidPath,
    /// The path leads to nothing that could be changed.
    NoTarget,
    /// A required value is missing, or a value has the wrong type.
    InvalidValue,
    /// The cursor is not one of the service's.
    InvalidCursor,
    /// The cursor is too old.
    ExpiredCursor,
}

impl ScimType {
    const ALL: [Self; 10] = [
        Self::InvalidFilter,
        Self::TooMany,
        Self::Uniqueness,
        Self::Mutability,
        Self::InvalidSyntax,
        Self::InvalidPath,
        Self::NoTarget,
        Self::InvalidValue,
        Self::InvalidCursor,
        Self::ExpiredCursor,
    ];
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
        }
    }
    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.as_str().eq_ignore_ascii_case(text))
    }
}

/// A failure with its HTTP status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ScimError {
    /// HTTP status.
    pub status: u16,
    /// Its kind, if the standard has a keyword for it and the service uses it (it is optional).
    pub scim_type: Option<ScimType>,
    /// Its message.
    pub detail: String,
}

impl ScimError {
    /// A 400 (409 for uniqueness) of that kind.
    #[must_use]
    pub fn new(scim_type: ScimType, detail: impl Into<String>) -> Self {
        let status = if scim_type == ScimType::Uniqueness { 409 } else { 400 };
        Self { status, scim_type: Some(scim_type), detail: detail.into() }
    }
    /// A failure with a status only.
    #[must_use]
    pub fn status(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }
    /// The body that is sent. The status is a JSON string (RFC 7644 §3.12).
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut body =
            json!({ "schemas": [urn::ERROR], "status": self.status.to_string(), "detail": self.detail });
        if let (Some(t), Value::Object(map)) = (self.scim_type, &mut body) {
            map.insert("scimType".to_owned(), Value::from(t.as_str()));
        }
        body
    }
    /// Reads an answer with a status of 400 or more. If the body is not a SCIM error, only the status is used.
    #[must_use]
    pub fn from_answer(status: u16, body: Option<&Value>) -> Self {
        let text = |name| body.and_then(|b| field(b, name)).and_then(Value::as_str);
        let scim_type = text("scimType").and_then(ScimType::parse);
        let detail =
            text("detail").filter(|d| !d.is_empty()).unwrap_or("the service gave no detail").to_owned();
        Self { status, scim_type, detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_read() {
        let sent = ScimError::new(ScimType::Uniqueness, "userName `a` is taken");
        assert_eq!(sent.status, 409);
        assert_eq!(sent.to_json()["status"], "409");
        assert_eq!(ScimError::from_answer(409, Some(&sent.to_json())), sent);
        assert_eq!(ScimError::from_answer(502, None).detail, "the service gave no detail");
    }
}
