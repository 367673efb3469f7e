//! Who is asked: people who may answer, and at least one of them.

use super::checker::Notes;
use super::property::Property;
use super::snapshot::Snapshot;
use tenure_model::{ApprovalRequest, FindingKind, IdentityId, Phase};

pub(super) fn check(after: &Snapshot<'_>, notes: &mut Notes) {
    for request in &after.asked {
        let about = format!("`{}` about {}", request.rule, after.name(request.identity));
        let people = request.put_to();
        // A person who has come back since the last pass is asked by the next one.
        // In advance, the people are asked who are here on that day as well.
        if after.passed
            && people.is_empty()
            && request.on.is_none_or(|on| on <= after.now)
            && escalation(after).any(|id| may_not(after, request, id).is_none())
        {
            notes.add(Property::QuestionIsPut, format!("{about} is put to no person"));
        }
        if after.passed && people.is_empty() && !is_found(after, request) {
            notes
                .add(Property::QuestionIsPut, format!("{about} is put to no person, and no finding says so"));
        }
        for id in &people {
            if let Some(why) = may_not(after, request, *id) {
                notes.add(Property::AskedMayAnswer, format!("{about} is put to {}, {why}", after.name(*id)));
            }
        }
    }
}

/// Whether a finding shows that a question has no approver, where the stage keeps findings.
fn is_found(after: &Snapshot<'_>, request: &ApprovalRequest) -> bool {
    let about = request.identity.to_string();
    after.outside.as_ref().is_none_or(|outside| {
        let mut found = outside.findings.iter().map(|row| &row.finding);
        found.any(|f| f.kind() == FindingKind::NoApprover && f.about.contains(&about))
    })
}

/// The escalation group, by the names that the configuration gives.
fn escalation<'s>(after: &'s Snapshot<'_>) -> impl Iterator<Item = IdentityId> + 's {
    let settings = &after.setup().settings;
    let named = settings.groups.get(&settings.last_resort).into_iter().flatten();
    named.filter_map(move |name| {
        let is = |m: &&super::snapshot::Member| {
            m.identity.engagements.iter().any(|e| e.keys.get(&settings.actor_key) == Some(name))
        };
        let mut all = after.living().filter(is);
        let only = all.next()?.identity.id;
        all.next().is_none().then_some(only)
    })
}

/// Why a person may not answer.
fn may_not(after: &Snapshot<'_>, request: &ApprovalRequest, id: IdentityId) -> Option<String> {
    let Some(member) = after.members.get(&id) else { return Some("whom no identity is".to_owned()) };
    let is_barred = |barred: IdentityId| {
        let delegations = after.members.get(&barred).map(|m| &m.identity.decisions.delegations);
        delegations.into_iter().flatten().any(|d| d.to == id && d.is_accepted_at(after.now))
    };
    if id == request.identity {
        return Some("whom it is about".to_owned());
    }
    if request.requesters().any(|r| r == id) {
        return Some("who asked for it or caused it".to_owned());
    }
    if member.identity.merged_into.is_some() {
        return Some("who is merged into another identity".to_owned());
    }
    // Who may answer is looked at again in each pass.
    if !after.passed {
        return None;
    }
    if is_barred(request.identity) || request.requesters().any(is_barred) {
        return Some("a delegate of the holder or the requester".to_owned());
    }
    if member.identity.is_cut_off() {
        return Some("who is cut off".to_owned());
    }
    match member.phase {
        Phase::Departed | Phase::Erased => Some("who has left".to_owned()),
        // An absent approver's seat is empty (§5, "asked in time"): a delegate or the escalation group answers.
        Phase::Absent | Phase::Expected | Phase::Preparing => Some("who is away".to_owned()),
        Phase::Active => None,
    }
}
