//! What comes back when a cut-off is lifted, and what is asked about again.

use crate::Context;
use crate::reasons::may_wait;
use tenure_model::Identity;

/// Whether a cut-off ends and suspended access comes back without a question: the person who lifts it grants nothing by it.
#[must_use]
pub(crate) fn restores(context: &Context, before: Option<&Identity>, after: &Identity) -> bool {
    let cut = before.and_then(|b| b.decisions.cut_off.as_ref()).filter(|_| !after.is_cut_off());
    cut.is_some_and(|cut| !context.setup.settings.reapprove_after.contains(&cut.class))
}

/// For some classes of cut-off, approvals are used up: after lifting, what was suspended is asked about again.
pub fn reapprove(context: &Context, before: Option<&Identity>, after: &mut Identity) {
    let cut = before.and_then(|b| b.decisions.cut_off.as_ref()).filter(|_| !after.is_cut_off());
    if !cut.is_some_and(|cut| context.setup.settings.reapprove_after.contains(&cut.class)) {
        return;
    }
    let answers = std::mem::take(&mut after.decisions.answers);
    let asked = after.decisions.reasons.iter_mut().filter(|(reason, _)| may_wait(reason.kind));
    for (reason, waiting) in asked {
        let agreed = answers.values().filter(|a| a.approved && a.reason == *reason);
        waiting.changes.extend(agreed.map(|a| a.change));
        waiting.suspended = None;
    }
    after.decisions.answers = answers.into_iter().filter(|(_, a)| !a.approved).collect();
}
