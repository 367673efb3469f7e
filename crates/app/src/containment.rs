//! Nested entitlements in a system, as reconciliation saw them.

use crate::{AppError, DecisionContext};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_connect::RemoteAccount;
use tenure_model::{Account, AccountKey, Containment, EntitlementName, Observed, SystemName};
use tenure_store::{Change, Expect, StoredSubject, Unit};

crate::app::part! {
    /// Nested entitlements, as reconciliation saw them.
    Nesting, containment
}

impl Nesting<'_> {
    /// The nesting seen in systems with a separation rule. It decides nothing else.
    pub(crate) async fn contained(&self) -> Result<Arc<Containment>, AppError> {
        let mut rows = Vec::new();
        for system in self.kept_apart() {
            rows.extend(self.app.stored().containment(&system).await?);
        }
        Ok(Arc::new(rows.into_iter().map(|r| (r.outer, r.inner)).collect()))
    }

    /// Systems with a separation rule.
    pub(crate) fn kept_apart(&self) -> BTreeSet<SystemName> {
        let rules = &self.app.context.setup.policy.separations;
        rules.iter().flat_map(|r| r.not_both.iter().flatten()).map(EntitlementName::system).collect()
    }

    /// Writes the inherited entitlements of an account, where they changed.
    pub(crate) fn holds_through(
        &self,
        subject: &StoredSubject,
        key: &AccountKey,
        remote: &RemoteAccount,
        moment: &DecisionContext,
    ) -> Option<Unit> {
        let account = subject.accounts.iter().find(|a| a.key == *key)?;
        let through = self.app.context.declared_of(&account.key.system, &remote.indirect);
        if through.iter().eq(account.observed.through()) {
            return None;
        }
        let (external_id, enabled) = (remote.external_id.clone(), remote.enabled);
        let name = account.observed.other_name().cloned();
        let observed = Observed::Present { at: moment.now, external_id, enabled, name, through };
        let id = subject.identity.id;
        let expects = vec![Expect::Generation(id, key.clone(), account.generation)];
        let changes = vec![Change::PutAccount(id, Account { observed, ..account.clone() })];
        Some(Unit { expects, changes })
    }
}
