//! Adopts existing accounts that rules match to identities, with the access they hold and a review date.

use super::Adoptions;
use super::estate::{Adoption, is_own_risk};
use super::named::{Naming, Theirs};
use super::snapshot::{Scope, Snapshot};
use super::unlinked::{Unlinked, Weighed};
use crate::authority::Target;
use crate::directory::Directory;
use crate::{About, AppError, Candidate, Cause, DecisionContext, Operation, SystemRefusal};
use serde_json::json;
use std::collections::BTreeSet;
use tenure_connect::RemoteAccount;
use tenure_engine::{ScannedAccount, Whose, note_adopter, take_in, take_name};
use tenure_model::Name as _;
use tenure_model::{
    AccountKey, CaseLabel, EntitlementName, FindingKind, Grant, Holding, IdentityId, Kind, SystemName,
};
use tenure_policy::{ClassCache, Mode};
use tenure_store::{Change, StoredSubject, Unit};

impl Adoptions<'_> {
    /// What adopting a system would do, account by account; with `yes` it is done. No identity loses access by it: existing access
    /// is kept, with a justification that must be reviewed.
    ///
    /// # Errors
    /// When the system cannot be scanned or is in `enforce`; with `yes`, also when the actor is not responsible for the system.
    pub async fn adopt(
        &self,
        name: &SystemName,
        yes: bool,
        moment: &DecisionContext,
    ) -> Result<Adoption, AppError> {
        let scope = self.app.reconcile().scope(name)?;
        not_enforced(&scope)?;
        let directory = Directory::load(self.app).await?;
        let operation = if yes { Operation::Adopt } else { Operation::ReadState };
        let target = Target::system(name);
        let refused = match self.app.authority().permit(operation, &target, moment).await {
            Ok(_) => None,
            Err(refused) if self.app.authority().may(Operation::AdoptInstead, &target, moment).await? => {
                Some(refused)
            }
            Err(refused) => return Err(refused),
        };
        // The person responsible for a system does not adopt their own risky access alone.
        let adopter = self.adopter(&directory, false, moment).await?;
        let seen = self.app.reconcile().see(&scope).await?;
        let unlinked = self.app.reconcile().unlinked_in(&scope, &seen).await?;
        let unlinked = if yes {
            self.app.cut_off_orders().cut_off_unlinked(scope.system, unlinked, moment).await?
        } else {
            unlinked
        };
        let weighed = self.app.reconcile().weigh_accounts(&scope, unlinked, moment).await?;
        // The escalation group adopts what the responsible person may not adopt for themselves, and nothing else.
        if let Some(refused) = refused {
            let owners = directory.people(&self.app.context.setup.settings, &scope.system.owner);
            let own = |id: &IdentityId| {
                let them = BTreeSet::from([*id]);
                weighed.all.iter().any(|a| is_own_risk(&self.app.context, &scope, a, &them))
            };
            if owners.len() != 1 || !owners.iter().any(own) {
                return Err(refused);
            }
        }
        let mut adoption = Adoption::of(&self.app.context, &scope, &seen, &weighed, &adopter.counted);
        if yes {
            adoption.adopted = self.take_in_all(&scope, &weighed, (&directory, &adopter), moment).await?;
            adoption.done = true;
            self.record_adoption(&scope, &adoption, moment).await?;
            self.look_again(&scope, &seen, moment).await?;
        }
        Ok(adoption)
    }

    /// One change for each person, for all of their accounts. Returns the number of adopted accounts.
    async fn take_in_all(
        &self,
        scope: &Scope<'_>,
        weighed: &Weighed,
        (directory, adopter): (&Directory, &Adopter),
        moment: &DecisionContext,
    ) -> Result<u64, AppError> {
        let mut theirs = Theirs::new();
        let adopted = |a: &&Unlinked| !is_own_risk(&self.app.context, scope, a, &adopter.counted);
        for account in weighed.all.iter().filter(adopted) {
            if let Whose::Linked { id, kind, .. } = &account.whose {
                theirs.entry(*id).or_default().push((kind, &account.remote));
            }
        }
        let mut adopted = 0;
        let people: Vec<IdentityId> = theirs.keys().copied().collect();
        for some in people.chunks(CHUNK) {
            let mut candidates = Vec::new();
            let mut counts = Vec::new();
            let subjects = self.app.stored().readable(some).await?;
            let naming = self.app.reconcile().take_names(scope, &subjects, &theirs, moment).await?;
            // A namesake may be among these people and has a new name by now.
            for subject in self.app.stored().readable(some).await? {
                let accounts = theirs.remove(&subject.identity.id).unwrap_or_default();
                counts.push(accounts.len());
                candidates.push(self.adopted(
                    scope,
                    subject,
                    &accounts,
                    (directory, &naming, adopter),
                    moment,
                ));
            }
            let decisions = self.app.decide().decide(candidates, &mut ClassCache::default(), moment).await?;
            let units: Vec<_> = decisions.into_iter().map(|d| d.unit.unwrap_or_default()).collect();
            let outcomes = self.app.store.commit(units).await?;
            self.app.reconcile().tell_of_names(&naming, moment).await?;
            self.app.cases().close_cases(some, moment).await?;
            adopted +=
                outcomes.iter().zip(counts).filter(|(o, _)| o.is_committed()).map(|(_, n)| n).sum::<usize>();
        }
        Ok(u64::try_from(adopted).unwrap_or(u64::MAX))
    }

    /// The identity with its accounts as they are, and an adopted justification for each managed entitlement that it holds.
    pub(crate) fn adopted(
        &self,
        scope: &Scope<'_>,
        before: StoredSubject,
        accounts: &[(&Kind, &RemoteAccount)],
        (directory, naming, adopter): (&Directory, &Naming, &Adopter),
        moment: &DecisionContext,
    ) -> Candidate {
        let names: Vec<&str> = accounts.iter().map(|(_, r)| &*r.name).collect();
        let what = json!({ "adopted": names, "system": scope.name.as_str() });
        let mut candidate = Candidate::again(before, what.clone());
        candidate.cause =
            Cause { label: Some(CaseLabel::Onboarding), what, refresh: true, ..Cause::default() };
        let whose = candidate.after.id;
        for (identifier, name) in naming.identifiers(whose) {
            // The account had this name before: none of its holder's accounts is changed by it.
            if let Some(before) = &mut candidate.before {
                before.identity.identifiers.insert(identifier.clone(), name.clone());
            }
            take_name(&mut candidate.after, identifier, name);
        }
        candidate.extra.extend(naming.changes(whose));
        let settings = &self.app.context.setup.settings;
        let owner = |e: &EntitlementName| {
            let named = self.app.context.entitlement(e).and_then(|e| e.owner.as_ref());
            directory.people(settings, named.unwrap_or(&scope.system.owner)).first().copied()
        };
        for (kind, remote) in accounts {
            let key = AccountKey { system: scope.name.clone(), kind: (*kind).clone() };
            let known = candidate.before.iter().flat_map(|b| &b.accounts).find(|a| a.key == key);
            let found = ScannedAccount {
                seen: crate::correlate::account_seen(remote),
                external_id: &remote.external_id,
                enabled: remote.enabled,
                entitlements: &remote.entitlements,
                through: &self.app.context.declared_of(scope.name, &remote.indirect),
            };
            let mut taken = take_in(
                &self.app.context,
                scope.system,
                &candidate.after,
                (kind, known),
                &found,
                &owner,
                moment.now,
            );
            let id = candidate.after.id;
            if let Some(by) = adopter.by {
                let asks = adopter.is_single || adopter.counted.contains(&id);
                note_adopter(&self.app.context, &mut taken.individual, by, asks);
            }
            candidate.after.decisions.individual.extend(taken.individual);
            candidate.extra.extend(taken.grants.iter().map(|g| Change::PutGrant(id, g.clone())));
            candidate.extra.push(Change::PutAccount(id, taken.account.clone()));
            candidate.extra.push(Change::EndTasks(id, key.clone()));
            candidate.extra.push(Change::EndUnlinked(scope.name.clone(), remote.external_id.clone()));
            if let Some(before) = &mut candidate.before {
                let taken_in = |g: &Grant| {
                    taken.grants.iter().any(|t| t.account == g.account && t.entitlement == g.entitlement)
                };
                before.grants.retain(|g| !taken_in(g));
                // A grant that was ordered but is not there is decided again: its work is over.
                for grant in before.grants.iter_mut().filter(|g| g.account == key) {
                    grant.holding = Holding::Ended;
                    candidate.extra.push(Change::PutGrant(id, grant.clone()));
                }
                before.grants.extend(taken.grants);
                before.accounts.retain(|a| a.key != key);
                before.accounts.push(taken.account);
            }
        }
        with_access_told(candidate)
    }

    /// The scan that follows an adoption: accounts that remain unlinked, and differences.
    async fn look_again(
        &self,
        scope: &Scope<'_>,
        seen: &Snapshot,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        self.app.reconcile().follow_up(scope, seen, &moment.automatic()).await.map(|_| ())
    }

    async fn record_adoption(
        &self,
        scope: &Scope<'_>,
        adoption: &Adoption,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let payload = json!({
            "v": 1, "system": scope.name.as_str(), "accounts": adoption.accounts, "complete": adoption.complete,
            "adopted": adoption.adopted, "asked": adoption.asked.len(), "orphans": adoption.orphans.len(),
            "departed": adoption.departed.len(),
        });
        let evidence = self.app.recorder(moment).evidence("system.adopted", About::default(), payload)?;
        let changes = vec![Change::BusinessTime(moment.now), Change::Append(evidence)];
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(())
    }

    /// Ends the findings about an account without an identity.
    pub(crate) async fn findings_about(
        &self,
        scope: &Scope<'_>,
        name: &str,
    ) -> Result<Vec<Change>, AppError> {
        let about = format!("{}:{name}", scope.name);
        let known = self.app.finding_rows();
        let rows = known.findings_where(|r| {
            r.system.as_ref() == Some(scope.name)
                && *r.finding.about == *about
                && matches!(r.finding.kind(), FindingKind::Orphan | FindingKind::AmbiguousAccount)
        });
        let rows = rows.await?;
        Ok(rows.into_iter().map(|r| Change::EndFinding(r.id)).collect())
    }
}

/// The evidence of an adoption says which access was found, not only in which accounts.
fn with_access_told(mut candidate: Candidate) -> Candidate {
    let found = candidate.extra.iter().filter_map(|change| match change {
        Change::PutGrant(_, grant) if grant.holding == Holding::Held => {
            Some(json!({ "account": grant.account.to_string(), "name": grant.entitlement.as_str() }))
        }
        _ => None,
    });
    candidate.cause.what["entitlements"] = found.collect();
    candidate
}

/// The actor who adopts a system, or links one account.
pub(crate) struct Adopter {
    /// The actor.
    by: Option<IdentityId>,
    /// The identities that count as the actor.
    counted: BTreeSet<IdentityId>,
    /// Whether it is one account that a person links to an identity.
    is_single: bool,
}

impl Adoptions<'_> {
    pub(crate) async fn adopter(
        &self,
        directory: &Directory,
        is_single: bool,
        moment: &DecisionContext,
    ) -> Result<Adopter, AppError> {
        let by = moment.actor.as_ref().map(|a| a.id);
        let counted = match by {
            Some(by) => self.app.authored().counted_as(by, directory, moment).await?,
            None => BTreeSet::new(),
        };
        Ok(Adopter { by, counted, is_single })
    }
}

/// Identities that are decided together.
const CHUNK: usize = 512;

/// Existing access is adopted before a system is enforced, never after.
pub(crate) fn not_enforced(scope: &Scope<'_>) -> Result<(), AppError> {
    if scope.system.mode != Mode::Enforce {
        return Ok(());
    }
    Err(AppError::precondition(SystemRefusal::InEnforce { system: scope.name.clone() }))
}
