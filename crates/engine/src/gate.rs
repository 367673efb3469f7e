//! Approvals before activation: which grants must wait for a yes, and what is asked.

use crate::Context;
use crate::diff::diff;
use crate::extend::{end, is_extended, withhold};
use crate::values::Values;
use crate::window::window;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{
    AccountKey, AccountState, ApprovalRequest, ApprovalState, AttributeName, CaseLabel, DueGrant, Engagement,
    EngagementId, EntitlementName, Gate, Identity, IdentityId, Justification, JustificationKind, Name, Plan,
    Renamed, RuleName, Settlement, StepKind, Subject, Value,
};
use tenure_policy::{Approval, GrantInput, Inputs};

/// Something that people must be asked before grants are given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The rule that asks.
    pub rule: RuleName,
    /// What would be granted.
    pub grants: Vec<EntitlementName>,
    /// The other names that would be given.
    pub renames: Vec<Renamed>,
    /// What an answer binds to: one for each grant, or one for the names together.
    pub bindings: Vec<[u8; 32]>,
    /// The change during which it is asked.
    pub change: CaseLabel,
    /// Who asked for the access, where somebody did.
    pub requester: Option<IdentityId>,
    /// The engagement that the grants belong to: its manager or sponsor is meant.
    pub engagement: Option<EngagementId>,
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

/// A grant that somebody is asked about: during which change, and what the answer binds to.
type About<'g> = (&'g DueGrant, CaseLabel, [u8; 32]);

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
    let rules = &context.setup.policy.approvals;
    let mut is_asked: BTreeSet<&EntitlementName> = BTreeSet::new();
    let engagement = |grant: &DueGrant| engagement_of(subject, &settlement, grant).map(|e| e.id);
    let mut ask = |name: &RuleName, about: Vec<About<'_>>| {
        let mut open: BTreeMap<Option<EngagementId>, Vec<About<'_>>> = BTreeMap::new();
        for (grant, label, binding) in about {
            match subject.identity.decisions.answers.get(&binding) {
                Some(answer) if answer.approved => continue,
                Some(_) => {}
                None if is_pending(asked, &binding) => {}
                None => open.entry(engagement(grant)).or_default().push((grant, label, binding)),
            }
            held.insert((grant.entitlement.clone(), name.clone()));
            waiting.insert(binding);
        }
        questions.extend(open.into_iter().filter_map(|(of, open)| question(subject, name, of, open)));
    };
    for rule in rules.iter().filter(|_| !new.is_empty()) {
        let about = new.iter().filter_map(|grant| {
            let (label, binding) = asks(context, subject, &settlement, rule, grant, change, asked, now)?;
            is_asked.insert(&grant.entitlement);
            Some((*grant, label, binding))
        });
        ask(&rule.name, about.collect());
    }
    // What people asked for is somebody's to decide, also where no rule asks.
    let alone =
        new.iter().filter(|g| !is_asked.contains(&g.entitlement)).filter_map(|g| Some((*g, asked_for(g)?)));
    let mut requested: BTreeMap<RuleName, Vec<About<'_>>> = BTreeMap::new();
    for (grant, name) in alone {
        let Some(engagement) = engagement_of(subject, &settlement, grant) else { continue };
        let binding = binding(subject, engagement, &name, grant, &[]);
        requested.entry(name).or_default().push((grant, change, binding));
    }
    requested.iter().for_each(|(name, about)| ask(name, about.clone()));
    ask_names(&subject.identity, change, asked, &mut waiting, &mut questions);
    withhold(subject, &mut settlement, |e| held.iter().any(|(held, _)| held == e), now);
    let mut plan = planned(context, subject, &settlement, &held);
    if stop_idle(subject, &mut settlement, &plan) {
        plan = planned(context, subject, &settlement, &held);
    }
    hold_accounts(subject, &settlement, &mut plan);
    Gated { settlement, plan, questions, waiting }
}

/// The plan, in which grants that wait carry who they wait for.
fn planned(
    context: &Context,
    subject: &Subject,
    settlement: &Settlement,
    held: &BTreeSet<(EntitlementName, RuleName)>,
) -> Plan {
    let mut plan = diff(context, subject, settlement);
    for step in &mut plan.steps {
        if let StepKind::Grant(entitlement) = &step.kind
            && let Some((_, rule)) = held.iter().find(|(e, _)| e == entitlement)
        {
            step.gate = Gate::Approval(rule.clone());
        }
    }
    plan
}

/// What the grants of an account wait for, where it keeps none and each that it is to be given waits.
fn waits(subject: &Subject, plan: &Plan, account: &AccountKey) -> Option<Gate> {
    let of = || plan.steps.iter().filter(|s| &s.account == account);
    let revoked = |e: &EntitlementName| {
        of().any(|s| s.gate == Gate::Open && matches!(&s.kind, StepKind::Revoke(r) if r == e))
    };
    let kept =
        |g: &tenure_model::Grant| &g.account == account && g.holding.is_decided() && !revoked(&g.entitlement);
    let mut gates = of().filter(|s| matches!(s.kind, StepKind::Grant(_))).map(|s| &s.gate).peekable();
    let first = gates.peek().map(|g| (*g).clone());
    let all_wait = gates.all(|g| matches!(g, Gate::Approval(_)));
    (all_wait && !subject.grants.iter().any(kept)).then_some(first).flatten()
}

/// An account that loses the last that it holds, while all that comes next waits, is not usable meanwhile: a question that
/// nobody has answered keeps nothing. Says whether there is one.
fn stop_idle(subject: &Subject, settlement: &mut Settlement, plan: &Plan) -> bool {
    let enabled = |key: &AccountKey| {
        subject.accounts.iter().any(|a| &a.key == key && a.target.state == AccountState::Enabled)
    };
    let mut stopped = false;
    for account in settlement.accounts.iter_mut().filter(|a| a.state == AccountState::Enabled) {
        if enabled(&account.key) && waits(subject, plan, &account.key).is_some() {
            account.state = AccountState::Disabled;
            account.because = Arc::from("what is due waits for an answer");
            stopped = true;
        }
    }
    stopped
}

/// The question about other names, while it waits for an answer.
fn ask_names(
    identity: &Identity,
    change: CaseLabel,
    asked: &[ApprovalRequest],
    waiting: &mut BTreeSet<[u8; 32]>,
    questions: &mut Vec<Question>,
) {
    let (Some(binding), Ok(rule)) = (crate::rename::binding(identity), RuleName::new(RENAME)) else { return };
    waiting.insert(binding);
    if !is_pending(asked, &binding) {
        let renames = identity.proposed().collect();
        let (grants, bindings, requester) = (Vec::new(), vec![binding], None);
        questions.push(Question { rule, grants, renames, bindings, change, requester, engagement: None });
    }
}

/// What the built-in question about other names is called.
const RENAME: &str = "rename";

/// Whether a grant adds something that may wait: it is not held, or it would end later than it does. An emergency never waits.
fn is_added(subject: &Subject, grant: &DueGrant) -> bool {
    if grant.justifications.iter().any(|j| j.kind == JustificationKind::Emergency) {
        return false;
    }
    let same = |g: &&tenure_model::Grant| g.account == grant.account && g.entitlement == grant.entitlement;
    match subject.grants.iter().find(|g| same(g) && g.holding.is_decided()) {
        Some(held) => is_extended(held, grant),
        None => true,
    }
}

/// The built-in question about what is held for nothing but a request: one for each request.
fn asked_for(grant: &DueGrant) -> Option<RuleName> {
    let only = grant.justifications.iter().all(|j| j.kind == JustificationKind::Request);
    let reason = grant.justifications.first().filter(|_| only)?;
    RuleName::new(&format!("{REQUEST}{}", reason.reference))
        .or_else(|_| RuleName::new(REQUEST.trim_end()))
        .ok()
}

/// What the name of a built-in question begins with; what was asked for follows.
pub(crate) const REQUEST: &str = "request ";

/// An account on which every grant waits is prepared and stays unusable. It is not even made for what was only asked for.
fn hold_accounts(subject: &Subject, settlement: &Settlement, plan: &mut Plan) {
    let only_asked_for = |account: &AccountKey| {
        let mut reasons =
            settlement.grants.iter().filter(|g| &g.account == account).flat_map(|g| &g.justifications);
        reasons.all(|j| j.kind == JustificationKind::Request)
    };
    let held: Vec<Option<Gate>> = plan
        .steps
        .iter()
        .map(|s| match s.kind {
            StepKind::Enable => waits(subject, plan, &s.account),
            StepKind::Create => waits(subject, plan, &s.account).filter(|_| only_asked_for(&s.account)),
            _ => None,
        })
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

fn question(
    subject: &Subject,
    rule: &RuleName,
    engagement: Option<EngagementId>,
    open: Vec<About<'_>>,
) -> Option<Question> {
    let change = open.first()?.1;
    let requester = open.iter().find_map(|(grant, ..)| requester(subject, grant));
    let (grants, bindings) = open.into_iter().map(|(g, _, b)| (g.entitlement.clone(), b)).unzip();
    Some(Question {
        rule: rule.clone(),
        grants,
        renames: Vec::new(),
        bindings,
        change,
        requester,
        engagement,
    })
}

/// The end that is agreed to: of a request the one that was asked for, wherever its engagement cuts it off meanwhile.
fn asked_end(subject: &Subject, grant: &DueGrant) -> Option<Timestamp> {
    let decisions = &subject.identity.decisions.standing;
    let asked: Vec<Justification> = grant
        .justifications
        .iter()
        .map(|j| {
            let mut of =
                decisions.iter().filter(|s| s.kind == JustificationKind::Request && s.kind == j.kind);
            let until = of.find(|s| s.reference == j.reference).map_or(j.until, |s| s.until);
            Justification { until, ..j.clone() }
        })
        .collect();
    end(&asked)
}

/// Who asked for a grant.
fn requester(subject: &Subject, grant: &DueGrant) -> Option<IdentityId> {
    let standing = &subject.identity.decisions.standing;
    let of = |j: &Justification| standing.iter().find(|s| s.kind == j.kind && s.reference == j.reference);
    grant.justifications.iter().find_map(|j| of(j)?.requester)
}

/// The engagement whose values count for a grant: of those that give it the primary one, else the first.
fn engagement_of<'s>(
    subject: &'s Subject,
    settlement: &Settlement,
    grant: &DueGrant,
) -> Option<&'s Engagement> {
    let engagements = &subject.identity.engagements;
    let giving = || grant.justifications.iter().filter_map(|j| j.engagement);
    let primary = giving().find(|e| Some(*e) == settlement.primary);
    let stated = primary.or_else(|| giving().next()).or(settlement.primary);
    stated.and_then(|id| engagements.iter().find(|e| e.id == id)).or(engagements.last())
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
    let engagement = engagement_of(subject, settlement, grant)?;
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
    Some((label, binding(subject, engagement, &rule.name, grant, &read)))
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
    rule: &RuleName,
    grant: &DueGrant,
    read: &[(&AttributeName, Option<&Value>)],
) -> [u8; 32] {
    let until = asked_end(subject, grant);
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(bytes);
    };
    part(b"tenure approval v1");
    part(subject.identity.id.as_bytes());
    // A request is one by its own beginning: whoever keeps it for another engagement need not ask again.
    let only_asked_for = grant.justifications.iter().all(|j| j.kind == JustificationKind::Request);
    part(if only_asked_for { &[] } else { engagement.id.as_bytes() });
    part(rule.as_str().as_bytes());
    part(grant.entitlement.as_str().as_bytes());
    part(until.map(|u| u.to_string()).unwrap_or_default().as_bytes());
    // Who asks again after an end asks for something new.
    for j in grant.justifications.iter().filter(|j| j.kind == JustificationKind::Request) {
        part(j.reference.as_bytes());
        part(j.from.map(|f| f.to_string()).unwrap_or_default().as_bytes());
    }
    for (name, value) in read {
        part(name.as_str().as_bytes());
        part(value.map(ToString::to_string).unwrap_or_default().as_bytes());
    }
    hash.finalize().into()
}
