//! Requests for approval: who is asked, who is asked next, and what an answer does.

use super::world::World;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_engine::{
    Asking, Availability, Question, has_answered, outcome, phase, remember, seats_for, stands_in_for,
};
use tenure_model::{ApprovalId, ApprovalRequest, ApprovalState, IdentityId, Phase, Subject, Vote};

impl World {
    /// The request that a question becomes.
    pub(super) fn request(&mut self, subject: &Subject, question: &Question) -> ApprovalRequest {
        let id = ApprovalId::new(0, self.id());
        let mut subject = subject.clone();
        if let Some(on) = question.on {
            subject.references = self.references_at(&subject.identity, on);
        }
        self.asking(&subject, question.on, |asking| asking.request(question, id))
    }

    /// Whether a grant of an identity is asked about by a rule, or was answered with no.
    pub(super) fn is_asked(&self, id: IdentityId, rule: &str, what: &tenure_model::EntitlementName) -> bool {
        let named = |name: &tenure_model::RuleName| tenure_model::Name::as_str(name) == rule;
        let waits = |r: &ApprovalRequest| r.identity == id && named(&r.rule) && r.grants.contains(what);
        let answers = &self.known[&id].subject.identity.decisions.answers;
        let rules = &self.context.setup.policy.approvals;
        // A no stays valid whatever the rule is called now.
        let counts = |name: &tenure_model::RuleName| named(name) || rules.iter().all(|r| r.name != *name);
        self.asked.iter().any(waits)
            || answers.values().any(|a| !a.approved && counts(&a.rule) && a.reason.entitlement == *what)
    }

    /// Asks the engine; with `on`, among the people who are here now and at that instant.
    pub(super) fn asking<T>(
        &self,
        subject: &Subject,
        on: Option<Timestamp>,
        ask: impl FnOnce(Asking<'_>) -> T,
    ) -> T {
        let at = on.map_or(self.now, |on| on.max(self.now));
        let is = |id: IdentityId| {
            let identity = &self.known[&id].subject.identity;
            let then = Availability::of(phase(&self.context, identity, at), identity.is_cut_off());
            (id, then.min(self.availability(id)))
        };
        let people = |name: &str| self.named(name).into_iter().map(is).collect();
        // A delegation that is over on that day answers nothing about it.
        let lasts = |id: IdentityId, to: IdentityId| {
            let mut all = self.known[&id].subject.identity.decisions.delegations.iter();
            all.any(|d| d.to == to && at < d.until) && is(to).1 == Availability::Here
        };
        let delegates =
            |id| self.delegates(id, false).into_iter().filter(|to| lasts(id, *to)).collect::<Vec<_>>();
        let accepted = |id| self.delegates(id, true);
        let cut_by = |id| self.known.get(&id).and_then(|k| k.subject.identity.cut_by());
        ask(Asking {
            context: &self.context,
            subject,
            people: &people,
            delegates: &delegates,
            accepted: &accepted,
            cut_by: &cut_by,
            now: self.now,
        })
    }

    /// The delegates of a person, where both are here; with `accepted`, only those who accepted.
    pub(super) fn delegates(&self, id: IdentityId, accepted: bool) -> Vec<IdentityId> {
        let Some(known) = self.known.get(&id).filter(|_| self.is_here(id)) else { return Vec::new() };
        let lasting = known.subject.identity.decisions.delegations.iter().filter(|d| self.now < d.until);
        let lasting = lasting.filter(|d| !accepted || d.is_accepted_at(self.now));
        lasting.map(|d| d.to).filter(|to| self.availability(*to) == Availability::Here).collect()
    }

    /// The people whom a name of the configuration means: one person, or all members of `group:name`.
    pub(super) fn named(&self, name: &str) -> Vec<IdentityId> {
        let settings = &self.context.setup.settings;
        // A number that several people have had names none of them: it was written for one of them.
        let one = |n: &str| match *self.index.find(&settings.actor_key, n) {
            [id] => Some(id),
            _ => None,
        };
        match name.strip_prefix("group:") {
            Some(group) => settings.groups.get(group).into_iter().flatten().filter_map(|n| one(n)).collect(),
            None => one(name).into_iter().collect(),
        }
    }

    pub(super) fn availability(&self, id: IdentityId) -> Availability {
        Availability::of(self.phase_now(id), self.known[&id].subject.identity.is_cut_off())
    }

    /// The phase of an identity now, also where time has changed it and it is not settled yet.
    pub(super) fn phase_now(&self, id: IdentityId) -> Phase {
        let known = &self.known[&id];
        let is_due = known.next.is_some_and(|next| next <= self.now) && known.phase != Phase::Erased;
        if is_due { phase(&self.context, &known.subject.identity, self.now) } else { known.phase }
    }

    pub(super) fn is_here(&self, id: IdentityId) -> bool {
        self.availability(id) != Availability::Gone
    }

    /// One person answers the requests about another (of one rule). A yes takes effect at once.
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
        let mut requests: Vec<&ApprovalRequest> = self.asked.iter().filter(|r| mine(r)).collect();
        if requests.is_empty() {
            return Err(format!("no question is open about {person}"));
        }
        // Of several questions the approver answers their own.
        let own = |r: &&ApprovalRequest| r.put_to().contains(&by);
        if requests.iter().any(own) {
            requests.retain(own);
        }
        let requests: Vec<ApprovalId> = requests.into_iter().map(|r| r.id).collect();
        for id in requests {
            // An answer to one request may have made another one pointless.
            let Some(place) = self.asked.iter().position(|r| r.id == id) else { continue };
            let request = self.asked.remove(place);
            let subject = self.subject_on(request.identity, request.on);
            let now = self.asking(&subject, request.on, |asking| asking.put_again(&request));
            let mut request = now.unwrap_or(request);
            let refused = if request.put_to().contains(&by) {
                has_answered(&request, by).then(|| "you answered this request already".to_owned())
            } else {
                Some(format!("`{}` about {person} is not put to {}", request.rule, self.name(by)))
            };
            if let Some(refused) = refused {
                self.asked.insert(place, request);
                return Err(refused);
            }
            self.accept_by_answering(&request, by)?;
            let seats = seats_for(&request, by);
            let stands_in = |id: &IdentityId| self.delegates(*id, true).contains(&by);
            let instead_of = self.known.keys().copied().filter(stands_in).collect();
            request.votes.push(Vote {
                by,
                approved,
                at: self.now,
                comment: Arc::from(""),
                seats,
                instead_of,
            });
            match outcome(&request) {
                Some(answer) => self.answer(&request, answer),
                None => self.asked.insert(place, request),
            }
        }
        Ok(())
    }

    /// A person who answers a question put to them only as a delegate accepts the delegation by it.
    fn accept_by_answering(&mut self, request: &ApprovalRequest, by: IdentityId) -> Result<(), String> {
        for from in stands_in_for(request, by) {
            let delegations = &self.known[&from].subject.identity.decisions.delegations;
            if delegations.iter().any(|d| d.to == by && self.now < d.until && d.accepted.is_none()) {
                self.accept_delegation(from, by)?;
            }
        }
        Ok(())
    }

    fn answer(&mut self, request: &ApprovalRequest, approved: bool) {
        let subject = &self.known[&request.identity].subject;
        let mut after = subject.identity.clone();
        remember(&mut after, &subject.grants, request, approved, self.now);
        let decision = self.weigh(after, None, None);
        self.commit(decision);
        self.resettle_dependents();
    }

    /// Takes requests whose time is over to their next stage; those without a next stage end: that is a no.
    pub(super) fn expire_approvals(&mut self) {
        let over = |r: &ApprovalRequest| matches!(r.state, ApprovalState::Pending { deadline } if deadline <= self.now);
        let due: Vec<ApprovalId> = self.asked.iter().filter(|r| over(r)).map(|r| r.id).collect();
        for id in due {
            let Some(place) = self.asked.iter().position(|r| r.id == id) else { continue };
            let mut request = self.asked.remove(place);
            let subject = self.subject_on(request.identity, request.on);
            let put = self.asking(&subject, request.on, |asking| {
                asking.put_again(&request).filter(|put| !asking.is_over(put))
            });
            if let Some(put) = put {
                self.keep_or_answer(place, put);
                continue;
            }
            match self.asking(&subject, request.on, |asking| asking.escalated(&request)) {
                Some(next) => self.asked.insert(place, next),
                None => {
                    request.state = ApprovalState::Expired { at: self.now };
                    self.answer(&request, false);
                }
            }
        }
    }

    /// Puts pending requests to the present approvers, and counts the answers again: the rule may have changed.
    pub(super) fn put_requests_again(&mut self) {
        let ids: Vec<ApprovalId> = self.asked.iter().map(|r| r.id).collect();
        for id in ids {
            let Some(place) = self.asked.iter().position(|r| r.id == id) else { continue };
            let request = self.asked.remove(place);
            let subject = self.subject_on(request.identity, request.on);
            let put =
                self.asking(&subject, request.on, |asking| asking.put_again(&request)).unwrap_or(request);
            self.keep_or_answer(place, put);
        }
    }

    fn keep_or_answer(&mut self, place: usize, request: ApprovalRequest) {
        match outcome(&request) {
            Some(answer) => self.answer(&request, answer),
            None => self.asked.insert(place, request),
        }
    }

    /// A subject with the references that it makes at an instant ahead, where one is named.
    fn subject_on(&self, id: IdentityId, on: Option<Timestamp>) -> Subject {
        let mut subject = self.known[&id].subject.clone();
        let at = on.map_or(self.now, |on| on.max(self.now));
        subject.references = self.references_at(&subject.identity, at);
        subject
    }
}
