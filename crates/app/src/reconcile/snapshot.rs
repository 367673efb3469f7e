//! The scan itself: page by page, to a proved end, and its consequences.

use super::Reconciliation;
use super::report::ScanReport;
use crate::authority::Target;
use crate::finding_rows::finding_id;
use crate::lease::Job;
use crate::{
    About, AppError, DecisionContext, Item, Operation, RefusalDetail, SystemConnections, SystemRefusal,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::{Gap, RemoteAccount};
use tenure_engine::Whose;
use tenure_model::Name as _;
use tenure_model::{Finding, FindingDetail, FindingId, FindingKind, SystemName};
use tenure_policy::{Mode, System};
use tenure_store::{Change, FindingRow, Unit};

/// Most pages of one scan.
const PAGES_MAX: u32 = 1_000_000;
/// Most accounts of one scan: more than a directory of a million people has.
const ACCOUNTS_MAX: usize = 3_000_000;
/// Most pages in a row that may bring no new account.
const IDLE_PAGES_MAX: u32 = 16;
/// Identities that are read together.
pub(super) const CHUNK: u32 = 512;

/// A scan's result: all accounts by external id, and whether that is all of them.
pub(crate) struct Snapshot {
    pub(crate) accounts: BTreeMap<Arc<str>, RemoteAccount>,
    /// Nested entitlements, by local name: outer, inner.
    pub(crate) contains: BTreeSet<(Arc<str>, Arc<str>)>,
    pub(crate) complete: bool,
    /// What it could not read.
    pub(crate) gaps: BTreeSet<Gap>,
    /// The entitlements whose holders it has read, by local name; `None`: all.
    pub(crate) read: Option<BTreeSet<Arc<str>>>,
}

impl Snapshot {
    /// Why it is unknown whether an account holds an entitlement that the scan does not show on it.
    pub(crate) fn unknown(&self, remote: &RemoteAccount, entitlement: &str) -> Option<Arc<str>> {
        let hidden = self.read.as_ref().is_some_and(|read| !read.contains(entitlement));
        let gone = || {
            Arc::from(format!("`{entitlement}` or its members cannot be read: it was deleted, or is hidden"))
        };
        remote.unread.of(entitlement).cloned().or_else(|| hidden.then(gone))
    }
}

/// The subject of a scan.
pub(crate) struct Scope<'a> {
    pub(crate) name: &'a SystemName,
    pub(crate) system: &'a System,
    pub(crate) wired: &'a SystemConnections,
}

impl<'a> Reconciliation<'a> {
    /// Scans a system. Differences are findings; in `enforce` their repair is decided, and done by the queue under
    /// the system's brake. Nothing is adopted: that is `adopt`.
    ///
    /// # Errors
    /// When the system cannot be scanned or the store fails.
    pub async fn scan(&self, name: &SystemName, moment: &DecisionContext) -> Result<ScanReport, AppError> {
        self.app.authority().permit(Operation::Reconcile, &Target::system(name), moment).await?;
        let alone = self.app.lease(Job::Reconcile(name)).await?;
        alone.keep(alone.app.reconcile().scan_alone(name, moment)).await
    }

    async fn scan_alone(&self, name: &SystemName, moment: &DecisionContext) -> Result<ScanReport, AppError> {
        let scope = self.scope(name)?;
        let seen = match self.see(&scope).await {
            Ok(seen) => seen,
            Err(error) => {
                self.note_broken(&scope, &error, moment).await?;
                return Err(error);
            }
        };
        // Repairs are Tenure's own acts, independently of who requested the scan.
        self.follow_up(&scope, &seen, &moment.automatic()).await
    }

    /// All consequences of a scan.
    pub(crate) async fn follow_up(
        &self,
        scope: &Scope<'_>,
        seen: &Snapshot,
        moment: &DecisionContext,
    ) -> Result<ScanReport, AppError> {
        let mut report = ScanReport::of(scope.name);
        report.accounts = u64::try_from(seen.accounts.len()).unwrap_or(u64::MAX);
        let (mut drifted, whose) = self.compare(scope, seen, &mut report, moment).await?;
        let unlinked = self.unlinked_in(scope, seen).await?;
        let unlinked = self.app.cut_off_orders().cut_off_unlinked(scope.system, unlinked, moment).await?;
        let weighed = self.weigh_accounts(scope, unlinked, moment).await?;
        self.note_unlinked(scope, &weighed, &mut report, moment).await?;
        let nested = self.note_containment(scope, seen, &mut report, moment).await?;
        if report.complete {
            self.end_findings(scope, &report).await?;
        }
        let reopened = self.regressed(scope, &drifted, moment).await?;
        // The mode limits a repair, as it limits every decision. In `observe`, a repair
        // is made only for a cut-off and where a confirmed end was reverted.
        drifted.retain(|s| {
            let id = &s.identity.id;
            scope.system.mode != Mode::Observe || s.identity.is_cut_off() || reopened.contains_key(id)
        });
        if !drifted.is_empty() {
            self.repair(scope, drifted, reopened, &mut report, moment).await?;
        }
        self.settle_nested(scope, nested, whose, moment).await?;
        report.again = self.put_back(scope, seen).await?;
        if report.complete {
            let never = crate::finding_rows::organisation_finding_id(
                FindingKind::NeverReconciled,
                scope.name.as_str(),
            );
            let changes = vec![crate::first_scan::noted(scope.name, moment.now), Change::EndFinding(never)];
            self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
            let found = weighed.all.iter().filter_map(|u| match &u.whose {
                Whose::Linked { id, .. } => Some(*id),
                _ => None,
            });
            self.app.first_scan().order_accounts(scope.system, &found.collect()).await?;
        }
        self.record_scan(scope, &report, moment).await?;
        Ok(report)
    }

    pub(crate) fn scope<'b>(&self, name: &'b SystemName) -> Result<Scope<'b>, AppError>
    where
        'a: 'b,
    {
        let unknown = || AppError::unknown(Item::System, name.as_str());
        let system = self.app.context.setup.systems.get(name).ok_or_else(unknown)?;
        let wired = self.app.systems.get(name).ok_or_else(unknown)?;
        if !wired.capabilities.scan {
            return Err(AppError::precondition(SystemRefusal::NotScannable { system: name.clone() }));
        }
        Ok(Scope { name, system, wired })
    }

    pub(crate) async fn see(&self, scope: &Scope<'_>) -> Result<Snapshot, AppError> {
        let (mut accounts, mut contains) = (BTreeMap::new(), BTreeSet::new());
        let (mut gaps, mut read) = (BTreeSet::new(), None);
        let (mut cursor, mut idle) = (None, 0);
        for _ in 0..PAGES_MAX {
            self.app.store.goes_on()?;
            let page = scope.wired.reader.scan(cursor).await.map_err(|e| {
                AppError::precondition(SystemRefusal::ScanInterrupted {
                    system: scope.name.clone(),
                    problem: e.to_string().into(),
                })
            })?;
            let (total, before) = (page.total, accounts.len());
            contains.extend(page.contains);
            gaps.extend(page.gaps);
            read = page.entitlements.or(read);
            for account in page.accounts {
                gaps.extend(account.unread.enabled.clone().map(|why| Gap { entitlement: None, why }));
                accounts.insert(account.external_id.clone(), account);
            }
            cursor = page.next;
            let count = u64::try_from(accounts.len()).unwrap_or(u64::MAX);
            if cursor.is_none() {
                if let Some(total) = total.filter(|t| *t != count) {
                    let why = format!("the system counts {total} accounts and shows {count}");
                    gaps.insert(Gap { entitlement: None, why: Arc::from(why) });
                }
                return Ok(Snapshot { complete: gaps.is_empty(), accounts, contains, gaps, read });
            }
            idle = if accounts.len() > before { 0 } else { idle + 1 };
            if idle > IDLE_PAGES_MAX || accounts.len() > ACCOUNTS_MAX {
                break;
            }
        }
        let why = match idle > IDLE_PAGES_MAX {
            true => Arc::from("the list of accounts does not end: its pages repeat"),
            false => Arc::from(format!("the list of accounts does not end: it has more than {ACCOUNTS_MAX}")),
        };
        gaps.insert(Gap { entitlement: None, why });
        Ok(Snapshot { accounts, contains, complete: false, gaps, read })
    }

    /// A finding about an interrupted scan stays until a scan completes.
    async fn note_broken(
        &self,
        scope: &Scope<'_>,
        error: &AppError,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let AppError::PreconditionFailed(RefusalDetail::System(SystemRefusal::ScanInterrupted {
            problem,
            ..
        })) = error
        else {
            return Ok(());
        };
        let id = broken_id(scope.name);
        let detail = FindingDetail::ScanInterrupted { problem: problem.clone() };
        let found = Finding::new(scope.name.as_str(), detail);
        let mut change = self.app.finding_rows().finding(scope.name, None, found, moment);
        if let Change::PutFinding(row) = &mut change {
            row.id = id;
        }
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes: vec![change] }]).await?;
        Ok(())
    }

    /// Accounts that are linked to no identity, without protected ones.
    pub(crate) async fn unlinked_in(
        &self,
        scope: &Scope<'_>,
        seen: &Snapshot,
    ) -> Result<Vec<RemoteAccount>, AppError> {
        let natives: Vec<Arc<str>> = seen.accounts.keys().cloned().collect();
        let mut linked = BTreeSet::new();
        for some in natives.chunks(usize::try_from(CHUNK).unwrap_or(1)) {
            linked.extend(
                self.app
                    .store
                    .account_owners(scope.name, some)
                    .await?
                    .into_iter()
                    .map(|(external_id, ..)| external_id),
            );
        }
        let orphan_identity = |a: &&RemoteAccount| {
            !linked.contains(&a.external_id) && !scope.system.protected.contains(&a.name)
        };
        Ok(seen.accounts.values().filter(orphan_identity).cloned().collect())
    }

    /// Ends findings of earlier scans that this complete one did not confirm.
    async fn end_findings(&self, scope: &Scope<'_>, report: &ScanReport) -> Result<(), AppError> {
        let found: BTreeSet<_> =
            report.findings.iter().map(|found| crate::finding_rows::of_system(scope.name, found)).collect();
        let is_old = |r: &FindingRow| r.system.as_ref() == Some(scope.name) && !found.contains(&r.id);
        let old = self.app.finding_rows().findings_where(is_old).await?;
        let changes: Vec<Change> = old.into_iter().map(|r| Change::EndFinding(r.id)).collect();
        if !changes.is_empty() {
            self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        }
        Ok(())
    }

    async fn record_scan(
        &self,
        scope: &Scope<'_>,
        report: &ScanReport,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let payload = json!({
            "v": 1, "system": scope.name.as_str(), "accounts": report.accounts, "complete": report.complete,
            "orphans": report.orphans, "findings": report.findings.len(), "repaired": report.repaired,
            "asked": report.asked, "again": report.again,
        });
        let evidence = self.app.recorder(moment).evidence("system.scanned", About::default(), payload)?;
        let ended = Change::EndFinding(broken_id(scope.name));
        let changes = vec![Change::BusinessTime(moment.now), ended, Change::Append(evidence)];
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(())
    }
}

/// The id of the finding that the last scan of a system was interrupted.
fn broken_id(system: &SystemName) -> FindingId {
    finding_id(&[system.as_str().as_bytes(), FindingKind::PartialScan.as_str().as_bytes(), b"broke off"])
}
