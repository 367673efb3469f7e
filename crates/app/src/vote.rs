//! A person answers a request for approval: who may, what it takes, and what follows at once.

use crate::approvals::Directory;
use crate::authority::Target;
use crate::{App, AppError, Moment, Operation, Refusal};
use std::sync::Arc;
use tenure_engine::outcome;
use tenure_model::{ApprovalId, ApprovalRequest, ApprovalState, Vote};
use tenure_policy::ClassCache;

impl App {
    /// Records one person's answer. A no ends the request; a yes ends it when enough said yes.
    ///
    /// # Errors
    /// When the request is not pending, or the actor may not answer it.
    pub async fn vote(
        &self,
        id: ApprovalId,
        approved: bool,
        comment: &str,
        moment: &Moment,
    ) -> Result<ApprovalRequest, AppError> {
        let Some(request) = self.store.approval(id).await? else {
            let hint = Arc::from(": `tenure approvals` lists what is asked");
            return Err(AppError::Unknown { what: "request", name: Arc::from(id.to_string()), hint });
        };
        let Some(before) = self.store.subjects(&[request.identity]).await?.pop() else { return Ok(request) };
        let mut request = self.as_put_now(request, &before, moment).await?;
        is_open(&request, moment)?;
        let target = Target {
            requesters: request.requester.into_iter().collect(),
            asked: request.approvers.iter().flatten().copied().collect(),
            ..Target::of(&before)
        };
        let permit = self.permit(Operation::Answer, &target, moment).await?;
        let by = permit.actor()?.id;
        let instead_of = Directory::load(self).await?.delegators(by, moment.now);
        let comment = Arc::from(comment);
        request.votes.push(Vote { by, approved, at: moment.now, comment, instead_of });
        let Some(answer) = outcome(&request) else {
            let person_key = before.person_key.as_deref();
            self.note_request("approval.voted", request.clone(), person_key, moment).await?;
            return Ok(request);
        };
        request.state = if answer {
            ApprovalState::Approved { at: moment.now }
        } else {
            ApprovalState::Denied { at: moment.now }
        };
        self.answer(before, request.clone(), answer, &mut ClassCache::default(), moment).await?;
        Ok(request)
    }
}

/// Whether a request is open for this actor's answer.
fn is_open(request: &ApprovalRequest, moment: &Moment) -> Result<(), AppError> {
    if !matches!(request.state, ApprovalState::Pending { .. }) {
        return Err(AppError::precondition(Refusal::AlreadyAnswered, "this request is answered already"));
    }
    if request.votes.iter().any(|v| moment.actor.as_ref().is_some_and(|a| a.id == v.by)) {
        return Err(AppError::precondition(Refusal::AlreadyAnswered, "you answered this request already"));
    }
    Ok(())
}
