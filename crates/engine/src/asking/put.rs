//! Assigns questions to approvers: the first stage that has an available approver, else the escalation group.

use super::count::{left_over, outcome, unfilled};
use super::seats::Availability;
use crate::Context;
use crate::gate::Question;
use crate::reasons::is_built_in;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tenure_model::{
    Answer, AnsweredAhead, ApprovalId, ApprovalRequest, ApprovalState, Approver, ApproverSeat, AskedReason,
    BUNDLE, IdentityId, JustificationKind, Name as _, Provenance, RuleName, Subject,
};
use tenure_policy::{Approval, Stage};

/// Time limit of the escalation group if a rule has no stages.
const WITHIN: SignedDuration = SignedDuration::from_hours(48);
/// Time limit for a request that no rule asks about.
const REQUEST_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The seat of a question whose rule no longer exists.
const ESCALATION: &str = "escalation";

/// Assigns the requests about one subject to approvers.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// The configuration.
    pub context: &'a Context,
    /// The subject of the requests, with references resolved.
    pub subject: &'a Subject,
    /// The people that a name in the configuration refers to (one person by key, or each member of `group:name`), and their
    /// availability.
    pub people: &'a dyn Fn(&str) -> Vec<(IdentityId, Availability)>,
    /// The available delegates of a person.
    pub delegates: &'a dyn Fn(IdentityId) -> Vec<IdentityId>,
    /// The delegates of a person who accepted the delegation: they are barred from questions about that person.
    pub accepted: &'a dyn Fn(IdentityId) -> Vec<IdentityId>,
    /// Who cut off a person whom the configuration names, and when.
    pub cut_by: &'a dyn Fn(IdentityId) -> Option<(IdentityId, Timestamp)>,
    /// Now (business time).
    pub now: Timestamp,
}

impl Asking<'_> {
    /// Creates the approval request for a question.
    #[must_use]
    pub fn request(&self, question: &Question, id: ApprovalId) -> ApprovalRequest {
        let mut request = ApprovalRequest {
            id,
            identity: self.subject.identity.id,
            rule: question.rule.clone(),
            grants: question.grants.clone(),
            reasons: question.reasons.clone(),
            renames: question.renames.clone(),
            bindings: question.bindings.clone(),
            change: question.change,
            requester: question.requester.or(question.provenance.by.first().copied()),
            provenance: question.provenance.clone(),
            engagement: question.engagement,
            on: question.on,
            revision: 0,
            stage: 0,
            floor: 0,
            seats: Vec::new(),
            all: false,
            votes: Vec::new(),
            asked_at: self.now,
            state: ApprovalState::Pending { deadline: self.now },
        };
        self.put(&mut request);
        request
    }

    /// The request assigned to its current approvers; `None` if nothing changes. A stage that was skipped for lack of approvers gets
    /// the request back when one is available; a stage whose time is over does not.
    #[must_use]
    pub fn put_again(&self, request: &ApprovalRequest) -> Option<ApprovalRequest> {
        let mut other = request.clone();
        self.put(&mut other);
        if other.stage != request.stage {
            other.votes.clear();
        }
        (other != *request).then_some(other)
    }

    /// The request in its next stage, once the time of its stage is over; `None` after the last stage, which counts as a no.
    #[must_use]
    pub fn escalated(&self, request: &ApprovalRequest) -> Option<ApprovalRequest> {
        // When the time of a built-in question is over, the answer is no.
        if request.renames.is_empty()
            && (self.built_in(request).is_some() || self.rule(&request.rule).is_none())
        {
            return None;
        }
        let stages = number(self.declared(request)?.len());
        let floor = request.stage + 1;
        (floor < stages).then(|| {
            let mut next = ApprovalRequest { floor, votes: Vec::new(), seats: Vec::new(), ..request.clone() };
            self.put(&mut next);
            next
        })
    }

    /// Whether the time of a request's stage is over, by its current seats and time limits.
    #[must_use]
    pub fn is_over(&self, request: &ApprovalRequest) -> bool {
        matches!(request.state, ApprovalState::Pending { deadline } if deadline <= self.now)
            && outcome(request).is_none()
    }

    /// Whether an answer given ahead of an instant would be given in the same way at that instant: the rule asks for exactly the seats
    /// that it filled, and the same people fill them. A person who is absent today and whose future days are unknown keeps the seat
    /// until that instant has come.
    pub(crate) fn stands(&self, answer: &Answer, is_come: bool) -> bool {
        let Some(ahead) = &answer.ahead else { return true };
        let about = ApprovalRequest {
            id: answer.approval,
            identity: self.subject.identity.id,
            rule: answer.rule.clone(),
            grants: vec![answer.reason.entitlement.clone()],
            reasons: vec![AskedReason {
                reason: answer.reason.clone(),
                until: answer.until,
                inputs: answer.inputs,
            }],
            renames: Vec::new(),
            bindings: Vec::new(),
            change: answer.change,
            requester: ahead.requester,
            provenance: Provenance::default(),
            engagement: ahead.engagement,
            on: None,
            revision: 0,
            stage: 0,
            floor: 0,
            seats: Vec::new(),
            all: false,
            votes: Vec::new(),
            asked_at: answer.at,
            state: ApprovalState::Approved { at: answer.at },
        };
        let stages = self.declared(&about).unwrap_or_default();
        let seats: Vec<ApproverSeat> = stages
            .iter()
            .flat_map(|stage| {
                let mut seats = self.seats(stage, &about);
                leave_over(stage, &mut seats);
                seats
            })
            .collect();
        let gone = self.gone(&stages, &about);
        let away = self.away(&stages, &about);
        let group = self.escalation_group(&about);
        if !stages.is_empty() && !stages.iter().any(|stage| self.is_enough(stage, &about, ahead)) {
            return false;
        }
        // The target of a reference is looked up as of that instant.
        let is_of_that_day = |name: &str| {
            let mut by = stages.iter().flat_map(|stage| &stage.by);
            by.any(|by| matches!(by, Approver::Reference(attribute) if attribute.as_str() == name))
        };
        ahead.seats.iter().all(|(name, by)| {
            let mut same = seats.iter().filter(|s| s.name == *name).peekable();
            let vacant = same.peek().is_none() || same.clone().all(|s| s.escalated || !s.is_filled());
            let holds = |s: &&ApproverSeat| s.holders.contains(by) || s.delegates.contains(by);
            let may_be_away = || !is_come && !is_of_that_day(name) && !gone.contains(by);
            let is_away = || {
                let holds_still = vacant || away.contains(&(name.clone(), *by));
                may_be_away() && (holds_still || same.clone().any(|s| s.missing == Some(*by)))
            };
            same.clone().any(|s| holds(&s)) || is_away() || (vacant && group.contains(by))
        })
    }

    /// Whether the seats that an answer filled are those that a stage needs.
    fn is_enough(&self, stage: &Stage, about: &ApprovalRequest, ahead: &AnsweredAhead) -> bool {
        let filled = |seat: ApproverSeat| ahead.seats.iter().any(|(name, _)| *name == seat.name);
        let mut seats = self.seats(stage, about).into_iter();
        if stage.all { seats.all(filled) } else { seats.any(filled) }
    }

    /// Assigns a request to the first stage, from its floor on, that has an available approver. If there is none, the seats of the
    /// last stage go to the escalation group. If each seat must say yes, the empty ones beside filled ones go there as well.
    fn put(&self, request: &mut ApprovalRequest) {
        let stages = self.declared(request).unwrap_or_default();
        let group = Approver::Group(self.context.setup.settings.last_resort.clone());
        let is_escalation = |stage: &Stage| stage.by == [group.clone()];
        let from = usize::try_from(request.floor).unwrap_or(usize::MAX);
        let mut empty: Option<(usize, &Stage, Vec<ApproverSeat>)> = None;
        let mut chosen = None;
        for (place, stage) in stages.iter().enumerate().skip(from) {
            let seats = self.seats(stage, request);
            let is_filled = seats.iter().any(ApproverSeat::is_filled);
            // A stage that is the escalation group only states that no other approver was available.
            if is_filled && !(empty.is_some() && is_escalation(stage)) {
                chosen = Some((place, stage, seats));
                break;
            }
            if !is_filled || empty.is_none() {
                empty = Some((place, stage, seats));
            } else {
                empty = empty.map(|(_, before, seats)| (place, before, seats));
            }
        }
        let (place, stage, mut seats) = match chosen.or(empty) {
            Some((place, stage, seats)) => (place, stage.clone(), seats),
            None => (stages.len(), Stage { by: Vec::new(), all: false, within: WITHIN }, vec![nameless()]),
        };
        let any_filled = seats.iter().any(ApproverSeat::is_filled);
        let group = self.escalation_group(request);
        leave_over(&stage, &mut seats);
        let is_left = |s: &&mut ApproverSeat| s.escalated || !s.is_filled() && (stage.all || !any_filled);
        for seat in seats.iter_mut().filter(is_left) {
            seat.escalated = true;
            seat.delegates.clone_from(&group);
        }
        let all = self.second(stage.all, &mut seats, request);
        let is_same_stage = request.stage == number(place);
        for seat in &mut seats {
            let before = request.seats.iter().filter(|_| is_same_stage);
            let before =
                before.filter(|s| s.name == seat.name && s.escalated == seat.escalated && s.is_filled());
            seat.since = seat.is_filled().then(|| before.filter_map(|s| s.since).next().unwrap_or(self.now));
        }
        request.stage = number(place);
        request.all = all;
        request.seats = seats;
        request.state = ApprovalState::Pending { deadline: self.deadline(request, stage.within) };
    }

    /// When a stage is over: when the first seat that is needed and open reaches its time limit, or, if one answer is enough, the last
    /// seat. Never before the instant that the request is about.
    fn deadline(&self, request: &ApprovalRequest, within: SignedDuration) -> Timestamp {
        let end = |seat: &ApproverSeat| seat.since.map(|since| tenure_model::range::moved(since, within));
        let end = match request.all {
            true => unfilled(request).into_iter().filter_map(end).min(),
            false => request.seats.iter().filter_map(end).max(),
        };
        let end = end.unwrap_or(ApprovalRequest::UNTIMED);
        request.on.map_or(end, |on| end.max(on))
    }

    /// The stages that the configuration declares for a question. A rule with the name of a built-in question does not replace the
    /// built-in one.
    pub(super) fn declared(&self, request: &ApprovalRequest) -> Option<Vec<Stage>> {
        if !request.renames.is_empty() {
            return crate::rename::stages(&self.context.setup, request).map(<[Stage]>::to_vec);
        }
        let of_rule = || self.rule(&request.rule).map(|r| r.stages.clone());
        self.built_in(request).or_else(of_rule)
    }

    fn rule(&self, name: &RuleName) -> Option<&Approval> {
        self.context.setup.policy.approvals.iter().find(|r| r.name == *name)
    }

    /// The stages of a built-in question: the owner of its object; if no such owner may answer, the owners of the systems. When their
    /// time is over, the answer is no.
    fn built_in(&self, request: &ApprovalRequest) -> Option<Vec<Stage>> {
        let reason = &request.reasons.first()?.reason;
        if !is_built_in(&request.rule, reason) {
            return None;
        }
        let asked = Some(&*reason.reference).filter(|_| reason.kind == JustificationKind::Request);
        let bundle = asked.and_then(|r| r.strip_prefix(BUNDLE)).and_then(|b| b.strip_prefix(':'));
        let owner = match bundle.map(|name| self.context.setup.policy.bundles.get(name)) {
            Some(Some(bundle)) => Approver::Named(bundle.owner.clone()),
            _ => Approver::EntitlementOwner,
        };
        let stage = |by| Stage { by: vec![by], all: true, within: REQUEST_WITHIN };
        Some(vec![stage(owner), stage(Approver::SystemOwner)])
    }
}

/// If each seat is needed, marks for the escalation group those seats whose only approver fills another one.
fn leave_over(stage: &Stage, seats: &mut [ApproverSeat]) {
    if !stage.all {
        return;
    }
    for place in left_over(seats) {
        if let Some(seat) = seats.get_mut(place) {
            seat.escalated = true;
            seat.delegates.clear();
        }
    }
}

fn nameless() -> ApproverSeat {
    ApproverSeat {
        name: Arc::from(ESCALATION),
        holders: Vec::new(),
        delegates: Vec::new(),
        missing: None,
        escalated: false,
        since: None,
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
