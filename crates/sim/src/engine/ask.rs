//! Requests for approval: who is asked, who is asked next, and what an answer does.

use super::world::World;
use std::sync::Arc;
use tenure_engine::{Asking, Question, outcome, remember};
use tenure_model::{ApprovalId, ApprovalRequest, ApprovalState, IdentityId, Phase, Subject, Vote};

impl World {
    /// The request that a question becomes.
    pub(super) fn request(
        &mut self,
        subject: &Subject,
        question: &Question,
        requester: Option<IdentityId>,
    ) -> ApprovalRequest {
        let id = ApprovalId::new(0, self.id());
        self.asking(subject, |asking| asking.request(question, id, requester))
    }

    /// Whether a grant of an identity is asked about by a rule, or was answered with no.
    pub(super) fn is_asked(&self, id: IdentityId, rule: &str, what: &tenure_model::EntitlementName) -> bool {
        let named = |name: &tenure_model::RuleName| tenure_model::Name::as_str(name) == rule;
        let waits = |r: &ApprovalRequest| r.identity == id && named(&r.rule) && r.grants.contains(what);
        let answers = &self.known[&id].subject.identity.decisions.answers;
        self.asked.iter().any(waits)
            || answers.values().any(|a| !a.approved && named(&a.rule) && a.grant == *what)
    }

    fn asking<T>(&self, subject: &Subject, ask: impl FnOnce(Asking<'_>) -> T) -> T {
        let people = |name: &str| self.named(name);
        let delegates = |id| self.delegates(id);
        ask(Asking { context: &self.context, subject, people: &people, delegates: &delegates, now: self.now })
    }

    /// Those who answer in somebody's place, both being here.
    fn delegates(&self, id: IdentityId) -> Vec<IdentityId> {
        let Some(known) = self.known.get(&id).filter(|_| self.is_here(id)) else { return Vec::new() };
        let lasting = known.subject.identity.decisions.delegations.iter().filter(|d| self.now < d.until);
        lasting.map(|d| d.to).filter(|to| self.is_here(*to)).collect()
    }

    /// Those whom a name of the set-up means and who are here: one person, or everybody of `group:name`.
    pub(super) fn named(&self, name: &str) -> Vec<IdentityId> {
        let settings = &self.context.setup.settings;
        // A number that several people have had names nobody: it was written for one of them.
        let one = |n: &str| match *self.index.find(&settings.actor_key, n) {
            [id] => Some(id).filter(|id| self.is_here(*id)),
            _ => None,
        };
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
        let mut requests: Vec<&ApprovalRequest> = self.asked.iter().filter(|r| mine(r)).collect();
        if requests.is_empty() {
            return Err(format!("nobody is asked about {person}"));
        }
        // Of several questions everybody answers their own.
        let own = |r: &&ApprovalRequest| r.approvers.iter().flatten().any(|a| *a == by);
        if requests.iter().any(own) {
            requests.retain(own);
        }
        let requests: Vec<ApprovalId> = requests.into_iter().map(|r| r.id).collect();
        for id in requests {
            // An answer to one request may have made another one pointless.
            let Some(place) = self.asked.iter().position(|r| r.id == id) else { continue };
            let request = self.asked.remove(place);
            let mut subject = self.known[&request.identity].subject.clone();
            subject.references = self.references(&subject.identity);
            let now = self.asking(&subject, |asking| asking.put_again(&request));
            let mut request = now.unwrap_or(request);
            if !request.approvers.iter().flatten().any(|a| *a == by) {
                return Err(format!("`{}` about {person} is not put to {}", request.rule, self.name(by)));
            }
            let stands_in = |id: &IdentityId| self.delegates(*id).contains(&by);
            let instead_of = self.known.keys().copied().filter(stands_in).collect();
            request.votes.push(Vote { by, approved, at: self.now, comment: Arc::from(""), instead_of });
            match outcome(&request) {
                Some(answer) => self.answer(&request, answer, Some(by)),
                None => self.asked.insert(place, request),
            }
        }
        Ok(())
    }

    fn answer(&mut self, request: &ApprovalRequest, approved: bool, by: Option<IdentityId>) {
        let subject = &self.known[&request.identity].subject;
        let mut after = subject.identity.clone();
        remember(&mut after, &subject.grants, request, approved, self.now);
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
            let request = self.asked.remove(place);
            let subject = &self.known[&request.identity].subject;
            match self.asking(subject, |asking| asking.escalated(&request)) {
                Some(next) => self.asked.insert(place, next),
                None => self.answer(&request, false, None),
            }
        }
    }

    /// Puts pending requests to whoever may answer them now. A stage whose time is over gets none back.
    pub(super) fn put_requests_again(&mut self) {
        let again = self.asked.iter().map(|request| {
            let mut subject = self.known[&request.identity].subject.clone();
            subject.references = self.references(&subject.identity);
            self.asking(&subject, |asking| asking.put_again(request)).unwrap_or_else(|| request.clone())
        });
        self.asked = again.collect();
    }
}
