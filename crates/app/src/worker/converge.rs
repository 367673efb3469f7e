//! Brings one account to its decided state: reads first, writes the least, claims what the system answered.

use super::task::{Convergence, Failure};
use super::written::Written;
use crate::AppError;
use crate::machine::CLOCK_WAIT;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::{
    AccountChange, AccountRef, Created, ErrorKind, NewAccount, RemoteAccount, Status, Unread,
};
use tenure_engine::ACCOUNT_ITSELF;
use tenure_model::{
    Account, AccountKey, AccountState, AttributeName, Fact, FactState, Grant, Holding, Kind, Observation,
    Observed, Task, TaskKind, TaskState, Value,
};
use tenure_policy::{Outbound, Strength};
use tenure_store::{Change, StoreError, Unit};

impl Convergence<'_> {
    /// Runs a converge task; the unit records its result.
    pub(crate) async fn converge(&self) -> Result<Unit, AppError> {
        let mut written = Written::default();
        if let Err(failure) = self.write(&mut written).await {
            written.failed(failure);
        }
        let mut unit = self.job.unit();
        let external_id = written.external_id.clone().or_else(|| self.job.account.external_id.clone());
        if external_id != self.job.account.external_id {
            let account = Account { external_id, ..self.job.account.clone() };
            unit.changes.push(Change::PutAccount(self.job.task.identity, account));
        }
        if written.missing {
            unit.changes.push(self.found_missing());
        }
        if let Some(failure) = &written.failure {
            unit.changes.extend(self.claimed(|f| written.says(&f.obligation)));
            unit.changes.extend(self.read_back_partly(failure, !written.did.is_empty()).await);
            unit.changes.push(self.job.ended(failure, written.doubtful));
            unit.changes.extend(self.job.refusal(failure));
            let payload = json!({
                "v": 1, "system": self.job.system_name(), "account": self.job.task.account.to_string(),
                "did": written.did, "failed": &*failure.why, "attempts": self.job.task.attempts,
            });
            unit.changes.push(self.job.evidence("task.failed", payload)?);
            return Ok(unit);
        }
        if written.waits_for_clock {
            let later = tenure_model::range::moved(self.job.app.machine.clock.now(), CLOCK_WAIT);
            let state = TaskState::Ready { not_before: later };
            unit.changes.push(Change::EndTask(Task { state, ..self.job.task.clone() }));
            return Ok(unit);
        }
        unit.changes.extend(self.claimed(|_| true));
        let machine_now = self.job.app.machine.clock.now();
        let visible = machine_now.checked_add(self.job.wired.capabilities.propagation).unwrap_or(machine_now);
        unit.changes.push(self.job.done());
        unit.changes.push(self.job.next(TaskKind::Confirm, visible));
        let payload = json!({
            "v": 1, "system": self.job.system_name(), "account": self.job.task.account.to_string(),
            "generation": self.job.account.generation, "did": written.did,
        });
        unit.changes.push(self.job.evidence("task.claimed", payload)?);
        Ok(unit)
    }

    /// The open facts that the system's answer supports.
    fn claimed(&self, says: impl Fn(&&Fact) -> bool) -> Vec<Change> {
        let observation = Observation {
            at: self.job.moment.now,
            by: Arc::from("the system's answer"),
            seen: Arc::from("the call succeeded"),
        };
        let claim = |f: &Fact| Fact { state: FactState::Claimed(observation.clone()), ..f.clone() };
        self.open_facts().filter(says).map(|f| Change::PutFact(claim(f))).collect()
    }

    pub(super) fn open_facts(&self) -> impl Iterator<Item = &Fact> {
        self.job.facts.iter().filter(|f| f.is_of(&self.job.task.account) && f.state == FactState::Unknown)
    }

    async fn write(&self, written: &mut Written) -> Result<(), Failure> {
        let mut account = self.job.account_ref()?;
        let writer = &self.job.wired.writer;
        let remote = self.read_first(&account, written).await?;
        self.job.goes_on()?;
        let state = self.job.account.target.state;
        if state == AccountState::Absent {
            if let Some(remote) = remote.as_ref().filter(|_| self.job.moment.clock_doubt.is_some()) {
                if remote.enabled {
                    written.note("disabled the account".to_owned(), writer.disable(&account).await);
                }
                written.waits_for_clock = true;
            } else if remote.is_some() {
                written.note("deleted the account".to_owned(), writer.delete(&account).await);
            }
            return Ok(());
        }
        if let Some(remote) = &remote {
            self.is_ours(remote)?;
            account.external_id = Some(remote.external_id.clone());
            written.external_id = Some(remote.external_id.clone());
            if state < AccountState::Enabled && remote.enabled {
                written.disabled(writer.disable(&account).await);
            }
            written.unusable |= !remote.enabled && remote.unread.enabled.is_none();
        }
        let remote = match remote {
            Some(remote) => {
                self.revoke(&account, &remote, written).await;
                // The removal may have raised the version that a conditional write compares.
                let remote = match written.did.is_empty() {
                    true => remote,
                    false => writer.read(&account).await?.unwrap_or(remote),
                };
                self.job.goes_on()?;
                self.update(&account, &remote, written).await;
                remote
            }
            None if self.job.is_due_nothing() => return Ok(()),
            None => {
                written.missing = self.job.account.external_id.is_some();
                self.is_settled().await?;
                self.is_nowhere().await?;
                self.job.may_give()?;
                self.create(&mut account, written).await?
            }
        };
        self.grant(&account, &remote, written).await;
        self.reset(&account, written).await;
        self.close_sessions(&account, written).await;
        let is_off = !remote.enabled || remote.unread.enabled.is_some();
        // What was disabled by hand since the last read is handled by the next scan and the system's owner.
        let by_hand = self.job.is_off_by_hand(&remote);
        if state == AccountState::Enabled && is_off && !by_hand && written.failure.is_none() {
            self.is_reset(&account).await?;
            self.job.may_give()?;
            written.note("enabled the account".to_owned(), writer.enable(&account).await);
        }
        Ok(())
    }

    /// An account that existed before Tenure created one belongs to an unknown person until an answer links it. It may be ours when an
    /// earlier attempt was interrupted or its answer was lost: then it looks as this attempt would have made it.
    pub(super) fn is_ours(&self, remote: &RemoteAccount) -> Result<(), Failure> {
        if self.job.account.external_id.is_some() || self.job.account.confirmed > 0 {
            return Ok(());
        }
        let target = &self.job.account.target.attributes;
        let written = self.job.system.attributes_of(&self.job.account.key.kind);
        let mut given = written.iter().filter(|o| o.reference.is_none());
        let alike = given.all(|o| remote.attributes.get(&o.name) == target.get(&o.name));
        if self.job.task.uncertain_creates > 1 && alike {
            return Ok(());
        }
        Err(Failure::person(format!(
            "an account named `{}` exists in {} already and Tenure did not create it: adopt it in {} if it belongs to this \
             identity, else rename it there",
            remote.name, self.job.system.name, self.job.system.name
        )))
    }

    /// An account from an attempt with unknown result, made before its holder was renamed.
    pub(super) async fn under_a_former_name(
        &self,
        account: &AccountRef,
    ) -> Result<Option<RemoteAccount>, Failure> {
        let name = self.job.system.name_of(&self.job.account.key.kind);
        for former in self.job.subject.identity.naming.former.get(name).into_iter().flatten() {
            let old = AccountRef { name: former.clone(), ..account.clone() };
            let found = self.job.wired.writer.read(&old).await?;
            if let Some(remote) = found.filter(|r| self.is_ours(r).is_ok()) {
                return Ok(Some(remote));
            }
        }
        Ok(None)
    }

    /// While it is open whether an account is this person's, no other one is created.
    async fn is_settled(&self) -> Result<(), Failure> {
        let asked = self.job.app.stored().unlinked(&self.job.system.name, true).await;
        let asked =
            asked.map_err(|e| Failure { why: Arc::from(e.to_string()), status: Status::Temporary })?;
        let maybe = asked.iter().find(|u| {
            u.kind == self.job.account.key.kind
                && u.candidates.iter().any(|(id, _)| *id == self.job.task.identity)
        });
        let Some(maybe) = maybe else { return Ok(()) };
        Err(Failure::person(format!(
            "the account `{}` in {} may belong to this identity: link it, or declare it an orphan",
            maybe.name, self.job.system.name
        )))
    }

    async fn create(
        &self,
        account: &mut AccountRef,
        written: &mut Written,
    ) -> Result<RemoteAccount, Failure> {
        let attributes = self.resolvable(self.job.account.target.attributes.clone()).await?;
        let new = NewAccount {
            name: account.name.clone(),
            kind: account.kind.clone(),
            attributes: attributes.clone(),
        };
        let made = self.job.wired.writer.create(&new).await.map_err(|e| {
            // Whether it was created is unknown, or another writer was faster: the next attempt reads first.
            let status = if e.kind == ErrorKind::Exists { Status::UnknownOutcome } else { e.status };
            written.doubtful = e.status == Status::UnknownOutcome;
            Failure { status, ..Failure::from(e) }
        })?;
        self.is_new(&made).await?;
        written.did.push("created the account".to_owned());
        written.external_id = Some(made.external_id.clone());
        account.external_id = Some(made.external_id.clone());
        if made.usable {
            written.note("disabled the account".to_owned(), self.job.wired.writer.disable(account).await);
        }
        Ok(RemoteAccount {
            external_id: made.external_id,
            name: account.name.clone(),
            kind: account.kind.clone(),
            enabled: false,
            attributes,
            entitlements: BTreeSet::new(),
            indirect: BTreeMap::new(),
            version: None,
            unread: Unread::default(),
            outside: None,
        })
    }

    /// A created account must not be one that is already known here: a system that matches by another value (a mail address)
    /// answers a creation with the account of another identity.
    async fn is_new(&self, made: &Created) -> Result<(), Failure> {
        let (store, system) = (&self.job.app.store, &self.job.system.name);
        let unsure =
            |e: StoreError| Failure { why: Arc::from(e.to_string()), status: Status::UnknownOutcome };
        let owners =
            store.account_owners(system, std::slice::from_ref(&made.external_id)).await.map_err(unsure)?;
        let mine = |key: &AccountKey| *key == self.job.task.account;
        let known = owners.iter().any(|(_, id, key)| *id != self.job.task.identity || !mine(key))
            || store.unlinked_account(system, &made.external_id).await.map_err(unsure)?.is_some();
        if !known {
            return Ok(());
        }
        Err(Failure::person(format!(
            "{system} answered the creation with the account `{}`, which belongs to another identity: nothing was written",
            made.external_id
        )))
    }

    async fn update(&self, account: &AccountRef, remote: &RemoteAccount, written: &mut Written) {
        let target = match self.resolvable(self.job.account.target.attributes.clone()).await {
            Ok(target) => target,
            Err(failure) => return written.failed(failure),
        };
        let mut change = AccountChange::default();
        for outbound in self.job.system.attributes_of(&self.job.account.key.kind) {
            let (is, due) = (remote.attributes.get(&outbound.name), target.get(&outbound.name));
            // A decided reference that cannot be written yet leaves the present value.
            let decided = self.job.account.target.attributes.contains_key(&outbound.name);
            if is != due
                && writes(outbound, is)
                && (due.is_some() || outbound.reference.is_none() || !decided)
            {
                change.attributes.insert(outbound.name.clone(), due.cloned());
            }
        }
        if remote.name != account.name && self.job.wired.capabilities.rename {
            change.rename = Some(account.name.clone());
        } else if remote.name.to_lowercase() != account.name.to_lowercase() {
            written.failed(Failure::person(format!(
                "{} cannot rename accounts: rename `{}` to `{}` there, then scan {}",
                self.job.system.name, remote.name, account.name, self.job.system.name
            )));
        }
        if change.attributes.is_empty() && change.rename.is_none() {
            return;
        }
        // Where the system does not show whether it is enabled, it stays disabled until it is enabled.
        let was_on = matches!(self.job.account.observed, Observed::Present { enabled: true, .. });
        change.enabled = Some(was_on && self.job.account.target.state == AccountState::Enabled);
        change.if_version = self.job.wired.capabilities.conditional.then(|| remote.version.clone()).flatten();
        let names: Vec<String> = change.attributes.keys().map(ToString::to_string).collect();
        let updated = (!names.is_empty()).then(|| format!("updated {}", names.join(", ")));
        let renamed = change.rename.as_ref().map(|name| format!("renamed it to {name}"));
        let did: Vec<String> = updated.into_iter().chain(renamed).collect();
        let result = self.job.wired.writer.update(account, &change).await;
        written.note(did.join(" and "), result);
    }

    /// Leaves out references to accounts that do not exist yet: an account never waits for its manager's.
    async fn resolvable(
        &self,
        mut attributes: BTreeMap<AttributeName, Value>,
    ) -> Result<BTreeMap<AttributeName, Value>, Failure> {
        let written = self.job.system.attributes_of(&self.job.account.key.kind);
        for outbound in written.iter().filter(|o| o.reference.is_some()) {
            let Some(Value::Text(name)) = attributes.get(&outbound.name) else { continue };
            let account = AccountRef { external_id: None, name: name.clone(), kind: Kind::default() };
            if self.job.wired.writer.read(&account).await?.is_none() {
                attributes.remove(&outbound.name);
            }
        }
        Ok(attributes)
    }

    pub(super) fn grants(&self) -> impl Iterator<Item = &Grant> {
        let mine = |g: &&Grant| g.account == self.job.task.account && g.entitlement.local() != ACCOUNT_ITSELF;
        self.job.subject.grants.iter().filter(mine)
    }

    async fn revoke(&self, account: &AccountRef, remote: &RemoteAccount, written: &mut Written) {
        for grant in self.grants().filter(|g| g.holding == Holding::Ending) {
            let local: Arc<str> = Arc::from(grant.entitlement.local());
            // It may be held although it is not shown: then the system has nothing to do.
            let shown = remote.entitlements.contains(&local);
            let result = self.job.wired.writer.revoke(account, &local).await;
            if result.is_ok() {
                written.revoked.insert(local.clone());
            }
            match result {
                Ok(done) if !shown && !done.changed => {}
                result => written.note(format!("revoked {local}"), result),
            }
        }
    }

    pub(super) async fn grant(&self, account: &AccountRef, remote: &RemoteAccount, written: &mut Written) {
        for grant in self.grants().filter(|g| g.holding.is_decided()) {
            let local: Arc<str> = Arc::from(grant.entitlement.local());
            if !remote.entitlements.contains(&local) {
                if let Err(withheld) = self.job.may_give() {
                    return written.failed(withheld);
                }
                let result = self.job.wired.writer.grant(account, &local).await;
                written.note(format!("granted {local}"), result);
            }
        }
    }
}

/// Whether an attribute overwrites the system's value.
fn writes(outbound: &Outbound, is: Option<&Value>) -> bool {
    match outbound.strength {
        Strength::Always => true,
        Strength::Initial => false,
        Strength::IfEmpty => is.is_none_or(Value::is_blank),
    }
}
