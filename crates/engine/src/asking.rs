//! Who is asked for an approval, who is asked next, and what the answers come to. Nobody is asked about themselves.

use crate::Context;
use crate::gate::{Question, REQUEST};
use crate::references::stands;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use tenure_model::{
    Answer, ApprovalId, ApprovalRequest, ApprovalState, Approver, BUNDLE, EntitlementName, Grant, Identity,
    IdentityId, JustificationKind, Name as _, Reference, ReferenceState, Standing, Subject,
};
use tenure_policy::{Stage, System};

/// How long the last resort has where a rule has no stages.
const WITHIN: SignedDuration = SignedDuration::from_hours(48);
/// How long those have who are asked about a request that no rule asks about.
const REQUEST_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Puts requests about one subject to people.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// The set-up.
    pub context: &'a Context,
    /// Whom it is about, with references resolved.
    pub subject: &'a Subject,
    /// Those whom a name of the set-up means and who are here: one person by key, or everybody of `group:name`.
    pub people: &'a dyn Fn(&str) -> Vec<IdentityId>,
    /// Those who answer in somebody's place now, both being here.
    pub delegates: &'a dyn Fn(IdentityId) -> Vec<IdentityId>,
    /// Now (business time).
    pub now: Timestamp,
}

impl Asking<'_> {
    /// The request that a question becomes: asked of the first stage that has anybody, else of the last resort.
    #[must_use]
    pub fn request(
        &self,
        question: &Question,
        id: ApprovalId,
        requester: Option<IdentityId>,
    ) -> ApprovalRequest {
        let mut request = ApprovalRequest {
            id,
            identity: self.subject.identity.id,
            rule: question.rule.clone(),
            grants: question.grants.clone(),
            renames: question.renames.clone(),
            bindings: question.bindings.clone(),
            change: question.change,
            requester: question.requester.or(requester),
            engagement: question.engagement,
            stage: 0,
            floor: 0,
            approvers: Vec::new(),
            all: false,
            votes: Vec::new(),
            asked_at: self.now,
            state: ApprovalState::Pending { deadline: self.now },
        };
        self.put(&mut request);
        request
    }

    /// The request as it is put to those who may answer it now; `None` where that changes nothing. A stage that was passed
    /// over for want of people takes it back when there is somebody; one whose time is over does not.
    #[must_use]
    pub fn put_again(&self, request: &ApprovalRequest) -> Option<ApprovalRequest> {
        let mut other = request.clone();
        self.put(&mut other);
        if other.stage != request.stage {
            other.votes.clear();
            return Some(other);
        }
        other.state = request.state.clone();
        (other.approvers != request.approvers).then_some(other)
    }

    /// The request in its next stage, once the time of its stage is over; `None` after the last one: that is a no.
    #[must_use]
    pub fn escalated(&self, request: &ApprovalRequest) -> Option<ApprovalRequest> {
        let stages = number(declared(self.context, request)?.len());
        let floor = request.stage + 1;
        (floor < stages).then(|| {
            let mut next = ApprovalRequest { floor, votes: Vec::new(), ..request.clone() };
            self.put(&mut next);
            next
        })
    }

    /// Puts a request to the first stage from its floor on that can say yes, else to the last resort.
    fn put(&self, request: &mut ApprovalRequest) {
        let built_in = self.about_a_request(request);
        let stages = declared(self.context, request).unwrap_or(&built_in);
        let from = usize::try_from(request.floor).unwrap_or(usize::MAX);
        for (place, stage) in stages.iter().enumerate().skip(from) {
            let lists = self.approvers(stage, request);
            let some = |l: &Vec<IdentityId>| !l.is_empty();
            // `all` needs every expression to have somebody; else the stage cannot say yes and is passed over.
            let answerable = if stage.all { lists.iter().all(some) } else { lists.iter().any(some) };
            if answerable {
                request.stage = number(place);
                request.all = stage.all;
                request.approvers = lists.into_iter().filter(some).collect();
                request.state = self.pending(stage.within);
                return;
            }
        }
        let last_resort = format!("group:{}", self.context.setup.settings.last_resort);
        request.stage = number(stages.len());
        request.all = false;
        let barred = self.barred(request);
        request.approvers = self.with_delegates(vec![able((self.people)(&last_resort), &barred)], &barred);
        request.state = self.pending(stages.last().map_or(WITHIN, |s| s.within));
    }

    /// The stages of the built-in question about a request: the owner of what was asked for, where nobody of them may answer
    /// the owners of the systems. When their time is over, that is a no.
    fn about_a_request(&self, request: &ApprovalRequest) -> Vec<Stage> {
        let Some(what) = request.rule.as_str().strip_prefix(REQUEST) else { return Vec::new() };
        let bundle = what.strip_prefix(BUNDLE).and_then(|b| b.strip_prefix(':'));
        let owner = match bundle.map(|name| self.context.setup.policy.bundles.get(name)) {
            Some(Some(bundle)) => Approver::Named(bundle.owner.clone()),
            _ => Approver::EntitlementOwner,
        };
        let stage = |by| Stage { by: vec![by], all: true, within: REQUEST_WITHIN };
        vec![stage(owner), stage(Approver::SystemOwner)]
    }

    fn pending(&self, within: SignedDuration) -> ApprovalState {
        ApprovalState::Pending { deadline: tenure_model::range::moved(self.now, within) }
    }

    /// A list for each expression of a stage; with `all`, each of them must say yes.
    fn approvers(&self, stage: &Stage, request: &ApprovalRequest) -> Vec<Vec<IdentityId>> {
        let setup = &self.context.setup;
        let mut lists: Vec<Vec<IdentityId>> = Vec::new();
        for approver in &stage.by {
            match approver {
                Approver::Reference(attribute) => {
                    let all = self.subject.references.iter().filter(|r| &r.attribute == attribute);
                    // Who leads one work says nothing about another's, unless that one names nobody.
                    let of_it = |r: &&Reference| Some(r.engagement) == request.engagement;
                    let own: Vec<&Reference> = all.clone().filter(of_it).collect();
                    let meant = if own.is_empty() { all.collect() } else { own };
                    let people =
                        meant.into_iter().filter(|r| stands(&r.state)).filter_map(|r| match &r.state {
                            ReferenceState::Resolved { id, .. } => Some(*id),
                            _ => None,
                        });
                    lists.push(people.collect());
                }
                Approver::Named(name) => lists.push((self.people)(name)),
                Approver::Group(group) => lists.push((self.people)(&format!("group:{group}"))),
                // One list per system or entitlement: with `all`, each owner must say yes.
                Approver::SystemOwner => {
                    let mut systems: BTreeSet<&str> =
                        request.grants.iter().map(EntitlementName::system_str).collect();
                    let named = |s: &&System| request.renames.iter().any(|r| s.is_named_by(&r.name));
                    systems.extend(setup.systems.values().filter(named).map(|s| s.name.as_str()));
                    let owners = systems.iter().map(|s| setup.systems.get(*s).map(|s| &s.owner));
                    lists.extend(owners.map(|o| o.map(|o| (self.people)(o)).unwrap_or_default()));
                }
                Approver::EntitlementOwner => {
                    let owners = request.grants.iter().map(|g| self.context.entitlement(g)?.owner.as_ref());
                    lists.extend(owners.map(|o| o.map(|o| (self.people)(o)).unwrap_or_default()));
                }
            }
        }
        let barred = self.barred(request);
        let lists: Vec<_> = lists.into_iter().map(|people| able(people, &barred)).collect();
        self.with_delegates(lists, &barred)
    }

    /// Those who may not answer: whom it is about, who asked, and whoever answers in the place of one of them.
    fn barred(&self, request: &ApprovalRequest) -> BTreeSet<IdentityId> {
        let own: Vec<IdentityId> = [request.identity].into_iter().chain(request.requester).collect();
        own.iter().copied().chain(own.iter().flat_map(|id| (self.delegates)(*id))).collect()
    }

    /// Each list with those who answer in the place of somebody on it. Who is asked in their own right is one person: they
    /// answer for nobody else.
    fn with_delegates(
        &self,
        lists: Vec<Vec<IdentityId>>,
        barred: &BTreeSet<IdentityId>,
    ) -> Vec<Vec<IdentityId>> {
        let own: BTreeSet<IdentityId> = lists.iter().flatten().copied().collect();
        let mut taken = own.clone();
        let mut all = Vec::new();
        for list in lists {
            let more = list.iter().flat_map(|id| (self.delegates)(*id));
            let more: BTreeSet<IdentityId> =
                more.filter(|d| !barred.contains(d) && !taken.contains(d)).collect();
            taken.extend(more.iter().copied());
            let people: BTreeSet<IdentityId> = list.into_iter().chain(more).collect();
            all.push(people.into_iter().collect());
        }
        all
    }
}

/// The stages that the set-up declares for a question.
fn declared<'c>(context: &'c Context, request: &ApprovalRequest) -> Option<&'c [Stage]> {
    if !request.renames.is_empty() {
        return crate::rename::stages(&context.setup, request);
    }
    let mut rules = context.setup.policy.approvals.iter();
    rules.find(|r| r.name == request.rule).map(|r| r.stages.as_slice())
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Those of some people who may answer.
fn able(people: Vec<IdentityId>, barred: &BTreeSet<IdentityId>) -> Vec<IdentityId> {
    people.into_iter().filter(|id| !barred.contains(id)).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The answer, once there is one: any no is a no; with `all`, every list needs a yes, else one yes is enough.
#[must_use]
pub fn outcome(request: &ApprovalRequest) -> Option<bool> {
    if request.votes.iter().any(|v| !v.approved) {
        return Some(false);
    }
    let said_yes = |list: &Vec<IdentityId>| list.iter().any(|a| request.votes.iter().any(|v| v.by == *a));
    let mut lists = request.approvers.iter();
    (if request.all { lists.all(said_yes) } else { lists.any(said_yes) }).then_some(true)
}

/// What an identity remembers of an answered request: an answer for each grant, by what it binds to. A no ends the request for
/// access that it is about; of what is held already it takes back what was to be added.
pub fn remember(
    identity: &mut Identity,
    held: &[Grant],
    request: &ApprovalRequest,
    approved: bool,
    at: Timestamp,
) {
    if !request.renames.is_empty() {
        return crate::rename::answered(identity, request, approved, at);
    }
    identity.decisions.answers.extend(answers(request, approved, at));
    if approved {
        return;
    }
    // Of a built-in question the name says which request it is about; of a rule's, what would be granted.
    let built_in = request.rule.as_str().strip_prefix(REQUEST);
    let is_about = |s: &Standing| {
        s.kind == JustificationKind::Request
            && (built_in == Some(&*s.reference) || request.grants.contains(&s.entitlement))
    };
    for mut standing in std::mem::take(&mut identity.decisions.standing) {
        if is_about(&standing) {
            let reasons = held.iter().filter(|g| g.holding.is_decided()).flat_map(|g| {
                let grown = g.justifications.iter().filter(|j| j.kind == standing.kind);
                grown.filter(|j| j.reference == standing.reference)
            });
            let Some(until) = reasons.map(|j| j.until).max() else { continue };
            standing.until = until.or(standing.until);
        }
        identity.decisions.standing.push(standing);
    }
}

fn answers(
    request: &ApprovalRequest,
    approved: bool,
    at: Timestamp,
) -> impl Iterator<Item = ([u8; 32], Answer)> + '_ {
    request.grants.iter().zip(&request.bindings).map(move |(grant, binding)| {
        let answer = Answer {
            approval: request.id,
            rule: request.rule.clone(),
            grant: grant.clone(),
            change: request.change,
            approved,
            at,
        };
        (*binding, answer)
    })
}
