//! Facts that policy watches (`[[watch]]`): a finding for the responsible person, and nothing else.

use crate::Context;
use crate::grants::EvaluatedEngagement;
use tenure_model::{Finding, FindingDetail, Identity, Name, Phase};

/// A finding for each watch that matches an active or expected identity. A condition that cannot be evaluated is reported too: silence
/// is not an answer.
pub(crate) fn watched(
    context: &Context,
    identity: &Identity,
    seats: &[EvaluatedEngagement<'_>],
    findings: &mut Vec<Finding>,
) {
    let here =
        |seat: &&EvaluatedEngagement<'_>| !matches!(seat.window.phase, Phase::Expected | Phase::Departed);
    for watch in &context.setup.policy.watches {
        for seat in seats.iter().filter(here) {
            let (condition, owner) = (watch.when.source().clone(), watch.owner.clone());
            let record = seat.engagement.key_text();
            let detail = match watch.when.holds(&seat.inputs(identity)) {
                Ok(false) => continue,
                Ok(true) => FindingDetail::WatchMatched { condition, record, owner },
                Err(problem) => {
                    let problem = problem.to_string().into();
                    FindingDetail::WatchFailed { condition, problem, record, owner }
                }
            };
            findings.push(Finding::new(watch.name.as_str(), detail));
        }
    }
}
