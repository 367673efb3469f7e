//! Why something was refused, as it is kept beside what was not done and shown later.

use super::{AppError, RefusalDetail};
use serde_json::{Value, json};
use std::sync::Arc;
use tenure_store::codec::{parameters_json, parameters_of};

/// Most characters of a quoted text that is kept.
const QUOTED_MAX: usize = 500;

/// Why something was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// By a rule, or by the present state.
    Refusal(RefusalDetail),
    /// As the reader of a feed, a connector or the log said it.
    Quoted(Arc<str>),
}

impl RefusalDetail {
    /// Its reason, its code and its parameters.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "refusal": self.why().as_str(), "code": self.code(), "parameters": parameters_json(self.parameters()),
        })
    }
}

impl Refused {
    /// For evidence and notes.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Refusal(detail) => detail.to_json(),
            Self::Quoted(text) => json!({ "text": &**text }),
        }
    }

    /// Reads what was noted. What cannot be read is quoted.
    pub(crate) fn noted(bytes: &[u8]) -> Self {
        let quoted = || Self::Quoted(String::from_utf8_lossy(bytes).into());
        let Ok(mut json) = serde_json::from_slice::<Value>(bytes) else { return quoted() };
        if let Some(text) = json["text"].as_str() {
            return Self::Quoted(text.into());
        }
        let parameters = parameters_of(json["parameters"].take());
        let code = json["code"].as_str();
        let detail = code.zip(parameters.as_ref()).and_then(|(code, all)| RefusalDetail::read(code, all));
        detail.map_or_else(quoted, Self::Refusal)
    }
}

impl From<&AppError> for Refused {
    fn from(error: &AppError) -> Self {
        match error.detail() {
            Some(detail) => Self::Refusal(detail.clone()),
            None => Self::Quoted(error.to_string().chars().take(QUOTED_MAX).collect::<String>().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{RefusalDetail, Refused};

    #[test]
    fn what_is_noted_is_read_again() {
        let quoted = Refused::Quoted("the file is empty".into());
        for refused in RefusalDetail::examples().into_iter().map(Refused::Refusal).chain([quoted]) {
            assert_eq!(Refused::noted(refused.to_json().to_string().as_bytes()), refused);
        }
        assert_eq!(Refused::noted(b"damaged"), Refused::Quoted("damaged".into()));
    }
}
