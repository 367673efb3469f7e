//! The input of an order to cut off.

use crate::{AppError, CutOffRefusal, DecisionContext};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use tenure_model::{CutOff, CutOffClass, IdentityId, Instant};

/// Time until a cut-off is reviewed, unless the issuer sets another.
pub const REVIEW_AFTER: SignedDuration = SignedDuration::from_hours(14 * 24);
/// The longest time until a cut-off is reviewed again.
pub const REVIEW_MAX: SignedDuration = SignedDuration::from_hours(366 * 24);
/// The longest time until the escalation group has reviewed a cut-off by an identity that has no role in it.
pub const UNREVIEWED_MAX: SignedDuration = SignedDuration::from_hours(24);

/// A cut-off as it is ordered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewCutOff {
    /// Why.
    pub reason: Arc<str>,
    /// The reason class.
    pub class: CutOffClass,
    /// When it is reviewed; `None`: after [`REVIEW_AFTER`].
    pub review: Option<Timestamp>,
}

impl NewCutOff {
    /// A cut-off with a reason, without a class.
    #[must_use]
    pub fn of(reason: &str) -> Self {
        Self { reason: Arc::from(reason), ..Self::default() }
    }

    /// The resulting cut-off. `within`: how far in the future its review may be.
    pub(crate) fn by(
        &self,
        issuer: IdentityId,
        within: SignedDuration,
        moment: &DecisionContext,
    ) -> Result<CutOff, AppError> {
        if self.reason.trim().is_empty() {
            return Err(AppError::refused(CutOffRefusal::ReasonMissing));
        }
        let review = match self.review {
            Some(review) => bounded(review, within, moment)?,
            None => tenure_model::range::moved(moment.now, REVIEW_AFTER.min(within)),
        };
        let (at, reason, class) = (moment.now, self.reason.clone(), self.class);
        Ok(CutOff { at, by: issuer, reason, class, review })
    }
}

/// A review date that is in the future and not too far away.
pub(super) fn bounded(
    review: Timestamp,
    within: SignedDuration,
    moment: &DecisionContext,
) -> Result<Timestamp, AppError> {
    if review <= moment.now {
        return Err(AppError::precondition(CutOffRefusal::ReviewPast { review }));
    }
    Instant::real_end(review).map_err(|e| {
        AppError::precondition(CutOffRefusal::ReviewInvalid { review, problem: e.to_string().into() })
    })?;
    let last = tenure_model::range::moved(moment.now, within);
    if review > last {
        return Err(AppError::precondition(CutOffRefusal::ReviewTooFar { review, latest: last }));
    }
    Ok(review)
}

/// A cut-off as evidence holds it. Few may read the reason: code that displays evidence looks for this key.
pub(crate) fn evidence_of(cut: &CutOff) -> Value {
    json!({ "reason": &*cut.reason, "class": cut.class.as_str(), "review": cut.review.to_string() })
}
