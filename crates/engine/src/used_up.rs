//! When a yes is used up: once its access is really removed. A brake that holds the removal does not use it up.

use std::collections::BTreeSet;
use tenure_model::{
    AccountKey, Answer, DueGrant, Grant, Holding, Identity, JustificationKind, Reason, Settlement,
};

/// Stores in an identity what a settlement remembers of its reasons and of suspended access. An answer ends with its reason. The
/// refusal of a request stays, to be explained, and so does a yes until its access is removed: `held` is what was held until now.
pub fn note_reasons(identity: &mut Identity, held: &[Grant], settlement: &Settlement) {
    let in_force: BTreeSet<Reason> = settlement
        .grants
        .iter()
        .flat_map(|g| g.justifications.iter().map(|j| Reason::of(&g.account, &g.entitlement, j)))
        .collect();
    let held = to_be_lost(held, &settlement.grants);
    let is_there = |r: &Reason| in_force.contains(r) || settlement.reasons.contains_key(r);
    let is_held = |a: &Answer| a.approved && held.contains(&a.reason);
    let is_told = |kind, approved: bool| kind == JustificationKind::Request && !approved;
    // An answer given ahead of its day is about a reason that does not exist yet: looking ahead determines whether it still will.
    let stays = |a: &Answer| {
        is_there(&a.reason) || is_told(a.reason.kind, a.approved) || a.ahead.is_some() || is_held(a)
    };
    identity.decisions.answers.retain(|_, a| stays(a));
    identity.decisions.reasons.clone_from(&settlement.reasons);
    identity.decisions.suspended.clone_from(&settlement.suspended);
}

/// The reasons of access that must be removed and is not removed yet.
fn to_be_lost(grants: &[Grant], due: &[DueGrant]) -> BTreeSet<Reason> {
    let is_due = |g: &Grant| due.iter().any(|d| d.account == g.account && d.entitlement == g.entitlement);
    reasons(grants.iter().filter(|g| g.holding != Holding::Ended && !is_due(g)))
}

fn reasons<'g>(grants: impl Iterator<Item = &'g Grant>) -> BTreeSet<Reason> {
    grants.flat_map(|g| g.justifications.iter().map(|j| Reason::of(&g.account, &g.entitlement, j))).collect()
}

/// Drops the answers of `before` about access that was removed since. `braked` are the accounts on which a brake may still hold the
/// removal: access there was not lost.
pub fn use_up(before: &Identity, grants: &[Grant], braked: &BTreeSet<AccountKey>, after: &mut Identity) {
    let stays =
        |g: &&Grant| g.holding.is_decided() || (g.holding == Holding::Ending && braked.contains(&g.account));
    let held = reasons(grants.iter().filter(stays));
    let is_over = |binding: &[u8; 32], answer: &Answer| {
        before.decisions.answers.contains_key(binding)
            && answer.approved
            && answer.ahead.is_none()
            && !before.decisions.reasons.contains_key(&answer.reason)
            && !held.contains(&answer.reason)
    };
    after.decisions.answers.retain(|binding, answer| !is_over(binding, answer));
}
