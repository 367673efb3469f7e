//! A refusal as a text, of areas whose refusals have no parameters yet.

use crate::Refusal;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::Parameter;

/// A refusal as a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextRefusal {
    /// The reason.
    pub why: Refusal,
    /// The sentence.
    pub text: Arc<str>,
}

impl TextRefusal {
    pub(super) fn code(&self) -> &'static str {
        self.why.as_str()
    }

    pub(super) fn parameters(&self) -> BTreeMap<Arc<str>, Parameter> {
        Parameter::record([("text", Parameter::Text(self.text.clone()))])
    }

    pub(super) fn read(code: &str, parameters: &BTreeMap<Arc<str>, Parameter>) -> Option<Self> {
        let why = Refusal::ALL.iter().copied().find(|why| why.as_str() == code)?;
        match parameters.get("text")? {
            Parameter::Text(text) => Some(Self { why, text: text.clone() }),
            _ => None,
        }
    }

    pub(super) fn examples() -> Vec<Self> {
        Refusal::ALL.iter().map(|why| Self { why: *why, text: "TEXT".into() }).collect()
    }
}
