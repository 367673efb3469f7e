//! What people are asked about is held only with their yes, each reason by itself.

use super::checker::{Given, Notes};
use super::property::Property;
use super::snapshot::{Member, Snapshot};
use std::collections::BTreeSet;
use tenure_engine::values_on;
use tenure_model::{Answer, ApprovalRequest, Grant, Justification, JustificationKind, Reason};
use tenure_policy::{Approval, GrantInput, Inputs};

pub(super) fn check(after: &Snapshot<'_>, new: &BTreeSet<&Given>, notes: &mut Notes) {
    for member in after.living() {
        for grant in member.decided() {
            for reason in grant.justifications.iter().filter(|j| lasts(after, j)) {
                requested(member, grant, reason, notes);
            }
            denied(after, member, grant, notes);
        }
    }
    for request in &after.asked {
        waiting(after, request, notes);
    }
    for (id, account, entitlement) in new {
        let member = &after.members[id];
        let grant = member.decided().find(|g| &g.account == account && &g.entitlement == entitlement);
        if let Some(grant) = grant {
            by_rule(after, member, grant, notes);
        }
    }
}

fn lasts(after: &Snapshot<'_>, reason: &Justification) -> bool {
    reason.from.is_none_or(|from| from <= after.now) && reason.until.is_none_or(|until| after.now < until)
}

fn answers<'m>(member: &'m Member, grant: &Grant) -> impl Iterator<Item = &'m Answer> {
    let what = grant.entitlement.clone();
    member.identity.decisions.answers.values().filter(move |a| a.reason.entitlement == what)
}

/// What was requested has a yes that was given since it was asked for.
fn requested(member: &Member, grant: &Grant, reason: &Justification, notes: &mut Notes) {
    if reason.kind != JustificationKind::Request {
        return;
    }
    let mut standing = member.identity.decisions.standing.iter();
    let asked = standing.find(|s| s.kind == reason.kind && s.reference == reason.reference);
    // What was converted from something else, or adopted, was never asked for.
    let Some(from) = asked.filter(|s| s.requester.is_some()).and_then(|s| s.from) else { return };
    if !answers(member, grant).any(|a| a.approved && a.at >= from) {
        notes.add(
            Property::RequestHasYes,
            format!("{} {} because request {}", member.name, grant.entitlement, reason.reference),
        );
    }
}

/// The last answer of each rule that still asks about a grant is no "no", where only baseline rules give it.
fn denied(after: &Snapshot<'_>, member: &Member, grant: &Grant, notes: &mut Notes) {
    let only_rules = grant.justifications.iter().all(|j| j.kind == JustificationKind::Baseline);
    if !only_rules || grant.justifications.is_empty() {
        return;
    }
    for rule in &after.setup().policy.approvals {
        let of = answers(member, grant).filter(|a| a.rule == rule.name);
        let Some(last) = of.max_by_key(|a| a.at) else { continue };
        if last.approved || !asks(after, member, rule, grant, Some(last)) {
            continue;
        }
        notes.add(
            Property::NoStaysNo,
            format!("{} {}, denied by `{}` at {}", member.name, grant.entitlement, rule.name, last.at),
        );
    }
}

/// Whether a rule asks about a grant in each engagement that gives it, as things stand now.
fn asks(
    after: &Snapshot<'_>,
    member: &Member,
    rule: &Approval,
    grant: &Grant,
    answer: Option<&Answer>,
) -> bool {
    let identity = &member.identity;
    let given_by: BTreeSet<_> = grant.justifications.iter().filter_map(|j| j.engagement).collect();
    let mut engagements = identity.engagements.iter().filter(|e| given_by.contains(&e.id)).peekable();
    engagements.peek().is_some()
        && engagements.all(|engagement| {
            let day = after.now.to_zoned(after.zone(&engagement.zone.name)).date();
            let values = values_on(after.context, identity, engagement, day, after.now);
            let risk = after.context.risk_of(&grant.entitlement);
            let inputs = Inputs {
                attributes: Some(&values),
                engagement_type: Some(&engagement.kind),
                engagement_source: Some(&engagement.source),
                identity_kind: Some(identity.kind),
                phase: Some(member.phase),
                identifiers: Some(&identity.identifiers),
                former: Some(&identity.naming.former),
                change: answer.map(|a| a.change),
                grant: Some(GrantInput { entitlement: &grant.entitlement, risk }),
                ..Inputs::default()
            };
            rule.when.holds(&inputs).unwrap_or(true)
        })
}

/// What a question is about is not given by the reason that it is about.
fn waiting(after: &Snapshot<'_>, request: &ApprovalRequest, notes: &mut Notes) {
    let Some(member) = after.members.get(&request.identity) else { return };
    for asked in &request.reasons {
        let reason = &asked.reason;
        let same = |g: &&Grant| g.account == reason.account && g.entitlement == reason.entitlement;
        let gives = |g: &Grant, j: &Justification| {
            Reason::of(&g.account, &g.entitlement, j) == *reason && lasts(after, j) && j.until == asked.until
        };
        let given = member.decided().filter(same).any(|g| g.justifications.iter().any(|j| gives(g, j)));
        if given {
            notes.add(
                Property::WaitingIsNotGiven,
                format!("{} {} is given, and `{}` waits", member.name, reason.entitlement, request.rule),
            );
        }
    }
}

/// What is newly given has the yes of each rule that asks about it whatever the change is called.
fn by_rule(after: &Snapshot<'_>, member: &Member, grant: &Grant, notes: &mut Notes) {
    let gated =
        |j: &Justification| matches!(j.kind, JustificationKind::Baseline | JustificationKind::Request);
    if grant.justifications.is_empty() || !grant.justifications.iter().all(gated) {
        return;
    }
    for rule in &after.setup().policy.approvals {
        let of_change = rule.when.source().contains("change");
        if of_change || !asks(after, member, rule, grant, None) {
            continue;
        }
        if !answers(member, grant).any(|a| a.approved && a.rule == rule.name) {
            notes.add(
                Property::RuleHasYes,
                format!(
                    "{} {} is given, and nobody said yes to `{}`",
                    member.name, grant.entitlement, rule.name
                ),
            );
        }
    }
}
