//! Before an account is created: checks whether the system has one that its rules match to this person (docs/adr/0093).

use super::task::{Convergence, Failure};
use crate::first_scan::is_scanned;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_connect::{AccountRef, ErrorKind};
use tenure_model::{AttributeName, IdentityId, Name as _};
use tenure_policy::{AccountMatch, MatchBy, fits_pattern};
use tenure_store::StoreError;

impl Convergence<'_> {
    /// Looks for the person's account by the values that the system's rules match. Values that cannot be looked up are only known after a
    /// complete scan: until then nothing is created.
    pub(super) async fn is_nowhere(&self) -> Result<(), Failure> {
        let mine = |r: &&AccountMatch| r.kind == self.job.account.key.kind;
        let rules: Vec<&AccountMatch> = self.job.system.matches.iter().filter(mine).collect();
        let mut blind = false;
        for rule in &rules {
            match (&rule.by, &rule.attribute) {
                (MatchBy::Alike(_), _) => blind = true,
                // Accounts with these names were looked up: none is the person's own.
                (MatchBy::Identifier(_), None) => {}
                (_, None) => {
                    for value in self.told_by(rule) {
                        self.is_no_name(&value).await?;
                    }
                }
                (_, Some(attribute)) => {
                    for value in self.told_by(rule) {
                        blind |= !self.looks_up(rule, attribute, &value).await?;
                    }
                }
            }
        }
        if !blind
            || !self.job.wired.capabilities.scan
            || is_scanned(self.job.app, &self.job.system.name).await.map_err(unsure)?
        {
            return Ok(());
        }
        let name = &self.job.system.name;
        Err(Failure::person(format!(
            "{name} was never scanned completely, and its [[match]] rules may find an account of this identity there: scan \
             it, then try task {} again",
            self.job.task.id.short()
        )))
    }

    /// Whether the system could be asked; an account that it shows and that is not linked to another identity stops the work.
    async fn looks_up(
        &self,
        rule: &AccountMatch,
        attribute: &AttributeName,
        value: &str,
    ) -> Result<bool, Failure> {
        let found = match self.job.wired.reader.find(attribute, value).await {
            Ok(found) => found,
            Err(e) if matches!(e.kind, ErrorKind::Unsupported | ErrorKind::Invalid) => return Ok(false),
            Err(e) => return Err(e.into()),
        };
        let named =
            |a: &&AccountRef| rule.names.is_empty() || rule.names.iter().any(|p| fits_pattern(p, &a.name));
        for account in found.iter().filter(named).filter(|a| !self.job.system.protected.contains(&a.name)) {
            if self.is_known_otherwise(account).await.map_err(unsure)? {
                continue;
            }
            return Err(self.may_be_theirs(account, attribute.as_str(), value));
        }
        Ok(true)
    }

    /// Checks that no account has this key as its name.
    async fn is_no_name(&self, value: &Arc<str>) -> Result<(), Failure> {
        let account =
            AccountRef { external_id: None, name: value.clone(), kind: self.job.account.key.kind.clone() };
        let Some(found) = self.job.wired.reader.read(&account).await? else { return Ok(()) };
        let found = AccountRef { external_id: Some(found.external_id), ..account };
        if self.is_known_otherwise(&found).await.map_err(unsure)? {
            return Ok(());
        }
        Err(self.may_be_theirs(&found, "its name", value))
    }

    fn may_be_theirs(&self, account: &AccountRef, place: &str, value: &str) -> Failure {
        let (name, system) = (&account.name, &self.job.system.name);
        Failure::person(format!(
            "the account `{name}` in {system} has `{value}` in {place}, so it may belong to this identity, and no second \
             one is created: adopt it (in `observe` or `end_only`), or declare it an orphan"
        ))
    }

    /// Whether an account is another identity's, or a person marked it as belonging to none.
    async fn is_known_otherwise(&self, account: &AccountRef) -> Result<bool, StoreError> {
        let Some(external_id) = &account.external_id else { return Ok(false) };
        let (store, system) = (&self.job.app.store, &self.job.system.name);
        let owners = store.account_owners(system, std::slice::from_ref(external_id)).await?;
        let others: BTreeSet<IdentityId> = owners.into_iter().map(|(_, id, _)| id).collect();
        if others.iter().any(|id| *id != self.job.task.identity) {
            return Ok(true);
        }
        Ok(store.unlinked_account(system, external_id).await?.is_some_and(|u| u.said.is_some()))
    }

    /// The values that an account of the person would show for a rule.
    fn told_by(&self, rule: &AccountMatch) -> BTreeSet<Arc<str>> {
        let identity = &self.job.subject.identity;
        match &rule.by {
            MatchBy::Key(kind) => {
                let engagements = identity.engagements.iter().map(|e| &e.keys);
                let all = engagements.chain(identity.supplements.iter().map(|s| &s.keys));
                all.filter_map(|keys| keys.get(kind).cloned()).collect()
            }
            MatchBy::Identifier(name) => identity.identifiers.get(name).cloned().into_iter().collect(),
            MatchBy::Alike(_) => BTreeSet::new(),
        }
    }
}

fn unsure(e: StoreError) -> Failure {
    Failure { why: Arc::from(e.to_string()), status: tenure_connect::Status::Temporary }
}
