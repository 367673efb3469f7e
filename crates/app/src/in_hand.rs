//! Coordinates the concurrent work of this process: one account is written by one job at a time, and work overtaken by a cut-off
//! stops before its next write.

use crate::Damage;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tenure_model::{AccountKey, CutOffOrder, CutOffTarget, IdentityId, TaskId};
use tokio::sync::{Mutex as Turn, MutexGuard as Turning, Notify, OwnedMutexGuard};

/// An account of an identity.
type AccountOf = (IdentityId, AccountKey);

/// Work that goes ahead of everything.
#[derive(Debug)]
pub(super) enum Urgent {
    /// The work of an identity whose cut-off was committed.
    Identity(IdentityId),
    /// The account that an order names: its system must be read.
    Account(Box<CutOffOrder>),
}

/// Shared by all jobs of a process.
#[derive(Debug, Default)]
pub struct InHand {
    accounts: Mutex<BTreeMap<AccountOf, Arc<Turn<()>>>>,
    /// Identities cut off by an order that came in while this process worked.
    overtaken: Mutex<BTreeSet<IdentityId>>,
    /// Claimed tasks whose lease was lost: another process has them, or they were decided again.
    lost: Mutex<BTreeSet<TaskId>>,
    /// Identities whose cut-off was committed and whose work waits.
    urgent: Mutex<BTreeSet<IdentityId>>,
    /// Orders whose account was not looked up in its system yet.
    sought: Mutex<VecDeque<CutOffOrder>>,
    /// What is damaged, while nothing is created, enabled or granted because of it.
    withheld: Mutex<Option<Arc<str>>>,
    /// Marks of damage that was dealt with.
    accepted: Mutex<BTreeSet<Arc<str>>>,
    /// Damage that was found and is not noted yet.
    met: Mutex<Vec<Damage>>,
    /// Number of bytes of the outside file that were read; 0: none yet.
    seen: AtomicU64,
    /// Decisions that gave or removed access without a label.
    access_alone: AtomicU64,
    /// One read of the file at a time.
    looking: Turn<()>,
    pub(super) woken: Notify,
}

/// The right to work on one account; released when it is dropped.
#[derive(Debug)]
pub(super) struct Working<'a> {
    hand: &'a InHand,
    place: AccountOf,
    turn: Option<OwnedMutexGuard<()>>,
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.turn = None;
        let mut accounts = lock(&self.hand.accounts);
        // No other job waits for it: its entry can go.
        if accounts.get(&self.place).is_some_and(|turn| Arc::strong_count(turn) == 1) {
            accounts.remove(&self.place);
        }
    }
}

impl InHand {
    /// Waits until no other job of this process works on an account.
    pub(super) async fn work_on(&self, identity: IdentityId, account: &AccountKey) -> Working<'_> {
        let place = (identity, account.clone());
        let turn = lock(&self.accounts).entry(place.clone()).or_default().clone();
        Working { hand: self, place, turn: Some(turn.lock_owned().await) }
    }

    /// Whether a cut-off came in for this identity while this process worked.
    pub(super) fn is_overtaken(&self, identity: IdentityId) -> bool {
        lock(&self.overtaken).contains(&identity)
    }

    /// Notes tasks whose lease was lost: their work stops before its next call.
    pub(super) fn lose(&self, tasks: impl IntoIterator<Item = TaskId>) {
        lock(&self.lost).extend(tasks);
    }

    /// Whether the lease of a task was lost.
    pub(super) fn is_lost(&self, task: TaskId) -> bool {
        lock(&self.lost).contains(&task)
    }

    /// Forgets tasks that this process does not work on any more.
    pub(super) fn forget(&self, tasks: &[TaskId]) {
        lock(&self.lost).retain(|task| !tasks.contains(task));
    }

    /// Notes committed cut-offs: older work on these identities stops, their own work goes first.
    pub(crate) fn overtake(&self, identities: impl IntoIterator<Item = IdentityId>) {
        let identities: Vec<IdentityId> = identities.into_iter().collect();
        lock(&self.overtaken).extend(&identities);
        lock(&self.urgent).extend(identities);
        self.woken.notify_one();
    }

    /// Blocks all giving of access because of damage; `None`: ends the block.
    pub(crate) fn withhold(&self, why: Option<Arc<str>>) {
        *lock(&self.withheld) = why;
    }

    /// Damage that was dealt with blocks nothing when it is found again.
    pub(crate) fn accept(&self, marks: impl Iterator<Item = Arc<str>>) {
        lock(&self.accepted).extend(marks);
    }

    /// Notes damage found during other work.
    pub(crate) fn meet(&self, damage: Damage) {
        if lock(&self.accepted).contains(&damage.mark) {
            return;
        }
        if damage.withholds() {
            lock(&self.withheld).get_or_insert_with(|| damage.what.clone());
        }
        lock(&self.met).push(damage);
    }

    /// Damage that was found and is not noted yet.
    pub(crate) fn take_met(&self) -> Vec<Damage> {
        std::mem::take(&mut lock(&self.met))
    }

    /// Why the giving of access is blocked.
    pub(crate) fn withheld(&self) -> Option<Arc<str>> {
        lock(&self.withheld).clone()
    }

    /// Notes orders whose account must be looked up in its system.
    pub(crate) fn seek(&self, orders: impl IntoIterator<Item = CutOffOrder>) {
        let named = |o: &CutOffOrder| matches!(o.target, CutOffTarget::Account { .. });
        lock(&self.sought).extend(orders.into_iter().filter(named));
        self.woken.notify_one();
    }

    /// The next work that goes ahead of everything.
    pub(super) fn next_urgent(&self) -> Option<Urgent> {
        if let Some(identity) = lock(&self.urgent).pop_first() {
            return Some(Urgent::Identity(identity));
        }
        lock(&self.sought).pop_front().map(|order| Urgent::Account(Box::new(order)))
    }

    /// Counts a decision that gives or removes access without a label.
    pub(crate) fn count_access_alone(&self) {
        self.access_alone.fetch_add(1, Ordering::Relaxed);
    }

    /// The number of them since the last call.
    pub(crate) fn take_access_alone(&self) -> u64 {
        self.access_alone.swap(0, Ordering::Relaxed)
    }

    pub(super) fn seen(&self) -> u64 {
        self.seen.load(Ordering::Acquire)
    }

    pub(super) fn set_seen(&self, bytes: u64) {
        self.seen.store(bytes, Ordering::Release);
    }

    pub(super) async fn looking(&self) -> Turning<'_, ()> {
        self.looking.lock().await
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each guarded value is changed by one call that cannot panic half-way.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
