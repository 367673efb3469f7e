//! What somebody says who orders a cut-off.

use crate::{AppError, Moment, Refusal};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use tenure_model::{CutOff, CutOffClass, IdentityId, Instant};

/// When somebody looks at a cut-off again, unless the issuer says otherwise.
pub const REVIEW_AFTER: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A cut-off as it is ordered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewCutOff {
    /// Why.
    pub reason: Arc<str>,
    /// What sort of reason.
    pub class: CutOffClass,
    /// When somebody looks at it again; `None`: after [`REVIEW_AFTER`].
    pub review: Option<Timestamp>,
}

impl NewCutOff {
    /// A cut-off for a reason, of no class.
    #[must_use]
    pub fn of(reason: &str) -> Self {
        Self { reason: Arc::from(reason), ..Self::default() }
    }

    /// The cut-off that it becomes.
    pub(crate) fn by(&self, issuer: IdentityId, moment: &Moment) -> Result<CutOff, AppError> {
        if self.reason.trim().is_empty() {
            return Err(AppError::Forbidden(
                Refusal::ReasonMissing,
                Arc::from("a cut-off needs a reason: --reason \"…\""),
            ));
        }
        if let Some(review) = self.review {
            real_review(review)?;
        }
        let review = match self.review {
            Some(review) if review <= moment.now => {
                let text = format!("{review} is over: a cut-off is looked at again at an instant to come");
                return Err(AppError::NotNow(Refusal::DateOver, Arc::from(text)));
            }
            Some(review) => review,
            None => tenure_model::range::moved(moment.now, REVIEW_AFTER),
        };
        let (at, reason, class) = (moment.now, self.reason.clone(), self.class);
        Ok(CutOff { at, by: issuer, reason, class, review })
    }
}

/// A cut-off is looked at again: at an instant that comes.
pub(super) fn real_review(review: Timestamp) -> Result<(), AppError> {
    let no =
        |e| AppError::NotNow(Refusal::TooFar, Arc::from(format!("the review cannot be at {review}: {e}")));
    Instant::real_end(review).map(drop).map_err(no)
}

/// A cut-off as evidence holds it. The reason is for few: whoever shows evidence looks for this key.
pub(crate) fn evidence_of(cut: &CutOff) -> Value {
    json!({ "reason": &*cut.reason, "class": cut.class.as_str(), "review": cut.review.to_string() })
}
