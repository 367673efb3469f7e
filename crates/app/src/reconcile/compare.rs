//! Compares all identities that have an account in a system with a scan; and decides whether accounts it did not show are gone.

use super::Reconciliation;
use super::asking::{Asked, Asking};
use super::observe::observe;
use super::report::ScanReport;
use super::snapshot::{CHUNK, Scope, Snapshot};
use crate::cases::is_due_nothing;
use crate::limits::trips;
use crate::{AppError, DecisionContext, SystemRefusal};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::{AccountRef, RemoteAccount};
use tenure_engine::account_name;
use tenure_model::Name as _;
use tenure_model::{AccountKey, AccountState, Finding, FindingDetail, FindingKind, IdentityId};
use tenure_store::{Change, StoredSubject, Unit};

/// Gaps of one scan that are reported; all are counted.
const GAPS_TOLD_MAX: usize = 20;

/// Findings that are only reported: no difference to repair.
const TOLD_ONLY: [FindingKind; 2] = [FindingKind::PartialScan, FindingKind::MovedAccount];

/// Accounts that a scan does not show.
#[derive(Default)]
struct Unseen {
    accounts: Vec<(IdentityId, AccountKey, AccountRef)>,
    /// Number of linked accounts that should exist.
    known: u64,
}

/// What a scan saw, by name.
type ByName<'a> = BTreeMap<&'a Arc<str>, &'a RemoteAccount>;

impl Reconciliation<'_> {
    /// Identities that differ from the scan, in their real state, and those whose inherited entitlements or their paths changed.
    /// Notes in the report whether the scan was complete.
    pub(super) async fn compare(
        &self,
        scope: &Scope<'_>,
        seen: &Snapshot,
        report: &mut ScanReport,
        moment: &DecisionContext,
    ) -> Result<(Vec<StoredSubject>, BTreeSet<IdentityId>), AppError> {
        let by_name: ByName<'_> = seen.accounts.values().map(|a| (&a.name, a)).collect();
        let mut drifted: BTreeMap<IdentityId, StoredSubject> = BTreeMap::new();
        let (mut unseen, mut after, mut whose) = (Unseen::default(), None, BTreeSet::new());
        let mut asking = Asking::default();
        loop {
            let ids = self.app.store.account_holders(scope.name, after, CHUNK).await?;
            let Some(last) = ids.last() else { break };
            after = Some(*last);
            let (mut differences, mut units) = (Vec::new(), Vec::new());
            for mut subject in self.app.stored().readable(&ids).await? {
                let id = subject.identity.id;
                let before = differences.len();
                let off_before = subject.identity.decisions.off_by_hand.clone();
                for (key, account, due) in looked_at(scope, &subject) {
                    let is_due = due != AccountState::Absent;
                    unseen.known += u64::from(is_due);
                    let listed = listed(seen, &by_name, &account);
                    let asked = asking.ask(scope, &account, due, listed.is_some()).await;
                    // An account created under the name of one that is gone counts as its replacement only now.
                    let instead = || by_name.get(&account.name).copied();
                    match asked.there().or(listed).or_else(instead) {
                        _ if asked == Asked::Unknown => {}
                        None if is_missed(&subject, &key) => unseen.accounts.push((id, key, account)),
                        // A deleted account is correctly absent.
                        None => {}
                        Some(account) => {
                            units.extend(
                                self.app
                                    .containment()
                                    .holds_through(&subject, &key, account, moment)
                                    .inspect(|_| {
                                        whose.insert(id);
                                    }),
                            );
                            let (context, some) = (&self.app.context, Some((account, seen)));
                            let found = observe(context, scope.system, &mut subject, &key, some, moment.now);
                            differences.extend(found.into_iter().map(|found| (id, found)));
                        }
                    }
                }
                let is_drift = |(_, found): &(_, Finding)| !TOLD_ONLY.contains(&found.kind());
                let switched = subject.identity.decisions.off_by_hand != off_before;
                if switched || differences.iter().skip(before).any(is_drift) {
                    drifted.insert(id, subject);
                }
            }
            // An account that changed meanwhile was read by the process that changed it.
            self.app.store.commit(units).await?;
            self.note_differences(scope, differences, report, moment).await?;
        }
        self.note_gaps(scope, (seen, &asking), report, moment).await?;
        let unknown = report.findings.iter().any(|f| f.kind() == FindingKind::PartialScan);
        let whole = seen.complete && !unknown;
        report.complete = whole && self.shows_all(scope, seen, &unseen, report, moment).await?;
        if report.complete {
            self.note_gone(scope, &unseen, &mut drifted, report, moment).await?;
        }
        Ok((drifted.into_values().collect(), whose))
    }

    /// Whether accounts that a scan does not show are gone. Linked accounts were read one by one. Of unlinked accounts, as many as the
    /// system's brake allows in a day count as gone; if there are more, each is read. One that exists shows that the scan was incomplete.
    async fn shows_all(
        &self,
        scope: &Scope<'_>,
        seen: &Snapshot,
        unseen: &Unseen,
        report: &mut ScanReport,
        moment: &DecisionContext,
    ) -> Result<bool, AppError> {
        let orphan_identity = self.app.stored().unlinked(scope.name, false).await?;
        let known = unseen.known.saturating_add(number(orphan_identity.len()));
        let hidden: Vec<AccountRef> = orphan_identity
            .into_iter()
            .filter(|u| !seen.accounts.contains_key(&u.external_id))
            .map(|u| AccountRef { external_id: Some(u.external_id), name: u.name, kind: u.kind })
            .collect();
        let missing = number(unseen.accounts.len());
        // An empty or wrong system, or one that hides everything, gives the same answer to each read.
        if unseen.known > 1 && missing == unseen.known
            || trips(scope.system.brake, missing, unseen.known) && missing * 2 > unseen.known
        {
            let what = FindingDetail::ScanShowsLessThanHalf;
            return self.note_partial(scope, what, report, moment).await.map(|()| false);
        }
        if !trips(scope.system.brake, missing + number(hidden.len()), known) {
            return Ok(true);
        }
        let reads = scope.wired.capabilities.read;
        let unasked = unseen.accounts.iter().filter(|_| !reads).map(|(.., account)| account);
        for account in unasked.chain(&hidden) {
            if reads && self.asked_for(scope, account).await?.is_none() {
                continue;
            }
            return self.note_partial(scope, FindingDetail::ScanHides, report, moment).await.map(|()| false);
        }
        Ok(true)
    }

    /// Reports that a scan as a whole is incomplete.
    async fn note_partial(
        &self,
        scope: &Scope<'_>,
        what: FindingDetail,
        report: &mut ScanReport,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let found = Finding::new(scope.name.as_str(), what);
        let changes = vec![self.app.finding_rows().finding(scope.name, None, found.clone(), moment)];
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        report.findings.push(found);
        Ok(())
    }

    /// Reports what the scan could not read.
    async fn note_gaps(
        &self,
        scope: &Scope<'_>,
        (seen, asking): (&Snapshot, &Asking),
        report: &mut ScanReport,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let mut changes = Vec::new();
        let gaps = seen.gaps.iter().chain(&asking.gaps).map(|gap| {
            let of = gap.entitlement.as_ref().map(|e| Arc::from(format!("{}:{e}", scope.name)));
            FindingDetail::ScanGap { entitlement: of, problem: gap.why.clone() }
        });
        // An incomplete scan is reported once.
        let hides = (asking.hides && seen.complete).then_some(FindingDetail::ScanHides);
        for detail in gaps.chain(hides).take(GAPS_TOLD_MAX) {
            let found = Finding::new(scope.name.as_str(), detail);
            changes.push(self.app.finding_rows().finding(scope.name, None, found.clone(), moment));
            report.findings.push(found);
        }
        if !changes.is_empty() {
            self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        }
        Ok(())
    }

    /// Reads exactly this one account from the system.
    async fn asked_for(
        &self,
        scope: &Scope<'_>,
        account: &AccountRef,
    ) -> Result<Option<RemoteAccount>, AppError> {
        if !scope.wired.capabilities.read || account.external_id.is_none() && account.name.is_empty() {
            return Ok(None);
        }
        scope.wired.reader.read(account).await.map_err(|e| {
            AppError::precondition(SystemRefusal::Unread {
                system: scope.name.clone(),
                account: account.name.clone(),
                problem: e.to_string().into(),
            })
        })
    }

    /// Notes accounts that are gone, of those that the scan does not show.
    async fn note_gone(
        &self,
        scope: &Scope<'_>,
        unseen: &Unseen,
        drifted: &mut BTreeMap<IdentityId, StoredSubject>,
        report: &mut ScanReport,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let at_once = usize::try_from(CHUNK).unwrap_or(1);
        for some in unseen.accounts.chunks(at_once) {
            let ids: Vec<IdentityId> =
                some.iter().map(|(id, ..)| *id).filter(|id| !drifted.contains_key(id)).collect();
            let mut fresh: BTreeMap<IdentityId, StoredSubject> =
                self.app.stored().readable(&ids).await?.into_iter().map(|s| (s.identity.id, s)).collect();
            let mut differences = Vec::new();
            for (id, key, _) in some {
                if let Some(subject) = fresh.remove(id) {
                    drifted.insert(*id, subject);
                }
                let Some(subject) = drifted.get_mut(id) else { continue };
                let found = observe(&self.app.context, scope.system, subject, key, None, moment.now);
                differences.extend(found.into_iter().map(|found| (*id, found)));
            }
            self.note_differences(scope, differences, report, moment).await?;
        }
        Ok(())
    }

    async fn note_differences(
        &self,
        scope: &Scope<'_>,
        differences: Vec<(IdentityId, Finding)>,
        report: &mut ScanReport,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let finding = |(id, found): &(IdentityId, Finding)| {
            self.app.finding_rows().finding(scope.name, Some(*id), found.clone(), moment)
        };
        let changes: Vec<Change> = differences.iter().map(finding).collect();
        if !changes.is_empty() {
            self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        }
        report.findings.extend(differences.into_iter().map(|(_, found)| found));
        Ok(())
    }
}

/// The accounts of an identity in this system, and the state due for each; open work is not drift.
fn looked_at(scope: &Scope<'_>, subject: &StoredSubject) -> Vec<(AccountKey, AccountRef, AccountState)> {
    let mine = subject.accounts.iter().filter(|a| &a.key.system == scope.name);
    let settled = mine.filter(|a| a.confirmed == a.generation);
    let looked = settled.map(|a| {
        let name = account_name(scope.system, &subject.identity, a).cloned().unwrap_or_default();
        let account = AccountRef { external_id: a.external_id.clone(), name, kind: a.key.kind.clone() };
        (a.key.clone(), account, a.target.state)
    });
    looked.collect()
}

/// An account in the scan: by its id where that is known, else by its name.
fn listed<'a>(seen: &'a Snapshot, by_name: &ByName<'a>, account: &AccountRef) -> Option<&'a RemoteAccount> {
    match &account.external_id {
        Some(external_id) => seen.accounts.get(external_id),
        None => by_name.get(&account.name).copied(),
    }
}

/// Whether an account should exist.
fn is_missed(subject: &StoredSubject, key: &AccountKey) -> bool {
    let account = subject.accounts.iter().find(|a| a.key == *key);
    account.is_some_and(|a| {
        a.target.state != AccountState::Absent && !is_due_nothing(subject.phase, &subject.identity, a)
    })
}

fn number(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
