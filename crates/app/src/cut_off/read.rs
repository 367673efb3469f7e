//! Who may read the reason of a cut-off: its issuer, the escalation group, and those whom policy names. Others read only that it exists.

use super::CutOffs;
use crate::authority::Target;
use crate::describe::instant_words;
use crate::{AppError, DecisionContext, Operation};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::Name as _;
use tenure_model::{AttributeName, CutOff, CutOffClass, CutOffOrder};
use tenure_store::StoredSubject;

/// The name for the reason of a cut-off in the evidence of a reading.
const READ: &str = "cut_off";

/// A cut-off as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOffShown {
    /// Since when.
    pub since: Timestamp,
    /// When it is reviewed.
    pub review: Timestamp,
    /// Reason class and reason, for readers who may see them.
    pub why: Option<(CutOffClass, Arc<str>)>,
}

impl CutOffs<'_> {
    /// Whether the actor may read the reason: the issuer, the escalation group, `cut_off_readers` and `lift_by`; not the cut-off identity.
    async fn reads_why(
        &self,
        cut: &CutOff,
        about: Option<&StoredSubject>,
        moment: &DecisionContext,
    ) -> Result<bool, AppError> {
        if self.app.store.reads_only() {
            // If the reading cannot be recorded, the reason is withheld.
            return Ok(false);
        }
        let (about, class) = (about.into_iter().collect(), Some(cut.class));
        let target = Target { about, issuers: vec![cut.by], class, ..Target::all() };
        self.app.authority().may(Operation::ReadReason, &target, moment).await
    }

    /// An order as the actor may read it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn shown_order(
        &self,
        order: &CutOffOrder,
        moment: &DecisionContext,
    ) -> Result<CutOffShown, AppError> {
        let reads = self.reads_why(&order.cut, None, moment).await?;
        Ok(shown(&order.cut, reads))
    }

    /// The cut-off of an identity in lines and as JSON, for an explanation; evidence records that its reason was read.
    pub(crate) async fn told(
        &self,
        stored: &StoredSubject,
        moment: &DecisionContext,
    ) -> Result<Option<(Vec<String>, Value)>, AppError> {
        let Some(cut) = &stored.identity.decisions.cut_off else { return Ok(None) };
        let reads = self.reads_why(cut, Some(stored), moment).await?;
        let CutOffShown { since, review, why } = shown(cut, reads);
        let mut lines =
            vec![format!("cut off since {}, review due by {}", instant_words(since), instant_words(review))];
        let mut details = json!({ "since": since.to_string(), "review": review.to_string() });
        match why {
            Some((class, reason)) => {
                lines.push(format!("  reason: {reason} ({})", class.as_str()));
                details["reason"] = json!(&*reason);
                details["class"] = json!(class.as_str());
                let read: BTreeSet<AttributeName> = AttributeName::new(READ).into_iter().collect();
                self.app.reading().note_reading(stored, &read, moment).await?;
            }
            None => lines.push("  the reason is withheld from you".to_owned()),
        }
        Ok(Some((lines, details)))
    }

    /// Removes the reasons of cut-offs from evidence for a reader who may not see them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn without_reasons(
        &self,
        payload: &mut Value,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let reads = self.app.authority().may(Operation::ReadReason, &Target::all(), moment).await?;
        if !reads {
            blank(payload);
        }
        Ok(())
    }
}

fn shown(cut: &CutOff, reads: bool) -> CutOffShown {
    CutOffShown { since: cut.at, review: cut.review, why: reads.then(|| (cut.class, cut.reason.clone())) }
}

/// Whether evidence contains the reason of a cut-off.
pub(crate) fn tells_reason(payload: &[u8]) -> bool {
    let Ok(whole) = serde_json::from_slice::<Value>(payload) else { return true };
    let mut without = whole.clone();
    blank(&mut without);
    without != whole
}

/// Blanks reason and class wherever evidence mentions a cut-off.
fn blank(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::Object(cut)) = fields.get_mut(READ) {
                for key in ["reason", "class"] {
                    if let Some(text) = cut.get_mut(key) {
                        *text = json!("withheld");
                    }
                }
            }
            fields.values_mut().for_each(blank);
        }
        Value::Array(all) => all.iter_mut().for_each(blank),
        _ => {}
    }
}
