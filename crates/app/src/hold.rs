//! Holds: a stop on deletion and erasure, set and lifted by those whom policy names, never about themselves.

use crate::approvals::Directory;
use crate::feed::Aftermath;
use crate::{Actor, App, AppError, Candidate, Decision, Labels, Moment, Refusal};
use jiff::Timestamp;
use serde_json::json;
use std::sync::Arc;
use tenure_model::{Hold, HoldClass, IdentityId, Instant};
use tenure_policy::ClassCache;
use tenure_store::{Outcome, StoredSubject};

/// Most attempts when the identity changes meanwhile.
const ATTEMPTS_MAX: u32 = 8;
/// Characters that a reason may have.
const REASON_CHARS_MAX: usize = 1_000;

/// Changes the holds of somebody; an error says why it cannot be.
type Change<'c> = dyn Fn(&mut Vec<Hold>, &str) -> Result<(), AppError> + Sync + 'c;

impl App {
    /// Holds what is known of somebody, and their accounts: neither is deleted until somebody lifts it or its time is over.
    /// Access ends as ever.
    ///
    /// # Errors
    /// When the actor may not, the reason is missing, or a hold of this class is on already.
    pub async fn set_hold(
        &self,
        person: &str,
        class: HoldClass,
        reason: &str,
        until: Option<Timestamp>,
        moment: &Moment,
    ) -> Result<Decision, AppError> {
        let actor = self.keeper(moment, "setting a hold").await?;
        if reason.trim().is_empty() || reason.chars().count() > REASON_CHARS_MAX {
            let text =
                format!("a hold needs a reason of at most {REASON_CHARS_MAX} characters: --reason \"…\"");
            return Err(AppError::Forbidden(Refusal::ReasonMissing, Arc::from(text)));
        }
        if until.is_some_and(|until| until <= moment.now) {
            return Err(AppError::NotNow(
                Refusal::DateOver,
                Arc::from("a hold that is over already holds nothing: give a later --until"),
            ));
        }
        if let Some(Err(e)) = until.map(Instant::real_end) {
            let text = format!("the hold cannot end then: {e}, or leave --until out");
            return Err(AppError::NotNow(Refusal::TooFar, Arc::from(text)));
        }
        let hold = Hold { class, from: moment.now, until, by: actor.id, reason: Arc::from(reason.trim()) };
        let what =
            json!({ "hold": class.as_str(), "reason": &*hold.reason, "until": until.map(|u| u.to_string()) });
        self.change_holds(person, &actor, what, moment, &|holds, title| {
            if holds.iter().any(|h| h.class == class && h.is_on(moment.now)) {
                let text = format!("a {} hold is on {title} already: lift it first", class.as_str());
                return Err(AppError::NotNow(Refusal::AlreadyInForce, Arc::from(text)));
            }
            holds.retain(|h| h.class != class);
            holds.push(hold.clone());
            Ok(())
        })
        .await
    }

    /// Lifts a hold: what it stopped goes on.
    ///
    /// # Errors
    /// When the actor may not, or no hold of this class is on.
    pub async fn lift_hold(
        &self,
        person: &str,
        class: HoldClass,
        moment: &Moment,
    ) -> Result<Decision, AppError> {
        let actor = self.keeper(moment, "lifting a hold").await?;
        let what = json!({ "hold_lifted": class.as_str() });
        self.change_holds(person, &actor, what, moment, &|holds, title| {
            let before = holds.len();
            holds.retain(|h| h.class != class || !h.is_on(moment.now));
            if holds.len() == before {
                let text = format!(
                    "no {} hold is on {title}: `tenure hold list` shows those that are",
                    class.as_str()
                );
                return Err(AppError::NotNow(Refusal::NotInForce, Arc::from(text)));
            }
            Ok(())
        })
        .await
    }

    /// Whose holds are on at a moment.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn held_people(&self, now: Timestamp) -> Result<Vec<StoredSubject>, AppError> {
        let mut held = self.everybody().await?;
        held.retain(|s| s.identity.held(now).is_some());
        Ok(held)
    }

    /// Somebody who sets and lifts holds, and erases: those whom policy names, else the last resort.
    ///
    /// # Errors
    /// When nobody acts, or the actor is none of them.
    pub(crate) async fn keeper(&self, moment: &Moment, what: &str) -> Result<Actor, AppError> {
        let actor = self.acting(moment, what).await?;
        let settings = &self.context.setup.settings;
        let last_resort = format!("group:{}", settings.last_resort);
        let by = self.context.setup.policy.retention.by.as_deref().unwrap_or(&last_resort);
        let directory = Directory::load(self).await?;
        if directory.people(settings, by).contains(&actor.id) || self.is_last_resort(&directory, actor.id) {
            return Ok(actor.clone());
        }
        let text = format!("{what} is for {by} ([retention] by) and for the last resort: ask one of them");
        Err(AppError::Forbidden(Refusal::NotEntitled, Arc::from(text)))
    }

    /// Whether somebody is of the last resort.
    pub(crate) fn is_last_resort(&self, directory: &Directory, id: IdentityId) -> bool {
        let settings = &self.context.setup.settings;
        directory.people(settings, &format!("group:{}", settings.last_resort)).contains(&id)
    }

    async fn change_holds(
        &self,
        person: &str,
        actor: &Actor,
        what: serde_json::Value,
        moment: &Moment,
        change: &Change<'_>,
    ) -> Result<Decision, AppError> {
        let mut cache = ClassCache::default();
        for _ in 0..ATTEMPTS_MAX {
            let before = self.person(person).await?;
            if before.identity.id == actor.id {
                let text = "nobody decides about a hold on themselves: ask a colleague";
                return Err(AppError::Forbidden(Refusal::OwnRecord, Arc::from(text)));
            }
            let title = before.title.clone();
            let mut candidate = Candidate::again(before, what.clone());
            candidate.cause.refresh = true;
            change(&mut candidate.after.decisions.holds, &title)?;
            let mut decisions = self.decide(vec![candidate], &mut cache, moment).await?;
            let Some(decision) = decisions.pop() else { break };
            let outcomes = self.store.commit(decision.unit.clone().into_iter().collect()).await?;
            if outcomes.iter().all(Outcome::is_committed) {
                let mut aftermath = Aftermath::default();
                aftermath.note(&decision);
                self.tell_others(aftermath, &mut cache, moment, &mut Labels::new()).await?;
                return Ok(decision);
            }
        }
        Err(AppError::Contended(Arc::from(person)))
    }
}
