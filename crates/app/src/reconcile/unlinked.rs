//! Accounts that are linked to no identity: their candidates, otherwise their class, and the findings about them.

use super::Reconciliation;
use super::report::ScanReport;
use super::snapshot::Scope;
use crate::correlate::account_seen;
use crate::{About, AppError, DecisionContext};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::RemoteAccount;
use tenure_engine::{AccountSeen, Estate, Orphan, Whose, classify};
use tenure_model::Name as _;
use tenure_model::{
    EntitlementName, Finding, FindingDetail, FindingKind, IdentityId, Kind, Phase, PossibleHolder,
};
use tenure_store::{Change, Unit, UnlinkedAccount};

/// Identities that are loaded together.
const CHUNK: u32 = 512;

/// An account without an identity, as far as the rules can tell.
pub(crate) struct Unlinked {
    pub(crate) remote: RemoteAccount,
    pub(crate) whose: Whose,
    pub(crate) orphan: Orphan,
    /// The earlier decision of a person about it.
    said: Option<(jiff::Timestamp, IdentityId)>,
}

/// Accounts without an identity, and the names of the identities that may have them.
pub(crate) struct Weighed {
    pub(crate) all: Vec<Unlinked>,
    pub(crate) titles: BTreeMap<IdentityId, Arc<str>>,
    /// Those of them who have departed.
    pub(crate) departed: BTreeSet<IdentityId>,
}

impl Weighed {
    pub(crate) fn title(&self, id: IdentityId) -> &str {
        self.titles.get(&id).map_or("an identity", |t| &**t)
    }
}

impl Reconciliation<'_> {
    /// Finds the identities of these accounts, by the system's rules, among all known identities.
    pub(crate) async fn weigh_accounts(
        &self,
        scope: &Scope<'_>,
        unlinked: Vec<RemoteAccount>,
        moment: &DecisionContext,
    ) -> Result<Weighed, AppError> {
        let mut estate = Estate::new(&self.app.context, scope.system, moment.now);
        let mut after = None;
        while !unlinked.is_empty() {
            let ids = self.app.store.identities(after, CHUNK).await?;
            let Some(last) = ids.last() else { break };
            after = Some(*last);
            for subject in self.app.stored().readable(&ids).await? {
                estate.add(&subject.identity, &subject.accounts);
            }
        }
        let before = self.app.stored().unlinked(scope.name, false).await?;
        let said: BTreeMap<Arc<str>, _> = before.into_iter().map(|u| (u.external_id, u.said)).collect();
        let accounts: Vec<AccountSeen<'_>> = unlinked.iter().map(account_seen).collect();
        let whose = estate.whose(&accounts);
        let orphans: Vec<Orphan> = accounts.iter().map(|a| classify(scope.system, a)).collect();
        let mut all = Vec::with_capacity(unlinked.len());
        for ((remote, whose), orphan) in unlinked.into_iter().zip(whose).zip(orphans) {
            let said = said.get(&remote.external_id).copied().flatten();
            // A person's decision takes precedence.
            let whose = if said.is_some() { Whose::Orphan } else { whose };
            all.push(Unlinked { remote, whose, orphan, said });
        }
        let (titles, departed) = self.who_they_are(&all).await?;
        Ok(Weighed { all, titles, departed })
    }

    async fn who_they_are(
        &self,
        all: &[Unlinked],
    ) -> Result<(BTreeMap<IdentityId, Arc<str>>, BTreeSet<IdentityId>), AppError> {
        let people: BTreeSet<IdentityId> = all.iter().flat_map(|u| candidates(&u.whose)).collect();
        let people: Vec<IdentityId> = people.into_iter().collect();
        let (mut titles, mut departed) = (BTreeMap::new(), BTreeSet::new());
        for some in people.chunks(usize::try_from(CHUNK).unwrap_or(1)) {
            for subject in self.app.stored().readable(some).await? {
                if subject.phase == Phase::Departed {
                    departed.insert(subject.identity.id);
                }
                titles.insert(subject.identity.id, subject.title);
            }
        }
        Ok((titles, departed))
    }

    /// Stores unlinked accounts in a list, asks about those where the rules leave a doubt, and reports both.
    pub(crate) async fn note_unlinked(
        &self,
        scope: &Scope<'_>,
        weighed: &Weighed,
        report: &mut ScanReport,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let now: BTreeSet<&Arc<str>> = weighed.all.iter().map(|u| &u.remote.external_id).collect();
        let before = self.app.stored().unlinked(scope.name, false).await?;
        // Only a complete scan shows that an account is gone.
        let gone: Vec<&UnlinkedAccount> =
            before.iter().filter(|b| report.complete && !now.contains(&b.external_id)).collect();
        let mut changes: Vec<Change> =
            gone.iter().map(|b| Change::EndUnlinked(scope.name.clone(), b.external_id.clone())).collect();
        let said: Vec<&str> = gone.iter().filter(|b| b.said.is_some()).map(|b| &*b.external_id).collect();
        if !said.is_empty() {
            // The decision about it is removed with it.
            let payload = json!({ "v": 1, "system": scope.name.as_str(), "gone": said });
            let evidence = self.app.recorder(moment).evidence("account.gone", About::default(), payload)?;
            changes.push(Change::Append(evidence));
        }
        for account in &weighed.all {
            let about = format!("{}:{}", scope.name, account.remote.name);
            let found = Finding::new(about, detail(account, weighed));
            match found.kind() {
                FindingKind::AmbiguousAccount => report.asked += 1,
                _ => report.orphans += 1,
            }
            report.findings.push(found.clone());
            changes.push(self.app.finding_rows().finding(scope.name, None, found, moment));
            changes.push(Change::PutUnlinked(row(scope, account, moment)));
        }
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(())
    }
}

/// The candidate identities.
pub(crate) fn candidates(whose: &Whose) -> Vec<IdentityId> {
    match whose {
        Whose::Linked { id, .. } => vec![*id],
        Whose::Ask { candidates, .. } => candidates.iter().map(|(id, _)| *id).collect(),
        Whose::Orphan => Vec::new(),
    }
}

fn row(scope: &Scope<'_>, account: &Unlinked, moment: &DecisionContext) -> UnlinkedAccount {
    let Unlinked { remote, whose, orphan, said } = account;
    let (kind, candidates) = match whose {
        Whose::Ask { kind, candidates, .. } => (kind.clone(), candidates.clone()),
        Whose::Linked { kind, .. } => (kind.clone(), Vec::new()),
        Whose::Orphan => (Kind::default(), Vec::new()),
    };
    let held = remote.entitlements.iter().filter_map(|e| EntitlementName::of(scope.name, e).ok());
    UnlinkedAccount {
        system: scope.name.clone(),
        external_id: remote.external_id.clone(),
        name: remote.name.clone(),
        enabled: remote.enabled,
        entitlements: held.collect(),
        class: orphan.class,
        owner: orphan.owner.clone(),
        kind,
        candidates,
        said: *said,
        seen: moment.now,
    }
}

/// The finding about an account without an identity.
fn detail(account: &Unlinked, weighed: &Weighed) -> FindingDetail {
    let Unlinked { remote, whose, orphan, .. } = account;
    let (account, usable) = (remote.name.clone(), remote.enabled);
    match whose {
        Whose::Ask { candidates, why, .. } => {
            let possible = candidates.iter().map(|(id, percent)| PossibleHolder {
                name: Arc::from(weighed.title(*id)),
                percent: u64::from(*percent),
            });
            FindingDetail::AccountAmbiguous { account, usable, candidates: possible.collect(), why: *why }
        }
        Whose::Linked { id, by, .. } => {
            let (holder, evidence) = (Arc::from(weighed.title(*id)), by.clone());
            FindingDetail::AccountNotAdopted { account, usable, holder, evidence }
        }
        Whose::Orphan => {
            let (class, owner) = (orphan.class, orphan.owner.clone());
            FindingDetail::AccountOrphan { account, usable, class, owner }
        }
    }
}
