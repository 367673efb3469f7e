//! Ends everything at once, sticky, ahead of all queues; and lifts it, by somebody else.

use crate::{App, AppError, Candidate, Cause, Decision, Moment};
use jiff::SignedDuration;
use serde_json::json;
use std::sync::Arc;
use tenure_model::{CaseLabel, CutOff};
use tenure_policy::ClassCache;
use tenure_store::{Outcome, StoredSubject};

/// When somebody looks at a cut-off again, unless the issuer says otherwise.
pub const REVIEW_AFTER: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Most attempts when the identity changes meanwhile.
const ATTEMPTS_MAX: u32 = 8;

impl App {
    /// Cuts somebody off. The work is in the most urgent queue when this returns; `work` does it.
    ///
    /// # Errors
    /// When nobody acts, or the person is cut off already.
    pub async fn cut_off(&self, person: &str, reason: &str, moment: &Moment) -> Result<Decision, AppError> {
        let actor = self.acting(moment, "a cut-off").await?;
        if reason.trim().is_empty() {
            return Err(AppError::Forbidden(Arc::from("a cut-off needs a reason: --reason \"…\"")));
        }
        let cut = CutOff {
            at: moment.now,
            by: actor.id,
            reason: Arc::from(reason),
            review: moment.now.checked_add(REVIEW_AFTER).unwrap_or(jiff::Timestamp::MAX),
        };
        self.change_cut_off(person, moment, &|before| {
            if before.identity.is_cut_off() {
                return Err(AppError::NotNow(Arc::from(format!("{} is cut off already", before.title))));
            }
            Ok(Some(cut.clone()))
        })
        .await
    }

    /// Lifts a cut-off: neither its issuer nor its holder may. What comes back is what is due now.
    ///
    /// # Errors
    /// When nobody acts, the actor may not, or the person is not cut off.
    pub async fn lift(&self, person: &str, moment: &Moment) -> Result<Decision, AppError> {
        let actor = self.acting(moment, "lifting").await?.clone();
        self.change_cut_off(person, moment, &move |before| {
            let Some(cut) = &before.identity.decisions.cut_off else {
                return Err(AppError::NotNow(Arc::from(format!("{} is not cut off", before.title))));
            };
            if actor.id == before.identity.id || actor.id == cut.by {
                let text = "a cut-off is lifted by somebody else than its issuer and the person it is about";
                return Err(AppError::Forbidden(Arc::from(text)));
            }
            Ok(None)
        })
        .await
    }

    async fn change_cut_off(
        &self,
        person: &str,
        moment: &Moment,
        change: &(dyn Fn(&StoredSubject) -> Result<Option<CutOff>, AppError> + Sync),
    ) -> Result<Decision, AppError> {
        let mut cache = ClassCache::default();
        for _ in 0..ATTEMPTS_MAX {
            let before = self.person(person).await?;
            let cut = change(&before)?;
            let label = cut.is_some().then_some(CaseLabel::CutOff);
            let what = json!({ "cut_off": cut.as_ref().map(|c| json!({ "reason": &*c.reason, "review": c.review.to_string() })) });
            let mut candidate = Candidate::again(before, what.clone());
            candidate.cause = Cause { label, what, refresh: true };
            candidate.after.decisions.cut_off = cut;
            let mut decisions = self.decide(vec![candidate], &mut cache, moment).await?;
            let Some(decision) = decisions.pop() else { break };
            let outcomes = self.store.commit(decision.unit.clone().into_iter().collect()).await?;
            if outcomes.iter().all(Outcome::is_committed) {
                let mut labels = crate::Labels::new();
                let mut aftermath = crate::feed::Aftermath::default();
                aftermath.note(&decision);
                self.tell_others(aftermath, &mut cache, moment, &mut labels).await?;
                return Ok(decision);
            }
        }
        Err(AppError::Contended(Arc::from(person)))
    }
}
