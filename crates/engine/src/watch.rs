//! Facts that policy watches (`[[watch]]`): a finding for the responsible person, and nothing else.

use crate::Context;
use crate::grants::EvaluatedEngagement;
use tenure_model::{Finding, FindingKind, Identity, Name, Phase};

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
            let why = match watch.when.holds(&seat.inputs(identity)) {
                Ok(false) => continue,
                Ok(true) => "is true".to_owned(),
                Err(problem) => format!("cannot be evaluated ({problem})"),
            };
            let text = format!(
                "`{}` {why} for {}: {} decides what to do; nothing changes automatically",
                watch.when.source(),
                seat.engagement.key_text(),
                watch.owner
            );
            findings.push(Finding {
                kind: FindingKind::Watched,
                about: watch.name.as_str().into(),
                text: text.into(),
            });
        }
    }
}
