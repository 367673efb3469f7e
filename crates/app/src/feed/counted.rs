//! What the brakes of a source count: access that known identities lose or gain.

use crate::Decision;
use std::sync::Arc;
use tenure_model::{Gate, Step, StepKind};

/// Whether the brake counts it: access is lost now, or will be lost earlier than planned, or a rename is proposed. So a shifted column
/// does not ask about hundreds of names.
pub(super) fn counts_as_loss(decision: &Decision) -> bool {
    !decision.is_new && (decision.removes() || !decision.later.is_empty() || decision.renames())
}

/// Whether the brake on additions counts it: a known identity is given access, and no approval is asked for.
pub(super) fn counts_as_gain(decision: &Decision) -> bool {
    let given = |s: &Step| {
        matches!(s.kind, StepKind::Grant(_) | StepKind::Enable) && matches!(s.gate, Gate::Open | Gate::Mode)
    };
    !decision.is_new && decision.plan.steps.iter().any(given)
}

/// The access that would be gained, in words, as [`loses`].
pub(super) fn gains(decision: &Decision) -> Arc<str> {
    let given =
        decision.plan.steps.iter().filter(|s| matches!(s.kind, StepKind::Grant(_) | StepKind::Enable));
    Arc::from(given.map(crate::describe::step_words).collect::<Vec<_>>().join(", "))
}
