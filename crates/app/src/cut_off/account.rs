//! Cuts off an account that has no identity: a new identity without other data gets the account, so that the work, the confirming
//! read and the evidence are the same as for any cut-off.

use super::CutOffOrders;
use super::new::{NewCutOff, evidence_of};
use super::person::CutOffDone;
use crate::authority::Target;
use crate::correlate::account_seen;
use crate::{
    AppError, Candidate, Cause, CutOffRefusal, Decision, DecisionContext, Item, Operation, RefusalDetail,
    SystemRefusal,
};
use serde_json::json;
use std::sync::Arc;
use tenure_connect::{AccountRef, RemoteAccount};
use tenure_engine::cut_off::ordered_account;
use tenure_engine::{OrphanIdentity, ScannedAccount, orphan_identity};
use tenure_model::Name as _;
use tenure_model::{CaseLabel, CutOff, CutOffOrder, CutOffTarget, IdentityId, Kind, Phase, SystemName};
use tenure_policy::System;
use tenure_store::{Change, StoredSubject};

impl CutOffOrders<'_> {
    /// Cuts off an account that has no identity. If the system does not have the account, any account that later appears there under
    /// this name is cut off when a scan sees it.
    ///
    /// # Errors
    /// When no actor is given, the account is protected or linked to an identity, or the system cannot be read.
    pub async fn cut_off_account(
        &self,
        system: &SystemName,
        name: &str,
        new: &NewCutOff,
        moment: &DecisionContext,
    ) -> Result<CutOffDone, AppError> {
        let order = self.order_account(system, name, new, moment).await?;
        let met = self.sought(&order, moment).await.map_err(|e| {
            let problem = match &e {
                AppError::PreconditionFailed(RefusalDetail::System(SystemRefusal::Unread {
                    problem,
                    ..
                })) => problem.clone(),
                other => other.to_string().into(),
            };
            let (system, account) = (system.clone(), name.into());
            AppError::precondition(CutOffRefusal::OrderedUnread { system, account, problem })
        })?;
        Ok(met.map_or(CutOffDone::Waits, |decision| CutOffDone::Done(Box::new(decision))))
    }

    /// Orders the cut-off without a call to the system. The order comes first, and stays: an unresponsive system does not delay it, and
    /// an account that is deleted and comes back under this name is cut off again.
    pub(super) async fn order_account(
        &self,
        system: &SystemName,
        name: &str,
        new: &NewCutOff,
        moment: &DecisionContext,
    ) -> Result<CutOffOrder, AppError> {
        let permit =
            self.app.authority().permit(Operation::OrderCutOff, &Target::system(system), moment).await?;
        let (cut, noted) = self.app.cut_off().allowed(&permit, None, new).await?;
        self.is_for_cut_off_account(system, name).await?;
        let target = CutOffTarget::Account { system: system.clone(), name: Arc::from(name) };
        let order = self.put_order(None, target, cut, noted.clone(), moment).await?;
        self.app.cut_off().tell_escalation(&noted).await?;
        Ok(order)
    }

    /// Reads the account that an order names from the system, and cuts it off if it exists and has no identity. Returns the identity
    /// that it was given.
    pub(crate) async fn meet_account(
        &self,
        order: &CutOffOrder,
        moment: &DecisionContext,
    ) -> Result<Option<IdentityId>, AppError> {
        Ok(self.sought(order, &moment.automatic()).await?.map(|decision| decision.id))
    }

    async fn sought(
        &self,
        order: &CutOffOrder,
        moment: &DecisionContext,
    ) -> Result<Option<Decision>, AppError> {
        let CutOffTarget::Account { system, name } = &order.target else { return Ok(None) };
        let (declared, wired) = (self.app.context.setup.systems.get(system), self.app.systems.get(system));
        let (Some(declared), Some(wired)) = (declared, wired) else { return Ok(None) };
        if !wired.capabilities.read || declared.protected.contains(name) {
            return Ok(None);
        }
        let asked = AccountRef { external_id: None, name: name.clone(), kind: Kind::default() };
        let remote = wired.reader.read(&asked).await.map_err(|e| {
            AppError::precondition(SystemRefusal::Unread {
                system: system.clone(),
                account: name.clone(),
                problem: e.to_string().into(),
            })
        })?;
        let Some(remote) = remote else { return Ok(None) };
        if !self.app.store.account_owners(system, std::slice::from_ref(&remote.external_id)).await?.is_empty()
        {
            return Ok(None);
        }
        let cut = order.cut.clone();
        let candidate = self.taken_off(declared, &remote, cut, moment);
        self.app.settle().commit_together(vec![candidate], moment).await.map(Some)
    }

    /// The system of an account that may be cut off: the account is neither protected nor linked to an identity.
    pub(super) async fn is_for_cut_off_account(
        &self,
        system: &SystemName,
        name: &str,
    ) -> Result<&System, AppError> {
        let declared = self.app.context.setup.systems.get(system).ok_or_else(|| no_system(system))?;
        if declared.protected.contains(name) {
            return Err(AppError::refused(CutOffRefusal::Protected {
                system: system.clone(),
                account: name.into(),
            }));
        }
        let holders = self.holder(&declared.account_name, name).await?;
        if let Some(holder) = holders.first() {
            return Err(AppError::precondition(CutOffRefusal::AccountOfHolder {
                system: system.clone(),
                account: name.into(),
                holder: holder.as_str().into(),
            }));
        }
        Ok(declared)
    }

    /// Cuts off the accounts without identity that an order covers; returns the others.
    pub(crate) async fn cut_off_unlinked(
        &self,
        system: &System,
        unlinked: Vec<RemoteAccount>,
        moment: &DecisionContext,
    ) -> Result<Vec<RemoteAccount>, AppError> {
        let orders = self.app.stored().orders().await?;
        let (mut rest, mut candidates) = (Vec::new(), Vec::new());
        for remote in unlinked {
            let order = ordered_account(&system.name, &system.account_name, &remote.name, &orders);
            match order.filter(|_| !system.protected.contains(&remote.name)) {
                Some(order) => candidates.push(self.taken_off(system, &remote, order.cut.clone(), moment)),
                None => rest.push(remote),
            }
        }
        for candidate in candidates {
            self.app.settle().commit_together(vec![candidate], moment).await?;
        }
        Ok(rest)
    }

    /// The new identity for an account without one, with the account in its present state.
    fn taken_off(
        &self,
        system: &System,
        remote: &RemoteAccount,
        cut: CutOff,
        moment: &DecisionContext,
    ) -> Candidate {
        let (ms, random) = self.app.machine.id();
        let found = ScannedAccount {
            seen: account_seen(remote),
            external_id: &remote.external_id,
            enabled: remote.enabled,
            entitlements: &remote.entitlements,
            through: &self.app.context.declared_of(&system.name, &remote.indirect),
        };
        let id = IdentityId::new(ms, random);
        let OrphanIdentity { title, mut identity, account, grants } =
            orphan_identity(&self.app.context, system, id, &found, moment.now);
        let mut extra = vec![
            Change::IssueIdentifier {
                identity: id,
                name: system.account_name.clone(),
                value: remote.name.clone(),
            },
            Change::PutAccount(id, account.clone()),
            Change::EndUnlinked(system.name.clone(), remote.external_id.clone()),
        ];
        extra.extend(grants.iter().map(|g| Change::PutGrant(id, g.clone())));
        let what = json!({ "account": &*title, "cut_off": evidence_of(&cut) });
        let before = StoredSubject {
            identity: identity.clone(),
            title,
            phase: Phase::Expected,
            next: None,
            accounts: vec![account],
            grants,
            person_key: None,
        };
        identity.decisions.cut_off = Some(cut);
        let cause = Cause { label: Some(CaseLabel::CutOff), what, refresh: true, ..Cause::default() };
        Candidate { before: Some(before), after: identity, extra, expects: Vec::new(), cause }
    }
}

fn no_system(system: &SystemName) -> AppError {
    AppError::unknown(Item::System, system.as_str())
}
