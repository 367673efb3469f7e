//! A person answers a request for approval: who may, what it takes, and what follows at once.

use crate::{App, AppError, Moment, Refusal};
use std::sync::Arc;
use tenure_engine::{has_answered, outcome, seats_for};
use tenure_model::{ApprovalId, ApprovalRequest, ApprovalState, IdentityId, Vote};
use tenure_policy::ClassCache;

/// Most attempts to record an answer while others answer the same request.
const ATTEMPTS_MAX: u32 = 8;

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
        let mut contended = None;
        for _ in 0..ATTEMPTS_MAX {
            match self.vote_once(id, approved, comment, moment).await {
                Err(error @ AppError::Contended(_)) => contended = Some(error),
                answered => return answered,
            }
        }
        Err(contended.unwrap_or(AppError::Contended(Arc::from("this request"))))
    }

    /// One attempt: it fails where another answer, or a change of the identity, came in between.
    async fn vote_once(
        &self,
        id: ApprovalId,
        approved: bool,
        comment: &str,
        moment: &Moment,
    ) -> Result<ApprovalRequest, AppError> {
        let actor = self.acting(moment, "an answer").await?;
        let Some(request) = self.store.approval(id).await? else {
            let hint = Arc::from(": `tenure approvals` lists what is asked");
            return Err(AppError::Unknown { what: "request", name: Arc::from(id.to_string()), hint });
        };
        let Some(before) = self.store.subjects(&[request.identity]).await?.pop() else { return Ok(request) };
        let mut request = self.as_put_now(request, &before, moment).await?;
        may_answer(&request, actor.id)?;
        let seats = seats_for(&request, actor.id);
        let comment = Arc::from(comment);
        request.votes.push(Vote { by: actor.id, approved, at: moment.now, comment, seats });
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

/// Whether somebody may answer a request.
fn may_answer(request: &ApprovalRequest, actor: IdentityId) -> Result<(), AppError> {
    let no = |why, text: &str| Err(AppError::Forbidden(why, Arc::from(text)));
    if !matches!(request.state, ApprovalState::Pending { .. }) {
        return Err(AppError::NotNow(
            Refusal::AlreadyAnswered,
            Arc::from("this request is answered already"),
        ));
    }
    if actor == request.identity {
        return no(Refusal::OwnRecord, "nobody approves for themselves");
    }
    if request.requester == Some(actor) {
        return no(Refusal::OwnRequest, "nobody approves what they asked for");
    }
    if !request.put_to().contains(&actor) {
        return no(Refusal::NotAnApprover, "this request is put to others: `tenure approvals` shows to whom");
    }
    if has_answered(request, actor) {
        return Err(AppError::NotNow(
            Refusal::AlreadyAnswered,
            Arc::from("you answered this request already"),
        ));
    }
    Ok(())
}
