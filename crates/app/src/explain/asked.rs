//! What is open about an identity, in an explanation: questions to approvers, and what brakes hold.

use super::agreed::Agreement;
use super::{Explain, REQUESTS_MAX};
use crate::describe::instant_words;
use crate::{AppError, DecisionContext};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{ApprovalRequest, ApprovalState, EntitlementName, IdentityId, Name as _};
use tenure_store::StoredSubject;

impl Explain<'_> {
    /// The open questions about an identity, with the names of those who may answer.
    pub(super) async fn asked(
        &self,
        stored: &StoredSubject,
        moment: &DecisionContext,
    ) -> Result<Asked, AppError> {
        let requests = self.app.store.approvals(Some(stored.identity.id), REQUESTS_MAX).await?;
        let people: Vec<IdentityId> = requests.iter().flat_map(ApprovalRequest::put_to).collect();
        let subjects =
            if people.is_empty() { Vec::new() } else { self.app.stored().readable(&people).await? };
        let names = subjects.into_iter().map(|s| (s.identity.id, s.title)).collect();
        Ok(Asked { requests, names, agreement: self.agreement(stored, moment.now).await })
    }

    /// What brakes hold of an identity: a line and JSON for each held change.
    pub(super) async fn held_by_brakes(
        &self,
        stored: &StoredSubject,
    ) -> Result<Vec<(String, Value)>, AppError> {
        let mut told = Vec::new();
        for held in self.app.stored().held_changes().await? {
            for (_, what) in held.people.iter().filter(|(id, _)| *id == stored.identity.id) {
                let (since, deadline) = (instant_words(held.since), instant_words(held.deadline));
                let line = format!(
                    "held by the brake of {} since {since}: {what}; {} decides before {deadline} (held change {})",
                    held.scope,
                    held.owner,
                    held.id.short()
                );
                let json = json!({
                    "id": held.id.to_string(), "scope": &*held.scope, "owner": &*held.owner, "loses": &**what,
                    "since": since, "deadline": deadline, "reason": &*held.reason,
                });
                told.push((line, json));
            }
        }
        Ok(told)
    }
}

/// The open questions about an identity, and the answered ones.
pub(super) struct Asked {
    pub(super) requests: Vec<ApprovalRequest>,
    /// Those who may answer.
    names: BTreeMap<IdentityId, Arc<str>>,
    /// What the ledger says of answered requests.
    pub(super) agreement: Agreement,
}

impl Asked {
    pub(super) fn about<'a>(
        &'a self,
        entitlement: &'a EntitlementName,
    ) -> impl Iterator<Item = &'a ApprovalRequest> {
        self.requests.iter().filter(move |r| r.grants.contains(entitlement))
    }

    fn people(&self, request: &ApprovalRequest) -> Vec<String> {
        let name = |id: &IdentityId| self.names.get(id).map_or_else(|| id.short(), ToString::to_string);
        request.put_to().iter().map(name).collect()
    }

    pub(super) fn lines(&self, entitlement: &EntitlementName) -> Vec<String> {
        let line = |r: &ApprovalRequest| {
            let people = self.people(r).join(if r.all { " and " } else { " or " });
            let people = if people.is_empty() { "no approver is available" } else { &*people };
            let before = match &r.state {
                ApprovalState::Pending { deadline } if *deadline < ApprovalRequest::UNTIMED => {
                    format!(", before {}", instant_words(*deadline))
                }
                _ => String::new(),
            };
            let since = instant_words(r.asked_at);
            format!(
                "  waits for approval under rule `{}`: {people}, asked {since}{before} (request {})",
                r.rule,
                r.id.short()
            )
        };
        self.about(entitlement).map(line).collect()
    }

    pub(super) fn json(&self, request: &ApprovalRequest) -> Value {
        json!({
            "request": request.id.to_string(), "rule": request.rule.as_str(), "asked": self.people(request),
            "asked_at": request.asked_at.to_string(),
        })
    }
}
