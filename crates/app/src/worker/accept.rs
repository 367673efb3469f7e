//! A residual risk signed by a system's owner: a fact that cannot be confirmed now is accepted for a time, and is unknown again after it.

use super::Worker;
use crate::authority::Target;
use crate::describe::{by_hand, fact_is_called};
use crate::{About, AppError, DecisionContext, Item, Operation, WorkRefusal};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::sync::Arc;
use tenure_model::{CaseEvent, Fact, FactState, Task, TaskId, TaskKind, TaskState, Urgency};
use tenure_store::{Change, Expect, Outcome, StoredSubject, Unit};

/// The longest time for which a risk is signed.
const ACCEPTED_MAX: SignedDuration = SignedDuration::from_hours(365 * 24);

/// Refuses an acceptance without a reason, or until an instant that is past or too far away.
fn is_acceptable(reason: &str, until: Timestamp, now: Timestamp) -> Result<(), AppError> {
    if reason.trim().is_empty() {
        return Err(AppError::refused(WorkRefusal::RiskReasonMissing));
    }
    let last = tenure_model::range::moved(now, ACCEPTED_MAX);
    if until <= now || until > last {
        return Err(AppError::precondition(if until > last {
            WorkRefusal::RiskEndTooFar { until, latest: last }
        } else {
            WorkRefusal::RiskEndPast { until, latest: last }
        }));
    }
    Ok(())
}

impl Worker<'_> {
    /// Signs the residual risk of one fact about an identity (`system: obligation`, as `case` shows it) until an instant. Its case
    /// closes with reservations once nothing else is open.
    ///
    /// # Errors
    /// When no actor is given, the actor is not an owner of the system or is the identity itself, there is no such open fact, no
    /// reason is given, or the instant is past or too far away.
    pub async fn accept(
        &self,
        person: &str,
        fact: &str,
        reason: &str,
        until: Timestamp,
        moment: &DecisionContext,
    ) -> Result<Fact, AppError> {
        let subject = self.app.people().person(person).await?;
        let id = subject.identity.id;
        let facts = self.app.store.facts(&[id]).await?;
        let Some(found) = facts.iter().find(|f| f.state.is_open() && fact_is_called(f, fact.trim())) else {
            return Err(AppError::unknown(Item::OpenFact, fact));
        };
        let Some(account) = &found.account else {
            return Err(AppError::refused(WorkRefusal::FactWithoutSystem { fact: found.to_string().into() }));
        };
        let permit = self
            .app
            .authority()
            .permit(Operation::AcceptRisk, &Target::account(&subject, account), moment)
            .await?;
        let actor = permit.actor()?;
        is_acceptable(reason, until, moment.now)?;
        let state = FactState::Accepted { by: actor.id, reason: Arc::from(reason), until };
        let accepted = Fact { state, ..found.clone() };
        let mut changes = vec![Change::PutFact(accepted.clone())];
        // If nothing else of the account is open, the attempts stop; other due work there keeps its task.
        if let Some(account) = &found.account
            && !facts.iter().any(|f| f.is_of(account) && f.state.is_open() && f != found)
        {
            changes.push(Change::EndTasks(id, account.clone()));
        }
        let payload = json!({
            "v": 1, "fact": found.to_string(), "reason": reason, "until": until.to_string(),
        });
        changes.push(self.about_fact("fact.accepted", found, &subject, payload, moment)?);
        changes.push(Change::BusinessTime(moment.now));
        // What was accepted is what the actor saw: a read may have confirmed it meanwhile, or another person accepted it.
        let expects = vec![Expect::FactIs(Box::new(found.clone()))];
        if !self.app.store.commit(vec![Unit { expects, changes }]).await?.iter().all(Outcome::is_committed) {
            return Err(AppError::ConcurrentChange(Arc::from(found.to_string())));
        }
        self.app.cases().close_cases(&[id], moment).await?;
        Ok(accepted)
    }

    /// Facts with an expired acceptance become unknown, their cases open again, and their work continues; returns their number.
    pub(crate) async fn end_acceptances(&self, moment: &DecisionContext) -> Result<u64, AppError> {
        let mut ended = 0;
        for fact in self.app.store.accepted(u32::MAX).await? {
            if !matches!(fact.state, FactState::Accepted { until, .. } if until <= moment.now) {
                continue;
            }
            let Some(subject) = self.app.stored().readable(&[fact.identity]).await?.pop() else { continue };
            let unit = self.unknown_again(&fact, &subject, moment).await?;
            // What changed concurrently is handled by the next pass.
            let done = self.app.store.commit(vec![unit]).await?;
            ended += u64::from(done.iter().all(Outcome::is_committed));
        }
        Ok(ended)
    }

    async fn unknown_again(
        &self,
        fact: &Fact,
        subject: &StoredSubject,
        moment: &DecisionContext,
    ) -> Result<Unit, AppError> {
        let (mut changes, mut expects) = (Vec::new(), vec![Expect::FactIs(Box::new(fact.clone()))]);
        let case = match self.app.store.open_cases(&[fact.identity]).await?.pop() {
            Some(open) => {
                expects.push(Expect::CaseIs(open.id, open.state));
                Some(open.id)
            }
            None => {
                let closed = self.app.store.case(fact.case).await?;
                expects.extend(closed.as_ref().map(|c| Expect::CaseIs(c.id, c.state)));
                let reopened = closed.and_then(|c| c.on(CaseEvent::Regressed { at: moment.now }).ok());
                let id = reopened.as_ref().map(|c| c.id);
                changes.extend(reopened.map(Change::PutCase));
                id
            }
        };
        let again = Fact { state: FactState::Unknown, case: case.unwrap_or(fact.case), ..fact.clone() };
        changes.push(Change::PutFact(again));
        changes.extend(self.work_again(fact, subject));
        let payload = json!({ "v": 1, "fact": fact.to_string() });
        changes.push(self.about_fact("fact.expired", fact, subject, payload, moment)?);
        changes.push(Change::BusinessTime(moment.now));
        Ok(Unit { expects, changes })
    }

    /// The work on the account of a fact, again from the first attempt. It removes nothing that was not counted.
    fn work_again(&self, fact: &Fact, subject: &StoredSubject) -> Option<Change> {
        let account = fact.account.as_ref()?;
        let system = self.app.context.setup.systems.get(&account.system)?;
        let known = subject.accounts.iter().find(|a| &a.key == account)?;
        let urgency = if subject.identity.is_cut_off() { Urgency::CutOff } else { Urgency::Removal };
        let kind = self.app.way(system, urgency);
        let state = match kind {
            TaskKind::Manual => TaskState::NeedsPerson { why: by_hand() },
            _ => TaskState::Ready { not_before: self.app.machine.clock.now() },
        };
        let (ms, random) = self.app.machine.id();
        Some(Change::PutTask(Task {
            id: TaskId::new(ms, random),
            identity: fact.identity,
            account: account.clone(),
            kind,
            generation: known.generation,
            urgency,
            attempts: 0,
            uncertain_creates: 0,
            contradictions: 0,
            failed: None,
            brake_passed: true,
            state,
        }))
    }

    fn about_fact(
        &self,
        kind: &'static str,
        fact: &Fact,
        subject: &StoredSubject,
        payload: serde_json::Value,
        moment: &DecisionContext,
    ) -> Result<Change, AppError> {
        let key = self.app.stored().key_of(fact.identity, subject.person_key.as_deref());
        let about = About {
            identity: key.as_ref().map(|k| (fact.identity, k)),
            case: Some(fact.case),
            account: fact.account.as_ref(),
            entitlements: fact.obligation.entitlement().map_or(&[], std::slice::from_ref),
            ..About::default()
        };
        Ok(Change::Append(self.app.recorder(moment).evidence(kind, about, payload)?))
    }
}
