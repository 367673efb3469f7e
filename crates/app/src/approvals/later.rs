//! Moves a request on: to other approvers, to the next stage, to answered or expired.

use super::Approvals;
use crate::decide::rewritten;
use crate::dependents::Dependents;
use crate::directory::Directory;
use crate::{About, AppError, Candidate, DecisionContext, Labels};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_engine::{outcome, remember};
use tenure_model::{ApprovalRequest, ApprovalState, Name as _};
use tenure_policy::ClassCache;
use tenure_store::{Change, Outcome, StoredSubject, Unit};

/// Requests that are read together.
const PENDING_AT_ONCE: u32 = 1_000;

impl Approvals<'_> {
    /// Moves requests whose time is over to their next stage, and denies those that have none. Returns how many moved.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn expire_approvals(
        &self,
        cache: &mut ClassCache,
        moment: &DecisionContext,
    ) -> Result<u64, AppError> {
        // All of them, page by page: what expires on a day expires for all requests.
        let mut moved = 0;
        let mut stays = BTreeSet::new();
        loop {
            let room = PENDING_AT_ONCE.saturating_add(u32::try_from(stays.len()).unwrap_or(u32::MAX));
            let mut due = self.app.store.approvals_due(moment.now, room).await?;
            due.retain(|r| !stays.contains(&r.id));
            if due.is_empty() {
                return Ok(moved);
            }
            let directory = Directory::load_at(self.app, Some(moment.now)).await?;
            for request in due {
                // What is still due after this is handled by the next pass.
                stays.insert(request.id);
                // An answer to another request may have changed this one.
                let Some(request) = self.pending(&request).await? else { continue };
                match self.expire(request, &directory, cache, moment).await {
                    Err(e) if e.is_of_one_record() => {}
                    done => {
                        done?;
                        moved += 1;
                    }
                }
            }
        }
    }

    /// A request as stored now, while it is pending.
    async fn pending(&self, request: &ApprovalRequest) -> Result<Option<ApprovalRequest>, AppError> {
        let found = self.app.store.approval(request.id).await?;
        Ok(found.filter(|r| matches!(r.state, ApprovalState::Pending { .. })))
    }

    /// Puts pending requests to those who may answer them now: approvers become known, move and leave. Returns how many got other approvers.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn put_requests_again(
        &self,
        cache: &mut ClassCache,
        moment: &DecisionContext,
    ) -> Result<u64, AppError> {
        let (mut moved, mut after) = (0, None);
        loop {
            let pending = self.app.store.approvals_after(after, PENDING_AT_ONCE).await?;
            let Some(last) = pending.last() else { return Ok(moved) };
            after = Some(last.id);
            let directory = Directory::load_at(self.app, Some(moment.now)).await?;
            for request in pending {
                match self.put_one_again(request, &directory, cache, moment).await {
                    // Requests that change concurrently are handled by the next pass.
                    Err(e) if e.is_of_one_record() => {}
                    put => moved += u64::from(put?),
                }
            }
        }
    }

    async fn put_one_again(
        &self,
        request: ApprovalRequest,
        directory: &Directory,
        cache: &mut ClassCache,
        moment: &DecisionContext,
    ) -> Result<bool, AppError> {
        let stored = self.app.stored().readable(&[request.identity]).await?.pop();
        let (Some(stored), Some(request)) = (stored, self.pending(&request).await?) else { return Ok(false) };
        let subject = self.app.references().subject_on(&stored, request.on, moment).await?;
        let at = (moment.now, request.on);
        let other = directory.asking(&self.app.context, &subject, at, |asking| asking.put_again(&request));
        // The rule may have changed: the answers so far may be enough now.
        if let Some(approved) = outcome(other.as_ref().unwrap_or(&request)) {
            self.end_by_votes(other.unwrap_or(request), approved, cache, moment).await?;
            return Ok(true);
        }
        let Some(other) = other else { return Ok(false) };
        self.note_request("approval.asked", other, stored.person_key.as_deref(), moment).await?;
        Ok(true)
    }

    /// Ends a request by its answers.
    async fn end_by_votes(
        &self,
        mut request: ApprovalRequest,
        approved: bool,
        cache: &mut ClassCache,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let Some(before) = self.app.stored().readable(&[request.identity]).await?.pop() else {
            return Ok(());
        };
        let at = moment.now;
        request.state = if approved { ApprovalState::Approved { at } } else { ApprovalState::Denied { at } };
        self.answer(before, request, approved, cache, moment).await
    }

    /// A request with its approvers as of now: an approver may have left or moved, or have a delegate since.
    pub(crate) async fn as_put_now(
        &self,
        request: ApprovalRequest,
        about: &StoredSubject,
        moment: &DecisionContext,
    ) -> Result<ApprovalRequest, AppError> {
        if !matches!(request.state, ApprovalState::Pending { .. }) {
            return Ok(request);
        }
        let directory = Directory::load_at(self.app, Some(moment.now)).await?;
        let subject = self.app.references().subject_on(about, request.on, moment).await?;
        let at = (moment.now, request.on);
        let put = directory.asking(&self.app.context, &subject, at, |asking| asking.put_again(&request));
        Ok(put.unwrap_or(request))
    }

    /// Writes a request that is still pending, with evidence of the change.
    pub(crate) async fn note_request(
        &self,
        kind: &'static str,
        request: ApprovalRequest,
        person_key: Option<&[u8]>,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let key = self.app.stored().key_of(request.identity, person_key);
        let about = About { identity: key.as_ref().map(|k| (request.identity, k)), ..About::default() };
        let evidence = self.app.recorder(moment).evidence(kind, about, request_json(&request))?;
        let (expect, put) = rewritten(request);
        let changes = vec![put, Change::Append(evidence)];
        if self
            .app
            .store
            .commit(vec![Unit { expects: vec![expect], changes }])
            .await?
            .iter()
            .all(Outcome::is_committed)
        {
            return Ok(());
        }
        Err(AppError::ConcurrentChange(Arc::from("this request")))
    }

    async fn expire(
        &self,
        mut request: ApprovalRequest,
        directory: &Directory,
        cache: &mut ClassCache,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let Some(before) = self.app.stored().readable(&[request.identity]).await?.pop() else {
            return Ok(());
        };
        let subject = self.app.references().subject_on(&before, request.on, moment).await?;
        let at = (moment.now, request.on);
        let person_key = before.person_key.as_deref();
        // An approver added late has the full time from then on.
        let put = directory.asking(&self.app.context, &subject, at, |asking| {
            asking.put_again(&request).filter(|put| !asking.is_over(put))
        });
        if let Some(put) = put {
            return match outcome(&put) {
                Some(approved) => self.end_by_votes(put, approved, cache, moment).await,
                None => self.note_request("approval.asked", put, person_key, moment).await,
            };
        }
        let next = directory.asking(&self.app.context, &subject, at, |asking| asking.escalated(&request));
        if let Some(next) = next {
            return self.note_request("approval.escalated", next, person_key, moment).await;
        }
        request.state = ApprovalState::Expired { at: moment.now };
        self.answer(before, request, false, cache, moment).await
    }

    /// Writes an answer into the identity's decisions and settles it: an approval acts at once, also when it is late.
    pub(crate) async fn answer(
        &self,
        before: StoredSubject,
        request: ApprovalRequest,
        approved: bool,
        cache: &mut ClassCache,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let mut what = request_json(&request);
        what["approved"] = json!(approved);
        let held = before.grants.clone();
        let mut candidate = Candidate::again(before, what);
        candidate.cause.is_answer = true;
        remember(&mut candidate.after, &held, &request, approved, moment.now);
        let (expect, put) = rewritten(request);
        candidate.expects.push(expect);
        candidate.extra.push(put);
        let id = candidate.after.id;
        let mut decisions = self.app.decide().decide(vec![candidate], cache, moment).await?;
        let mut dependents = Dependents::default();
        decisions.iter().for_each(|d| dependents.note(d));
        let units = decisions.iter_mut().filter_map(|d| d.unit.take()).collect();
        if self.app.store.commit(units).await?.iter().all(Outcome::is_committed) {
            // Accounts of other identities may refer to this one by a name that changed.
            self.app.settle().resettle_dependents(dependents, cache, moment, &mut Labels::new()).await?;
            // A denial, or an approval of what is not due any more, leaves nothing to wait for.
            self.app.cases().close_cases(&[id], moment).await?;
            return Ok(());
        }
        Err(AppError::ConcurrentChange(Arc::from(format!("identity {}", id.short()))))
    }
}

/// A request for the evidence: what is asked, the approvers, and the answers so far.
fn request_json(request: &ApprovalRequest) -> Value {
    json!({
        "v": 1,
        "approval": request.id.to_string(),
        "rule": request.rule.as_str(),
        "grants": request.grants.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "renames": request.renames.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "stage": request.stage,
        "put_to": request.put_to().iter().map(ToString::to_string).collect::<Vec<_>>(),
        "votes": request.votes.iter().map(|v| json!({
            "by": v.by.to_string(), "approved": v.approved, "at": v.at.to_string(), "comment": &*v.comment,
        })).collect::<Vec<_>>(),
    })
}
