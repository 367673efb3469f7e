//! Separation of duties: blocks the new, never removes the old; of two new conflicting ones, neither is added.

use crate::Context;
use crate::containment::Reach;
use crate::gap::gap;
use crate::grants::Collected;
use crate::reasons::withdraw;
use crate::window::Timeline;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{
    EntitlementName, Finding, FindingDetail, JustificationKind, Name as _, Observed, Reason, SeparationPath,
    Subject,
};
use tenure_policy::Separation;

/// Entitlements, each with all that it contains.
type Brought<'a> = BTreeMap<&'a EntitlementName, BTreeSet<&'a EntitlementName>>;

/// The sides of a rule that are touched, by number, each with the grants that touch it.
type Sides = Vec<(usize, BTreeSet<EntitlementName>)>;

/// Removes blocked grants from `out.due`. Evaluates all accounts of the identity together, with nested entitlements: as declared, and
/// as observed in systems.
pub(crate) fn separate(context: &Context, subject: &Subject, now: Timestamp, out: &mut Collected) {
    let rules = &context.setup.policy.separations;
    if rules.is_empty() || (out.due.is_empty() && out.questions.is_empty()) {
        return;
    }
    let reach = Reach::of(context, &subject.contained);
    end_conflicting_handovers(reach, rules, out);
    let held = subject.grants.iter().filter(|g| g.holding.is_decided());
    let mut old: BTreeSet<EntitlementName> = held.map(|g| g.entitlement.clone()).collect();
    old.extend(suspended(context, subject, now));
    let mut all = due(out);
    let returning = out.returning.iter().map(|((_, e), ..)| e);
    let returning: BTreeSet<EntitlementName> =
        returning.filter(|e| old.contains(*e) && !all.contains(*e)).cloned().collect();
    let nested = nested(reach, subject, &old, &all);
    old.extend(nested.iter().cloned());
    all.extend(nested.iter().chain(&returning).cloned());
    let brought = bring(reach, &all);
    let mut blocked = BTreeSet::new();
    for rule in rules {
        let sides = sides_of(rule, &brought);
        // Suspended access blocks new access, and reports nothing by itself.
        if sides.len() < 2 || sides.iter().all(|(_, grants)| grants.is_subset(&returning)) {
            continue;
        }
        let mut new = blocked_by(&sides, &old);
        // An entitlement with a signed exception is held in spite of the rule, and the finding says so.
        new.retain(|e| !is_excepted(out, e));
        out.findings.push(finding(rule, &new, paths(reach, rule, &sides, &nested)));
        blocked.extend(new);
    }
    for ((account, entitlement), justifications) in out.due.extract_if(.., |(_, e), _| blocked.contains(e)) {
        let reasons = justifications.iter().map(|j| Reason::of(&account, &entitlement, j));
        // A blocked reason is remembered as not in force since this change.
        out.reasons.extend(reasons.filter_map(|r| out.fresh.remove_entry(&r)));
    }
    let in_force = due(out).into_iter().chain(nested.iter().cloned()).chain(returning).collect();
    withdraw_conflicting(reach, rules, (&in_force, &nested), out);
}

/// A waiting reason blocks nothing, and is not asked about while it conflicts with what is in force: no yes could take effect.
fn withdraw_conflicting(
    reach: Reach<'_>,
    rules: &[Separation],
    (in_force, nested): (&BTreeSet<EntitlementName>, &BTreeSet<EntitlementName>),
    out: &mut Collected,
) {
    let asked: BTreeSet<EntitlementName> =
        out.questions.iter().map(|q| q.about.reason.entitlement.clone()).collect();
    let mut blocked = BTreeSet::new();
    for entitlement in asked.iter().filter(|e| !in_force.contains(*e)) {
        let mut all = in_force.clone();
        all.insert(entitlement.clone());
        let brought = bring(reach, &all);
        for rule in rules {
            let sides = sides_of(rule, &brought);
            if sides.len() < 2 || !blocked_by(&sides, in_force).contains(entitlement) {
                continue;
            }
            let new = BTreeSet::from([entitlement.clone()]);
            out.findings.push(finding(rule, &new, paths(reach, rule, &sides, nested)));
            blocked.insert(entitlement.clone());
        }
    }
    withdraw(out, &blocked);
}

/// What was held when an absence, a cut-off or a short gap suspended it: a suspension does not make it new. After a long gap all
/// access is new.
fn suspended(context: &Context, subject: &Subject, now: Timestamp) -> BTreeSet<EntitlementName> {
    let identity = &subject.identity;
    let was_paused = identity.decisions.paused.is_some();
    if was_paused
        && gap(context, Timeline::of(context, identity, now).windows(), now).is_some_and(|g| g.is_long)
    {
        return BTreeSet::new();
    }
    identity.decisions.suspended.keys().map(|(_, entitlement)| entitlement.clone()).collect()
}

fn due(out: &Collected) -> BTreeSet<EntitlementName> {
    out.due.keys().map(|(_, e)| e.clone()).collect()
}

/// What an identity was observed to inherit, not through anything granted or revoked here: the parent is not managed by Tenure, so it
/// is held whatever is decided.
fn nested(
    reach: Reach<'_>,
    subject: &Subject,
    held: &BTreeSet<EntitlementName>,
    due: &BTreeSet<EntitlementName>,
) -> BTreeSet<EntitlementName> {
    let usable =
        subject.accounts.iter().filter(|a| matches!(a.observed, Observed::Present { enabled: true, .. }));
    let mut all: BTreeSet<EntitlementName> =
        usable.flat_map(|a| a.observed.through()).map(|(e, _)| e.clone()).collect();
    if !all.is_empty() {
        let ours: BTreeSet<&EntitlementName> = held.iter().chain(due).flat_map(|e| reach.from(e)).collect();
        all.retain(|e| !ours.contains(e));
    }
    all
}

/// A handover excludes conflicts: access kept only for a handover yields to access due for any other reason.
fn end_conflicting_handovers(reach: Reach<'_>, rules: &[Separation], out: &mut Collected) {
    let (kept, other): (BTreeSet<EntitlementName>, BTreeSet<EntitlementName>) =
        due(out).into_iter().partition(|e| is_only_kept(out, e));
    if kept.is_empty() {
        return;
    }
    let (kept, other) = (bring(reach, &kept), bring(reach, &other));
    for rule in rules {
        let taken: BTreeSet<usize> = sides_of(rule, &other).into_iter().map(|(side, _)| side).collect();
        for (side, grants) in sides_of(rule, &kept) {
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

/// The new grants that a rule blocks: all new ones on its sides, if more than one side would be held.
fn blocked_by(sides: &Sides, old: &BTreeSet<EntitlementName>) -> BTreeSet<EntitlementName> {
    // An old grant keeps its own side open: a second grant of a side that is already held is no new conflict.
    let held: BTreeSet<usize> =
        sides.iter().filter(|(_, grants)| grants.iter().any(|g| old.contains(g))).map(|(i, _)| *i).collect();
    let closed = sides.iter().filter(|(side, _)| held.len() != 1 || !held.contains(side));
    closed.flat_map(|(_, grants)| grants).filter(|g| !old.contains(g)).cloned().collect()
}

fn bring<'a>(reach: Reach<'a>, all: &'a BTreeSet<EntitlementName>) -> Brought<'a> {
    all.iter().map(|e| (e, reach.from(e))).collect()
}

fn sides_of(rule: &Separation, brought: &Brought<'_>) -> Sides {
    let touching = |side: &BTreeSet<EntitlementName>| -> BTreeSet<EntitlementName> {
        let touch = brought.iter().filter(|(_, all)| side.iter().any(|e| all.contains(e)));
        touch.map(|(grant, _)| (*grant).clone()).collect()
    };
    let sides = rule.not_both.iter().enumerate().map(|(i, side)| (i, touching(side)));
    sides.filter(|(_, grants)| !grants.is_empty()).collect()
}

/// The paths by which sides are touched, where the names of the grants do not show it.
fn paths(
    reach: Reach<'_>,
    rule: &Separation,
    sides: &Sides,
    nested: &BTreeSet<EntitlementName>,
) -> BTreeSet<SeparationPath> {
    let mut paths = BTreeSet::new();
    for (side, grants) in sides {
        let Some(names) = rule.not_both.get(*side) else { continue };
        for grant in grants {
            if nested.contains(grant) {
                paths.insert(SeparationPath { grant: grant.clone(), includes: None, through: Vec::new() });
            }
            let brings = names.iter().filter(|name| *name != grant);
            for name in brings.filter(|_| !names.contains(grant)) {
                let Some(way) = reach.way(grant, name) else { continue };
                let through = way.iter().skip(1).map(|e| (*e).clone()).collect();
                let includes = Some(name.clone());
                paths.insert(SeparationPath { grant: grant.clone(), includes, through });
            }
        }
    }
    paths
}

fn finding(
    separation: &Separation,
    blocked: &BTreeSet<EntitlementName>,
    paths: BTreeSet<SeparationPath>,
) -> Finding {
    let (rule, owner) = (separation.name.clone(), separation.owner.clone());
    let paths = paths.into_iter().collect();
    let about: Arc<str> = Arc::from(rule.as_str());
    let entitlements: Vec<EntitlementName> = blocked.iter().cloned().collect();
    Finding::new(
        about,
        match entitlements.is_empty() {
            true => FindingDetail::SeparationHeld { rule, owner, paths },
            false => FindingDetail::SeparationBlocks { rule, owner, entitlements, paths },
        },
    )
}
