//! A renamed baseline rule or exception gives the same access: decisions and questions about the old reason apply to the new one,
//! because nothing grew.

use crate::Context;
use crate::binding::binding;
use crate::grants::{Collected, baseline, exceptions};
use crate::reasons::{built_in, is_built_in};
use crate::settle::seats;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use tenure_model::{
    ApprovalRequest, AskedReason, Identity, JustificationKind, Name as _, Reason, RuleName, Subject,
};
use tenure_policy::ClassCache;

/// Finds the reasons that replace those whose rule or exception the configuration no longer has: of the same engagement, for the same
/// entitlement, and not known before. They take over the answers and what is remembered.
pub(crate) fn carry_renamed(
    context: &Context,
    subject: &mut Subject,
    cache: &mut ClassCache,
    now: Timestamp,
) {
    subject.carried.clear();
    let known: BTreeSet<Reason> = configured(subject).collect();
    let gone: BTreeSet<&Reason> = known.iter().filter(|r| !is_there(context, subject, r)).collect();
    if gone.is_empty() {
        return;
    }
    let old = |new: &Reason| {
        let is = |old: &&&Reason| Reason { reference: old.reference.clone(), ..new.clone() } == ***old;
        gone.iter().find(is).map(|old| (*old).clone())
    };
    let given = given(context, &subject.identity, cache, now);
    let fresh = given.into_iter().filter(|new| !known.contains(new));
    let carried: BTreeMap<Reason, Reason> = fresh.filter_map(|new| Some((new.clone(), old(&new)?))).collect();
    let decisions = &mut subject.identity.decisions;
    for (new, old) in &carried {
        let waiting = decisions.reasons.get(old).cloned();
        decisions.reasons.extend(waiting.map(|waiting| (new.clone(), waiting)));
        let answers = decisions.answers.values().filter(|a| a.reason == *old).cloned();
        let answers: Vec<_> = answers
            .map(|mut answer| {
                answer.rule = rule(&answer.rule, old, new);
                answer.reason = new.clone();
                let about = (&answer.reason, answer.until, &answer.inputs);
                (binding(subject.identity.id, &answer.rule, about), answer)
            })
            .collect();
        decisions.answers.extend(answers);
    }
    subject.carried = carried;
}

/// The rule that asks about a new reason as another one asked about the old: the built-in question has the name of its object.
fn rule(asks: &RuleName, old: &Reason, new: &Reason) -> RuleName {
    let own = built_in(new).filter(|_| is_built_in(asks, old));
    own.unwrap_or_else(|| asks.clone())
}

/// Whether the configuration has the rule or the exception of a reason. A person's own exception is part of the decisions.
fn is_there(context: &Context, subject: &Subject, reason: &Reason) -> bool {
    if reason.kind == JustificationKind::Baseline {
        return context.has_baseline(&reason.reference);
    }
    let signed = subject.identity.decisions.individual.iter();
    let mut signed = signed.filter(|s| s.kind == reason.kind);
    let mut declared = context.setup.policy.exceptions.iter();
    declared.any(|e| *e.name.as_str() == *reason.reference) || signed.any(|s| s.reference == reason.reference)
}

/// Every reason of a rule or an exception that is in force, remembered or answered.
fn configured(subject: &Subject) -> impl Iterator<Item = Reason> {
    let held = subject.grants.iter().filter(|g| g.holding.is_decided());
    let in_force =
        held.flat_map(|g| g.justifications.iter().map(|j| Reason::of(&g.account, &g.entitlement, j)));
    let decisions = &subject.identity.decisions;
    let told = decisions.reasons.keys().chain(decisions.answers.values().map(|a| &a.reason)).cloned();
    let kinds = [JustificationKind::Baseline, JustificationKind::Exception];
    in_force.chain(told).filter(move |r| kinds.contains(&r.kind))
}

/// The reasons that rules and exceptions give now, including suspended ones.
fn given(context: &Context, identity: &Identity, cache: &mut ClassCache, now: Timestamp) -> BTreeSet<Reason> {
    let mut out = Collected::default();
    let seats = seats(context, identity, now, &mut Vec::new());
    for seat in &seats {
        baseline(context, identity, seat, cache, &mut out);
    }
    exceptions(context, identity, &seats, now, &mut out);
    let due = out.due.iter().flat_map(|(key, all)| all.iter().map(move |j| (key, j)));
    let all = due.chain(out.suspended.iter().map(|(key, j)| (key, j)));
    all.map(|((account, entitlement), j)| Reason::of(account, entitlement, j)).collect()
}

/// A request that asks about the reasons that replaced others.
#[must_use]
pub fn carried(subject: &Subject, request: &ApprovalRequest) -> ApprovalRequest {
    let mut request = request.clone();
    if subject.carried.is_empty() || !request.renames.is_empty() {
        return request;
    }
    let (mut reasons, mut bindings) = (Vec::new(), Vec::new());
    let before: Vec<_> = request.reasons.iter().cloned().zip(request.bindings.clone()).collect();
    for (asked, bound) in &before {
        let mut instead = subject.carried.iter().filter(|(_, old)| **old == asked.reason).peekable();
        if instead.peek().is_none() {
            reasons.push(asked.clone());
            bindings.push(*bound);
        }
        for (new, _) in instead {
            request.rule = rule(&request.rule, &asked.reason, new);
            bindings.push(binding(request.identity, &request.rule, (new, asked.until, &asked.inputs)));
            reasons.push(AskedReason { reason: new.clone(), ..asked.clone() });
        }
    }
    (request.reasons, request.bindings) = (reasons, bindings);
    request
}
