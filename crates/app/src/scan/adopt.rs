//! Takes in what is there: accounts that match somebody by name, with what they hold, and a date for review.

use super::look::Scope;
use super::report::ScanReport;
use crate::references::fold;
use crate::{App, AppError, Candidate, Cause, Moment};
use jiff::SignedDuration;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_connect::RemoteAccount;
use tenure_engine::{ACCOUNT_ITSELF, primary_engagement};
use tenure_model::{
    Account, AccountKey, AccountState, AccountTarget, CaseLabel, EntitlementName, Grant, Holding, IdentityId,
    JustificationKind, Name, Observed, Standing,
};
use tenure_policy::{ClassCache, Mode};
use tenure_store::{Change, StoredSubject};

/// After this long, what was adopted must have been reviewed, or it ends.
const REVIEW_WITHIN: SignedDuration = SignedDuration::from_hours(90 * 24);

impl App {
    /// Adopts the accounts that carry the name of exactly one identity; the others come back.
    pub(crate) async fn adopt(
        &self,
        scope: &Scope<'_>,
        unlinked: Vec<RemoteAccount>,
        report: &mut ScanReport,
        moment: &Moment,
    ) -> Result<Vec<RemoteAccount>, AppError> {
        if scope.system.mode == Mode::Enforce {
            let text = format!(
                "{} is in `enforce`: existing access is adopted before that, in `observe` or `end_only`",
                scope.name
            );
            return Err(AppError::NotNow(Arc::from(text)));
        }
        let names: Vec<(Arc<str>, Arc<str>)> =
            unlinked.iter().map(|a| (scope.system.account_name.clone(), fold(&a.name))).collect();
        let holders: BTreeMap<Arc<str>, IdentityId> = self
            .store
            .identifiers(&names)
            .await?
            .into_iter()
            .map(|(_, value, id)| (fold(&value), id))
            .collect();
        let (theirs, nobodys): (Vec<_>, Vec<_>) =
            unlinked.into_iter().partition(|a| holders.contains_key(&fold(&a.name)));
        let ids: Vec<IdentityId> =
            theirs.iter().filter_map(|a| holders.get(&fold(&a.name)).copied()).collect();
        let mut subjects: BTreeMap<IdentityId, StoredSubject> =
            self.store.subjects(&ids).await?.into_iter().map(|s| (s.identity.id, s)).collect();
        let mut candidates = Vec::new();
        for account in &theirs {
            let subject = holders.get(&fold(&account.name)).and_then(|id| subjects.remove(id));
            candidates.extend(subject.map(|s| self.adopted(scope, s, account, moment)));
        }
        let decisions = self.decide(candidates, &mut ClassCache::default(), moment).await?;
        let units: Vec<_> = decisions.into_iter().filter_map(|d| d.unit).collect();
        let outcomes = self.store.commit(units).await?;
        report.adopted =
            u64::try_from(outcomes.iter().filter(|o| o.is_committed()).count()).unwrap_or(u64::MAX);
        Ok(nobodys)
    }

    /// The identity with the account as it is, and a standing reason for each managed entitlement that it holds.
    fn adopted(
        &self,
        scope: &Scope<'_>,
        before: StoredSubject,
        remote: &RemoteAccount,
        moment: &Moment,
    ) -> Candidate {
        let key = AccountKey { system: scope.name.clone(), kind: remote.kind.clone() };
        let what = json!({ "adopted": remote.name.as_ref(), "system": scope.name.as_str() });
        let mut candidate = Candidate::again(before, what.clone());
        candidate.cause =
            Cause { label: Some(CaseLabel::Onboarding), what, refresh: true, ..Cause::default() };
        let known = candidate.before.iter().flat_map(|b| &b.accounts).find(|a| a.key == key);
        let account = as_seen(&key, remote, known.map_or(0, |a| a.generation) + 1, moment.now);
        let itself: Arc<str> = Arc::from(ACCOUNT_ITSELF);
        // What was there belongs to the work that somebody does now, and ends with it.
        let engagement = primary_engagement(&self.context, &candidate.after, moment.now);
        let held = remote.entitlements.iter().chain(remote.enabled.then_some(&itself));
        for local in held {
            let Ok(entitlement) = EntitlementName::of(scope.name, local) else { continue };
            // The account itself is managed from now on: nobody loses it by being taken in.
            if *local != itself && !self.context.is_managed(&entitlement) {
                continue;
            }
            candidate.after.decisions.standing.push(Standing {
                kind: JustificationKind::Adopted,
                account: key.clone(),
                entitlement: entitlement.clone(),
                engagement,
                from: None,
                until: moment.now.checked_add(REVIEW_WITHIN).ok(),
                reference: Arc::from(format!("adopted from {}", scope.name)),
                owner: None,
                reason: Arc::from("it was there when Tenure came; to be reviewed"),
                requester: None,
                compensating: Arc::from(""),
                reviewed: None,
                work: None,
                converted: None,
            });
            let grant = Grant {
                account: key.clone(),
                entitlement,
                justifications: Vec::new(),
                holding: Holding::Held,
            };
            candidate.extra.push(Change::PutGrant(candidate.after.id, grant.clone()));
            if let Some(before) = &mut candidate.before {
                before.grants.push(grant);
            }
        }
        candidate.extra.push(Change::PutAccount(candidate.after.id, account.clone()));
        candidate.extra.push(Change::EndTasks(candidate.after.id, key.clone()));
        candidate.extra.push(Change::EndUnlinked(scope.name.clone(), remote.native.clone()));
        if let Some(before) = &mut candidate.before {
            before.accounts.retain(|a| a.key != key);
            before.accounts.push(account);
        }
        candidate
    }
}

/// An account as the scan saw it: decided to be so, and confirmed.
pub(crate) fn as_seen(
    key: &AccountKey,
    remote: &RemoteAccount,
    generation: u64,
    at: jiff::Timestamp,
) -> Account {
    let state = if remote.enabled { AccountState::Enabled } else { AccountState::Disabled };
    Account {
        key: key.clone(),
        target: AccountTarget { state, attributes: remote.attributes.clone() },
        generation,
        confirmed: generation,
        native: Some(remote.native.clone()),
        observed: Observed::Present { at, native: remote.native.clone(), enabled: remote.enabled },
    }
}
