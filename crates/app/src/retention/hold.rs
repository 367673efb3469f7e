//! Holds: a stop on deletion and erasure, set and lifted by people whom policy names, never about themselves.

use super::Retention;
use crate::authority::Target;
use crate::dependents::Dependents;
use crate::directory::Directory;
use crate::{AppError, Candidate, Decision, DecisionContext, IdentityRefusal, Labels, Operation};
use jiff::Timestamp;
use serde_json::json;
use std::sync::Arc;
use tenure_model::{Hold, HoldClass, IdentityId, Instant};
use tenure_policy::ClassCache;
use tenure_store::{Outcome, StoredSubject};

/// Most attempts when the identity changes concurrently.
const ATTEMPTS_MAX: u32 = 8;
/// Most characters of a reason.
const REASON_CHARS_MAX: usize = 1_000;

/// Changes the holds of an identity; an error says why this is not possible.
type HoldEdit<'c> = dyn Fn(&mut Vec<Hold>, &str, IdentityId) -> Result<(), AppError> + Sync + 'c;

impl Retention<'_> {
    /// Sets a hold on a person's data and accounts: neither is deleted until the hold is lifted or expires.
    /// Access still ends as usual.
    ///
    /// # Errors
    /// When the actor is not permitted, the reason is missing, or a hold of this class exists already.
    pub async fn set_hold(
        &self,
        person: &str,
        class: HoldClass,
        reason: &str,
        until: Option<Timestamp>,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        if reason.trim().is_empty() || reason.chars().count() > REASON_CHARS_MAX {
            return Err(AppError::refused(IdentityRefusal::HoldReasonMissing {
                longest: u64::try_from(REASON_CHARS_MAX).unwrap_or(u64::MAX),
            }));
        }
        if until.is_some_and(|until| until <= moment.now) {
            return Err(AppError::precondition(IdentityRefusal::HoldEndPast));
        }
        if let Some(Err(e)) = until.map(Instant::real_end) {
            return Err(AppError::precondition(IdentityRefusal::HoldEndInvalid {
                problem: e.to_string().into(),
            }));
        }
        let reason: Arc<str> = Arc::from(reason.trim());
        let what =
            json!({ "hold": class.as_str(), "reason": &*reason, "until": until.map(|u| u.to_string()) });
        self.change_holds(person, Operation::Hold, what, moment, &|holds, title, by| {
            if holds.iter().any(|h| h.class == class && h.is_on(moment.now)) {
                return Err(AppError::precondition(IdentityRefusal::HeldAlready {
                    identity: title.into(),
                    class,
                }));
            }
            holds.retain(|h| h.class != class);
            holds.push(Hold { class, from: moment.now, until, by, reason: reason.clone() });
            Ok(())
        })
        .await
    }

    /// Lifts a hold: what it stopped continues.
    ///
    /// # Errors
    /// When the actor is not permitted, or there is no hold of this class.
    pub async fn lift_hold(
        &self,
        person: &str,
        class: HoldClass,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let what = json!({ "hold_lifted": class.as_str() });
        self.change_holds(person, Operation::LiftHold, what, moment, &|holds, title, _| {
            let before = holds.len();
            holds.retain(|h| h.class != class || !h.is_on(moment.now));
            if holds.len() == before {
                return Err(AppError::precondition(IdentityRefusal::NotHeld {
                    identity: title.into(),
                    class,
                }));
            }
            Ok(())
        })
        .await
    }

    /// The identities with a hold at a moment.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn held_people(&self, now: Timestamp) -> Result<Vec<StoredSubject>, AppError> {
        let mut held = self.app.people().everybody().await?;
        held.retain(|s| s.identity.held(now).is_some());
        Ok(held)
    }

    /// Whether an identity is in the escalation group.
    pub(crate) fn is_last_resort(&self, directory: &Directory, id: IdentityId) -> bool {
        let settings = &self.app.context.setup.settings;
        directory.people(settings, &format!("group:{}", settings.last_resort)).contains(&id)
    }

    async fn change_holds(
        &self,
        person: &str,
        operation: Operation,
        what: serde_json::Value,
        moment: &DecisionContext,
        change: &HoldEdit<'_>,
    ) -> Result<Decision, AppError> {
        let mut cache = ClassCache::default();
        for _ in 0..ATTEMPTS_MAX {
            let before = self.app.people().person(person).await?;
            let permit = self.app.authority().permit(operation, &Target::of(&before), moment).await?;
            let by = permit.actor()?.id;
            let title = before.title.clone();
            let mut candidate = Candidate::again(before, what.clone());
            candidate.cause.refresh = true;
            change(&mut candidate.after.decisions.holds, &title, by)?;
            let mut decisions = self.app.decide().decide(vec![candidate], &mut cache, moment).await?;
            let Some(decision) = decisions.pop() else { break };
            let outcomes = self.app.store.commit(decision.unit.clone().into_iter().collect()).await?;
            if outcomes.iter().all(Outcome::is_committed) {
                let mut dependents = Dependents::default();
                dependents.note(&decision);
                self.app
                    .settle()
                    .resettle_dependents(dependents, &mut cache, moment, &mut Labels::new())
                    .await?;
                return Ok(decision);
            }
        }
        Err(AppError::ConcurrentChange(Arc::from(person)))
    }
}
