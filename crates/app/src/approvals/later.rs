//! What becomes of a request: put to others, to the next stage, answered or expired.

use super::Directory;
use crate::feed::Aftermath;
use crate::references::Resolved;
use crate::{About, App, AppError, Candidate, Labels, Moment};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::{reference_texts, remember};
use tenure_model::{ApprovalRequest, ApprovalState, IdentityId, Name as _, Subject};
use tenure_policy::ClassCache;
use tenure_store::{Change, Outcome, StoredSubject, Unit};

/// Most requests that are looked at together.
const PENDING_MAX: u32 = 1_000;

impl App {
    /// Takes requests whose time is over to their next stage, and ends those that have none: that is a no. How many
    /// moved.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn expire_approvals(&self, cache: &mut ClassCache, moment: &Moment) -> Result<u64, AppError> {
        let due = self.store.approvals_due(moment.now, PENDING_MAX).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let directory = Directory::load(self).await?;
        let mut moved = 0;
        for request in due {
            self.expire(request, &directory, cache, moment).await?;
            moved += 1;
        }
        Ok(moved)
    }

    /// Puts pending requests to whoever may answer them now: approvers become known, move and leave. How many were
    /// put to others.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn put_requests_again(&self, moment: &Moment) -> Result<u64, AppError> {
        let pending = self.store.approvals(None, PENDING_MAX).await?;
        if pending.is_empty() {
            return Ok(0);
        }
        let directory = Directory::load(self).await?;
        let ids: BTreeSet<IdentityId> = pending.iter().map(|r| r.identity).collect();
        let ids: Vec<IdentityId> = ids.into_iter().collect();
        let subjects: BTreeMap<IdentityId, StoredSubject> =
            self.readable(&ids).await?.into_iter().map(|s| (s.identity.id, s)).collect();
        let mut moved = 0;
        for request in pending {
            let Some(stored) = subjects.get(&request.identity) else { continue };
            let subject = self.subject(stored, moment).await?;
            let other =
                directory.asking(&self.context, &subject, moment.now, |asking| asking.put_again(&request));
            if let Some(other) = other {
                self.note_request("approval.asked", other, stored.person_key.as_deref(), moment).await?;
                moved += 1;
            }
        }
        Ok(moved)
    }

    /// A request as it is put to people at this moment: somebody may have left, moved or begun to stand in since.
    pub(crate) async fn as_put_now(
        &self,
        request: ApprovalRequest,
        about: &StoredSubject,
        moment: &Moment,
    ) -> Result<ApprovalRequest, AppError> {
        if !matches!(request.state, ApprovalState::Pending { .. }) {
            return Ok(request);
        }
        let directory = Directory::load(self).await?;
        let subject = self.subject(about, moment).await?;
        let put = directory.asking(&self.context, &subject, moment.now, |asking| asking.put_again(&request));
        Ok(put.unwrap_or(request))
    }

    /// Writes a request that is still pending, with the evidence of what became of it.
    pub(crate) async fn note_request(
        &self,
        kind: &'static str,
        request: ApprovalRequest,
        person_key: Option<&[u8]>,
        moment: &Moment,
    ) -> Result<(), AppError> {
        let key = self.key_of(request.identity, person_key);
        let about = About { identity: key.as_ref().map(|k| (request.identity, k)), ..About::default() };
        let evidence = self.recorder(moment).evidence(kind, about, request_json(&request))?;
        let changes = vec![Change::PutApproval(request), Change::Append(evidence)];
        self.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(())
    }

    async fn expire(
        &self,
        mut request: ApprovalRequest,
        directory: &Directory,
        cache: &mut ClassCache,
        moment: &Moment,
    ) -> Result<(), AppError> {
        let Some(before) = self.readable(&[request.identity]).await?.pop() else { return Ok(()) };
        let subject = self.subject(&before, moment).await?;
        let next = directory.asking(&self.context, &subject, moment.now, |asking| asking.escalated(&request));
        if let Some(next) = next {
            let person_key = before.person_key.as_deref();
            return self.note_request("approval.escalated", next, person_key, moment).await;
        }
        request.state = ApprovalState::Expired { at: moment.now };
        self.answer(before, request, false, cache, moment).await
    }

    /// A subject with its references resolved.
    pub(crate) async fn subject(&self, stored: &StoredSubject, moment: &Moment) -> Result<Subject, AppError> {
        let texts = reference_texts(&self.context, &stored.identity, moment.now);
        let references = Resolved::load(self, &texts, moment).await?.of(stored.identity.id, &texts);
        Ok(Subject {
            identity: stored.identity.clone(),
            references,
            accounts: stored.accounts.clone(),
            grants: stored.grants.clone(),
            contained: self.contained().await?,
        })
    }

    /// Writes an answer into the identity's decisions and settles it: a yes acts at once, also when it is late.
    pub(crate) async fn answer(
        &self,
        before: StoredSubject,
        request: ApprovalRequest,
        approved: bool,
        cache: &mut ClassCache,
        moment: &Moment,
    ) -> Result<(), AppError> {
        let mut what = request_json(&request);
        what["approved"] = json!(approved);
        let held = before.grants.clone();
        let mut candidate = Candidate::again(before, what);
        remember(&mut candidate.after, &held, &request, approved, moment.now);
        candidate.extra.push(Change::PutApproval(request));
        let id = candidate.after.id;
        let mut decisions = self.decide(vec![candidate], cache, moment).await?;
        let mut aftermath = Aftermath::default();
        decisions.iter().for_each(|d| aftermath.note(d));
        let units = decisions.iter_mut().filter_map(|d| d.unit.take()).collect();
        if self.store.commit(units).await?.iter().all(Outcome::is_committed) {
            // Accounts of others may point at the person by a name that is another one now.
            self.tell_others(aftermath, cache, moment, &mut Labels::new()).await?;
            // A no, or a yes to what is not due any more, leaves nothing to wait for.
            self.close_cases(&[id], moment).await?;
            return Ok(());
        }
        Err(AppError::Contended(Arc::from(format!("identity {id}"))))
    }
}

/// A request for the evidence: what is asked, of whom, and what was said so far.
fn request_json(request: &ApprovalRequest) -> Value {
    json!({
        "v": 1,
        "approval": request.id.to_string(),
        "rule": request.rule.as_str(),
        "grants": request.grants.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "renames": request.renames.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "stage": request.stage,
        "put_to": request.approvers.iter().flatten().map(ToString::to_string).collect::<Vec<_>>(),
        "votes": request.votes.iter().map(|v| json!({
            "by": v.by.to_string(), "approved": v.approved, "at": v.at.to_string(), "comment": &*v.comment,
        })).collect::<Vec<_>>(),
    })
}
