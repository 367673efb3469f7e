//! Who reads why somebody is cut off: whoever ordered it, the last resort, and whom policy names. Everybody else reads that it is so.

use super::CutOffs;
use crate::authority::Target;
use crate::describe::instant_words;
use crate::{AppError, Moment, Operation};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::Name as _;
use tenure_model::{AttributeName, CutOff, CutOffClass, CutOffOrder};
use tenure_store::StoredSubject;

/// What the evidence of a reading calls the reason of a cut-off.
const READ: &str = "cut_off";

/// A cut-off as somebody reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOffShown {
    /// Since when.
    pub since: Timestamp,
    /// When somebody looks at it again.
    pub review: Timestamp,
    /// What sort of reason, and the reason, for who may read them.
    pub why: Option<(CutOffClass, Arc<str>)>,
}

impl CutOffs<'_> {
    /// Whether who acts reads why: the issuer, those who lift it, and whom policy names; not whom it is about.
    async fn reads_why(
        &self,
        cut: &CutOff,
        about: Option<&StoredSubject>,
        moment: &Moment,
    ) -> Result<bool, AppError> {
        if self.app.store.reads_only() {
            // Where the reading cannot be written down, it is withheld.
            return Ok(false);
        }
        let (about, class) = (about.into_iter().collect(), Some(cut.class));
        let target = Target { about, issuers: vec![cut.by], class, ..Target::all() };
        self.app.authority().may(Operation::ReadReason, &target, moment).await
    }

    /// An order as who acts reads it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn shown_order(&self, order: &CutOffOrder, moment: &Moment) -> Result<CutOffShown, AppError> {
        let reads = self.reads_why(&order.cut, None, moment).await?;
        Ok(shown(&order.cut, reads))
    }

    /// The cut-off of an identity in lines and as JSON, for an explanation; that its reason was read is evidence.
    pub(crate) async fn told(
        &self,
        stored: &StoredSubject,
        moment: &Moment,
    ) -> Result<Option<(Vec<String>, Value)>, AppError> {
        let Some(cut) = &stored.identity.decisions.cut_off else { return Ok(None) };
        let reads = self.reads_why(cut, Some(stored), moment).await?;
        let CutOffShown { since, review, why } = shown(cut, reads);
        let mut lines = vec![format!(
            "cut off since {}, to be looked at again by {}",
            instant_words(since),
            instant_words(review)
        )];
        let mut details = json!({ "since": since.to_string(), "review": review.to_string() });
        match why {
            Some((class, reason)) => {
                lines.push(format!("  why: {reason} ({})", class.as_str()));
                details["reason"] = json!(&*reason);
                details["class"] = json!(class.as_str());
                let read: BTreeSet<AttributeName> = AttributeName::new(READ).into_iter().collect();
                self.app.reading().note_reading(stored, &read, moment).await?;
            }
            None => lines.push("  why is not for everybody to read".to_owned()),
        }
        Ok(Some((lines, details)))
    }

    /// Takes the reasons of cut-offs out of evidence that is shown to somebody who may not read them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn without_reasons(&self, payload: &mut Value, moment: &Moment) -> Result<(), AppError> {
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

/// Whether evidence tells the reason of a cut-off.
pub(crate) fn tells_reason(payload: &[u8]) -> bool {
    let Ok(whole) = serde_json::from_slice::<Value>(payload) else { return true };
    let mut without = whole.clone();
    blank(&mut without);
    without != whole
}

/// Blanks reason and class wherever evidence tells of a cut-off.
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
