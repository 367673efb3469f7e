//! Approvals before activation: which grants must wait for a yes, and what is asked.

use crate::Context;
use crate::diff::diff;
use crate::extend::{end, is_extended, withhold};
use crate::values::Values;
use crate::window::window;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use tenure_model::{
    AccountKey, ApprovalRequest, ApprovalState, AttributeName, CaseLabel, DueGrant, Engagement,
    EntitlementName, Gate, Name, Plan, RuleName, Settlement, StepKind, Subject, Value,
};
use tenure_policy::{Approval, GrantInput, Inputs};

/// Something that people must be asked before grants are given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The rule that asks.
    pub rule: RuleName,
    /// What would be granted, each with its binding.
    pub grants: Vec<(EntitlementName, [u8; 32])>,
    /// The change during which it is asked.
    pub change: CaseLabel,
}

/// A plan with its approval gates closed, and what remains to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gated {
    /// What is due, less what nobody agreed to yet of access that is held and would end later than before.
    pub settlement: Settlement,
    /// The plan: steps that wait carry [`Gate::Approval`].
    pub plan: Plan,
    /// Questions that nobody was asked yet.
    pub questions: Vec<Question>,
    /// The bindings that wait, asked or not: a pending request without any of them asks for nothing any more.
    pub waiting: BTreeSet<[u8; 32]>,
}

/// The plan that turns what was decided into what is due, with its gates closed. Only additions wait: new grants, and the time
/// that is added to those that are held. `asked` are the identity's requests that are not answered; answers stand in its
/// decisions. What was once asked of a grant is asked of it again when inputs change, whatever the change is called by then.
#[must_use]
pub fn gate(
    context: &Context,
    subject: &Subject,
    mut settlement: Settlement,
    change: CaseLabel,
    asked: &[ApprovalRequest],
    now: Timestamp,
) -> Gated {
    let mut questions = Vec::new();
    let mut held: BTreeSet<(EntitlementName, RuleName)> = BTreeSet::new();
    let mut waiting = BTreeSet::new();
    let new: Vec<&DueGrant> = settlement.grants.iter().filter(|g| is_added(subject, g)).collect();
    if !new.is_empty() {
        for rule in &context.setup.policy.approvals {
            let mut open = Vec::new();
            for grant in &new {
                let Some((label, binding)) =
                    asks(context, subject, &settlement, rule, grant, change, asked, now)
                else {
                    continue;
                };
                match subject.identity.decisions.answers.get(&binding) {
                    Some(answer) if answer.approved => continue,
                    Some(_) => {}
                    None if is_pending(asked, &binding) => {}
                    None => open.push((grant.entitlement.clone(), binding, label)),
                }
                held.insert((grant.entitlement.clone(), rule.name.clone()));
                waiting.insert(binding);
            }
            questions.extend(question(rule, open));
        }
    }
    withhold(subject, &mut settlement, |e| held.iter().any(|(held, _)| held == e), now);
    let mut plan = diff(context, subject, &settlement);
    for step in &mut plan.steps {
        if let StepKind::Grant(entitlement) = &step.kind
            && let Some((_, rule)) = held.iter().find(|(e, _)| e == entitlement)
        {
            step.gate = Gate::Approval(rule.clone());
        }
    }
    hold_accounts(subject, &mut plan);
    Gated { settlement, plan, questions, waiting }
}

/// Whether a grant adds something: it is not held, or it would end later than it does.
fn is_added(subject: &Subject, grant: &DueGrant) -> bool {
    let same = |g: &&tenure_model::Grant| g.account == grant.account && g.entitlement == grant.entitlement;
    match subject.grants.iter().find(|g| same(g) && g.holding.is_decided()) {
        Some(held) => is_extended(held, grant),
        None => true,
    }
}

/// An account on which every grant waits is prepared and stays unusable.
fn hold_accounts(subject: &Subject, plan: &mut Plan) {
    let waits = |plan: &Plan, account: &AccountKey| {
        let decided = subject.grants.iter().any(|g| &g.account == account && g.holding.is_decided());
        let mut gates = plan
            .steps
            .iter()
            .filter(|s| &s.account == account && matches!(s.kind, StepKind::Grant(_)))
            .map(|s| s.gate.clone())
            .peekable();
        let first = gates.peek().cloned();
        (!decided && gates.all(|g| matches!(g, Gate::Approval(_)))).then_some(first).flatten()
    };
    let held: Vec<Option<Gate>> = plan
        .steps
        .iter()
        .map(|s| (s.kind == StepKind::Enable).then(|| waits(plan, &s.account)).flatten())
        .collect();
    for (step, gate) in plan.steps.iter_mut().zip(held) {
        if let Some(gate) = gate {
            step.gate = gate;
        }
    }
}

fn is_pending(asked: &[ApprovalRequest], binding: &[u8; 32]) -> bool {
    asked.iter().any(|r| matches!(r.state, ApprovalState::Pending { .. }) && r.bindings.contains(binding))
}

fn question(rule: &Approval, open: Vec<(EntitlementName, [u8; 32], CaseLabel)>) -> Option<Question> {
    let change = open.first()?.2;
    let grants = open.into_iter().map(|(e, b, _)| (e, b)).collect();
    Some(Question { rule: rule.name.clone(), grants, change })
}

/// Whether a rule asks about a grant: during which change, and what the answer binds to.
#[expect(clippy::too_many_arguments, reason = "the inputs of one question, all different")]
fn asks(
    context: &Context,
    subject: &Subject,
    settlement: &Settlement,
    rule: &Approval,
    grant: &DueGrant,
    change: CaseLabel,
    asked: &[ApprovalRequest],
    now: Timestamp,
) -> Option<(CaseLabel, [u8; 32])> {
    let identity = &subject.identity;
    let engagement = grant
        .justifications
        .iter()
        .find_map(|j| j.engagement)
        .or(settlement.primary)
        .and_then(|id| identity.engagements.iter().find(|e| e.id == id))
        .or(identity.engagements.last())?;
    let seat = window(context, identity, engagement, now, &mut Vec::new());
    let values = Values::of(context, identity, engagement, seat.day, now);
    let mut inputs = Inputs {
        engagement_type: Some(&engagement.kind),
        engagement_source: Some(&engagement.source),
        identity_kind: Some(identity.kind),
        phase: Some(seat.phase),
        identifiers: Some(&identity.identifiers),
        grant: Some(GrantInput {
            entitlement: &grant.entitlement,
            risk: context.risk_of(&grant.entitlement),
        }),
        ..values.inputs()
    };
    let label = labels(subject, rule, grant, change, asked).into_iter().find(|label| {
        inputs.change = Some(*label);
        // A rule that cannot be evaluated asks: nobody gains access by a broken condition.
        rule.when.holds(&inputs).unwrap_or(true)
    })?;
    let read: Vec<(&AttributeName, Option<&Value>)> =
        rule.when.reads().attributes.iter().map(|a| (a, values.get(a.as_str()))).collect();
    Some((label, binding(subject, engagement, rule, grant, &read)))
}

/// The changes to try a rule with: the present one, and those during which it asked about this grant before.
fn labels(
    subject: &Subject,
    rule: &Approval,
    grant: &DueGrant,
    change: CaseLabel,
    asked: &[ApprovalRequest],
) -> BTreeSet<CaseLabel> {
    let pending = asked
        .iter()
        .filter(|r| r.rule == rule.name && r.grants.contains(&grant.entitlement))
        .map(|r| r.change);
    let answers = subject.identity.decisions.answers.values();
    let answered = answers.filter(|a| a.rule == rule.name && a.grant == grant.entitlement).map(|a| a.change);
    std::iter::once(change).chain(pending).chain(answered).collect()
}

/// What an answer binds to: identity, engagement, rule, grant, until-date and the inputs that the rule names. What was agreed to
/// for one engagement is not agreed to for the next one.
fn binding(
    subject: &Subject,
    engagement: &Engagement,
    rule: &Approval,
    grant: &DueGrant,
    read: &[(&AttributeName, Option<&Value>)],
) -> [u8; 32] {
    let until = end(&grant.justifications);
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(bytes);
    };
    part(b"tenure approval v1");
    part(subject.identity.id.as_bytes());
    part(engagement.id.as_bytes());
    part(rule.name.as_str().as_bytes());
    part(grant.entitlement.as_str().as_bytes());
    part(until.map(|u| u.to_string()).unwrap_or_default().as_bytes());
    for (name, value) in read {
        part(name.as_str().as_bytes());
        part(value.map(ToString::to_string).unwrap_or_default().as_bytes());
    }
    hash.finalize().into()
}
