//! Requests for approval: who is asked, who is asked next, and what an answer does.

use super::world::World;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_engine::{Question, stands};
use tenure_model::{
    Answer, ApprovalId, ApprovalRequest, ApprovalState, Approver, EntitlementName, IdentityId, Phase,
    ReferenceState, Subject, Vote,
};
use tenure_policy::{Approval, Stage};

/// How long the last resort has where a rule has no stages.
const WITHIN: SignedDuration = SignedDuration::from_hours(48);

impl World {
    /// The request that a question becomes.
    pub(super) fn request(
        &mut self,
        subject: &Subject,
        question: &Question,
        requester: Option<IdentityId>,
    ) -> ApprovalRequest {
        let mut request = ApprovalRequest {
            id: ApprovalId::new(0, self.id()),
            identity: subject.identity.id,
            rule: question.rule.clone(),
            grants: question.grants.iter().map(|(e, _)| e.clone()).collect(),
            bindings: question.grants.iter().map(|(_, b)| *b).collect(),
            change: question.change,
            requester,
            stage: 0,
            floor: 0,
            approvers: Vec::new(),
            all: false,
            votes: Vec::new(),
            asked_at: self.now,
            state: ApprovalState::Pending { deadline: self.now },
        };
        self.put_to_stage(subject, &mut request);
        request
    }

    fn rule(&self, request: &ApprovalRequest) -> Option<&Approval> {
        self.context.setup.policy.approvals.iter().find(|r| r.name == request.rule)
    }

    /// Puts a request to the first stage from its floor on that can say yes, else to the last resort.
    fn put_to_stage(&self, subject: &Subject, request: &mut ApprovalRequest) {
        let stages = self.rule(request).map(|r| r.stages.as_slice()).unwrap_or_default();
        for (number, stage) in stages.iter().enumerate().skip(request.floor as usize) {
            let lists = self.approvers(subject, stage, request);
            let some = |l: &Vec<IdentityId>| !l.is_empty();
            if if stage.all { lists.iter().all(some) } else { lists.iter().any(some) } {
                request.stage = u32::try_from(number).unwrap();
                request.all = stage.all;
                request.approvers = lists.into_iter().filter(some).collect();
                request.state = self.pending(stage.within);
                return;
            }
        }
        let settings = &self.context.setup.settings;
        let people = settings.groups.get(&settings.last_resort).into_iter().flatten();
        let people = people.flat_map(|p| self.named(p)).collect();
        request.stage = u32::try_from(stages.len()).unwrap();
        request.all = false;
        request.approvers = vec![able(people, request)];
        request.state = self.pending(stages.last().map_or(WITHIN, |s| s.within));
    }

    fn pending(&self, within: SignedDuration) -> ApprovalState {
        ApprovalState::Pending { deadline: self.now.checked_add(within).unwrap_or(Timestamp::MAX) }
    }

    /// A list for each expression of a stage; with `all`, each of them must say yes.
    fn approvers(&self, subject: &Subject, stage: &Stage, request: &ApprovalRequest) -> Vec<Vec<IdentityId>> {
        let setup = &self.context.setup;
        let mut lists: Vec<Vec<IdentityId>> = Vec::new();
        for approver in &stage.by {
            match approver {
                Approver::Reference(attribute) => {
                    let meant = subject.references.iter().filter(|r| &r.attribute == attribute);
                    let people = meant.filter(|r| stands(&r.state)).filter_map(|r| match &r.state {
                        ReferenceState::Resolved { id, .. } => Some(*id),
                        _ => None,
                    });
                    lists.push(people.collect());
                }
                Approver::Named(name) => lists.push(self.named(name)),
                Approver::Group(group) => lists.push(self.named(&format!("group:{group}"))),
                Approver::SystemOwner => {
                    let systems: BTreeSet<&str> =
                        request.grants.iter().map(EntitlementName::system_str).collect();
                    let owners = systems.iter().map(|s| setup.systems.get(*s).map(|s| &s.owner));
                    lists.extend(owners.map(|o| o.map(|o| self.named(o)).unwrap_or_default()));
                }
                Approver::EntitlementOwner => {
                    let owners = request.grants.iter().map(|g| self.context.entitlement(g)?.owner.as_ref());
                    lists.extend(owners.map(|o| o.map(|o| self.named(o)).unwrap_or_default()));
                }
            }
        }
        lists.into_iter().map(|people| able(people, request)).collect()
    }

    /// Those whom a name of the set-up means and who are here: one person, or everybody of `group:name`.
    fn named(&self, name: &str) -> Vec<IdentityId> {
        let settings = &self.context.setup.settings;
        let one = |n: &str| self.index.find(&settings.actor_key, n).into_iter().rfind(|id| self.is_here(*id));
        match name.strip_prefix("group:") {
            Some(group) => settings.groups.get(group).into_iter().flatten().filter_map(|n| one(n)).collect(),
            None => one(name).into_iter().collect(),
        }
    }

    fn is_here(&self, id: IdentityId) -> bool {
        let known = &self.known[&id];
        known.phase != Phase::Departed && !known.subject.identity.is_cut_off()
    }

    /// One person answers the requests about another (of one rule). A yes acts at once.
    pub(super) fn vote(
        &mut self,
        person: &str,
        rule: Option<&str>,
        approved: bool,
        by: IdentityId,
    ) -> Result<(), String> {
        let about = self.person(person)?;
        let mine = |r: &ApprovalRequest| {
            r.identity == about && rule.is_none_or(|rule| tenure_model::Name::as_str(&r.rule) == rule)
        };
        let requests: Vec<ApprovalId> = self.asked.iter().filter(|r| mine(r)).map(|r| r.id).collect();
        if requests.is_empty() {
            return Err(format!("nobody is asked about {person}"));
        }
        for id in requests {
            // An answer to one request may have made another one pointless.
            let Some(place) = self.asked.iter().position(|r| r.id == id) else { continue };
            let mut request = self.asked.remove(place);
            if !request.approvers.iter().flatten().any(|a| *a == by) {
                return Err(format!("`{}` about {person} is not put to {}", request.rule, self.name(by)));
            }
            request.votes.push(Vote { by, approved, at: self.now, comment: Arc::from("") });
            match outcome(&request) {
                Some(answer) => self.answer(&request, answer, Some(by)),
                None => self.asked.insert(place, request),
            }
        }
        Ok(())
    }

    fn answer(&mut self, request: &ApprovalRequest, approved: bool, by: Option<IdentityId>) {
        let mut after = self.known[&request.identity].subject.identity.clone();
        for (grant, binding) in request.grants.iter().zip(&request.bindings) {
            let answer = Answer {
                approval: request.id,
                rule: request.rule.clone(),
                grant: grant.clone(),
                change: request.change,
                approved,
                at: self.now,
            };
            after.decisions.answers.insert(*binding, answer);
        }
        let decision = self.weigh(after, None, by);
        self.commit(decision);
        self.tell_others();
    }

    /// Takes requests whose time is over to their next stage; those that have none end: that is a no.
    pub(super) fn expire_approvals(&mut self) {
        let over = |r: &ApprovalRequest| matches!(r.state, ApprovalState::Pending { deadline } if deadline <= self.now);
        let due: Vec<ApprovalId> = self.asked.iter().filter(|r| over(r)).map(|r| r.id).collect();
        for id in due {
            let Some(place) = self.asked.iter().position(|r| r.id == id) else { continue };
            let mut request = self.asked.remove(place);
            let stages = self.rule(&request).map_or(0, |r| r.stages.len());
            if (request.stage as usize) + 1 < stages {
                request.floor = request.stage + 1;
                request.votes.clear();
                self.put_to_stage(&self.known[&request.identity].subject, &mut request);
                self.asked.insert(place, request);
            } else {
                self.answer(&request, false, None);
            }
        }
    }

    /// Puts pending requests to whoever may answer them now. A stage whose time is over gets none back.
    pub(super) fn put_requests_again(&mut self) {
        let again = self.asked.iter().map(|request| {
            let mut other = request.clone();
            let mut subject = self.known[&request.identity].subject.clone();
            subject.references = self.references(&subject.identity);
            self.put_to_stage(&subject, &mut other);
            if other.stage == request.stage {
                other.state = request.state.clone();
            } else {
                other.votes.clear();
            }
            other
        });
        self.asked = again.collect();
    }
}

/// Those who may answer: never the one it is about, never who asked.
fn able(people: Vec<IdentityId>, request: &ApprovalRequest) -> Vec<IdentityId> {
    let able = |id: &IdentityId| *id != request.identity && Some(*id) != request.requester;
    people.into_iter().filter(able).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The answer, once there is one: any no is a no; with `all`, every list needs a yes, else one yes is enough.
fn outcome(request: &ApprovalRequest) -> Option<bool> {
    if request.votes.iter().any(|v| !v.approved) {
        return Some(false);
    }
    let said_yes = |list: &Vec<IdentityId>| list.iter().any(|a| request.votes.iter().any(|v| v.by == *a));
    let mut lists = request.approvers.iter();
    (if request.all { lists.all(said_yes) } else { lists.any(said_yes) }).then_some(true)
}
