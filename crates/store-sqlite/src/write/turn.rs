//! One turn of the writer is one transaction: it begins with the waiting requests, takes more while there is room, commits, and only
//! then answers.
//!
//! There is one writer, so what a unit depends on can be checked before it is written, and a unit that fails this check costs nothing.
//! A violated schema constraint in the middle of a unit is rare: then the whole turn is undone and repeated with a savepoint around
//! each unit, which every unit would cost otherwise.

use super::ledger::PendingLeaves;
use super::queue::{Next, Queue, Taken};
use super::request::{Answer, Request, Work};
use crate::checkpoint::{Checkpointer, count_pages};
use crate::clock::MachineClock;
use crate::fault::{Fault, Result};
use crate::head::{Head, SharedHead};
use crate::read::unreadable::LeftOut;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::SetupHash;
use tenure_store::{Outcome, StoreError};
use tokio::sync::watch;

/// Changes after which a transaction takes no more slices of an import. Large, because scattered keys dirty fewer pages per change the
/// more changes share a commit, and one sync serves them all.
const TURN_WRITES_MAX: usize = 40_000;

/// The writer's state. Everything but `head` belongs to the open transaction or can be read again from the database.
pub(crate) struct Writer {
    pub(super) connection: Connection,
    pub(super) head: Head,
    shared: Arc<SharedHead>,
    committed: watch::Sender<u64>,
    checkpointer: Checkpointer,
    left_out: LeftOut,
    /// Machine time: leases rest on it.
    clock: MachineClock,
    /// What the open transaction appends to the ledger, and its business time.
    pub(super) pending: PendingLeaves,
    /// Classes and their numbers, as far as they were used.
    pub(super) classes: BTreeMap<Arc<[u8]>, i64>,
    /// The active configuration, once it was read.
    pub(super) active: Option<Option<SetupHash>>,
}

/// Whether units get a savepoint each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    None,
    Savepoint,
}

impl Writer {
    pub(crate) fn new(
        connection: Connection,
        head: Head,
        shared: Arc<SharedHead>,
        committed: watch::Sender<u64>,
        checkpointer: Checkpointer,
        left_out: LeftOut,
        clock: MachineClock,
    ) -> Self {
        count_pages(&connection);
        let pending = PendingLeaves::default();
        Self {
            connection,
            head,
            shared,
            committed,
            checkpointer,
            left_out,
            clock,
            pending,
            classes: BTreeMap::new(),
            active: None,
        }
    }

    /// Works until the queue is closed and empty.
    pub(crate) fn work(mut self, queue: &Queue) {
        while queue.wait() {
            self.turn(queue);
        }
    }

    fn turn(&mut self, queue: &Queue) {
        let mut taken = Vec::new();
        let mut done = self.transact(|writer| writer.take(&mut taken, queue));
        if done.as_ref().is_err_and(|fault| fault.rule().is_some()) {
            done = self.transact(|writer| {
                taken.iter().map(|request: &Request| writer.answer(&request.work, Guard::Savepoint)).collect()
            });
        }
        self.left_out.collect();
        match done {
            Ok(answers) => {
                if answers.iter().any(wakes) {
                    self.committed.send_modify(|count| *count = count.wrapping_add(1));
                }
                for (request, answer) in taken.into_iter().zip(answers) {
                    let scrubbed = if matches!(request.work, Work::Scrub) { self.scrub() } else { Ok(()) };
                    reply(request, scrubbed.map(|()| answer).map_err(StoreError::from));
                }
                self.checkpointer.after_commit(&self.connection);
            }
            Err(fault) => {
                let why = StoreError::from(fault).to_string();
                for request in taken {
                    reply(request, Err(StoreError::Driver(why.clone().into())));
                }
            }
        }
    }

    /// One transaction, synced when this returns successfully; otherwise nothing of it remains.
    fn transact(&mut self, work: impl FnOnce(&mut Self) -> Result<Vec<Answer>>) -> Result<Vec<Answer>> {
        let done = self.connection.execute_batch("BEGIN IMMEDIATE").map_err(Fault::from).and_then(|()| {
            let answers = work(self)?;
            let head = self.write_pending()?;
            self.connection.execute_batch("COMMIT")?;
            Ok((answers, head))
        });
        self.pending = PendingLeaves::default();
        match done {
            Ok((answers, head)) => {
                if let Some(head) = head {
                    self.head = head.clone();
                    self.shared.publish(head);
                }
                Ok(answers)
            }
            Err(fault) => {
                self.forget();
                Err(fault)
            }
        }
    }

    /// Rolls back the open transaction, if SQLite has not, and drops what was cached of it.
    fn forget(&mut self) {
        if !self.connection.is_autocommit() {
            // If this fails too, the next BEGIN reports it.
            drop(self.connection.execute_batch("ROLLBACK"));
        }
        self.classes.clear();
        self.active = None;
    }

    /// Handles waiting requests, in the order of [`Queue::next`], while there is room.
    fn take(&mut self, requests: &mut Vec<Request>, queue: &Queue) -> Result<Vec<Answer>> {
        let mut answers = Vec::new();
        let (mut taken, mut writes) = (Taken::Nothing, 0);
        loop {
            let last = match queue.next(taken, writes < TURN_WRITES_MAX) {
                Next::Nothing => return Ok(answers),
                Next::Small(small) => {
                    requests.extend(small);
                    // Small requests that arrived while a slice was written do not wait for more slices.
                    taken == Taken::Slice
                }
                Next::Slice(slice) => {
                    requests.push(slice);
                    taken = Taken::Slice;
                    false
                }
            };
            if taken == Taken::Nothing {
                taken = Taken::Small;
            }
            while let Some(request) = requests.get(answers.len()) {
                writes += request.work.writes();
                answers.push(self.answer(&request.work, Guard::None)?);
            }
            if last {
                return Ok(answers);
            }
        }
    }

    fn answer(&mut self, work: &Work, guard: Guard) -> Result<Answer> {
        Ok(match work {
            Work::Units(units) => {
                let outcomes = units.iter().map(|unit| self.unit(unit, guard)).collect::<Result<_>>()?;
                Answer::Outcomes(outcomes)
            }
            Work::Claim { owner, lasting, limit, per_system, of } => {
                let (now, until) = self.clock.now_and_after(*lasting);
                let chosen = self.claimable(now, *limit, *per_system, of.as_ref())?;
                Answer::Tasks(self.claim(owner, until, &chosen)?)
            }
            Work::Heartbeat { owner, tasks, lasting } => {
                let (_, until) = self.clock.now_and_after(*lasting);
                Answer::Lost(self.heartbeat(owner, tasks, until)?)
            }
            Work::Lease { name, owner, lasting } => {
                let (now, until) = self.clock.now_and_after(*lasting);
                Answer::Lease(self.lease(name, owner, now, until)?)
            }
            Work::Unlease { name, owner } => {
                self.unlease(name, owner)?;
                Answer::Done
            }
            // Done after the commit: no transaction is open then.
            Work::Scrub => Answer::Done,
        })
    }
}

/// Claims and leases create no work for others; waking for them would keep idle workers awake forever.
fn wakes(answer: &Answer) -> bool {
    match answer {
        Answer::Outcomes(outcomes) => outcomes.iter().any(Outcome::is_committed),
        Answer::Done => true,
        Answer::Tasks(_) | Answer::Lost(_) | Answer::Lease(_) => false,
    }
}

fn reply(request: Request, answer: std::result::Result<Answer, StoreError>) {
    drop(request.room);
    // The caller may have stopped waiting; what was committed stays committed.
    drop(request.reply.send(answer));
}
