//! Repairs drift: decides from the real state. Removals pass the system's brake when they are claimed.

use super::Reconciliation;
use super::report::ScanReport;
use super::snapshot::Scope;
use crate::decide::InFlight;
use crate::dependents::Dependents;
use crate::{AppError, Candidate, Cause, DecisionContext, Labels};
use serde_json::json;
use std::collections::BTreeMap;
use tenure_model::Name as _;
use tenure_model::{
    Account, AccountKey, AccountState, Case, CaseEvent, CaseLabel, Fact, FactState, Holding, IdentityId,
    Obligation, SystemName,
};
use tenure_policy::ClassCache;
use tenure_store::{Change, StoredSubject};

impl Reconciliation<'_> {
    /// Reopens closed cases with a fact that is no longer true, by identity. `drifted` are the identities as they were seen.
    pub(crate) async fn regressed(
        &self,
        scope: &Scope<'_>,
        drifted: &[StoredSubject],
        moment: &DecisionContext,
    ) -> Result<BTreeMap<IdentityId, Case>, AppError> {
        let ids: Vec<IdentityId> = drifted.iter().map(|s| s.identity.id).collect();
        let subjects: BTreeMap<IdentityId, &StoredSubject> =
            drifted.iter().map(|s| (s.identity.id, s)).collect();
        let mut reopened: BTreeMap<IdentityId, Case> = BTreeMap::new();
        for fact in self.app.store.facts(&ids).await? {
            let Some(subject) = subjects.get(&fact.identity) else { continue };
            let accepted = matches!(fact.state, FactState::Accepted { .. });
            if fact.state.is_open() || accepted || !is_contradicted(&fact, scope.name, subject) {
                continue;
            }
            let Some(case) = self.app.store.case(fact.case).await? else { continue };
            let Ok(case) = case.on(CaseEvent::Regressed { at: moment.now }) else { continue };
            let newest = reopened.entry(fact.identity).or_insert_with(|| case.clone());
            if newest.clocks.decided_at < case.clocks.decided_at {
                *newest = case;
            }
        }
        Ok(reopened)
    }

    /// The accounts of an identity that were switched by hand since they were last seen: they are written as they are.
    async fn switched_by_hand(
        &self,
        scope: &Scope<'_>,
        seen: &StoredSubject,
    ) -> Result<Vec<Change>, AppError> {
        let id = seen.identity.id;
        let Some(stored) = self.app.stored().readable(&[id]).await?.pop() else { return Ok(Vec::new()) };
        let is = |of: &StoredSubject, key: &AccountKey| of.identity.decisions.off_by_hand.contains_key(key);
        let there = seen.accounts.iter().filter(|a| a.key.system == *scope.name);
        let switched = there.filter(|a| is(&stored, &a.key) != is(seen, &a.key));
        Ok(switched.map(|account| Change::PutAccount(id, account.clone())).collect())
    }

    pub(crate) async fn repair(
        &self,
        scope: &Scope<'_>,
        drifted: Vec<StoredSubject>,
        reopened: BTreeMap<IdentityId, Case>,
        report: &mut ScanReport,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let mut cache = ClassCache::default();
        let what = json!({ "scan": scope.name.as_str() });
        let mut candidates = Vec::new();
        for subject in drifted {
            let switched = self.switched_by_hand(scope, &subject).await?;
            let cause = Cause {
                label: Some(CaseLabel::Drift),
                what: what.clone(),
                refresh: !switched.is_empty(),
                ..Cause::default()
            };
            candidates.push(Candidate { cause, extra: switched, ..Candidate::again(subject, what.clone()) });
        }
        let mut dependents = Dependents::default();
        let mut units = Vec::new();
        let beside = InFlight { reopened, ..InFlight::default() };
        for decision in self.app.decide().decide_beside(candidates, beside, &mut cache, moment).await? {
            units.extend(decision.unit.clone());
            dependents.note(&decision);
        }
        // A unit that failed was replaced by a newer decision; the next scan compares again.
        let outcomes = self.app.store.commit(units).await?;
        report.repaired =
            u64::try_from(outcomes.iter().filter(|o| o.is_committed()).count()).unwrap_or(u64::MAX);
        self.app.settle().resettle_dependents(dependents, &mut cache, moment, &mut Labels::new()).await
    }
}

/// Whether the read of an account of a system contradicts a fact.
fn is_contradicted(fact: &Fact, system: &SystemName, seen: &StoredSubject) -> bool {
    let Some(key) = fact.account.as_ref().filter(|a| &a.system == system) else { return false };
    let account = seen.accounts.iter().find(|a| &a.key == key);
    let is = |state: fn(&Account) -> bool| account.is_some_and(state);
    match &fact.obligation {
        Obligation::AccountUnusable => is(|a| a.target.state == AccountState::Enabled),
        Obligation::AccountDeleted => is(|a| a.target.state != AccountState::Absent),
        Obligation::EntitlementGone(entitlement) => seen
            .grants
            .iter()
            .any(|g| &g.account == key && &g.entitlement == entitlement && g.holding == Holding::Held),
        _ => false,
    }
}
