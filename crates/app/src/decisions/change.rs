//! A change of an identity's individual decisions up to its commit, and values that are set by hand.

use super::IndividualDecisions;
use crate::authority::Target;
use crate::{AccessRefusal, AppError, Candidate, Decision, DecisionContext, Item, Operation, Permit};
use jiff::civil::Date;
use serde_json::{Value, json};
use tenure_engine::settle;
use tenure_engine::{DecisionRefusal, access_request};
use tenure_model::{
    AttributeName, EntitlementName, FindingKind, Identity, JustificationKind, Name as _, Phase, Subject, Task,
};
use tenure_policy::ClassCache;
use tenure_store::StoredSubject;

/// Most tasks of one identity that are read.
const TASKS_MAX: u32 = 1_000;

/// An identity as stored and as it will be.
pub(crate) struct Changing {
    before: StoredSubject,
    after: Identity,
    told: Value,
}

impl Changing {
    pub(crate) fn before(&self) -> &StoredSubject {
        &self.before
    }

    pub(crate) fn with(
        mut self,
        change: impl FnOnce(&mut Identity) -> Result<(), DecisionRefusal>,
    ) -> Result<Self, AppError> {
        change(&mut self.after).map_err(AppError::precondition)?;
        Ok(self)
    }
}

impl IndividualDecisions<'_> {
    pub(crate) async fn changing(&self, person: &str, told: Value) -> Result<Changing, AppError> {
        let before = self.app.people().person(person).await?;
        Ok(Changing { after: before.identity.clone(), before, told })
    }

    pub(crate) async fn commit_change(
        &self,
        change: Changing,
        permit: &Permit,
    ) -> Result<Decision, AppError> {
        let signed = !self.loses_otherwise(&change, permit.moment()).await?;
        let mut candidate = Candidate::again(change.before, change.told);
        candidate.cause.signed = signed;
        candidate.after = change.after;
        candidate.cause.refresh = true;
        self.app.settle().commit_together(vec![candidate], permit.moment()).await
    }

    /// Whether access is removed without this change as well, or waits for a brake: the signer of this change releases none of that.
    async fn loses_otherwise(&self, change: &Changing, moment: &DecisionContext) -> Result<bool, AppError> {
        let waits = |t: &Task| !t.brake_passed;
        if self.app.store.tasks(Some(change.before.identity.id), TASKS_MAX).await?.iter().any(waits) {
            return Ok(true);
        }
        let same = Candidate::again(change.before.clone(), change.told.clone());
        let same = self.app.decide().decide(vec![same], &mut ClassCache::default(), moment).await?;
        Ok(same.iter().any(Decision::removes))
    }

    /// Whether the decided access is given, and to a person who is here: a separation rule may prevent it.
    pub(super) async fn is_given(
        &self,
        change: &Changing,
        kind: JustificationKind,
        what: &EntitlementName,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let now = self.app.references().subject(&change.before, moment).await?;
        let subject = Subject { identity: change.after.clone(), ..now };
        let settlement = settle(&self.app.context, &subject, &mut ClassCache::default(), moment.now);
        let in_force = settlement.grants.iter().flat_map(|g| &g.justifications);
        let mut reasons = in_force
            .map(|j| (j.kind, &j.reference))
            .chain(settlement.questions.iter().map(|q| (q.about.reason.kind, &q.about.reason.reference)));
        let is_here = matches!(settlement.phase, Phase::Active | Phase::Absent);
        if !is_here || reasons.any(|(of, reference)| of == kind && **reference == *what.as_str()) {
            return Ok(());
        }
        let conflict = settlement.findings.iter().find(|f| f.kind() == FindingKind::SeparationConflict);
        let (entitlement, holder) = (what.clone(), change.before.title.clone());
        Err(AppError::precondition(match conflict {
            Some(found) => {
                AccessRefusal::SeparationExcludes { entitlement, holder, rule: found.about.clone() }
            }
            None => AccessRefusal::NothingCanBeGranted { entitlement, holder },
        }))
    }

    /// Sets a value that overrides the sources, until a day.
    ///
    /// # Errors
    /// When no actor is given, the actor is not permitted, or the value does not fit.
    pub async fn set_by_hand(
        &self,
        person: &str,
        attribute: &AttributeName,
        value: &str,
        (until, reason): (Option<Date>, &str),
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let told = json!({
            "command": "override set", "attribute": attribute.as_str(), "value": value, "reason": reason,
            "until": until.map(|d| d.to_string()),
        });
        let change = self.changing(person, told).await?;
        let target = Target::of(change.before()).with_sources();
        let permit = self.app.authority().permit(Operation::Override, &target, moment).await?;
        let by = (permit.actor()?.id, reason);
        let change = change.with(|identity| {
            access_request::set_by_hand(
                &self.app.context,
                identity,
                (attribute, value),
                by,
                until,
                moment.now,
            )
        })?;
        self.commit_change(change, &permit).await
    }

    /// Removes an override: the sources apply again.
    ///
    /// # Errors
    /// When no actor is given, the actor is not permitted, or there is no override.
    pub async fn clear_override(
        &self,
        person: &str,
        attribute: &AttributeName,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let told = json!({ "command": "override end", "attribute": attribute.as_str() });
        let change = self.changing(person, told).await?;
        let target = Target::of(change.before()).with_sources();
        let permit = self.app.authority().permit(Operation::EndOverride, &target, moment).await?;
        let change = change.with(|identity| access_request::clear_override(identity, attribute))?;
        self.commit_change(change, &permit).await
    }

    /// Parses an entitlement from user input.
    ///
    /// # Errors
    /// When it is no valid name.
    pub fn entitlement_named(&self, text: &str) -> Result<EntitlementName, AppError> {
        EntitlementName::new(text).map_err(|_| AppError::unknown(Item::EntitlementName, text))
    }
}
