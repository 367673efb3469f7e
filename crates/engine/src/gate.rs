//! Approvals before activation: the questions, and the plan in which steps wait for them.

use crate::Context;
use crate::diff::{diff, sorted, step};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{
    AccountKey, AccountState, ApprovalRequest, ApprovalState, AskedReason, CaseLabel, DueQuestion,
    EngagementId, EntitlementName, Gate, Identity, IdentityId, Justification, Name as _, Plan, Provenance,
    Renamed, RuleName, Settlement, Step, StepKind, Subject,
};

/// The subject and the question, by rule, engagement, requesters, instant and whether time brings it: questions with equal keys are
/// put together.
type Together<'q> = BTreeMap<
    (&'q RuleName, Option<EngagementId>, Option<IdentityId>, &'q Provenance, Option<Timestamp>, bool),
    Vec<&'q DueQuestion>,
>;

/// Something that must be approved before grants are given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The rule that asks.
    pub rule: RuleName,
    /// What would be granted, each once.
    pub grants: Vec<EntitlementName>,
    /// Why.
    pub reasons: Vec<AskedReason>,
    /// The renames that would happen.
    pub renames: Vec<Renamed>,
    /// What an answer binds to: one for each reason, or one for the names together.
    pub bindings: Vec<[u8; 32]>,
    /// The change during which it is asked.
    pub change: CaseLabel,
    /// The requester of the access, if a person asked for it.
    pub requester: Option<IdentityId>,
    /// What brought about the question.
    pub provenance: Provenance,
    /// The engagement that the grants belong to: its manager or sponsor is meant.
    pub engagement: Option<EngagementId>,
    /// The instant from which the access would be due, if it is asked about ahead.
    pub on: Option<Timestamp>,
}

/// A plan with its approval gates closed, and what remains to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gated {
    /// What is due.
    pub settlement: Settlement,
    /// The plan: steps that wait carry [`Gate::Approval`].
    pub plan: Plan,
    /// Questions that were not assigned to approvers yet.
    pub questions: Vec<Question>,
    /// The bindings that wait, asked or not, and the cause of each: a pending request without any of them is obsolete, and the person
    /// who caused a binding is its requester as well.
    pub waiting: BTreeMap<[u8; 32], Provenance>,
}

impl Gated {
    /// The steps that wait as they waited before: their question is already assigned to approvers, or was refused.
    pub fn pending(&self) -> impl Iterator<Item = &Step> {
        let asked = self
            .questions
            .iter()
            .flat_map(|q| &q.reasons)
            .map(|a| (&a.reason.account, &a.reason.entitlement));
        let asked: BTreeSet<(&AccountKey, &EntitlementName)> = asked.collect();
        self.plan.steps.iter().filter(move |step| {
            let is_new = match &step.kind {
                StepKind::Grant(entitlement) => asked.contains(&(&step.account, entitlement)),
                _ => asked.iter().any(|(account, _)| **account == step.account),
            };
            matches!(step.gate, Gate::Approval(_)) && !is_new
        })
    }

    /// Changes about questions that are not steps: what is asked ahead of its day, and what is no longer asked. `asked` are the
    /// identity's unanswered requests.
    #[must_use]
    pub fn about_questions(&self, asked: &[ApprovalRequest]) -> Vec<Arc<str>> {
        let names =
            |all: &[EntitlementName]| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let ahead = self.questions.iter().filter_map(|q| {
            let on = q.on?;
            Some(format!("ask `{}` ahead about {}, due from {on}", q.rule, names(&q.grants)))
        });
        let ended =
            asked.iter().filter(|r| matches!(r.state, ApprovalState::Pending { .. })).filter_map(|r| {
                let left = r.narrowed(&self.waiting).map(|left| left.grants).unwrap_or_default();
                let gone: Vec<EntitlementName> =
                    r.grants.iter().filter(|g| !left.contains(g)).cloned().collect();
                (!gone.is_empty())
                    .then(|| format!("withdraw the question of `{}` about {}", r.rule, names(&gone)))
            });
        ahead.chain(ended).map(Arc::from).collect()
    }
}

/// The plan that turns what was decided into what is due, with its gates closed, and the open questions of a settlement. `asked` are
/// the identity's unanswered requests; answers are part of its decisions.
#[must_use]
pub fn gate(
    context: &Context,
    subject: &Subject,
    settlement: Settlement,
    asked: &[ApprovalRequest],
) -> Gated {
    let open = || settlement.questions.iter().chain(&settlement.ahead).filter(|q| !q.refused);
    let mut waiting: BTreeMap<[u8; 32], Provenance> =
        open().map(|q| (q.binding, q.provenance.clone())).collect();
    let mut together = Together::new();
    for question in open().filter(|q| !is_pending(asked, &q.binding)) {
        let key = (
            &question.rule,
            question.engagement,
            question.requester,
            &question.provenance,
            question.on,
            question.by_time,
        );
        together.entry(key).or_default().push(question);
    }
    let mut questions: Vec<Question> =
        together.into_values().filter_map(|all| question(&all, &subject.provenance)).collect();
    ask_names(
        (&subject.identity, &subject.provenance),
        &subject.changes,
        asked,
        &mut waiting,
        &mut questions,
    );
    let plan = planned(context, subject, &settlement);
    Gated { settlement, plan, questions, waiting }
}

/// What is asked together. The person who lets the question arise now is a cause as well: for example a lifted cut-off asks again. A
/// question that time brings is caused by no person.
fn question(all: &[&DueQuestion], change: &Provenance) -> Option<Question> {
    let first = all.first()?;
    let mut provenance = first.provenance.clone();
    provenance.by.extend(change.by.iter().filter(|_| !first.by_time));
    let grants: BTreeSet<EntitlementName> = all.iter().map(|q| q.about.reason.entitlement.clone()).collect();
    Some(Question {
        rule: first.rule.clone(),
        grants: grants.into_iter().collect(),
        reasons: all.iter().map(|q| q.about.clone()).collect(),
        renames: Vec::new(),
        bindings: all.iter().map(|q| q.binding).collect(),
        change: first.change,
        requester: first.requester,
        provenance,
        engagement: first.engagement,
        on: first.on,
    })
}

/// The plan, in which each waiting step carries the rule that it waits for.
fn planned(context: &Context, subject: &Subject, settlement: &Settlement) -> Plan {
    let mut plan = diff(context, subject, settlement);
    let mut waits: Vec<Step> = Vec::new();
    for question in &settlement.questions {
        let reason = &question.about.reason;
        let is_due = settlement
            .grants
            .iter()
            .any(|g| g.account == reason.account && g.entitlement == reason.entitlement);
        let kind = StepKind::Grant(reason.entitlement.clone());
        if is_due || waits.iter().any(|s| s.account == reason.account && s.kind == kind) {
            continue;
        }
        waits.push(gated(&reason.account, kind, (std::slice::from_ref(&question.due), ""), &question.rule));
    }
    let accounts: BTreeSet<&AccountKey> = waits.iter().map(|s| &s.account).collect();
    let mut idle = Vec::new();
    for account in accounts.into_iter().filter(|a| !settlement.grants.iter().any(|g| g.account == **a)) {
        let Some(rule) = waits.iter().find(|s| s.account == *account).and_then(|s| match &s.gate {
            Gate::Approval(rule) => Some(rule.clone()),
            _ => None,
        }) else {
            continue;
        };
        // An account on which every grant waits is prepared and stays unusable. For access that was only requested it is not created.
        let is_there =
            subject.accounts.iter().any(|a| a.key == *account && a.target.state > AccountState::Absent);
        let is_made = settlement.accounts.iter().any(|a| a.key == *account);
        if !is_there && !is_made {
            idle.push(gated(account, StepKind::Create, (&[], DUE), &rule));
        }
        idle.push(gated(account, StepKind::Enable, (&[], DUE), &rule));
    }
    plan.steps.extend(waits.into_iter().chain(idle));
    sorted(&mut plan.steps);
    plan
}

/// Why a waiting account is due.
const DUE: &str = "required by policy";

fn gated(
    account: &AccountKey,
    kind: StepKind,
    (because, note): (&[Justification], &str),
    rule: &RuleName,
) -> Step {
    Step { gate: Gate::Approval(rule.clone()), ..step(account, kind, because, &Arc::from(note)) }
}

/// The question about renames, while it waits for an answer.
fn ask_names(
    (identity, provenance): (&Identity, &Provenance),
    changes: &BTreeSet<CaseLabel>,
    asked: &[ApprovalRequest],
    waiting: &mut BTreeMap<[u8; 32], Provenance>,
    questions: &mut Vec<Question>,
) {
    let (Some(binding), Ok(rule)) = (crate::rename::binding(identity), RuleName::new(RENAME)) else { return };
    waiting.insert(binding, Provenance::default());
    if !is_pending(asked, &binding) {
        questions.push(Question {
            rule,
            grants: Vec::new(),
            reasons: Vec::new(),
            renames: identity.proposed().collect(),
            bindings: vec![binding],
            change: changes.first().copied().unwrap_or(CaseLabel::Policy),
            requester: None,
            provenance: provenance.clone(),
            engagement: None,
            on: None,
        });
    }
}

/// The name of the built-in question about renames.
const RENAME: &str = "rename";

fn is_pending(asked: &[ApprovalRequest], binding: &[u8; 32]) -> bool {
    asked.iter().any(|r| matches!(r.state, ApprovalState::Pending { .. }) && r.bindings.contains(binding))
}
