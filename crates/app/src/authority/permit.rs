//! The permit: proof that the table was checked. Only this module creates one, and every write in an actor's name requires one.

use super::Authority;
use super::refusal::{not_here, refused, without_actor};
use super::table::{permitted, rule};
use super::target::Target;
use super::{Operation, Role};
use crate::{Actor, AppError, DecisionContext};
use std::collections::BTreeSet;
use tenure_model::{IdentityId, Phase};

/// Proof that an actor may carry out one operation on one target at one moment.
#[derive(Debug, Clone)]
pub struct Permit {
    operation: Operation,
    role: Role,
    moment: DecisionContext,
    barred: BTreeSet<IdentityId>,
}

impl Permit {
    /// What is permitted.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The strongest role that permits it.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// When, and by whom: as recorded in the evidence.
    #[must_use]
    pub fn moment(&self) -> &DecisionContext {
        &self.moment
    }

    /// All identities barred from it: the actor is none of them.
    #[must_use]
    pub fn barred(&self) -> &BTreeSet<IdentityId> {
        &self.barred
    }

    /// The actor, with the way of authentication; `None` for an operation by Tenure itself.
    #[must_use]
    pub fn by(&self) -> Option<&Actor> {
        self.moment.actor.as_ref()
    }

    /// Refuses a permit that was given for another operation.
    pub(crate) fn is_for(&self, operation: Operation) -> Result<(), AppError> {
        if self.operation == operation {
            return Ok(());
        }
        Err(AppError::refused(crate::ActorRefusal::PermitOfAnother { permitted: self.operation, operation }))
    }

    /// The actor.
    ///
    /// # Errors
    /// When no person acts.
    pub(crate) fn actor(&self) -> Result<&Actor, AppError> {
        self.by().ok_or_else(|| without_actor(self.operation))
    }
}

impl Authority<'_> {
    /// Checks by the table whether the actor may carry out an operation on a target.
    ///
    /// # Errors
    /// When no person acts, or the actor has left, is cut off, is barred, or has none of the roles.
    pub(crate) async fn permit(
        &self,
        operation: Operation,
        target: &Target<'_>,
        moment: &DecisionContext,
    ) -> Result<Permit, AppError> {
        let Some(actor) = &moment.actor else {
            if !rule(operation).roles.contains(&Role::Tenure) {
                return Err(without_actor(operation));
            }
            let (role, barred) = (Role::Tenure, BTreeSet::new());
            return Ok(Permit { operation, role, moment: moment.clone(), barred });
        };
        let here = self.app.stored().readable(&[actor.id]).await?;
        // An actor who left or is cut off may only read what is stored about themselves.
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

    /// Whether the actor is permitted, for lists that leave out what the actor may not see.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn may(
        &self,
        operation: Operation,
        target: &Target<'_>,
        moment: &DecisionContext,
    ) -> Result<bool, AppError> {
        match self.permit(operation, target, moment).await {
            Ok(_) => Ok(true),
            Err(AppError::Forbidden(..)) => Ok(false),
            Err(e) => Err(e),
        }
    }
}
