//! What is remembered of reasons that are not in force: something suspends them, or no system declares their entitlement any more.

use crate::Context;
use crate::grants::Collected;
use crate::reasons::{Judging, may_wait};
use std::collections::BTreeSet;
use tenure_model::{
    AccountKey, CaseLabel, EngagementId, EntitlementName, IndividualDecision, Justification,
    JustificationKind, Phase, Provenance, Reason, Suspended, Waiting,
};

/// Removes the reasons that are not in force from `out`, and adds what is remembered of each to `out.reasons`.
pub(crate) fn remember(judging: &Judging<'_>, out: &mut Collected) {
    for ((account, entitlement), justification) in std::mem::take(&mut out.suspended) {
        let reason = Reason::of(&account, &entitlement, &justification);
        if let Some(waiting) = suspended(judging, &reason, justification.engagement) {
            out.reasons.insert(reason, waiting);
        }
    }
    for (entitlement, justification) in std::mem::take(&mut out.undeclared) {
        out.reasons.extend(kept(judging, &entitlement, &justification));
    }
}

/// The entitlements of a request or its bundle that no system declares with an owner.
pub(crate) fn undeclared<'d>(
    context: &'d Context,
    decision: &'d IndividualDecision,
) -> impl Iterator<Item = &'d EntitlementName> {
    let bundle = decision.bundle().map(|name| context.setup.policy.bundles.get(name));
    let alone = bundle.is_none().then_some(&decision.entitlement);
    let all = alone.into_iter().chain(bundle.flatten().into_iter().flat_map(|b| &b.entitlements));
    all.filter(|e| decision.kind == JustificationKind::Request && !context.is_managed(e))
}

/// What is remembered of the reasons for an entitlement that no system declares with an owner: approvals and open questions, on the
/// accounts that had it. A reason that was never due begins when the entitlement is declared.
fn kept<'j>(
    judging: &'j Judging<'_>,
    entitlement: &'j EntitlementName,
    justification: &'j Justification,
) -> impl Iterator<Item = (Reason, Waiting)> + 'j {
    let known = &judging.identity().decisions.reasons;
    let on = |account: &AccountKey| Reason::of(account, entitlement, justification);
    let held = judging.subject.grants.iter().filter(|g| g.entitlement == *entitlement).map(|g| &g.account);
    let waits = known.keys().filter(|r| on(&r.account) == **r).map(|r| &r.account);
    let accounts: BTreeSet<&AccountKey> = held.chain(waits).collect();
    let reasons = accounts.into_iter().map(on).filter(|reason| may_wait(reason.kind));
    let remembered = reasons.filter_map(|reason| {
        let was = known.get(&reason);
        let held = judging.in_force(&reason).map(|until| Suspended { until });
        let suspended = held.or(was.and_then(|w| w.suspended));
        let waiting = was.cloned().or_else(|| suspended.map(|_| nothing()))?;
        Some((reason, Waiting { suspended, ..waiting }))
    });
    remembered.collect::<Vec<_>>().into_iter()
}

fn nothing() -> Waiting {
    Waiting { changes: BTreeSet::new(), suspended: None, provenance: Provenance::default() }
}

/// What is remembered of a suspended reason.
fn suspended(judging: &Judging<'_>, reason: &Reason, engagement: Option<EngagementId>) -> Option<Waiting> {
    if !may_wait(reason.kind) {
        return None;
    }
    let asks =
        !judging.context.setup.policy.approvals.is_empty() || reason.kind == JustificationKind::Request;
    if !asks {
        return None;
    }
    let known = judging.identity().decisions.reasons.get(reason);
    let suspended =
        judging.in_force(reason).map(|until| Suspended { until }).or(known.and_then(|k| k.suspended));
    if known.is_none() && suspended.is_none() {
        let phase =
            judging.seats.iter().find(|s| Some(s.engagement.id) == engagement).map(|s| s.window.phase);
        let moves = [CaseLabel::Mover, CaseLabel::Conversion];
        // For a departed identity only what it would come back to with a changed engagement is remembered.
        if phase == Some(Phase::Departed) && !moves.iter().any(|m| judging.subject.changes.contains(m)) {
            return None;
        }
    }
    let mut changes = known.map(|k| k.changes.clone()).unwrap_or_default();
    changes.extend(&judging.subject.changes);
    if known.is_some() {
        // A reason from before a move does not exist because of the move.
        let before = |c: &CaseLabel| known.is_some_and(|k| k.changes.contains(c));
        changes.retain(|c| before(c) || !matches!(c, CaseLabel::Mover | CaseLabel::Correction));
    } else if suspended.is_some() {
        changes.clear();
    }
    // The cause of the suspension is not the cause of the reason.
    let provenance = known.map(|k| k.provenance.clone()).unwrap_or_default();
    Some(Waiting { changes, suspended, provenance })
}
