//! Facts that policy watches for: a finding for whoever answers, and nothing else.

use crate::Context;
use crate::grants::Seat;
use tenure_model::{Finding, FindingKind, Identity, Name, Phase};

/// A finding for each watch that matches somebody who is here or about to come. One that cannot be evaluated reports:
/// silence is not an answer.
pub(crate) fn watched(
    context: &Context,
    identity: &Identity,
    seats: &[Seat<'_>],
    findings: &mut Vec<Finding>,
) {
    let here = |seat: &&Seat<'_>| !matches!(seat.window.phase, Phase::Expected | Phase::Departed);
    for watch in &context.setup.policy.watches {
        for seat in seats.iter().filter(here) {
            let why = match watch.when.holds(&seat.inputs(identity)) {
                Ok(false) => continue,
                Ok(true) => "is so".to_owned(),
                Err(problem) => format!("cannot be told ({problem})"),
            };
            let text = format!(
                "`{}` {why} for {}: {} decides what becomes of it, nothing changes by itself",
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
