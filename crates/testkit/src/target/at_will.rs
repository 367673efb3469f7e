//! Around the connections to a real system: it lies, lags and shows a part of itself when a test says so, and else is itself.
//! What a real system can be made to do (be down, refuse, limit an answer) is done to the system.

use super::fault::Cut;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tenure_connect::{
    AccountChange, AccountRef, Capabilities, ConnectError, Connector, Created, Credential, EntitlementRef,
    Health, Holds, NewAccount, Operation, Page, RemoteAccount, RemoteEntitlement, Secret, Session, Written,
};
use tenure_model::AttributeName;
use tokio::time::Instant;

/// The will of one system. Clones and the connections that it is around share it.
#[derive(Clone, Default)]
pub struct AtWill(Arc<Mutex<Will>>);

#[derive(Default)]
struct Will {
    lies: BTreeSet<Operation>,
    lag: Option<Duration>,
    cut: Option<Cut>,
    past: Vec<Past>,
    /// When the test set its clock: the host's instant, and the test's.
    clock: Vec<(Timestamp, Timestamp)>,
}

/// An account before a write.
struct Past {
    written: Instant,
    name: Arc<str>,
    was: Option<RemoteAccount>,
}

impl AtWill {
    /// Puts it around a connection.
    #[must_use]
    pub fn around(&self, inner: Arc<dyn Connector>) -> Arc<dyn Connector> {
        Arc::new(FaultyConnector { will: self.clone(), inner })
    }

    /// From now on this write is answered with yes, and nothing is done. Whether it is a write of one account.
    #[must_use]
    pub fn lie(&self, operation: Operation) -> bool {
        use Operation as O;
        let writes =
            [O::Create, O::Update, O::Enable, O::Disable, O::Delete, O::Grant, O::Revoke, O::SetPassword];
        writes.contains(&operation) && {
            self.lock().lies.insert(operation);
            true
        }
    }

    /// For so long after a write, accounts are shown as they were; that is also the propagation that is stated.
    pub fn lag(&self, lag: Duration) {
        self.lock().lag = Some(lag);
    }

    /// Scans show a part from now on.
    pub fn cut_scan(&self, cut: Cut) {
        self.lock().cut = Some(cut);
    }

    /// It behaves correctly again.
    pub fn mend(&self) {
        let mut will = self.lock();
        *will = Will { clock: std::mem::take(&mut will.clock), ..Will::default() };
    }

    /// What time it is in the test from now on. The system has the host's clock: dates that it tells are translated.
    pub fn set_clock(&self, now: Timestamp) {
        self.lock().clock.push((machine_now(), now));
    }

    /// The test's time of an instant of the host's clock, which the system tells in whole seconds.
    fn told(&self, at: Timestamp) -> Timestamp {
        let will = self.lock();
        let began = will.clock.iter().rev().find(|(machine, _)| machine.as_second() <= at.as_second());
        let Some((machine, test)) = began else { return at };
        let since = at.duration_since(*machine).max(SignedDuration::ZERO);
        test.checked_add(since).unwrap_or(Timestamp::MAX)
    }

    fn lock(&self) -> MutexGuard<'_, Will> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An account as it is shown: as it was before the first write that is not visible yet.
    fn shown(&self, name: &str, is: Option<RemoteAccount>) -> Option<RemoteAccount> {
        let will = self.lock();
        let Some(lag) = will.lag else { return is };
        let hidden = |p: &&Past| *p.name == *name && p.written.elapsed() < lag;
        will.past.iter().find(hidden).map_or(is, |p| p.was.clone())
    }
}

#[expect(clippy::disallowed_methods, reason = "the system's clock is that of the machine")]
fn machine_now() -> Timestamp {
    Timestamp::now()
}

/// One connection.
struct FaultyConnector {
    will: AtWill,
    inner: Arc<dyn Connector>,
}

impl FaultyConnector {
    async fn write(
        &self,
        operation: Operation,
        account: &AccountRef,
        call: impl Future<Output = Result<Written, ConnectError>> + Send,
    ) -> Result<Written, ConnectError> {
        let (lies, lags) = {
            let will = self.will.lock();
            (will.lies.contains(&operation), will.lag.is_some())
        };
        if lies {
            let external_id = account.external_id.clone().unwrap_or_else(|| account.name.clone());
            return Ok(Written { external_id, changed: true });
        }
        if lags {
            let was = self.inner.read(account).await?;
            let (written, name) = (Instant::now(), account.name.clone());
            self.will.lock().past.push(Past { written, name, was });
        }
        call.await
    }

    /// Everything that is there, in one page.
    async fn all(&self) -> Result<Page, ConnectError> {
        let mut whole = self.inner.scan(None).await?;
        while let Some(cursor) = whole.next.take() {
            let page = self.inner.scan(Some(cursor)).await?;
            whole.accounts.extend(page.accounts);
            whole.contains.extend(page.contains);
            whole.gaps.extend(page.gaps);
            whole.entitlements = page.entitlements.or(whole.entitlements);
            whole.next = page.next;
        }
        Ok(whole)
    }
}

#[async_trait]
impl Connector for FaultyConnector {
    fn capabilities(&self) -> Capabilities {
        let able = self.inner.capabilities();
        let lag = self.will.lock().lag.and_then(|lag| SignedDuration::try_from(lag).ok());
        Capabilities { propagation: lag.unwrap_or(able.propagation), ..able }
    }
    async fn test(&self) -> Result<Health, ConnectError> {
        self.inner.test().await
    }
    async fn as_of(&self) -> Result<Option<Timestamp>, ConnectError> {
        self.inner.as_of().await
    }
    async fn scan(&self, cursor: Option<Arc<str>>) -> Result<Page, ConnectError> {
        let (cut, lags) = {
            let will = self.will.lock();
            (will.cut, will.lag.is_some())
        };
        if cut.is_none() && !lags {
            return self.inner.scan(cursor).await;
        }
        let Page { accounts, contains, gaps, entitlements, total, .. } = self.all().await?;
        let mut accounts: Vec<RemoteAccount> =
            accounts.into_iter().filter_map(|a| self.will.shown(&a.name.clone(), Some(a))).collect();
        let there = u64::try_from(accounts.len()).ok();
        let Some(Cut { accounts: shown, admits }) = cut else {
            return Ok(Page { accounts, contains, gaps, entitlements, next: None, total });
        };
        accounts.truncate(shown);
        let total = if admits { there } else { total.and(u64::try_from(accounts.len()).ok()) };
        Ok(Page { accounts, contains, gaps, entitlements, next: None, total })
    }
    async fn catalogue(&self) -> Result<Vec<RemoteEntitlement>, ConnectError> {
        self.inner.catalogue().await
    }
    async fn read(&self, account: &AccountRef) -> Result<Option<RemoteAccount>, ConnectError> {
        Ok(self.will.shown(&account.name, self.inner.read(account).await?))
    }
    async fn find(&self, attribute: &AttributeName, value: &str) -> Result<Vec<AccountRef>, ConnectError> {
        self.inner.find(attribute, value).await
    }
    async fn create(&self, account: &NewAccount) -> Result<Created, ConnectError> {
        let (name, kind) = (account.name.clone(), account.kind.clone());
        let new = AccountRef { external_id: None, name, kind };
        // What is refused must be told as it is; what is made is off.
        let make = async {
            let made = self.inner.create(account).await?;
            Ok(Written { external_id: made.external_id, changed: made.usable })
        };
        let lies = self.will.lock().lies.contains(&Operation::Create);
        let made = self.write(Operation::Create, &new, make).await?;
        Ok(Created { external_id: made.external_id, usable: made.changed && !lies })
    }
    async fn holds(&self, account: &AccountRef, entitlement: &EntitlementRef) -> Result<Holds, ConnectError> {
        if self.will.lock().lag.is_some() {
            return Ok(self.read(account).await?.map_or(Holds::No, |shown| shown.holds(entitlement)));
        }
        self.inner.holds(account, entitlement).await
    }
    async fn update(&self, account: &AccountRef, change: &AccountChange) -> Result<Written, ConnectError> {
        self.write(Operation::Update, account, self.inner.update(account, change)).await
    }
    async fn enable(&self, account: &AccountRef) -> Result<Written, ConnectError> {
        self.write(Operation::Enable, account, self.inner.enable(account)).await
    }
    async fn disable(&self, account: &AccountRef) -> Result<Written, ConnectError> {
        self.write(Operation::Disable, account, self.inner.disable(account)).await
    }
    async fn delete(&self, account: &AccountRef) -> Result<Written, ConnectError> {
        self.write(Operation::Delete, account, self.inner.delete(account)).await
    }
    async fn grant(
        &self,
        account: &AccountRef,
        entitlement: &EntitlementRef,
    ) -> Result<Written, ConnectError> {
        self.write(Operation::Grant, account, self.inner.grant(account, entitlement)).await
    }
    async fn revoke(
        &self,
        account: &AccountRef,
        entitlement: &EntitlementRef,
    ) -> Result<Written, ConnectError> {
        self.write(Operation::Revoke, account, self.inner.revoke(account, entitlement)).await
    }
    async fn sessions(&self, account: &AccountRef) -> Result<Vec<Session>, ConnectError> {
        self.inner.sessions(account).await
    }
    async fn end_sessions(&self, account: &AccountRef) -> Result<u64, ConnectError> {
        self.inner.end_sessions(account).await
    }
    async fn credentials(&self, account: &AccountRef) -> Result<Vec<Credential>, ConnectError> {
        self.inner.credentials(account).await
    }
    async fn revoke_credentials(&self, account: &AccountRef) -> Result<u64, ConnectError> {
        self.inner.revoke_credentials(account).await
    }
    async fn set_password(&self, account: &AccountRef, password: &Secret) -> Result<Written, ConnectError> {
        let set =
            self.write(Operation::SetPassword, account, self.inner.set_password(account, password)).await;
        // What the test does next is in another second: else the order of the two could not be told.
        let told = !self.will.lock().clock.is_empty();
        if told {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        set
    }
    async fn password_changed(&self, account: &AccountRef) -> Result<Option<Timestamp>, ConnectError> {
        Ok(self.inner.password_changed(account).await?.map(|at| self.will.told(at)))
    }
    async fn rotate(&self, account: &AccountRef) -> Result<Written, ConnectError> {
        self.inner.rotate(account).await
    }
}
