//! The error of a denial: what is refused, to whom, and who is permitted.

use super::table::{Denial, rule};
use super::{Operation, Role};
use crate::{Actor, ActorRefusal, AppError};
use std::sync::Arc;

/// The error of a denial.
pub(super) fn refused(operation: Operation, denial: Denial, actor: &Actor, owner: Option<&str>) -> AppError {
    let actor = actor.title.clone();
    AppError::refused(match denial {
        Denial::Barred(bar) => ActorRefusal::Barred { actor, operation, stake: bar.stake, via: bar.via },
        Denial::NotEntitled if operation == Operation::Answer => ActorRefusal::NotAnApprover,
        Denial::NotEntitled => {
            let roles = rule(operation).roles.iter().copied().filter(|r| *r != Role::Tenure).collect();
            ActorRefusal::NotEntitled { actor, operation, roles, owner: owner.map(Arc::from) }
        }
    })
}

/// No mapped identity acts.
pub(super) fn without_actor(operation: Operation) -> AppError {
    AppError::refused(ActorRefusal::NotMapped { operation })
}

/// The actor has left or is cut off.
pub(super) fn not_here(operation: Operation, actor: &Actor) -> AppError {
    AppError::refused(ActorRefusal::ActorGone { actor: actor.title.clone(), operation })
}
