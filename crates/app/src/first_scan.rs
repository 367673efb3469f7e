//! No manual task to create an account is given before its system was scanned once: the performer cannot know whether the account
//! exists already (docs/adr/0093).

use crate::describe::by_hand;
use crate::finding_rows::OrganisationFinding;
use crate::{App, AppError};
use std::collections::{BTreeMap, BTreeSet};
use tenure_model::{
    Account, AccountState, FindingDetail, IdentityId, Name as _, SystemName, Task, TaskId, TaskKind,
    TaskState, Urgency,
};
use tenure_policy::System;
use tenure_store::note::{NoteOf as _, kinds, read_note};
use tenure_store::{Change, StoreError, Unit, UnlinkedAccount};

crate::app::part! {
    /// Systems whose first scan is open.
    FirstScan, first_scan
}

/// Identities that are read together.
const CHUNK: u32 = 512;

/// Whether a system was scanned completely once. Where that cannot be read, it is scanned again first.
pub(crate) async fn is_scanned(app: &App, system: &SystemName) -> Result<bool, StoreError> {
    Ok(read_note(&*app.store, &kinds::Scanned(system.clone())).await?.readable().is_some())
}

/// Notes that a system was scanned completely.
pub(super) fn noted(system: &SystemName, at: jiff::Timestamp) -> Change {
    kinds::Scanned(system.clone()).is(at)
}

/// Whether an account is due to be created and was never seen.
pub(crate) fn is_to_be_made(account: &Account) -> bool {
    account.external_id.is_none()
        && account.confirmed == 0
        && account.target.state != AccountState::Absent
        && account.generation > 0
}

impl FirstScan<'_> {
    /// Systems where accounts are created by hand only after a scan: rules match accounts to identities, it can be scanned, and was not yet.
    pub(crate) async fn unscanned(&self) -> Result<BTreeSet<SystemName>, AppError> {
        let mut found = BTreeSet::new();
        for system in self.app.context.setup.systems.values() {
            let scans = self.app.systems.get(&system.name).is_some_and(|w| w.capabilities.scan);
            let by_hand = self.app.way(system, Urgency::Normal) == TaskKind::Manual;
            if scans && by_hand && system.tells_holders() && !is_scanned(self.app, &system.name).await? {
                found.insert(system.name.clone());
            }
        }
        Ok(found)
    }

    /// Systems whose first scan accounts wait for, with the number of accounts.
    pub(crate) async fn wait_for_scan(&self) -> Result<Vec<(SystemName, u64)>, AppError> {
        let mut waiting = Vec::new();
        for name in self.unscanned().await? {
            let accounts = self.to_be_made(&name).await?;
            if !accounts.is_empty() {
                waiting.push((name, u64::try_from(accounts.len()).unwrap_or(u64::MAX)));
            }
        }
        Ok(waiting)
    }

    /// The same as findings.
    pub(crate) async fn never_reconciled(&self) -> Result<Vec<OrganisationFinding>, AppError> {
        let found = self.wait_for_scan().await?.into_iter().map(|(name, count)| {
            let owner = self.app.context.setup.systems.get(&name).map(|s| s.owner.clone());
            let detail = FindingDetail::NeverReconciled {
                system: name.clone(),
                accounts: count,
                owner: owner.clone(),
            };
            let looked = OrganisationFinding::new(name.as_str(), detail);
            OrganisationFinding { owner, ..looked }
        });
        Ok(found.collect())
    }

    /// Accounts of a system that are due to be created and have no task.
    async fn to_be_made(self, system: &SystemName) -> Result<Vec<(IdentityId, Account)>, AppError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let ids = self.app.store.account_holders(system, after, CHUNK).await?;
            let Some(last) = ids.last() else { return Ok(found) };
            after = Some(*last);
            for subject in self.app.stored().readable(&ids).await? {
                let id = subject.identity.id;
                let mine = |a: &Account| a.key.system == *system && is_to_be_made(a);
                if !subject.accounts.iter().any(mine) {
                    continue;
                }
                let tasks = self.app.store.tasks(Some(id), u32::MAX).await?;
                let open = |a: &Account| tasks.iter().any(|t| t.account == a.key);
                let idle = subject.accounts.into_iter().filter(|a| mine(a) && !open(a));
                found.extend(idle.map(|account| (id, account)));
            }
        }
    }

    /// Gives tasks for accounts that waited for the first scan. Those of `found`, and those that may be an existing account,
    /// wait for an adoption. Returns the number of tasks.
    pub(crate) async fn order_accounts(
        &self,
        system: &System,
        found: &BTreeSet<IdentityId>,
    ) -> Result<u64, AppError> {
        if !system.tells_holders() || self.unscanned().await?.contains(&system.name) {
            return Ok(0);
        }
        let asked: Vec<UnlinkedAccount> = self.app.stored().unlinked(&system.name, true).await?;
        let mut maybe: BTreeMap<IdentityId, BTreeSet<&str>> = BTreeMap::new();
        for account in &asked {
            for (id, _) in &account.candidates {
                maybe.entry(*id).or_default().insert(account.kind.as_str());
            }
        }
        let mut changes = Vec::new();
        for (identity, account) in self.to_be_made(&system.name).await? {
            let open = maybe.get(&identity).is_some_and(|kinds| kinds.contains(account.key.kind.as_str()));
            if found.contains(&identity) || open {
                continue;
            }
            let kind = self.app.way(system, Urgency::Normal);
            let (ms, random) = self.app.machine.id();
            changes.push(Change::PutTask(Task {
                id: TaskId::new(ms, random),
                identity,
                account: account.key,
                kind,
                generation: account.generation,
                urgency: Urgency::Normal,
                attempts: 0,
                uncertain_creates: 0,
                contradictions: 0,
                failed: None,
                brake_passed: true,
                state: match kind {
                    TaskKind::Manual => TaskState::NeedsPerson { why: by_hand() },
                    _ => TaskState::Ready { not_before: self.app.machine.clock.now() },
                },
            }));
        }
        let count = u64::try_from(changes.len()).unwrap_or(u64::MAX);
        if count > 0 {
            self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        }
        Ok(count)
    }
}
