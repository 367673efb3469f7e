//! Closes cases in which nothing is open any more.

use crate::{About, App, AppError, DecisionContext};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use tenure_connect::AccountRef;
use tenure_engine::account_name;
use tenure_model::{
    Account, AccountKey, AccountState, ApprovalState, CaseEvent, CaseId, Fact, FactState, Holding, Identity,
    IdentityId, Obligation, Phase,
};
use tenure_store::{Change, Expect, StoredSubject, Unit};

crate::app::part! {
    /// Cases, opened and closed.
    Cases, cases
}

/// Identities that are read together.
const CHUNK: u32 = 512;

impl Cases<'_> {
    /// Closes every open case that is settled: after a pass that was interrupted before it could.
    pub(crate) async fn close_everybodys_cases(&self, moment: &DecisionContext) -> Result<u64, AppError> {
        let (mut closed, mut after) = (0, None);
        loop {
            let ids = self.app.store.identities(after, CHUNK).await?;
            let Some(last) = ids.last() else { return Ok(closed) };
            after = Some(*last);
            closed += self.close_cases(&ids, moment).await?;
        }
    }

    /// The open case of an identity: work for the identity is evidence of that case.
    pub(crate) async fn open_case(&self, id: IdentityId) -> Result<Option<CaseId>, AppError> {
        Ok(self.app.store.open_cases(&[id]).await?.pop().map(|case| case.id))
    }

    /// Closes the open cases of these identities that are settled; returns the number of closed cases.
    pub(crate) async fn close_cases(
        &self,
        ids: &[IdentityId],
        moment: &DecisionContext,
    ) -> Result<u64, AppError> {
        let cases = self.app.store.open_cases(ids).await?;
        if cases.is_empty() {
            return Ok(0);
        }
        let open: Vec<IdentityId> = cases.iter().map(|c| c.identity).collect();
        let subjects: BTreeMap<IdentityId, StoredSubject> =
            self.app.stored().readable(&open).await?.into_iter().map(|s| (s.identity.id, s)).collect();
        let mut facts: BTreeMap<IdentityId, Vec<Fact>> = BTreeMap::new();
        for fact in self.app.store.facts(&open).await? {
            facts.entry(fact.identity).or_default().push(fact);
        }
        let asked = self.app.store.approvals_about(&open).await?.into_iter();
        let pending = asked.filter(|r| matches!(r.state, ApprovalState::Pending { .. }));
        let asked: BTreeSet<IdentityId> = pending.map(|r| r.identity).collect();
        let mut units = Vec::new();
        for case in cases {
            let Some(subject) = subjects.get(&case.identity) else { continue };
            let facts = facts.get(&case.identity).map(Vec::as_slice).unwrap_or_default();
            if asked.contains(&case.identity) || !is_settled(subject, facts) {
                continue;
            }
            let reserved = facts.iter().any(|f| f.case == case.id && f.state.is_reserved());
            let was = Expect::CaseIs(case.id, case.state);
            let Ok(case) = case.on(CaseEvent::Settled { at: moment.now, reserved }) else { continue };
            let key = self.app.stored().key_of(case.identity, subject.person_key.as_deref());
            let about = About {
                identity: key.as_ref().map(|k| (case.identity, k)),
                case: Some(case.id),
                closes: true,
                ..About::default()
            };
            let payload = json!({ "v": 1, "change": case.label.as_str(), "state": case.state.as_str() });
            let evidence = self.app.recorder(moment).evidence("case.closed", about, payload)?;
            let expects = vec![Expect::Version(subject.identity.id, subject.identity.version), was];
            units.push(Unit { expects, changes: vec![Change::PutCase(case), Change::Append(evidence)] });
        }
        if units.is_empty() {
            return Ok(0);
        }
        // What changed concurrently is handled by the process that changed it.
        let closed = self.app.store.commit(units).await?.iter().filter(|o| o.is_committed()).count();
        Ok(u64::try_from(closed).unwrap_or(u64::MAX))
    }
}

/// Whether every fact is known, every grant is as decided and every account was seen in its decided state.
fn is_settled(subject: &StoredSubject, facts: &[Fact]) -> bool {
    // What a system's owner accepted counts as settled, for a time.
    let accepted = |key: &AccountKey| {
        facts.iter().any(|f| f.is_of(key) && matches!(f.state, FactState::Accepted { .. }))
    };
    let grants = subject
        .grants
        .iter()
        .all(|g| matches!(g.holding, Holding::Held | Holding::Ended) || accepted(&g.account));
    let accounts = subject.accounts.iter().all(|a| {
        a.confirmed == a.generation
            || (a.target.state == AccountState::Absent && a.generation == 0)
            || accepted(&a.key)
    });
    grants && accounts && facts.iter().all(|f| !f.state.is_open())
}

/// An account of an identity as connectors address it.
pub(crate) fn account_ref(app: &App, subject: &StoredSubject, key: &AccountKey) -> Option<AccountRef> {
    let account = subject.accounts.iter().find(|a| &a.key == key)?;
    let system = app.context.setup.systems.get(&key.system)?;
    let name = account_name(system, &subject.identity, account)?.clone();
    Some(AccountRef { external_id: account.external_id.clone(), name, kind: key.kind.clone() })
}

/// Whether an account is owed a new password or secret.
pub(crate) fn is_owed_reset(facts: &[Fact], account: &AccountKey) -> bool {
    let reset = |f: &Fact| matches!(f.obligation, Obligation::CredentialsReset(_));
    facts.iter().any(|f| f.is_of(account) && f.state.is_open() && reset(f))
}

/// Whether an account needs nothing usable because its holder left or is cut off: then its absence is no difference.
pub(crate) fn is_due_nothing(phase: Phase, identity: &Identity, account: &Account) -> bool {
    account.target.state == AccountState::Disabled
        && (matches!(phase, Phase::Departed | Phase::Erased) || identity.is_cut_off())
}
