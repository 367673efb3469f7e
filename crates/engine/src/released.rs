//! Marks of losses that a brake counted and released on the day their cause arrived, and that fall due later.

use crate::Context;
use crate::decide::{Decided, is_braked};
use crate::foreseen::later;
use crate::reasons::end;
use jiff::Timestamp;
use std::collections::BTreeSet;
use tenure_model::{Grant, Plan, Settlement, StepKind, Subject, SystemName};

/// Marks what an identity loses later by a settlement, for the systems whose brakes it has passed. Marks whose loss was undone or has
/// happened are removed.
pub(crate) fn mark_released(
    context: &Context,
    subject: &mut Subject,
    settlement: &Settlement,
    passed: &BTreeSet<SystemName>,
    now: Timestamp,
) {
    let mut marks = std::mem::take(&mut subject.identity.decisions.released);
    marks.retain(|(system, at)| {
        let mut ends = settlement.grants.iter().filter(|g| g.account.system == *system);
        *at > now && ends.any(|g| end(&g.justifications) == Some(*at))
    });
    if !passed.is_empty() {
        let new = later(context, subject, settlement).map(|((account, _), at)| (&account.system, at));
        let new = new.filter(|(system, _)| passed.contains(*system));
        marks.extend(new.map(|(system, at)| (system.clone(), at)));
        marks.sort_unstable();
        marks.dedup();
    }
    subject.identity.decisions.released = marks;
}

/// Lets work pass the brake of its system if every loss in it carries a mark and is due: it was counted before.
pub(crate) fn pass_released(subject: &Subject, plan: &Plan, decided: &mut Decided, now: Timestamp) {
    let marks = &subject.identity.decisions.released;
    if marks.is_empty() {
        return;
    }
    let has_mark = |g: &Grant| {
        let ends = end(&g.justifications).filter(|at| *at <= now);
        ends.is_some_and(|at| marks.iter().any(|(system, of)| *system == g.account.system && *of == at))
    };
    for work in decided.work.iter_mut().filter(|w| w.braked) {
        let held = || subject.grants.iter().filter(|g| g.account == work.account && g.holding.is_decided());
        let mut lost =
            plan.steps.iter().filter(|s| s.account == work.account && is_braked(&s.kind)).map(|s| &s.kind);
        work.braked = !lost.all(|kind| match kind {
            StepKind::Disable => held().next().is_some() && held().all(has_mark),
            StepKind::Revoke(what) => held().any(|g| g.entitlement == *what && has_mark(g)),
            _ => false,
        });
    }
}
