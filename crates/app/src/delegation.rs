//! Delegations: a delegate answers in place of the delegator, once accepted, until a day.

use crate::authority::Target;
use crate::directory::Directory;
use crate::{ActorRefusal, AppError, Decision, DecisionContext, Operation, Refusal, called};
use jiff::civil::Date;
use serde_json::json;
use tenure_engine::access_request;
use tenure_policy::ClassCache;

crate::app::part! {
    /// Delegates: named, accepted, ended.
    Delegations, delegations
}

impl Delegations<'_> {
    /// Names a delegate for the actor, until a day; open questions are put to the delegate at once.
    ///
    /// # Errors
    /// When no actor is given, the delegate is the actor, or it would last too long.
    pub async fn delegate(
        &self,
        to: &str,
        (until, reason): (Option<Date>, &str),
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let own = Target { also_about: moment.actor.iter().map(|a| a.id).collect(), ..Target::all() };
        let permit = self.app.authority().permit(Operation::Delegate, &own, moment).await?;
        let actor = permit.actor()?;
        let to = self.app.people().person(to).await?;
        let told = json!({
            "command": "delegate", "to": to.identity.id.to_string(), "reason": reason,
            "until": until.map(|d| d.to_string()),
        });
        let change = self.app.decisions().changing(&actor.id.to_string(), told).await?;
        let change = change.with(|identity| {
            access_request::delegate(&self.app.context, identity, to.identity.id, (until, reason), moment.now)
        })?;
        let decision = self.app.decisions().commit_change(change, &permit).await?;
        self.app.approvals().put_requests_again(&mut ClassCache::default(), moment).await?;
        Ok(decision)
    }

    /// The delegators that ask the actor to be their delegate, as lists name them.
    ///
    /// # Errors
    /// When no person acts, or the store fails.
    pub async fn asked_to_stand_in(&self, moment: &DecisionContext) -> Result<Vec<String>, AppError> {
        let permit = self.app.authority().permit(Operation::ReadState, &Target::all(), moment).await?;
        let from = Directory::load(self.app).await?.delegators_of(permit.actor()?.id, moment.now);
        let from = self.app.store.subjects(&from).await?;
        Ok(from.iter().map(|s| called(&s.title, &s.identity)).collect())
    }

    /// The actor accepts a delegation by a person who asked for it.
    ///
    /// # Errors
    /// When no person acts, or the actor was not asked.
    pub async fn accept_delegation(
        &self,
        from: &str,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let from = self.app.people().person(from).await?;
        let asked = from.identity.decisions.delegations.iter().filter(|d| moment.now < d.until);
        let target = Target { asked: asked.map(|d| d.to).collect(), ..Target::all() };
        let permit = match self.app.authority().permit(Operation::AcceptDelegation, &target, moment).await {
            Err(denied) if denied.refusal() == Some(Refusal::NotEntitled) => {
                return Err(AppError::refused(ActorRefusal::NotNamedAsDelegate { delegator: from.title }));
            }
            other => other?,
        };
        let by = permit.actor()?.id;
        let told = json!({ "command": "delegate accept", "by": by.to_string() });
        let change = self.app.decisions().changing(&from.identity.id.to_string(), told).await?;
        let change = change.with(|identity| access_request::accept_delegation(identity, by, moment.now))?;
        let decision = self.app.decisions().commit_change(change, &permit).await?;
        self.app.approvals().put_requests_again(&mut ClassCache::default(), moment).await?;
        Ok(decision)
    }

    /// Ends the actor's delegation.
    ///
    /// # Errors
    /// When no actor is given, or there is no delegate.
    pub async fn answer_oneself(&self, to: &str, moment: &DecisionContext) -> Result<Decision, AppError> {
        let own = Target { also_about: moment.actor.iter().map(|a| a.id).collect(), ..Target::all() };
        let permit = self.app.authority().permit(Operation::EndDelegation, &own, moment).await?;
        let actor = permit.actor()?;
        let to = self.app.people().person(to).await?.identity.id;
        let told = json!({ "command": "delegate end", "to": to.to_string() });
        let change = self.app.decisions().changing(&actor.id.to_string(), told).await?;
        let change = change.with(|identity| access_request::answer_oneself(identity, to, moment.now))?;
        let decision = self.app.decisions().commit_change(change, &permit).await?;
        self.app.approvals().put_requests_again(&mut ClassCache::default(), moment).await?;
        Ok(decision)
    }
}
