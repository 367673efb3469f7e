//! Separation of duties: blocks the new, never removes the old; of two new ones, neither is added.

use crate::Context;
use crate::grants::Collected;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{EntitlementName, Finding, FindingKind, Grant, JustificationKind, Name};
use tenure_policy::Separation;

/// Takes blocked grants out of `out.due`. Looks at all accounts of the identity together, and through containment.
pub(crate) fn separate(context: &Context, held: &[Grant], out: &mut Collected) {
    if context.setup.policy.separations.is_empty() || out.due.len() < 2 {
        return;
    }
    end_conflicting_handovers(context, out);
    let old: BTreeSet<&EntitlementName> =
        held.iter().filter(|g| g.holding.is_decided()).map(|g| &g.entitlement).collect();
    let mut blocked = BTreeSet::new();
    for rule in &context.setup.policy.separations {
        let due: BTreeSet<EntitlementName> = out.due.keys().map(|(_, e)| e.clone()).collect();
        let mut new = blocked_by(context, rule, &due, &old);
        // What somebody signed an exception for is held against the rule, and the finding says so.
        new.retain(|e| !is_excepted(out, e));
        if new.is_empty() && sides_of(context, rule, &due).len() < 2 {
            continue;
        }
        out.findings.push(finding(rule, &new));
        blocked.extend(new);
    }
    out.due.retain(|(_, e), _| !blocked.contains(e));
}

/// A handover excludes conflicts: what is kept only for a handover yields to what is due for any other reason.
fn end_conflicting_handovers(context: &Context, out: &mut Collected) {
    let (kept, due): (BTreeSet<EntitlementName>, BTreeSet<EntitlementName>) =
        out.due.keys().map(|(_, e)| e.clone()).partition(|e| is_only_kept(out, e));
    for rule in context.setup.policy.separations.iter().filter(|_| !kept.is_empty()) {
        let taken: BTreeSet<usize> =
            sides_of(context, rule, &due).into_iter().map(|(side, _)| side).collect();
        for (side, grants) in sides_of(context, rule, &kept) {
            if taken.iter().any(|t| *t != side) {
                out.due.retain(|(_, e), _| !grants.contains(e));
            }
        }
    }
}

fn is_only_kept(out: &Collected, entitlement: &EntitlementName) -> bool {
    let mut reasons = out.due.iter().filter(|((_, e), _)| e == entitlement).flat_map(|(_, reasons)| reasons);
    reasons.all(|r| r.kind == JustificationKind::Handover)
}

fn is_excepted(out: &Collected, entitlement: &EntitlementName) -> bool {
    let mut reasons = out.due.iter().filter(|((_, e), _)| e == entitlement).flat_map(|(_, reasons)| reasons);
    reasons.any(|r| r.kind == JustificationKind::Exception)
}

/// The new grants that a rule blocks: all new ones on its sides, when more than one side would be held.
fn blocked_by(
    context: &Context,
    rule: &Separation,
    due: &BTreeSet<EntitlementName>,
    old: &BTreeSet<&EntitlementName>,
) -> BTreeSet<EntitlementName> {
    let sides = sides_of(context, rule, due);
    if sides.len() < 2 {
        return BTreeSet::new();
    }
    // An old grant keeps its own side open: a second grant of a side that is held already is no new conflict.
    let held: BTreeSet<usize> =
        sides.iter().filter(|(_, grants)| grants.iter().any(|g| old.contains(g))).map(|(i, _)| *i).collect();
    sides
        .into_iter()
        .filter(|(side, _)| held.len() != 1 || !held.contains(side))
        .flat_map(|(_, grants)| grants)
        .filter(|g| !old.contains(g))
        .collect()
}

/// The sides of a rule that are touched, each with the grants that touch it.
fn sides_of(
    context: &Context,
    rule: &Separation,
    due: &BTreeSet<EntitlementName>,
) -> Vec<(usize, BTreeSet<EntitlementName>)> {
    rule.not_both
        .iter()
        .enumerate()
        .map(|(i, side)| {
            (
                i,
                due.iter()
                    .filter(|d| contains(context, d).iter().any(|c| side.contains(c)))
                    .cloned()
                    .collect(),
            )
        })
        .filter(|(_, grants): &(usize, BTreeSet<EntitlementName>)| !grants.is_empty())
        .collect()
}

/// Most steps through containment, against a cycle that slipped in.
const DEPTH_MAX: usize = 32;

/// An entitlement and all that it contains.
fn contains(context: &Context, entitlement: &EntitlementName) -> BTreeSet<EntitlementName> {
    let mut all = BTreeSet::from([entitlement.clone()]);
    let mut edge = vec![entitlement.clone()];
    for _ in 0..DEPTH_MAX {
        let next: Vec<EntitlementName> = edge
            .iter()
            .filter_map(|e| context.entitlement(e))
            .flat_map(|e| e.contains.iter().cloned())
            .filter(|e| all.insert(e.clone()))
            .collect();
        if next.is_empty() {
            break;
        }
        edge = next;
    }
    all
}

fn finding(rule: &Separation, blocked: &BTreeSet<EntitlementName>) -> Finding {
    let names: Vec<&str> = blocked.iter().map(Name::as_str).collect();
    let text = if names.is_empty() {
        format!(
            "held against `{}` since before; ask {} to end one side or to sign an exception",
            rule.name, rule.owner
        )
    } else {
        format!("`{}` keeps {} from being granted; ask {}", rule.name, names.join(", "), rule.owner)
    };
    Finding { kind: FindingKind::SeparationConflict, about: Arc::from(rule.name.as_str()), text: text.into() }
}
