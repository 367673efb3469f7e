//! Who approved what an identity holds: at or above the policy's risk they may not certify it.

use super::IndividualDecisions;
use crate::AppError;
use tenure_model::{BUNDLE, EntitlementName, IdentityId};
use tenure_store::StoredSubject;

impl IndividualDecisions<'_> {
    /// Approvers of a risky entitlement that is held now, and their delegators.
    pub(super) async fn approvers_of(
        &self,
        about: &StoredSubject,
        what: &EntitlementName,
    ) -> Result<Vec<IdentityId>, AppError> {
        let bundle = self.app.context.setup.policy.bundles.get(what.local());
        let bundle = bundle.filter(|_| what.system_str() == BUNDLE);
        let is_part = |e: &EntitlementName| e == what || bundle.is_some_and(|b| b.entitlements.contains(e));
        let answers = about
            .identity
            .decisions
            .answers
            .values()
            .filter(|a| a.approved && is_part(&a.reason.entitlement));
        let limit = self.app.context.setup.policy.request.review_risk;
        let mut approvers = Vec::new();
        for answer in answers.filter(|a| self.app.context.risk_of(&a.reason.entitlement) >= limit) {
            let request = self.app.store.approval(answer.approval).await?;
            let votes = request.into_iter().flat_map(|r| r.votes).filter(|v| v.approved);
            approvers.extend(votes.flat_map(|v| v.instead_of.into_iter().chain([v.by])));
        }
        Ok(approvers)
    }
}
