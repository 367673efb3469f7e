//! The handle with which a test owns a fake system: opens connections, sets faults, edits by hand, looks inside.

use super::account::FakeAccount;
use super::connection::Connection;
use super::fault::{Cut, Fault, Lag};
use super::state::{Armed, State};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tenure_connect::{AttributeSpec, Capabilities, Connector, Operation};

/// Accounts on a page of a fake scan.
const PAGE_ACCOUNTS: u32 = 10;

/// A system in memory. Clones and connections share one state.
#[derive(Clone)]
pub struct Target(Arc<Mutex<State>>);

impl Default for Target {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl Target {
    /// A system that can do everything (except incremental scans, which no operation uses yet) and has these entitlements.
    #[must_use]
    pub fn new(entitlements: &[&str]) -> Self {
        let mut state = State::default();
        state.capabilities = Self::able();
        state.entitlements = entitlements.iter().map(|e| (Arc::from(*e), Arc::from(*e))).collect();
        Self(Arc::new(Mutex::new(state)))
    }

    /// Every ability, pages of ten accounts, no lag.
    #[must_use]
    pub fn able() -> Capabilities {
        Capabilities {
            read: true,
            scan: true,
            create: true,
            update: true,
            rename: true,
            disable: true,
            delete: true,
            grant: true,
            catalogue: true,
            conditional: true,
            sessions: true,
            credentials: true,
            passwords: true,
            rotate: true,
            page_accounts_max: PAGE_ACCOUNTS,
            concurrency_max: 0,
            calls_per_second: 0,
            propagation: SignedDuration::ZERO,
        }
    }

    /// A new connection that shows all plain attributes and knows no references.
    #[must_use]
    pub fn connector(&self) -> Arc<dyn Connector> {
        self.connector_for(Vec::new())
    }

    /// A new connection that looks at these attributes only; none given: at all of them.
    #[must_use]
    pub fn connector_for(&self, attributes: Vec<AttributeSpec>) -> Arc<dyn Connector> {
        Arc::new(Connection { target: self.clone(), attributes })
    }

    /// Replaces what the system can do.
    pub fn set_capabilities(&self, capabilities: Capabilities) {
        self.lock().capabilities = capabilities;
    }

    /// What time it is in the system from now on; without it, that of this host.
    pub fn set_clock(&self, now: Timestamp) {
        self.lock().clock = Some(now);
    }

    /// What time it is in the system.
    #[expect(clippy::disallowed_methods, reason = "a system has a clock of its own")]
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.lock().clock.unwrap_or_else(Timestamp::now)
    }

    /// Adds an entitlement to the catalogue.
    pub fn add_entitlement(&self, name: &str) {
        self.lock().entitlements.insert(Arc::from(name), Arc::from(name));
    }

    /// Entitlements whose names begin so are created when an account is first given them, as a directory makes groups.
    pub fn add_family(&self, prefix: &str) {
        self.lock().families.insert(Arc::from(prefix));
    }

    /// From now on who holds `outer` holds `inner` through it.
    pub fn contain(&self, outer: &str, inner: &str) {
        self.lock().contains.insert((Arc::from(outer), Arc::from(inner)));
    }

    /// No longer.
    pub fn part(&self, outer: &str, inner: &str) {
        self.lock().contains.remove(&(Arc::from(outer), Arc::from(inner)));
    }

    /// The next `calls` calls of `operation` go wrong.
    pub fn fault_next(&self, calls: u64, operation: Operation, fault: Fault) {
        self.lock().armed.push(Armed { operation, fault, left: Some(calls) });
    }

    /// All calls of `operation` go wrong from now on.
    pub fn fault(&self, operation: Operation, fault: Fault) {
        self.lock().armed.push(Armed { operation, fault, left: None });
    }

    /// Scans show a part from now on.
    pub fn cut_scan(&self, cut: Cut) {
        self.lock().cut = Some(cut);
    }

    /// The system refuses to give this entitlement.
    pub fn refuse(&self, entitlement: &str) {
        self.lock().refused.insert(Arc::from(entitlement));
    }

    /// Reads lag behind writes from now on; a lag in time is also what the system states as its propagation.
    pub fn lag(&self, lag: Lag) {
        let mut state = self.lock();
        if let Lag::For(time) = lag {
            state.capabilities.propagation = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
        }
        state.lag = Some(lag);
    }

    /// Everything works again: faults, lag, refusals and cut scans end. Writes that are to be forgotten still are.
    pub fn mend(&self) {
        let mut state = self.lock();
        state.armed.clear();
        state.refused.clear();
        state.cut = None;
        state.lag = None;
        state.capabilities.propagation = SignedDuration::ZERO;
    }

    /// Adds an account by hand, or replaces the one of that name.
    pub fn put(&self, account: FakeAccount) {
        let mut state = self.lock();
        let id = state.id_of(&account.name).unwrap_or_else(|| state.new_id());
        state.accounts.insert(id, account);
    }

    /// Edits an account by hand, outside Tenure; `false` when no account has that name.
    pub fn edit(&self, name: &str, edit: impl FnOnce(&mut FakeAccount)) -> bool {
        let mut state = self.lock();
        let id = state.id_of(name);
        let Some(account) = id.and_then(|id| state.accounts.get_mut(&id)) else { return false };
        edit(account);
        account.version += 1;
        true
    }

    /// Removes an account by hand; `false` when no account has that name.
    pub fn remove(&self, name: &str) -> bool {
        let mut state = self.lock();
        let id = state.id_of(name);
        id.is_some_and(|id| state.accounts.remove(&id).is_some())
    }

    /// Time passes in the system: what carried an end at or before `now` is gone.
    pub fn pass_time(&self, now: Timestamp) {
        for account in self.lock().accounts.values_mut() {
            account.sessions.retain(|s| s.until.is_none_or(|end| end > now));
            account.credentials.retain(|c| c.until.is_none_or(|end| end > now));
        }
    }

    /// The account of that name as it is, without lag and lies.
    #[must_use]
    pub fn account(&self, name: &str) -> Option<FakeAccount> {
        let state = self.lock();
        state.id_of(name).and_then(|id| state.accounts.get(&id).cloned())
    }

    /// The name of the account with this external id.
    #[must_use]
    pub fn name_of(&self, external_id: &str) -> Option<Arc<str>> {
        self.lock().accounts.get(external_id).map(|a| a.name.clone())
    }

    /// The names of all accounts.
    #[must_use]
    pub fn names(&self) -> BTreeSet<Arc<str>> {
        self.lock().accounts.values().map(|a| a.name.clone()).collect()
    }

    /// How often an operation was called, refused calls included.
    #[must_use]
    pub fn calls(&self, operation: Operation) -> u64 {
        self.lock().calls.get(&operation).copied().unwrap_or(0)
    }

    /// How often operations that write were called.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.lock().calls.iter().filter(|(o, _)| o.is_write()).map(|(_, n)| n).sum()
    }

    /// Accounts with everything on them as sorted text, for snapshots. External ids are left out.
    #[must_use]
    pub fn dump(&self) -> String {
        self.lock().dump()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.forget_due();
        state
    }
}
