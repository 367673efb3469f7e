//! Cuts off a known identity.

use super::CutOffs;
use super::new::{NewCutOff, REVIEW_MAX, bounded, evidence_of};
use crate::authority::Target;
use crate::{AppError, Candidate, Cause, CutOffRefusal, Decision, DecisionContext, Operation};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use tenure_engine::cut_off::leaves_nobody;
use tenure_model::{CaseLabel, CutOff};
use tenure_policy::ClassCache;
use tenure_store::{Change, Expect, Outcome, StoredSubject};

/// Most attempts when the identity changes concurrently.
const ATTEMPTS_MAX: u32 = 8;

/// Result of an ordered cut-off.
#[derive(Debug, Clone)]
pub enum CutOffDone {
    /// It is in force.
    Done(Box<Decision>),
    /// It would leave no member of the escalation group: it waits for a second person.
    Waits,
}

/// A changed cut-off, with the other changes of its unit and the content of its evidence.
pub(super) struct Changed {
    pub(super) cut: Option<CutOff>,
    pub(super) extra: Vec<Change>,
    pub(super) what: Value,
    /// Whether the outside file already has it.
    pub(super) again: bool,
}

impl CutOffs<'_> {
    /// Cuts an identity off. The work is in the most urgent queue when this returns; `work` does it. A cut-off of the last available
    /// member of the escalation group waits for a second person ([`Self::confirm_cut_off`]).
    ///
    /// # Errors
    /// When no actor is given, or the identity is cut off already.
    pub async fn cut_off(
        &self,
        person: &str,
        new: &NewCutOff,
        moment: &DecisionContext,
    ) -> Result<CutOffDone, AppError> {
        let before = self.app.people().keyed(person).await?;
        let permit = self.app.authority().permit(Operation::CutOff, &Target::of(&before), moment).await?;
        not_cut_off(&before)?;
        let (cut, noted) = self.allowed(&permit, Some(&before), new).await?;
        if leaves_nobody(before.identity.id, &self.last_resort().await?) {
            self.wait_for_second(&before, cut, moment).await?;
            return Ok(CutOffDone::Waits);
        }
        let decision = self
            .change_cut_off(person, moment, &|before| {
                not_cut_off(before)?;
                let what = json!({ "cut_off": evidence_of(&cut) });
                Ok(Changed { cut: Some(cut.clone()), extra: noted.clone(), what, again: false })
            })
            .await?;
        self.tell_escalation(&noted).await?;
        Ok(CutOffDone::Done(Box::new(decision)))
    }

    /// Records a review of a cut-off and its next review date. The cut-off identity cannot do this.
    ///
    /// # Errors
    /// When no actor is given, the actor is not permitted, the instant is past, or the identity is not cut off.
    pub async fn review_cut_off(
        &self,
        person: &str,
        review: Timestamp,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let before = self.app.people().keyed(person).await?;
        self.app.authority().permit(Operation::ReviewCutOff, &Target::of(&before), moment).await?;
        let review = bounded(review, REVIEW_MAX, moment)?;
        self.change_cut_off(person, moment, &|before| {
            let mut cut = cut_off_of(before)?.clone();
            let extra = Self::reviewed(cut.by).into();
            cut.review = review;
            let what = json!({ "cut_off_reviewed": { "review": review.to_string() } });
            Ok(Changed { cut: Some(cut), extra, what, again: false })
        })
        .await
    }

    pub(super) async fn change_cut_off(
        &self,
        person: &str,
        moment: &DecisionContext,
        change: &(dyn Fn(&StoredSubject) -> Result<Changed, AppError> + Sync),
    ) -> Result<Decision, AppError> {
        let mut cache = ClassCache::default();
        let mut kept = None;
        for _ in 0..ATTEMPTS_MAX {
            let before = self.app.people().keyed(person).await?;
            let Changed { cut, extra, what, again } = change(&before)?;
            let begins = cut.is_some() && !before.identity.is_cut_off();
            if let (Some(cut), true, None) = (&cut, begins && !again, &kept) {
                kept = self.app.cut_off_journal().keep_cut_off(&before.identity, cut).await?;
            }
            let mut candidate = Candidate::again(before, what.clone());
            candidate.cause =
                Cause { label: begins.then_some(CaseLabel::CutOff), what, refresh: true, ..Cause::default() };
            candidate.expects = extra.iter().filter_map(ends_order).collect();
            candidate.extra = extra;
            candidate.extra.extend(kept.clone());
            candidate.after.decisions.cut_off = cut;
            let mut decisions = self.app.decide().decide(vec![candidate], &mut cache, moment).await?;
            let Some(decision) = decisions.pop() else { break };
            let outcomes = self.app.store.commit(decision.unit.clone().into_iter().collect()).await?;
            if outcomes.iter().all(Outcome::is_committed) {
                let mut labels = crate::Labels::new();
                let mut dependents = crate::dependents::Dependents::default();
                dependents.note(&decision);
                self.app.settle().resettle_dependents(dependents, &mut cache, moment, &mut labels).await?;
                return Ok(decision);
            }
        }
        Err(AppError::ConcurrentChange(Arc::from(person)))
    }
}

/// An order that a unit ends must still be in force: of two who end it, one is told.
fn ends_order(change: &Change) -> Option<Expect> {
    match change {
        Change::PutCutOffOrder(order) if order.ended.is_some() => Some(Expect::OrderInForce(order.id)),
        _ => None,
    }
}

pub(super) fn not_cut_off(before: &StoredSubject) -> Result<(), AppError> {
    match before.identity.is_cut_off() {
        true => Err(AppError::precondition(CutOffRefusal::CutOffAlready { holder: before.title.clone() })),
        false => Ok(()),
    }
}

pub(super) fn cut_off_of(before: &StoredSubject) -> Result<&CutOff, AppError> {
    before
        .identity
        .decisions
        .cut_off
        .as_ref()
        .ok_or_else(|| AppError::precondition(CutOffRefusal::NotCutOff { holder: before.title.clone() }))
}
