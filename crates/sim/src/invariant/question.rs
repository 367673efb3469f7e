//! An open question is about what is due and what its rule asks about, and is put as its rule says now: a changed rule reaches it
//! (§5, "asked in time").

use super::answers::asks_at;
use super::checker::Notes;
use super::given::{lasts, rules};
use super::property::Property;
use super::snapshot::{Member, Snapshot};
use jiff::Timestamp;
use tenure_model::{
    ApprovalRequest, ApprovalState, Approver, ApproverSeat, EntitlementName, JustificationKind, Name as _,
    Reason,
};
use tenure_policy::{Approval, Given, Stage};

pub(super) fn check(after: &Snapshot<'_>, notes: &mut Notes) {
    // Where a held change keeps what earlier rules gave an identity, its questions are kept, too.
    let settled = after.asked.iter().filter(|r| after.passed && !after.kept_back.contains(&r.identity));
    for request in settled {
        let Some(member) = after.members.get(&request.identity) else { continue };
        let rule = after.setup().policy.approvals.iter().find(|rule| rule.name == request.rule);
        let at = request.on.map_or(after.now, |on| on.max(after.now));
        for asked in &request.reasons {
            let reason = &asked.reason;
            let about = || format!("`{}` asks about {} of {}", request.rule, reason.entitlement, member.name);
            if !is_due(after, member, reason, at) {
                notes.add(Property::QuestionIsDue, format!("{}, which is not due", about()));
            }
            // Of the labels of a change the snapshot knows one only.
            let mut evaluated = rule.iter().filter(|rule| !rule.when.source().contains("change"));
            if evaluated.any(|rule| !asks_at(after, member, rule, reason, None, at)) {
                notes.add(Property::QuestionIsDue, format!("{}, and the rule does not", about()));
            }
        }
        if let Some(rule) = rule {
            as_ruled(after, request, rule, notes);
        }
    }
}

/// Whether something gives what a reason is about: its rule, or a decision of a person that is not over.
fn is_due(after: &Snapshot<'_>, member: &Member, reason: &Reason, at: Timestamp) -> bool {
    let identity = &member.identity;
    match reason.kind {
        JustificationKind::Baseline => {
            identity.engagements.iter().filter(|e| Some(e.id) == reason.engagement).any(|engagement| {
                let zone = after.zone(&engagement.zone.name);
                let begins = engagement.start.and_then(|day| Some(day.to_zoned(zone).ok()?.timestamp()));
                // An account is prepared, and asked about, before the first day.
                let at = begins.map_or(at, |begins| begins.max(at));
                let of = rules(after, identity, engagement, at).into_iter();
                let mut of = of.filter(|rule| *rule.name.as_str() == *reason.reference);
                lasts(after, identity, engagement, at)
                    && of.any(|rule| rule.grant.iter().any(|g| gives(g, &reason.entitlement)))
            })
        }
        JustificationKind::Request => {
            let mut all = identity.decisions.individual.iter().filter(|s| s.kind == reason.kind);
            all.any(|s| s.reference == reason.reference && s.until.is_none_or(|until| until > after.now))
        }
        _ => true,
    }
}

fn gives(given: &Given, what: &EntitlementName) -> bool {
    match given {
        Given::One(entitlement) => entitlement == what,
        Given::Each { system, .. } => *system == what.system(),
    }
}

/// A question of a rule has the seats of its stage, and no longer than the rule says.
fn as_ruled(after: &Snapshot<'_>, request: &ApprovalRequest, rule: &Approval, notes: &mut Notes) {
    let Some(stage) = usize::try_from(request.stage).ok().and_then(|place| rule.stages.get(place)) else {
        return;
    };
    let about = || format!("`{}` about {}", request.rule, after.name(request.identity));
    let own = |s: &&ApproverSeat| !s.escalated;
    if request.seats.iter().filter(own).any(|seat| !names(stage, &seat.name)) {
        let seats: Vec<&str> = request.seats.iter().map(|s| &*s.name).collect();
        notes.add(Property::QuestionIsAsRuled, format!("{} is put to {seats:?}", about()));
    }
    let longest = after.now.checked_add(stage.within).unwrap_or(after.now);
    let longest = request.on.map_or(longest, |on| longest.max(on));
    if let ApprovalState::Pending { deadline } = request.state
        && !request.put_to().is_empty()
        && deadline > longest
    {
        notes.add(Property::QuestionIsAsRuled, format!("{} has until {deadline}", about()));
    }
}

/// Whether a seat is one that a stage names.
fn names(stage: &Stage, seat: &str) -> bool {
    let is = |by: &Approver| match by {
        Approver::Reference(attribute) => seat == attribute.as_str(),
        Approver::SystemOwner => seat.starts_with("system_owner "),
        Approver::EntitlementOwner => seat.starts_with("entitlement_owner "),
        Approver::Named(name) => seat == format!("person:{name}"),
        Approver::Group(group) => seat == format!("group:{group}"),
    };
    stage.by.iter().any(is)
}
