//! The state that all connections to one fake system share, and how its faults take effect.

use super::account::FakeAccount;
use super::fault::{Cut, Fault, Lag};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use tenure_connect::{Capabilities, ConnectError, ErrorKind, Operation, Status, longer};
use tokio::time::Instant;

/// Accounts by external id.
pub(crate) type Accounts = BTreeMap<Arc<str>, FakeAccount>;

/// A fault that waits for a call.
pub(crate) struct Armed {
    pub(crate) operation: Operation,
    pub(crate) fault: Fault,
    /// How many calls it still hits; `None`: all.
    pub(crate) left: Option<u64>,
}

/// A state that reads still show although it was overwritten.
struct Past {
    written: Instant,
    /// Counter of reads at that moment.
    reads: u64,
    shown: Accounts,
}

/// A write that will be lost.
struct Forgotten {
    at: Instant,
    external_id: Arc<str>,
    was: Option<FakeAccount>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) capabilities: Capabilities,
    pub(crate) accounts: Accounts,
    /// Local name and title.
    pub(crate) entitlements: BTreeMap<Arc<str>, Arc<str>>,
    /// How the names of entitlements begin that are created when an account is first given them.
    pub(crate) families: BTreeSet<Arc<str>>,
    /// Entitlements that the holder of another one has too: outer, inner.
    pub(crate) contains: BTreeSet<(Arc<str>, Arc<str>)>,
    /// Entitlements that the system refuses to give.
    pub(crate) refused: BTreeSet<Arc<str>>,
    /// A scan shows a part, with the end marker of a complete one.
    pub(crate) cut: Option<Cut>,
    pub(crate) lag: Option<Lag>,
    /// What time it is there; `None`: that of this host.
    pub(crate) clock: Option<Timestamp>,
    pub(crate) armed: Vec<Armed>,
    pub(crate) calls: BTreeMap<Operation, u64>,
    /// How many external ids were given.
    made: u64,
    past: VecDeque<Past>,
    forgotten: Vec<Forgotten>,
    reads: u64,
}

impl State {
    /// Counts a call, refuses what the system cannot do, and hands out the faults that hit it.
    pub(crate) fn enter(&mut self, operation: Operation) -> Result<Vec<Fault>, ConnectError> {
        *self.calls.entry(operation).or_default() += 1;
        if !operation.is_supported(&self.capabilities) {
            return Err(unsupported(operation));
        }
        let mut hit = Vec::new();
        for armed in self.armed.iter_mut().filter(|a| a.operation == operation && a.left != Some(0)) {
            if let Some(left) = &mut armed.left {
                *left -= 1;
            }
            hit.push(armed.fault.clone());
        }
        self.armed.retain(|a| a.left != Some(0));
        Ok(hit)
    }

    /// Loses the writes whose time has come.
    pub(crate) fn forget_due(&mut self) {
        let now = Instant::now();
        let (due, later) = std::mem::take(&mut self.forgotten).into_iter().partition(|f| f.at <= now);
        self.forgotten = later;
        let due: Vec<Forgotten> = due;
        for Forgotten { external_id, was, .. } in due {
            match was {
                Some(account) => self.accounts.insert(external_id, account),
                None => self.accounts.remove(&external_id),
            };
        }
    }

    /// Keeps what reads go on showing, before a write.
    pub(crate) fn remember(&mut self) {
        if self.lag.is_some() {
            self.past.push_back(Past {
                written: Instant::now(),
                reads: self.reads,
                shown: self.accounts.clone(),
            });
        }
    }

    /// Plans to lose what changed since `before`.
    pub(crate) fn lose(&mut self, before: &Accounts, at: Instant) {
        let ids: BTreeSet<&Arc<str>> = before.keys().chain(self.accounts.keys()).collect();
        for external_id in ids {
            let was = before.get(external_id);
            if was != self.accounts.get(external_id) {
                self.forgotten.push(Forgotten { at, external_id: external_id.clone(), was: was.cloned() });
            }
        }
    }

    /// What a read shows now.
    pub(crate) fn shown(&mut self) -> &Accounts {
        let now = Instant::now();
        while let Some(past) = self.past.front() {
            let over = match self.lag {
                None => true,
                Some(Lag::Reads(n)) => self.reads - past.reads >= n,
                Some(Lag::For(time)) => now.duration_since(past.written) >= time,
            };
            if !over {
                break;
            }
            self.past.pop_front();
        }
        self.reads += 1;
        self.past.front().map_or(&self.accounts, |past| &past.shown)
    }

    /// An external id that was never given before.
    pub(crate) fn new_id(&mut self) -> Arc<str> {
        self.made += 1;
        Arc::from(format!("id-{:06}", self.made))
    }

    /// The external id of the account of that name.
    pub(crate) fn id_of(&self, name: &str) -> Option<Arc<str>> {
        id_in(&self.accounts, name)
    }

    /// Everything that is held through what is held directly, with the path that leads there.
    pub(crate) fn indirect(&self, direct: &BTreeSet<Arc<str>>) -> BTreeMap<Arc<str>, Arc<str>> {
        let mut found: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::new();
        let mut open: Vec<(Arc<str>, Arc<str>)> = direct.iter().map(|e| (e.clone(), e.clone())).collect();
        while let Some((outer, path)) = open.pop() {
            for (_, inner) in self.contains.iter().filter(|(o, _)| *o == outer) {
                if !direct.contains(inner) && !found.contains_key(inner) {
                    let longer = longer(&path, inner);
                    found.insert(inner.clone(), longer.clone());
                    open.push((inner.clone(), longer));
                }
            }
        }
        found
    }

    /// The whole state as sorted text, one fact a line.
    pub(crate) fn dump(&self) -> String {
        let mut blocks: Vec<String> = self.accounts.values().map(|a| self.dump_account(a)).collect();
        blocks.sort();
        blocks.concat()
    }

    fn dump_account(&self, account: &FakeAccount) -> String {
        let FakeAccount { name, kind, enabled, .. } = account;
        let usable = if *enabled { "enabled" } else { "disabled" };
        let mut text = format!("{name} ({kind}, {usable})\n");
        for (attribute, value) in &account.attributes {
            text += &format!("  {attribute} = {value}\n");
        }
        for (attribute, external_id) in &account.references {
            let pointed = self.accounts.get(external_id).map_or("no account", |a| &a.name);
            text += &format!("  {attribute} -> {pointed}\n");
        }
        for entitlement in &account.entitlements {
            text += &format!("  holds {entitlement}\n");
        }
        for session in &account.sessions {
            text += &format!("  session {}\n", session.external_id);
        }
        for credential in &account.credentials {
            text += &format!("  {} {}\n", credential.sort, credential.external_id);
        }
        text
    }
}

/// The external id of the account of that name.
pub(crate) fn id_in(accounts: &Accounts, name: &str) -> Option<Arc<str>> {
    accounts.iter().find(|(_, a)| *a.name == *name).map(|(id, _)| id.clone())
}

pub(crate) fn unsupported(operation: Operation) -> ConnectError {
    ConnectError::new(ErrorKind::Unsupported, operation.as_str(), "this fake system was made without it")
}

pub(crate) fn lost_answer(operation: Operation) -> ConnectError {
    let status = if operation.is_write() { Status::UnknownOutcome } else { Status::Temporary };
    ConnectError::new(ErrorKind::Unreachable, operation.as_str(), "the connection broke before the answer")
        .with_status(status)
}
