//! Who is asked: approver expressions resolved to people, and never to the one it is about.

use super::Directory;
use crate::{App, Moment};
use std::collections::BTreeSet;
use tenure_engine::{Question, stands};
use tenure_model::{
    ApprovalId, ApprovalRequest, ApprovalState, Approver, EntitlementName, IdentityId, Subject,
};
use tenure_policy::{Approval, Stage};

/// The request that a question becomes: asked of the first stage that has anybody, else of the last resort.
pub(crate) fn request(
    app: &App,
    subject: &Subject,
    question: &Question,
    directory: &Directory,
    moment: &Moment,
) -> Option<ApprovalRequest> {
    let rule = app.context.setup.policy.approvals.iter().find(|r| r.name == question.rule)?;
    let (ms, random) = app.machine.id();
    let grants: Vec<EntitlementName> = question.grants.iter().map(|(e, _)| e.clone()).collect();
    let mut request = ApprovalRequest {
        id: ApprovalId::new(ms, random),
        identity: subject.identity.id,
        rule: question.rule.clone(),
        bindings: question.grants.iter().map(|(_, b)| *b).collect(),
        change: question.change,
        grants,
        requester: moment.actor.as_ref().map(|a| a.id),
        stage: 0,
        floor: 0,
        approvers: Vec::new(),
        all: false,
        votes: Vec::new(),
        asked_at: moment.now,
        state: ApprovalState::Pending { deadline: moment.now },
    };
    put_to_stage(app, subject, rule, &mut request, directory, moment);
    Some(request)
}

/// Puts a request to the first stage from its `floor` on that has anybody, else to the last resort.
pub(crate) fn put_to_stage(
    app: &App,
    subject: &Subject,
    rule: &Approval,
    request: &mut ApprovalRequest,
    directory: &Directory,
    moment: &Moment,
) {
    let first = usize::try_from(request.floor).unwrap_or(usize::MAX);
    for (number, stage) in rule.stages.iter().enumerate().skip(first) {
        let lists = approvers(app, subject, stage, request, directory);
        // `all` needs every expression to have somebody; else the stage cannot say yes and is passed over.
        let answerable =
            if stage.all { lists.iter().all(|l| !l.is_empty()) } else { lists.iter().any(|l| !l.is_empty()) };
        if answerable {
            request.stage = u32::try_from(number).unwrap_or(u32::MAX);
            request.all = stage.all;
            request.approvers = lists.into_iter().filter(|l| !l.is_empty()).collect();
            request.state = ApprovalState::Pending { deadline: later(moment, stage.within) };
            return;
        }
    }
    let settings = &app.context.setup.settings;
    let people = settings.groups.get(&settings.last_resort).map(Vec::as_slice).unwrap_or_default();
    request.stage = u32::try_from(rule.stages.len()).unwrap_or(u32::MAX);
    request.all = false;
    request.approvers =
        vec![able(people.iter().flat_map(|p| directory.people(settings, p)), subject, request)];
    let within = rule.stages.last().map_or(jiff::SignedDuration::from_hours(48), |s| s.within);
    request.state = ApprovalState::Pending { deadline: later(moment, within) };
}

fn later(moment: &Moment, within: jiff::SignedDuration) -> jiff::Timestamp {
    moment.now.checked_add(within).unwrap_or(jiff::Timestamp::MAX)
}

fn approvers(
    app: &App,
    subject: &Subject,
    stage: &Stage,
    request: &ApprovalRequest,
    directory: &Directory,
) -> Vec<Vec<IdentityId>> {
    let setup = &app.context.setup;
    let mut lists = Vec::new();
    for approver in &stage.by {
        match approver {
            Approver::Reference(attribute) => {
                let people =
                    subject.references.iter().filter(|r| &r.attribute == attribute && stands(&r.state));
                lists.push(able(people.filter_map(|r| resolved(&r.state)), subject, request));
            }
            Approver::Named(name) => {
                lists.push(able(directory.people(&setup.settings, name), subject, request))
            }
            Approver::Group(group) => {
                let people = setup.settings.groups.get(group).map(Vec::as_slice).unwrap_or_default();
                lists.push(able(
                    people.iter().flat_map(|p| directory.people(&setup.settings, p)),
                    subject,
                    request,
                ));
            }
            // One list per system or entitlement: with `all`, each owner must say yes.
            Approver::SystemOwner => {
                let systems: BTreeSet<&str> =
                    request.grants.iter().map(EntitlementName::system_str).collect();
                for system in systems {
                    let owner =
                        setup.systems.get(system).map(|s| directory.people(&setup.settings, &s.owner));
                    lists.push(able(owner.unwrap_or_default(), subject, request));
                }
            }
            Approver::EntitlementOwner => {
                for grant in &request.grants {
                    let owner = app.context.entitlement(grant).and_then(|e| e.owner.as_ref());
                    let people = owner.map(|o| directory.people(&setup.settings, o)).unwrap_or_default();
                    lists.push(able(people, subject, request));
                }
            }
        }
    }
    lists
}

fn resolved(state: &tenure_model::ReferenceState) -> Option<IdentityId> {
    match state {
        tenure_model::ReferenceState::Resolved { id, .. } => Some(*id),
        _ => None,
    }
}

/// Those who may answer: never the one it is about, never who asked.
fn able(
    people: impl IntoIterator<Item = IdentityId>,
    subject: &Subject,
    request: &ApprovalRequest,
) -> Vec<IdentityId> {
    let able = |id: &IdentityId| *id != subject.identity.id && Some(*id) != request.requester;
    people.into_iter().filter(able).collect::<BTreeSet<_>>().into_iter().collect()
}
