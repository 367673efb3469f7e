//! What people are asked about is held only with their yes, each reason by itself.

use super::checker::Notes;
use super::memory::{Fresh, in_force};
use super::property::Property;
use super::snapshot::{Member, Snapshot};
use jiff::Timestamp;
use tenure_engine::values_on;
use tenure_model::{
    Answer, ApprovalRequest, AskedReason, CaseLabel, Engagement, Justification, JustificationKind, Phase,
    Reason,
};
use tenure_policy::{Approval, GrantInput, Inputs};

pub(super) fn check(after: &Snapshot<'_>, new: &Fresh, notes: &mut Notes) {
    for member in after.living() {
        for (_, justification, reason) in in_force(after, member) {
            let fresh = new.get(&(member.identity.id, reason.clone()));
            let since = fresh.copied().flatten();
            requested(member, justification, (&reason, since), notes);
            denied(after, member, justification, &reason, notes);
            if fresh.is_some() {
                by_rule(after, member, justification, (&reason, since), notes);
            }
        }
    }
    for request in &after.asked {
        waiting(after, request, notes);
    }
}

/// What may have to wait: an emergency never does; a handover and what was adopted are held already.
fn may_wait(justification: &Justification) -> bool {
    use JustificationKind::{Baseline, Exception, Request};
    matches!(justification.kind, Baseline | Request | Exception)
}

/// The answers about one reason, which is what an answer belongs to.
pub(super) fn answers<'m>(member: &'m Member, reason: &'m Reason) -> impl Iterator<Item = &'m Answer> {
    member.identity.decisions.answers.values().filter(move |a| a.reason == *reason)
}

/// Whether an end is no earlier than another one; none is the latest.
fn reaches(end: Option<Timestamp>, other: Option<Timestamp>) -> bool {
    end.is_none_or(|end| other.is_some_and(|other| end >= other))
}

/// Whose reason, in words.
pub(super) fn words(member: &Member, reason: &Reason) -> String {
    format!("{} {} because {} {}", member.name, reason.entitlement, reason.kind.as_str(), reason.reference)
}

/// What was requested has a yes of its own, for as long as it is given.
fn requested(
    member: &Member,
    justification: &Justification,
    (reason, since): (&Reason, Option<Timestamp>),
    notes: &mut Notes,
) {
    if reason.kind != JustificationKind::Request {
        return;
    }
    let mut individual = member.identity.decisions.individual.iter();
    let asked = individual.find(|s| s.kind == reason.kind && s.reference == reason.reference);
    // What was converted from something else, or adopted, was never asked for.
    if asked.is_none_or(|s| s.requester.is_none()) {
        return;
    }
    let counts = |a: &Answer| since.is_none_or(|since| a.at >= since);
    if !answers(member, reason).any(|a| a.approved && counts(a) && reaches(a.until, justification.until)) {
        notes.add(Property::RequestHasYes, words(member, reason));
    }
}

/// The last answer of each rule that still asks about a reason is no "no" about being given for so long.
fn denied(
    after: &Snapshot<'_>,
    member: &Member,
    justification: &Justification,
    reason: &Reason,
    notes: &mut Notes,
) {
    for rule in after.setup().policy.approvals.iter().filter(|_| may_wait(justification)) {
        let of = answers(member, reason).filter(|a| a.rule == rule.name);
        let Some(last) = of.max_by_key(|a| a.at) else { continue };
        // A no to a later end leaves what was agreed to.
        if last.approved || !reaches(justification.until, last.until) {
            continue;
        }
        if asks(after, member, rule, reason, Some(last.change)) {
            let when = format!("{}, denied by `{}` at {}", words(member, reason), rule.name, last.at);
            notes.add(Property::NoStaysNo, when);
        }
    }
}

/// Whether a rule asks about a reason in its engagement, or in each that there is, in the present state.
pub(super) fn asks(
    after: &Snapshot<'_>,
    member: &Member,
    rule: &Approval,
    reason: &Reason,
    change: Option<CaseLabel>,
) -> bool {
    asks_at(after, member, rule, reason, change, after.now)
}

/// The same in the state at a later instant.
pub(super) fn asks_at(
    after: &Snapshot<'_>,
    member: &Member,
    rule: &Approval,
    reason: &Reason,
    change: Option<CaseLabel>,
    at: Timestamp,
) -> bool {
    let identity = &member.identity;
    let is_meant = |e: &&Engagement| reason.engagement.is_none_or(|id| e.id == id);
    let mut engagements = identity.engagements.iter().filter(is_meant).peekable();
    engagements.peek().is_some()
        && engagements.all(|engagement| {
            let day = at.to_zoned(after.zone(&engagement.zone.name)).date();
            let values = values_on(after.context, identity, engagement, day, at);
            let risk = after.context.risk_of(&reason.entitlement);
            let inputs = Inputs {
                attributes: Some(&values),
                engagement_type: Some(&engagement.kind),
                engagement_source: Some(&engagement.source),
                identity_kind: Some(identity.kind),
                phase: Some(if at > after.now { Phase::Active } else { member.phase }),
                identifiers: Some(&identity.identifiers),
                former: Some(&identity.naming.former),
                change,
                grant: Some(GrantInput { entitlement: &reason.entitlement, risk }),
                ..Inputs::default()
            };
            rule.when.holds(&inputs).unwrap_or(true)
        })
}

/// What a question is about is not given by the reason that it is about.
fn waiting(after: &Snapshot<'_>, request: &ApprovalRequest, notes: &mut Notes) {
    let Some(member) = after.members.get(&request.identity) else { return };
    for (_, justification, reason) in in_force(after, member) {
        let is_about = |a: &AskedReason| a.reason == reason && a.until == justification.until;
        if request.reasons.iter().any(is_about) {
            let given = format!("{} is given, and `{}` waits", words(member, &reason), request.rule);
            notes.add(Property::WaitingIsNotGiven, given);
        }
    }
}

/// What is newly given has the yes of each rule that asks about it whatever the label of the change.
fn by_rule(
    after: &Snapshot<'_>,
    member: &Member,
    justification: &Justification,
    (reason, since): (&Reason, Option<Timestamp>),
    notes: &mut Notes,
) {
    for rule in after.setup().policy.approvals.iter().filter(|_| may_wait(justification)) {
        let of_change = rule.when.source().contains("change");
        if of_change || !asks(after, member, rule, reason, None) {
            continue;
        }
        let counts = |a: &Answer| since.is_none_or(|since| a.at >= since);
        // A rule under another name has the answers of the one that is not there any more.
        let rules = &after.setup().policy.approvals;
        let asked = |a: &Answer| a.rule == rule.name || rules.iter().all(|r| r.name != a.rule);
        let agreed = |a: &Answer| a.approved && asked(a) && reaches(a.until, justification.until);
        let agreed = |a: &Answer| agreed(a) && counts(a);
        if !answers(member, reason).any(agreed) {
            let lacks = format!("{} is given without a yes to `{}`", words(member, reason), rule.name);
            notes.add(Property::RuleHasYes, lacks);
        }
    }
}
