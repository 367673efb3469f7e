//! Unreadable data (a line outside, the checkpoint, a person's key, the stored configuration):
//! each piece is reported and set apart. Cut-offs and removals continue; nothing is created,
//! enabled or granted until a member of the escalation group has dealt with it.

use crate::authority::Target;
use crate::damage::{Damage, unreadable};
use crate::{About, AppError, DecisionContext, Operation, WorkRefusal};
use serde_json::json;

crate::app::part! {
    /// Unreadable data, reported until it is dealt with.
    DamageReports, damage_reports
}

impl DamageReports<'_> {
    /// Damage that was not dealt with.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn damaged(&self) -> Result<Vec<Damage>, AppError> {
        Ok(self.app.stored().all_damaged().await?.into_iter().filter(|d| !d.dealt_with).collect())
    }

    /// Notes damage found during other work.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn note_met(&self, moment: &DecisionContext) -> Result<(), AppError> {
        let mut met = self.app.in_hand.take_met();
        met.extend(self.app.store.left_out().iter().map(unreadable));
        if met.is_empty() { Ok(()) } else { self.app.stored().found_damaged(met, moment).await }
    }

    /// A member of the escalation group confirms that all damage was dealt with: restored, removed, or accepted as lost.
    /// From then on access is given again. Returns the damage.
    ///
    /// # Errors
    /// When the actor is not a member, no reason is given, or nothing is damaged.
    pub async fn deal_with_damage(
        &self,
        reason: &str,
        moment: &DecisionContext,
    ) -> Result<Vec<Damage>, AppError> {
        let permit = self.app.authority().permit(Operation::DealWithDamage, &Target::all(), moment).await?;
        let moment = permit.moment();
        if reason.trim().is_empty() {
            return Err(AppError::refused(WorkRefusal::DamageReasonMissing));
        }
        let open = self.damaged().await?;
        if open.is_empty() {
            return Err(AppError::precondition(WorkRefusal::NothingDamaged));
        }
        let mut all = self.app.stored().all_damaged().await?;
        all.iter_mut().for_each(|d| d.dealt_with = true);
        let what: Vec<&str> = open.iter().map(|d| &*d.what).collect();
        let payload = json!({ "v": 1, "dealt_with": what, "reason": reason });
        let evidence = self.app.recorder(moment).evidence("damage.dealt-with", About::default(), payload)?;
        self.app.stored().commit_damaged(&all, evidence, moment).await?;
        self.app.in_hand.withhold(None);
        self.app.in_hand.accept(all.iter().map(|d| d.mark.clone()));
        Ok(open)
    }
}
