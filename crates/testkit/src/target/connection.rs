//! One connection to a fake system: the contract, with the faults of the system applied around each call.

use super::account::FakeAccount;
use super::fault::Fault;
use super::handle::Target;
use super::state::{Accounts, State, id_in, lost_answer, unsupported};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tenure_connect::{
    AccountChange, AccountRef, AttributeSpec, Capabilities, ConnectError, Connector, Created, Credential,
    EntitlementRef, ErrorKind, Health, NewAccount, Operation, Page, RemoteAccount, RemoteEntitlement, Secret,
    Session, Written,
};
use tenure_model::AttributeName;
use tokio::time::{Instant, sleep};

/// A connection. It looks at `attributes` only; none given: at all plain ones.
pub(crate) struct Connection {
    pub(crate) target: Target,
    pub(crate) attributes: Vec<AttributeSpec>,
}

/// An account is asked for by its external id where that is known, else by its name.
pub(super) fn find(accounts: &Accounts, account: &AccountRef) -> Option<Arc<str>> {
    match &account.external_id {
        Some(external_id) => accounts.contains_key(external_id).then(|| external_id.clone()),
        None => id_in(accounts, &account.name),
    }
}

pub(super) fn error(kind: ErrorKind, operation: Operation, message: &str) -> ConnectError {
    ConnectError::new(kind, operation.as_str(), message)
}

pub(super) fn written(external_id: Arc<str>, changed: bool) -> Written {
    Written { external_id, changed }
}

impl Connection {
    /// Does `act` on the shared state with the faults that are set for the operation; `lie` is the answer of a lying system.
    async fn perform<T>(
        &self,
        operation: Operation,
        lie: impl FnOnce(&mut State) -> T + Send,
        act: impl FnOnce(&mut State) -> Result<T, ConnectError> + Send,
    ) -> Result<T, ConnectError> {
        let faults = self.target.lock().enter(operation)?;
        let (mut slow_answer, mut lose_answer, mut forget) = (Duration::ZERO, false, None);
        for fault in faults {
            match fault {
                Fault::Slow(time) => sleep(time).await,
                Fault::SlowAnswer(time) => slow_answer += time,
                Fault::Lie => return Ok(lie(&mut self.target.lock())),
                Fault::FailBefore(e) => return Err(ConnectError { operation: operation.as_str(), ..e }),
                Fault::FailAfter => lose_answer = true,
                Fault::Forget(time) => forget = Some(time),
            }
        }
        let result = {
            let mut state = self.target.lock();
            let before = forget.map(|_| state.accounts.clone());
            if operation.is_write() {
                state.remember();
            }
            let result = act(&mut state);
            if let (Some(before), Some(after)) = (before, forget) {
                state.lose(&before, Instant::now() + after);
            }
            result
        };
        sleep(slow_answer).await;
        if lose_answer { Err(lost_answer(operation)) } else { result }
    }

    /// A write to one account that must be there: `change` says whether it changed anything.
    async fn write(
        &self,
        operation: Operation,
        account: &AccountRef,
        change: impl FnOnce(&mut FakeAccount) -> Result<bool, ConnectError> + Send,
    ) -> Result<Written, ConnectError> {
        let act = |state: &mut State| {
            let external_id = find(&state.accounts, account);
            let found = external_id.as_ref().and_then(|id| state.accounts.get_mut(id));
            let (Some(external_id), Some(found)) = (external_id.clone(), found) else {
                return Err(error(ErrorKind::NotFound, operation, &format!("no account `{}`", account.name)));
            };
            let changed = change(found)?;
            found.version += u64::from(changed);
            Ok(written(external_id, changed))
        };
        self.perform(operation, |_| written(lied(account), true), act).await
    }
}

/// The name that a lying system gives the account.
fn lied(account: &AccountRef) -> Arc<str> {
    account.external_id.clone().unwrap_or_else(|| account.name.clone())
}

#[async_trait]
impl Connector for Connection {
    fn capabilities(&self) -> Capabilities {
        self.target.lock().capabilities.clone()
    }

    async fn test(&self) -> Result<Health, ConnectError> {
        let health = || Health { product: Arc::from("fake system in memory") };
        self.perform(Operation::Test, |_| health(), |_| Ok(health())).await
    }

    async fn scan(&self, cursor: Option<Arc<str>>) -> Result<Page, ConnectError> {
        let nothing = |_: &mut State| Page { total: Some(0), ..Page::default() };
        let act = |state: &mut State| {
            let shown = state.shown().clone();
            let skip: usize = match cursor.as_deref().map(str::parse) {
                None => 0,
                Some(Ok(n)) => n,
                Some(Err(_)) => return Err(error(ErrorKind::Invalid, Operation::Scan, "no such cursor")),
            };
            let end = state.cut.map_or(shown.len(), |cut| cut.accounts.min(shown.len()));
            let page = match state.capabilities.page_accounts_max {
                0 => usize::MAX,
                n => usize::try_from(n).unwrap_or(usize::MAX),
            };
            let stop = skip.saturating_add(page).min(end);
            let taken = shown.iter().take(stop).skip(skip);
            let accounts = taken.map(|(id, a)| self.show(state, &shown, id, a)).collect();
            let next = (stop < end).then(|| Arc::from(stop.to_string()));
            let total = if state.cut.is_some_and(|cut| !cut.admits) { end } else { shown.len() };
            let (contains, total) = (state.contains.clone(), u64::try_from(total).ok());
            Ok(Page { accounts, contains, next, total, ..Page::default() })
        };
        self.perform(Operation::Scan, nothing, act).await
    }

    async fn catalogue(&self) -> Result<Vec<RemoteEntitlement>, ConnectError> {
        let act = |state: &mut State| {
            let one = |(name, title): (&Arc<str>, &Arc<str>)| RemoteEntitlement {
                name: name.clone(),
                external_id: name.clone(),
                title: title.clone(),
            };
            Ok(state.entitlements.iter().map(one).collect())
        };
        self.perform(Operation::Catalogue, |_| Vec::new(), act).await
    }

    async fn read(&self, account: &AccountRef) -> Result<Option<RemoteAccount>, ConnectError> {
        let act = |state: &mut State| {
            let shown = state.shown().clone();
            let found = find(&shown, account).and_then(|id| shown.get(&id).map(|a| (id, a)));
            Ok(found.map(|(id, a)| self.show(state, &shown, &id, a)))
        };
        self.perform(Operation::Read, |_| None, act).await
    }

    async fn find(&self, attribute: &AttributeName, value: &str) -> Result<Vec<AccountRef>, ConnectError> {
        let act = |state: &mut State| {
            let shows = |a: &FakeAccount| {
                a.attributes
                    .get(attribute)
                    .is_some_and(|v| v.to_string().to_lowercase() == value.to_lowercase())
            };
            let of = |(id, a): (&Arc<str>, &FakeAccount)| AccountRef {
                external_id: Some(id.clone()),
                name: a.name.clone(),
                kind: a.kind.clone(),
            };
            Ok(state.shown().iter().filter(|(_, a)| shows(a)).map(of).collect())
        };
        self.perform(Operation::Find, |_| Vec::new(), act).await
    }

    async fn create(&self, account: &NewAccount) -> Result<Created, ConnectError> {
        let act = |state: &mut State| {
            if state.id_of(&account.name).is_some() {
                return Err(error(
                    ErrorKind::Exists,
                    Operation::Create,
                    &format!("`{}` is taken", account.name),
                ));
            }
            let all = account.attributes.iter().map(|(n, v)| (n.clone(), Some(v.clone()))).collect();
            let mut new = FakeAccount {
                name: account.name.clone(),
                kind: account.kind.clone(),
                ..FakeAccount::default()
            };
            self.resolve(state, Operation::Create, &all)?.write_to(&mut new);
            let external_id = state.new_id();
            state.accounts.insert(external_id.clone(), new);
            Ok(Created { external_id, usable: false })
        };
        let lie = |state: &mut State| Created { external_id: state.new_id(), usable: false };
        self.perform(Operation::Create, lie, act).await
    }

    async fn update(&self, account: &AccountRef, change: &AccountChange) -> Result<Written, ConnectError> {
        let able = self.capabilities();
        if (change.rename.is_some() && !able.rename)
            || (!change.attributes.is_empty() && !able.update)
            || (change.if_version.is_some() && !able.conditional)
        {
            return Err(unsupported(Operation::Update));
        }
        let act = |state: &mut State| self.apply_change(state, account, change);
        self.perform(Operation::Update, |_| written(lied(account), true), act).await
    }

    async fn enable(&self, account: &AccountRef) -> Result<Written, ConnectError> {
        self.write(Operation::Enable, account, |a| Ok(!std::mem::replace(&mut a.enabled, true))).await
    }

    async fn disable(&self, account: &AccountRef) -> Result<Written, ConnectError> {
        self.write(Operation::Disable, account, |a| Ok(std::mem::replace(&mut a.enabled, false))).await
    }

    async fn delete(&self, account: &AccountRef) -> Result<Written, ConnectError> {
        let act = |state: &mut State| {
            let external_id = find(&state.accounts, account);
            let gone = external_id.as_ref().and_then(|id| state.accounts.remove(id)).is_some();
            Ok(written(external_id.unwrap_or_else(|| lied(account)), gone))
        };
        self.perform(Operation::Delete, |_| written(lied(account), true), act).await
    }

    async fn grant(
        &self,
        account: &AccountRef,
        entitlement: &EntitlementRef,
    ) -> Result<Written, ConnectError> {
        let (known, refused) = {
            let mut state = self.target.lock();
            if state.families.iter().any(|prefix| entitlement.starts_with(&**prefix)) {
                state.entitlements.insert(entitlement.clone(), entitlement.clone());
            }
            (state.entitlements.contains_key(entitlement), state.refused.contains(entitlement))
        };
        let give = |a: &mut FakeAccount| match (known, refused) {
            (false, _) => {
                Err(error(ErrorKind::UnknownEntitlement, Operation::Grant, &format!("no `{entitlement}`")))
            }
            (_, true) => Err(error(
                ErrorKind::Refused,
                Operation::Grant,
                &format!("`{entitlement}` is not yours to give"),
            )),
            _ => Ok(a.entitlements.insert(entitlement.clone())),
        };
        self.write(Operation::Grant, account, give).await
    }

    async fn revoke(
        &self,
        account: &AccountRef,
        entitlement: &EntitlementRef,
    ) -> Result<Written, ConnectError> {
        let act = |state: &mut State| {
            let external_id = find(&state.accounts, account);
            let found = external_id.as_ref().and_then(|id| state.accounts.get_mut(id));
            let taken = found.is_some_and(|a| {
                let taken = a.entitlements.remove(entitlement);
                a.version += u64::from(taken);
                taken
            });
            Ok(written(external_id.unwrap_or_else(|| lied(account)), taken))
        };
        self.perform(Operation::Revoke, |_| written(lied(account), true), act).await
    }

    async fn sessions(&self, account: &AccountRef) -> Result<Vec<Session>, ConnectError> {
        let act = |state: &mut State| Ok(open(state, account).map_or_else(Vec::new, |a| a.sessions.clone()));
        self.perform(Operation::Sessions, |_| Vec::new(), act).await
    }

    async fn end_sessions(&self, account: &AccountRef) -> Result<u64, ConnectError> {
        let act = |state: &mut State| {
            Ok(open(state, account).map_or(0, |a| emptied(&mut a.sessions, |s| s.until.is_some())))
        };
        self.perform(Operation::EndSessions, |_| 1, act).await
    }

    async fn credentials(&self, account: &AccountRef) -> Result<Vec<Credential>, ConnectError> {
        let act =
            |state: &mut State| Ok(open(state, account).map_or_else(Vec::new, |a| a.credentials.clone()));
        self.perform(Operation::Credentials, |_| Vec::new(), act).await
    }

    async fn revoke_credentials(&self, account: &AccountRef) -> Result<u64, ConnectError> {
        let act = |state: &mut State| {
            Ok(open(state, account).map_or(0, |a| emptied(&mut a.credentials, |c| c.until.is_some())))
        };
        self.perform(Operation::RevokeCredentials, |_| 1, act).await
    }

    async fn set_password(&self, account: &AccountRef, password: &Secret) -> Result<Written, ConnectError> {
        let (text, now) = (Arc::from(password.expose()), self.target.now());
        self.write(Operation::SetPassword, account, |a| {
            Ok(a.password.replace((text, now)).is_none_or(|_| true))
        })
        .await
    }

    async fn password_changed(&self, account: &AccountRef) -> Result<Option<Timestamp>, ConnectError> {
        let act = |state: &mut State| {
            let shown = state.shown().clone();
            let found = find(&shown, account).and_then(|id| shown.get(&id));
            Ok(found.and_then(|a| a.password.as_ref().map(|(_, at)| *at)))
        };
        self.perform(Operation::PasswordChanged, |_| None, act).await
    }

    async fn rotate(&self, account: &AccountRef) -> Result<Written, ConnectError> {
        let now = self.target.now();
        let rotate = |a: &mut FakeAccount| {
            a.password = Some((Arc::from(format!("kept in the vault, version {}", a.version)), now));
            Ok(true)
        };
        self.write(Operation::Rotate, account, rotate).await
    }
}

fn open<'a>(state: &'a mut State, account: &AccountRef) -> Option<&'a mut FakeAccount> {
    find(&state.accounts, account).and_then(|id| state.accounts.get_mut(&id))
}

/// Revokes what can be revoked; returns how many. What has its own end (a signed token) expires at it and no earlier.
fn emptied<T>(all: &mut Vec<T>, carries_its_end: impl Fn(&T) -> bool) -> u64 {
    let before = all.len();
    all.retain(carries_its_end);
    (before - all.len()).try_into().unwrap_or(u64::MAX)
}
