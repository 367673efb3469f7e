//! Findings as people and programs see them: the code and its parameters from the inner rings, the sentence from `tenure-words`.

use serde_json::{Value, json};
use tenure_app::describe::finding_json;
use tenure_model::{Finding, Settlement};

/// A finding with its sentence, as JSON.
pub(crate) fn as_json(finding: &Finding) -> Value {
    let mut json = finding_json(finding);
    json["text"] = json!(tenure_words::finding(finding));
    json
}

/// The findings of a settlement, as JSON.
pub(crate) fn findings_json(settlement: &Settlement) -> Value {
    settlement.findings.iter().map(as_json).collect()
}

/// A finding in a line: its subject and its sentence.
pub(crate) fn line(finding: &Finding) -> String {
    format!("{}: {}", finding.about, tenure_words::finding(finding))
}
