//! Stores the answer to a request in the identity.

use super::count::{seats_for, unfilled};
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{
    Answer, AnsweredAhead, ApprovalRequest, ApprovalState, Grant, Identity, IdentityId, IndividualDecision,
    JustificationKind,
};

/// Stores the answer to a request: one for each grant, by its binding. A no ends the request for access that it is about; from access
/// that is already held it removes only the requested addition.
pub fn remember(
    identity: &mut Identity,
    held: &[Grant],
    request: &ApprovalRequest,
    approved: bool,
    at: Timestamp,
) {
    if !request.renames.is_empty() {
        return crate::rename::answered(identity, request, approved, at);
    }
    identity.decisions.answers.extend(answers(request, approved, at));
    if approved {
        return;
    }
    let is_about = |s: &IndividualDecision| {
        s.kind == JustificationKind::Request
            && request.reasons.iter().any(|asked| {
                let reason = &asked.reason;
                reason.kind == s.kind && reason.reference == s.reference && reason.from == s.from
            })
    };
    let was_denied = !matches!(request.state, ApprovalState::Expired { .. });
    for mut decision in std::mem::take(&mut identity.decisions.individual) {
        if was_denied && is_adopted(&decision, request) {
            continue;
        }
        if is_about(&decision) {
            let reasons = held.iter().filter(|g| g.holding.is_decided()).flat_map(|g| {
                let grown = g.justifications.iter().filter(|j| j.kind == decision.kind);
                grown.filter(|j| j.reference == decision.reference)
            });
            let Some(until) = reasons.map(|j| j.until).max() else { continue };
            decision.until = until.or(decision.until);
        }
        identity.decisions.individual.push(decision);
    }
}

fn answers(
    request: &ApprovalRequest,
    approved: bool,
    at: Timestamp,
) -> impl Iterator<Item = ([u8; 32], Answer)> + '_ {
    let ahead = request.on.filter(|on| *on > at).map(|on| AnsweredAhead {
        on,
        engagement: request.engagement,
        requester: request.requester,
        seats: filled_by(request),
    });
    let expired = matches!(request.state, ApprovalState::Expired { .. });
    let escalated = unfilled(request).iter().any(|s| s.escalated);
    request.reasons.iter().zip(&request.bindings).map(move |(asked, binding)| {
        let answer = Answer {
            approval: request.id,
            rule: request.rule.clone(),
            reason: asked.reason.clone(),
            until: asked.until,
            inputs: asked.inputs,
            change: request.change,
            ahead: ahead.clone(),
            // An unanswered question ends nothing that existed before.
            unanswered: expired && (escalated || asked.reason.kind == JustificationKind::Adopted),
            approved,
            at,
        };
        (*binding, answer)
    })
}

/// Whether a request asks about access that this decision keeps since adoption.
fn is_adopted(decision: &IndividualDecision, request: &ApprovalRequest) -> bool {
    decision.kind == JustificationKind::Adopted
        && request.reasons.iter().any(|asked| {
            let reason = &asked.reason;
            reason.kind == decision.kind
                && reason.account == decision.account
                && reason.entitlement == decision.entitlement
                && reason.reference == decision.reference
        })
}

/// The seats that a yes filled, each with its approver.
fn filled_by(request: &ApprovalRequest) -> Vec<(Arc<str>, IdentityId)> {
    let yes = request.votes.iter().filter(|v| v.approved);
    let mut all: Vec<(Arc<str>, IdentityId)> =
        yes.flat_map(|v| v.seats.iter().map(|name| (name.clone(), v.by))).collect();
    all.retain(|(name, by)| seats_for(request, *by).contains(name));
    all
}
