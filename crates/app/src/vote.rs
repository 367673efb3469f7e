//! A person answers an approval request: who is permitted, what it takes, and the immediate effect.

use crate::authority::Target;
use crate::directory::Directory;
use crate::{AccessRefusal, AppError, DecisionContext, Item, Operation};
use std::sync::Arc;
use tenure_engine::{has_answered, outcome, seats_for, stands_in_for};
use tenure_model::{ApprovalId, ApprovalRequest, ApprovalState, IdentityId, Vote};
use tenure_policy::ClassCache;

crate::app::part! {
    /// Answers to approval requests.
    Votes, votes
}

/// Most attempts to record an answer when others answer the same request concurrently.
const ATTEMPTS_MAX: u32 = 8;

impl Votes<'_> {
    /// Records one person's answer. A denial ends the request; approvals end it when there are enough.
    ///
    /// # Errors
    /// When the request is not pending, or the actor is not permitted to answer it.
    pub async fn vote(
        &self,
        id: ApprovalId,
        approved: bool,
        comment: &str,
        moment: &DecisionContext,
    ) -> Result<ApprovalRequest, AppError> {
        let mut contended = None;
        for _ in 0..ATTEMPTS_MAX {
            match self.vote_once(id, approved, comment, moment).await {
                Err(error @ AppError::ConcurrentChange(_)) => contended = Some(error),
                answered => return answered,
            }
        }
        Err(contended.unwrap_or(AppError::ConcurrentChange(Arc::from("this request"))))
    }

    /// One attempt: it fails when another answer, or a change of the identity, came in between.
    async fn vote_once(
        &self,
        id: ApprovalId,
        approved: bool,
        comment: &str,
        moment: &DecisionContext,
    ) -> Result<ApprovalRequest, AppError> {
        let Some(request) = self.app.store.approval(id).await? else {
            return Err(AppError::unknown(Item::Request, id.to_string()));
        };
        let Some(before) = self.app.store.subjects(&[request.identity]).await?.pop() else {
            return Ok(request);
        };
        let mut request = self.app.approvals().as_put_now(request, &before, moment).await?;
        is_pending(&request)?;
        let target = Target {
            requesters: request.requesters().collect(),
            asked: request.put_to().into_iter().collect(),
            ..Target::of(&before)
        };
        let permit = self.app.authority().permit(Operation::Answer, &target, moment).await?;
        let by = permit.actor()?.id;
        if has_answered(&request, by) {
            return Err(AppError::precondition(AccessRefusal::AnsweredByActor));
        }
        self.accept_by_answering(&request, by, moment).await?;
        let instead_of = Directory::load(self.app).await?.delegators(by, moment.now);
        let seats = seats_for(&request, by);
        let comment = Arc::from(comment);
        request.votes.push(Vote { by, approved, at: moment.now, comment, seats, instead_of });
        let Some(answer) = outcome(&request) else {
            let person_key = before.person_key.as_deref();
            self.app.approvals().note_request("approval.voted", request.clone(), person_key, moment).await?;
            return Ok(request);
        };
        request.state = if answer {
            ApprovalState::Approved { at: moment.now }
        } else {
            ApprovalState::Denied { at: moment.now }
        };
        self.app
            .approvals()
            .answer(before, request.clone(), answer, &mut ClassCache::default(), moment)
            .await?;
        Ok(request)
    }
}

impl Votes<'_> {
    /// A delegate who answers a question for the delegator accepts the delegation by that.
    async fn accept_by_answering(
        &self,
        request: &ApprovalRequest,
        by: IdentityId,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let instead_of = stands_in_for(request, by);
        let asked = Directory::load(self.app).await?.delegators_of(by, moment.now);
        for from in asked.into_iter().filter(|id| instead_of.contains(id)) {
            self.app.delegations().accept_delegation(&from.to_string(), moment).await?;
        }
        Ok(())
    }
}

fn is_pending(request: &ApprovalRequest) -> Result<(), AppError> {
    if matches!(request.state, ApprovalState::Pending { .. }) {
        return Ok(());
    }
    Err(AppError::precondition(AccessRefusal::Answered))
}
