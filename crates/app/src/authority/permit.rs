//! The permit: proof that the table was asked. Only this place makes one, and what is written in an actor's name demands one.

use super::Authority;
use super::refusal::{not_here, refused, without_actor};
use super::table::{permitted, rule};
use super::target::Target;
use super::{Operation, Role};
use crate::{Actor, AppError, Moment};
use std::collections::BTreeSet;
use tenure_model::{IdentityId, Phase};

/// That an actor may carry out one operation on one target at one moment.
#[derive(Debug, Clone)]
pub struct Permit {
    operation: Operation,
    role: Role,
    moment: Moment,
    barred: BTreeSet<IdentityId>,
}

impl Permit {
    /// What is permitted.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The strongest role by which it is.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// When, and by whom: as it stands in the evidence.
    #[must_use]
    pub fn moment(&self) -> &Moment {
        &self.moment
    }

    /// Everyone who is barred from it: the actor is none of them.
    #[must_use]
    pub fn barred(&self) -> &BTreeSet<IdentityId> {
        &self.barred
    }

    /// Who acts, with how they were authenticated; an operation that Tenure itself may carry out has none.
    #[must_use]
    pub fn by(&self) -> Option<&Actor> {
        self.moment.actor.as_ref()
    }

    /// Refuses a permit that was given for something else.
    pub(crate) fn is_for(&self, operation: Operation) -> Result<(), AppError> {
        if self.operation == operation {
            return Ok(());
        }
        let text =
            format!("a permit to {} does not permit to {}", self.operation.as_str(), operation.as_str());
        Err(AppError::refused(crate::Refusal::NotEntitled, text))
    }

    /// Who acts.
    ///
    /// # Errors
    /// When no person does.
    pub(crate) fn actor(&self) -> Result<&Actor, AppError> {
        self.by().ok_or_else(|| without_actor(self.operation))
    }
}

impl Authority<'_> {
    /// Asks the table whether who acts may do this to that.
    ///
    /// # Errors
    /// When no person acts, the actor has left or is cut off, is barred, or has none of the roles.
    pub(crate) async fn permit(
        &self,
        operation: Operation,
        target: &Target<'_>,
        moment: &Moment,
    ) -> Result<Permit, AppError> {
        let Some(actor) = &moment.actor else {
            if !rule(operation).roles.contains(&Role::Tenure) {
                return Err(without_actor(operation));
            }
            let (role, barred) = (Role::Tenure, BTreeSet::new());
            return Ok(Permit { operation, role, moment: moment.clone(), barred });
        };
        let here = self.app.stored().readable(&[actor.id]).await?;
        // Who left or is cut off reads what stands about themselves, and does nothing else.
        let is_own = operation == Operation::ReadIdentity
            && matches!(&*target.about, [only] if only.identity.id == actor.id);
        if !is_own && here.iter().any(|s| s.identity.is_cut_off() || s.phase == Phase::Departed) {
            return Err(not_here(operation, actor));
        }
        let standing = self.standing_in(operation, target, actor, here.first(), moment).await?;
        let role = permitted(operation, &standing.roles, &standing.bars, standing.protected)
            .map_err(|denial| refused(operation, denial, actor, target.owner.as_deref()))?;
        Ok(Permit { operation, role, moment: moment.clone(), barred: standing.barred })
    }

    /// Whether who acts may, for lists that leave out what they may not see.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn may(
        &self,
        operation: Operation,
        target: &Target<'_>,
        moment: &Moment,
    ) -> Result<bool, AppError> {
        match self.permit(operation, target, moment).await {
            Ok(_) => Ok(true),
            Err(AppError::Forbidden(..)) => Ok(false),
            Err(e) => Err(e),
        }
    }
}
