//! Who acts: what only people may do needs somebody, who is here.

use crate::{Actor, App, AppError, Moment, Refusal};
use std::sync::Arc;
use tenure_model::Phase;

impl App {
    /// The person who acts.
    ///
    /// # Errors
    /// When nobody does, or somebody who has left or is cut off.
    pub(crate) async fn acting<'m>(&self, moment: &'m Moment, what: &str) -> Result<&'m Actor, AppError> {
        let Some(actor) = &moment.actor else {
            return Err(AppError::Forbidden(
                Refusal::NoActor,
                Arc::from(format!(
                    "{what} needs a person: map your operating-system user to somebody in [actors] of tenure.toml"
                )),
            ));
        };
        let here = self.readable(&[actor.id]).await?;
        if here.iter().any(|s| s.identity.is_cut_off() || s.phase == Phase::Departed) {
            return Err(AppError::Forbidden(
                Refusal::ActorHasLeft,
                Arc::from(format!(
                    "{what} needs somebody who is here: {} has left or is cut off",
                    actor.title
                )),
            ));
        }
        Ok(actor)
    }
}
