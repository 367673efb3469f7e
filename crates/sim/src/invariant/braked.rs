//! No brake of a system holds what time alone brings: it was stated before, and counted then or not to be counted (promise 6).

use super::before::{Before, Then};
use super::checker::Notes;
use super::property::Property;
use super::snapshot::{Member, Snapshot};
use tenure_model::{EngagementState, TaskState};

pub(super) fn check(before: &Before, after: &Snapshot<'_>, notes: &mut Notes) {
    let Some(outside) = after.outside.as_ref().filter(|_| after.is_quiet && after.passed) else { return };
    for task in outside.tasks.iter().filter(|t| matches!(t.state, TaskState::Held { .. })) {
        let Some(member) = after.members.get(&task.identity) else { continue };
        let Some(then) = before.members.get(&task.identity) else { continue };
        // Older work may have waited for another reason until now.
        if is_the_same(then, member) && !before.worked.contains(&(task.identity, task.account.clone())) {
            notes.add(
                Property::BrakeHoldsCounted,
                format!("time alone changes {}, and a brake holds {}", member.name, task.account),
            );
        }
    }
}

/// Whether every fact and decision is the one of before: only time has passed. What ends because it was not reviewed was stated by
/// no source, and brakes count it.
fn is_the_same(then: &Then, member: &Member) -> bool {
    let (was, is) = (&then.identity, &member.identity);
    let stated = is.engagements.iter().all(|e| e.state == EngagementState::Stated);
    stated
        && was.engagements == is.engagements
        && was.supplements == is.supplements
        && was.identifiers == is.identifiers
        && was.decisions.overrides == is.decisions.overrides
        && was.decisions.individual.is_empty()
        && is.decisions.individual.is_empty()
}
