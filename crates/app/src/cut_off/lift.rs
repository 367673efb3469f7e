//! Lifts a cut-off: by the people in `lift_by` for its reason class, or by two mapped identities when none of those has been available.

use super::CutOffs;
use super::person::{Changed, cut_off_of};
use crate::authority::Target;
use crate::{About, Actor, AppError, CutOffRefusal, Decision, DecisionContext, Operation, Permit, Refusal};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tenure_engine::cut_off::means;
use tenure_model::{CutOff, CutOffOrder, IdentityId};
use tenure_store::note::{NoteOf as _, kinds, read_note};
use tenure_store::{Change, Expect, Outcome, StoredSubject, Unit};

/// How long no person of `lift_by` must have been available before two others may lift together.
const WAITED_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long the first of the two confirmations is valid.
const TOGETHER_WITHIN: SignedDuration = SignedDuration::from_hours(72);

/// Result of a lifting.
#[derive(Debug, Clone)]
pub enum LiftDone {
    /// It is lifted.
    Done(Box<Decision>),
    /// A second mapped identity must confirm it.
    Waits,
}

/// How a lifting is permitted.
enum Way {
    /// By one person of `lift_by`.
    Alone(Permit),
    /// By two others, of whom this is the second.
    Together(Permit, IdentityId),
    /// By two others, of whom this is the first.
    First,
}

impl CutOffs<'_> {
    /// Lifts a cut-off, and those of identities that were merged into this one: all or none. Only access that is due now
    /// comes back; an order that means the same identity ends with it.
    ///
    /// # Errors
    /// When no person acts, the actor is not permitted, or the identity is not cut off.
    pub async fn lift(&self, person: &str, moment: &DecisionContext) -> Result<LiftDone, AppError> {
        let before = self.app.people().keyed(person).await?;
        let cut = cut_off_of(&before)?.clone();
        let orders = self.app.stored().orders().await?;
        let merged = self.merged_cut_offs(before.identity.id).await?;
        let theirs = orders.iter().filter(|o| means(o, &before.identity)).map(|o| &o.cut);
        let cuts: Vec<&CutOff> = std::iter::once(&cut)
            .chain(theirs)
            .chain(merged.iter().filter_map(|m| m.identity.decisions.cut_off.as_ref()))
            .collect();
        let (permit, exception) = match self.way_to_lift(&before, &cuts, moment).await? {
            Way::Alone(permit) => (permit, None),
            Way::Together(permit, first) => (permit, Some(first)),
            Way::First => return Ok(LiftDone::Waits),
        };
        let by = permit.actor()?.id;
        let end = |o: &CutOffOrder| CutOffOrder { ended: Some((moment.now, by)), ..o.clone() };
        let decision = self
            .change_cut_off(person, moment, &|before| {
                let cut = cut_off_of(before)?;
                let theirs = orders.iter().filter(|o| means(o, &before.identity));
                let mut extra: Vec<Change> = theirs.map(|o| Change::PutCutOffOrder(end(o))).collect();
                extra.extend(Self::reviewed(cut.by));
                extra.push(kinds::FirstToLift(before.identity.id).is(None));
                let mut what = json!({ "cut_off": null });
                if let Some(first) = exception {
                    what["exception"] = json!({
                        "lifted_by_two": [first.to_string(), by.to_string()],
                        "because": "no member of lift_by was available for 24 hours",
                    });
                }
                Ok(Changed { cut: None, extra, what, again: false })
            })
            .await?;
        self.app.cut_off_journal().keep_lifted(decision.id, cut, (moment.now, by)).await?;
        for gone in merged {
            self.lift_merged(&gone, by, moment).await?;
        }
        let in_force = self.app.stored().orders().await?;
        for order in orders.iter().filter(|o| !in_force.iter().any(|f| f.id == o.id)) {
            self.app.cut_off_journal().keep_order(&end(order)).await?;
        }
        Ok(LiftDone::Done(Box::new(decision)))
    }

    /// Which of the two ways lifts it; each cut-off needs the permit.
    async fn way_to_lift(
        &self,
        before: &StoredSubject,
        cuts: &[&CutOff],
        moment: &DecisionContext,
    ) -> Result<Way, AppError> {
        let issuers: Vec<IdentityId> = cuts.iter().map(|c| c.by).collect();
        let target = |class| Target { issuers: issuers.clone(), class, ..Target::of(before) };
        let mut alone = None;
        for cut in cuts {
            match self.app.authority().permit(Operation::Lift, &target(Some(cut.class)), moment).await {
                Ok(permit) => alone = Some(permit),
                Err(e) => {
                    let at = cuts.iter().map(|c| c.at).max().unwrap_or(cut.at);
                    return self.lifts_together(before, &target(Some(cut.class)), at, e, moment).await;
                }
            }
        }
        alone.map(Way::Alone).ok_or_else(|| AppError::ConcurrentChange(before.title.clone()))
    }

    /// Two other mapped identities, when no person of `lift_by` has been available for a day; otherwise why the actor is not permitted.
    async fn lifts_together(
        &self,
        before: &StoredSubject,
        target: &Target<'_>,
        since: Timestamp,
        denied: AppError,
        moment: &DecisionContext,
    ) -> Result<Way, AppError> {
        let waited = since.checked_add(WAITED_FOR).is_ok_and(|until| until <= moment.now);
        if !matches!(denied.refusal(), Some(Refusal::NotEntitled))
            || !waited
            || self.is_lifter_available(target, moment).await?
        {
            return Err(denied);
        }
        let permit = self.app.authority().permit(Operation::LiftTogether, target, moment).await?;
        let by = permit.actor()?.id;
        let note = kinds::FirstToLift(before.identity.id);
        // A first confirmation that cannot be read is none: another one is needed, which opens nothing.
        let said = read_note(&*self.app.store, &note).await?;
        let expect = said.expect();
        if let Some((first, at)) = said.readable().flatten() {
            let fresh = at.checked_add(TOGETHER_WITHIN).is_ok_and(|end| moment.now < end);
            if fresh && first == by {
                return Err(AppError::precondition(CutOffRefusal::ConfirmedByActor));
            }
            if fresh && !permit.barred().contains(&first) {
                return Ok(Way::Together(permit, first));
            }
        }
        let id = before.identity.id;
        let (key, _) = self.app.vault.person(id, before.person_key.as_deref(), &self.app.machine)?;
        let about = About { identity: Some((id, &key)), ..About::default() };
        let payload = json!({ "v": 1, "lift": "first of two", "waits_for": "a second mapped identity" });
        let evidence = self.app.recorder(permit.moment()).evidence("cut-off.lift-asked", about, payload)?;
        let changes =
            vec![note.is(Some((by, moment.now))), Change::BusinessTime(moment.now), Change::Append(evidence)];
        // Of two who confirm at once, one is the first: the other one is told, and is the second when trying again.
        let expects = vec![expect];
        match self.app.store.commit(vec![Unit { expects, changes }]).await?.iter().all(Outcome::is_committed)
        {
            true => Ok(Way::First),
            false => Err(AppError::ConcurrentChange(before.title.clone())),
        }
    }

    /// Whether a person who may lift is available: neither cut off, departed, nor barred.
    async fn is_lifter_available(
        &self,
        target: &Target<'_>,
        moment: &DecisionContext,
    ) -> Result<bool, AppError> {
        let Some(asking) = &moment.actor else { return Ok(false) };
        for id in self.app.authority().lifters(target.class).await? {
            let as_them = DecisionContext { actor: Some(Actor { id, ..asking.clone() }), ..moment.clone() };
            if self.app.authority().may(Operation::Lift, target, &as_them).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The identities that were merged into one while both, or the merged one, were cut off.
    async fn merged_cut_offs(&self, into: IdentityId) -> Result<Vec<StoredSubject>, AppError> {
        // Where they cannot be read, nothing is lifted: one of them may be for others to lift.
        let noted = read_note(&*self.app.store, &kinds::MergedCutOffs(into)).await?.value()?;
        let ids: Vec<IdentityId> = noted.unwrap_or_default();
        let mut merged = self.app.store.subjects(&ids).await?;
        merged.retain(|s| s.identity.merged_into == Some(into) && s.identity.is_cut_off());
        Ok(merged)
    }

    async fn lift_merged(
        &self,
        gone: &StoredSubject,
        by: IdentityId,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let Some(cut) = gone.identity.decisions.cut_off.clone() else { return Ok(()) };
        let issuer = cut.by;
        self.change_cut_off(&gone.identity.id.to_string(), moment, &|_| {
            let (extra, what) = (Self::reviewed(issuer).into(), json!({ "cut_off": null }));
            Ok(Changed { cut: None, extra, what, again: false })
        })
        .await?;
        self.app.cut_off_journal().keep_lifted(gone.identity.id, cut, (moment.now, by)).await
    }

    /// Notes at a merge that the other identity was cut off too.
    pub(crate) async fn note_merged_cut_off(
        &self,
        gone: &StoredSubject,
        into: IdentityId,
    ) -> Result<Option<(Expect, Change)>, AppError> {
        if !gone.identity.is_cut_off() {
            return Ok(None);
        }
        let note = kinds::MergedCutOffs(into);
        let before = read_note(&*self.app.store, &note).await?;
        let expect = before.expect();
        let mut ids = before.value()?.unwrap_or_default();
        ids.push(gone.identity.id);
        Ok(Some((expect, note.is(ids))))
    }
}
