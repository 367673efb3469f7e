//! Who has an account in a system or holds an entitlement: since when, why, who agreed, and until when.

use super::Query;
use super::page::{Listed, Page};
use crate::{App, AppError, IdentityShown, Item};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::steps_to;
use tenure_engine::account_name;
use tenure_model::{
    Account, AccountKey, AccountState, ApprovalId, EntitlementName, Grant, Holding, Identity, IdentityId,
    IndividualDecision, Justification, JustificationKind, Name as _, Observed, Reason, SystemName,
};
use tenure_store::{IdentityFilter, StoredSubject};

/// One account of an identity, with what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The identity.
    pub who: IdentityShown,
    /// The account.
    pub account: AccountKey,
    /// Its name in the system, where it has one.
    pub name: Option<Arc<str>>,
    /// The decided state.
    pub decided: AccountState,
    /// When it was last read, and what was there; `None` where it was not read yet.
    pub read: Option<(Timestamp, AccountState)>,
    /// What it holds and inherits.
    pub holds: Vec<Held>,
}

/// An entitlement that an account holds or inherits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The entitlement.
    pub entitlement: EntitlementName,
    /// Whether it was seen in the system; `None` where it is inherited only.
    pub holding: Option<Holding>,
    /// Why it is held; empty where it is ending or inherited only.
    pub reasons: Vec<HeldReason>,
    /// The entitlements through which it is inherited, the nearest to the account first; empty where it is not.
    pub through: Vec<Arc<str>>,
}

/// One reason for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldReason {
    /// The reason as last settled.
    pub justification: Justification,
    /// Since when.
    pub since: Since,
    /// What the requester or signer stated; empty for a rule.
    pub stated: Arc<str>,
    /// The requester, or the person who gave it in an emergency.
    pub requester: Option<Arc<str>>,
    /// Who approved or signed it; empty where no approval was asked.
    pub approvers: Vec<Arc<str>>,
    /// The owner of the rule or the exception.
    pub owner: Option<Arc<str>>,
}

/// Since when a reason gives access, as far as that is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// Since this instant.
    Instant(Timestamp),
    /// Since the rule applies: not before this first day of the engagement.
    Engagement(Date),
    /// It is not stored.
    Unknown,
}

/// The names and approvals that the reasons of one page refer to.
struct HolderNames<'a> {
    app: &'a App,
    now: Timestamp,
    /// Who approved each request.
    approvers: BTreeMap<ApprovalId, Vec<IdentityId>>,
    names: BTreeMap<IdentityId, Arc<str>>,
}

impl Query<'_> {
    /// The accounts in a system, or those that hold or inherit an entitlement of it, by the holder's name.
    ///
    /// # Errors
    /// When the configuration does not have the system and no account in it is known, or the store fails.
    pub async fn holders(
        &self,
        system: &SystemName,
        entitlement: Option<&EntitlementName>,
        page: &Page,
    ) -> Result<Listed<Holder>, AppError> {
        let filter = IdentityFilter::holding(system.clone(), entitlement.cloned());
        let (ids, next) = self.page_of_identities(&filter, page).await?;
        if ids.is_empty() && page.after.is_none() {
            self.is_declared(system, entitlement)?;
        }
        let subjects = self.app.stored().readable(&ids).await?;
        let names = HolderNames::read(self, &subjects, system).await?;
        let of = |s: &StoredSubject| names.accounts_of(s, system, entitlement);
        Ok(Listed { rows: subjects.iter().flat_map(of).collect(), next })
    }

    /// Refuses a name that nothing has: an empty list would say that it has no holders.
    fn is_declared(&self, system: &SystemName, what: Option<&EntitlementName>) -> Result<(), AppError> {
        self.has(None, Some(system))?;
        match what.filter(|e| self.app.context.entitlement(e).is_none()) {
            Some(e) => Err(AppError::unknown(Item::Entitlement, e.local())),
            None => Ok(()),
        }
    }
}

impl<'a> HolderNames<'a> {
    async fn read(
        query: &Query<'a>,
        subjects: &[StoredSubject],
        system: &SystemName,
    ) -> Result<Self, AppError> {
        let mut approvers = BTreeMap::new();
        let mut people = BTreeSet::new();
        for stored in subjects {
            let decisions = &stored.identity.decisions;
            let theirs = |a: &&tenure_model::Answer| a.approved && a.reason.account.system == *system;
            for answer in decisions.answers.values().filter(theirs) {
                let Some(request) = query.app.store.approval(answer.approval).await? else { continue };
                let yes: Vec<IdentityId> =
                    request.votes.iter().filter(|v| v.approved).map(|v| v.by).collect();
                people.extend(yes.iter().copied());
                approvers.insert(answer.approval, yes);
            }
            people.extend(decisions.individual.iter().flat_map(|s| [s.requester, s.owner]).flatten());
        }
        let names = query.names(&people.into_iter().collect::<Vec<_>>()).await?;
        Ok(Self { app: query.app, now: query.now(), approvers, names })
    }

    fn accounts_of(
        &self,
        stored: &StoredSubject,
        system: &SystemName,
        only: Option<&EntitlementName>,
    ) -> Vec<Holder> {
        let who = self.app.people().shown_at(stored, self.now);
        let is_there = |a: &&Account| a.target.state != AccountState::Absent || a.confirmed != a.generation;
        let accounts = stored.accounts.iter().filter(|a| a.key.system == *system).filter(is_there);
        let holder = |account: &Account| Holder {
            who: who.clone(),
            account: account.key.clone(),
            name: self.name_of(&stored.identity, account),
            decided: account.target.state,
            read: read(&account.observed),
            holds: self.held_by(stored, account, only),
        };
        accounts.map(holder).filter(|h| only.is_none() || !h.holds.is_empty()).collect()
    }

    fn name_of(&self, identity: &Identity, account: &Account) -> Option<Arc<str>> {
        let declared = self.app.context.setup.systems.get(&account.key.system);
        let decided = || declared.and_then(|system| account_name(system, identity, account));
        account.observed.other_name().or_else(decided).cloned()
    }

    fn held_by(
        &self,
        stored: &StoredSubject,
        account: &Account,
        only: Option<&EntitlementName>,
    ) -> Vec<Held> {
        let mut all: BTreeMap<EntitlementName, Held> = BTreeMap::new();
        let held = |g: &&Grant| g.account == account.key && g.holding != Holding::Ended;
        for grant in stored.grants.iter().filter(held) {
            let why = |j| self.reason(&stored.identity, grant, j);
            let reasons = grant.justifications.iter().map(why).collect();
            let entitlement = grant.entitlement.clone();
            let held = Held { entitlement, holding: Some(grant.holding), reasons, through: Vec::new() };
            all.insert(grant.entitlement.clone(), held);
        }
        for (entitlement, path) in account.observed.through() {
            let steps = steps_to(path, entitlement.local());
            let system = &account.key.system;
            let through = steps.map(|all| all.iter().map(|e| Arc::from(format!("{system}:{e}"))).collect());
            let through: Vec<Arc<str>> = through.unwrap_or_else(|| vec![path.clone()]);
            let entitlement = entitlement.clone();
            let inherited = || Held {
                entitlement: entitlement.clone(),
                holding: None,
                reasons: Vec::new(),
                through: Vec::new(),
            };
            all.entry(entitlement.clone()).or_insert_with(inherited).through = through;
        }
        all.retain(|entitlement, _| only.is_none_or(|only| only == entitlement));
        all.into_values().collect()
    }

    fn reason(&self, identity: &Identity, grant: &Grant, justification: &Justification) -> HeldReason {
        let reason = Reason::of(&grant.account, &grant.entitlement, justification);
        let answer = identity
            .decisions
            .answers
            .values()
            .filter(|a| a.approved && a.reason == reason)
            .max_by_key(|a| a.at);
        let is_it =
            |s: &&IndividualDecision| s.kind == justification.kind && s.reference == justification.reference;
        let standing = identity.decisions.individual.iter().find(is_it);
        let name = |id: IdentityId| self.names.get(&id).cloned().unwrap_or_else(|| Arc::from(id.short()));
        let signed = standing.filter(|s| s.kind == JustificationKind::Exception).and_then(|s| s.owner);
        let approved = answer.and_then(|a| self.approvers.get(&a.approval)).into_iter().flatten();
        let policy = &self.app.context.setup.policy;
        let rule = policy.baselines.iter().find(|b| {
            justification.kind == JustificationKind::Baseline && *b.name.as_str() == *justification.reference
        });
        let engagement = identity.engagements.iter().find(|e| Some(e.id) == justification.engagement);
        let instant = answer.map(|a| a.at).max(justification.from.or_else(|| standing?.from));
        HeldReason {
            justification: justification.clone(),
            since: match (instant, engagement.and_then(|e| e.start)) {
                (Some(at), _) => Since::Instant(at),
                (None, Some(day)) => Since::Engagement(day),
                (None, None) => Since::Unknown,
            },
            stated: standing.map(|s| s.reason.clone()).unwrap_or_default(),
            requester: standing.and_then(|s| s.requester).map(name),
            approvers: approved.copied().chain(signed).map(name).collect(),
            owner: standing.and_then(|s| s.owner).map(name).or_else(|| rule.map(|r| r.owner.clone())),
        }
    }
}

fn read(observed: &Observed) -> Option<(Timestamp, AccountState)> {
    match observed {
        Observed::Unknown => None,
        Observed::Absent { at } => Some((*at, AccountState::Absent)),
        Observed::Present { at, enabled: true, .. } => Some((*at, AccountState::Enabled)),
        Observed::Present { at, .. } => Some((*at, AccountState::Disabled)),
    }
}
