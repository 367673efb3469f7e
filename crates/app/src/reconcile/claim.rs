//! Links and disclaims accounts by decision of the person responsible for the system.

use super::Adoptions;
use super::adopt::not_enforced;
use super::snapshot::Scope;
use crate::authority::Target;
use crate::directory::Directory;
use crate::{About, AppError, DecisionContext, Item, Operation, SystemRefusal};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_connect::{AccountRef, RemoteAccount};
use tenure_model::Name as _;
use tenure_model::{AccountState, Finding, FindingDetail, IdentityId, Kind, SystemName};
use tenure_policy::ClassCache;
use tenure_store::{Change, FindingRow, Unit, UnlinkedAccount};

impl Adoptions<'_> {
    /// Links an account without an identity to one and adopts it: to a person, a service, an agent or a shared identity.
    ///
    /// # Errors
    /// When there is no such account or identity, the identity has an account there, the system is in `enforce`, or the actor is not
    /// responsible for the system or is the identity itself.
    pub async fn claim(
        &self,
        system: &SystemName,
        account: &str,
        person: &str,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let scope = self.app.reconcile().scope(system)?;
        not_enforced(&scope)?;
        let directory = Directory::load(self.app).await?;
        let row = self.account_of_nobody(&scope, account).await?;
        let subject = self.app.people().person(person).await?;
        let target = Target { system: Some(system), ..Target::of(&subject) };
        self.app.authority().permit(Operation::LinkAccount, &target, moment).await?;
        let has = subject.accounts.iter().find(|a| {
            a.key.system == *system
                && a.key.kind == row.kind
                && a.external_id.is_some()
                && a.target.state != AccountState::Absent
        });
        if has.is_some() {
            return Err(AppError::precondition(SystemRefusal::HasAccount {
                identity: subject.title.clone(),
                system: system.clone(),
                account: account.into(),
            }));
        }
        let at = AccountRef {
            external_id: Some(row.external_id.clone()),
            name: row.name.clone(),
            kind: row.kind.clone(),
        };
        let remote = read_there(&scope, &at, account).await?;
        let whose = subject.identity.id;
        let theirs = [(whose, vec![(&row.kind, &remote)])].into();
        let naming =
            self.app.reconcile().take_names(&scope, std::slice::from_ref(&subject), &theirs, moment).await?;
        // The change of names may have settled this identity again.
        let subject = self.app.stored().readable(&[whose]).await?.pop().unwrap_or(subject);
        let accounts = [(&row.kind, &remote)];
        let linker = self.adopter(&directory, true, moment).await?;
        let mut candidate = self.adopted(&scope, subject, &accounts, (&directory, &naming, &linker), moment);
        candidate.extra.extend(self.findings_about(&scope, &row.name).await?);
        let decisions = self.app.decide().decide(vec![candidate], &mut ClassCache::default(), moment).await?;
        let units: Vec<Unit> = decisions.into_iter().filter_map(|d| d.unit).collect();
        if !self.app.store.commit(units).await?.iter().all(tenure_store::Outcome::is_committed) {
            return Err(AppError::ConcurrentChange(Arc::from(format!("account {account}"))));
        }
        self.app.reconcile().tell_of_names(&naming, moment).await?;
        self.app.cases().close_cases(&[whose], moment).await?;
        self.go_on(&scope, &row).await
    }

    /// Marks an account as belonging to no identity. It stays as it is, and no rule asks about it again.
    ///
    /// # Errors
    /// When there is no such account, or the actor is not responsible for the system.
    pub async fn disclaim(
        &self,
        system: &SystemName,
        account: &str,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let scope = self.app.reconcile().scope(system)?;
        let permit =
            self.app.authority().permit(Operation::Disclaim, &Target::system(system), moment).await?;
        let actor = permit.actor()?.id;
        let row = self.account_of_nobody(&scope, account).await?;
        let said = UnlinkedAccount {
            kind: Kind::default(),
            candidates: Vec::new(),
            said: Some((moment.now, actor)),
            ..row.clone()
        };
        let (name, owner) = (row.name.clone(), scope.system.owner.clone());
        let about: Arc<str> = Arc::from(format!("{system}:{name}"));
        let detail = FindingDetail::OrphanDeclared { account: name, owner };
        let finding = Finding::new(about.clone(), detail);
        let id = crate::finding_rows::finding_id(&[
            system.as_str().as_bytes(),
            b"orphan_identity",
            about.as_bytes(),
        ]);
        let payload = json!({ "v": 1, "system": system.as_str(), "account": &*row.name });
        let mut changes = self.findings_about(&scope, &row.name).await?;
        changes.push(Change::PutUnlinked(said));
        changes.push(Change::PutFinding(FindingRow {
            id,
            identity: None,
            system: Some(system.clone()),
            finding,
            owner: None,
            deadline: None,
            since: moment.now,
        }));
        changes.push(Change::BusinessTime(moment.now));
        changes.push(Change::Append(self.app.recorder(moment).evidence(
            "account.orphan_identity",
            About::default(),
            payload,
        )?));
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        self.go_on(&scope, &row).await
    }

    async fn account_of_nobody(&self, scope: &Scope<'_>, account: &str) -> Result<UnlinkedAccount, AppError> {
        let all = self.app.stored().unlinked(scope.name, false).await?;
        let found = all.into_iter().find(|u| *u.name == *account || *u.external_id == *account);
        found.ok_or_else(|| AppError::unknown(Item::UnlinkedAccount { system: scope.name.clone() }, account))
    }

    /// Identities that waited for the answer continue.
    async fn go_on(&self, scope: &Scope<'_>, row: &UnlinkedAccount) -> Result<(), AppError> {
        let people: BTreeSet<IdentityId> = row.candidates.iter().map(|(id, _)| *id).collect();
        self.app.reconcile().put_back_for(scope.name, &people).await?;
        self.app.first_scan().order_accounts(scope.system, &BTreeSet::new()).await.map(drop)
    }
}

/// The account as its system shows it, by the name that was given.
async fn read_there(scope: &Scope<'_>, at: &AccountRef, account: &str) -> Result<RemoteAccount, AppError> {
    let (system, account) = (scope.name.clone(), Arc::from(account));
    match scope.wired.reader.read(at).await {
        Ok(Some(remote)) => Ok(remote),
        Ok(None) => Err(AppError::precondition(SystemRefusal::AccountGone { system, account })),
        Err(e) => {
            let problem = e.to_string().into();
            Err(AppError::precondition(SystemRefusal::AccountUnreadable { system, account, problem }))
        }
    }
}
