//! Requests that wait for the writer: small ones have priority over slices of an import.

use super::request::Request;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Both queues. Their size is limited by the permits that requests hold.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    small: VecDeque<Request>,
    slices: VecDeque<Request>,
    closed: bool,
}

/// What the writer takes into the open transaction.
#[derive(Debug)]
pub(crate) enum Next {
    /// All waiting small requests.
    Small(Vec<Request>),
    /// One slice of an import.
    Slice(Request),
    /// Nothing waits, or there is no room for it.
    Nothing,
}

impl Queue {
    /// Adds a request; `false` when the store is closed.
    pub(crate) fn put(&self, small: bool, request: Request) -> bool {
        let mut waiting = self.lock();
        if waiting.closed {
            return false;
        }
        if small {
            waiting.small.push_back(request)
        } else {
            waiting.slices.push_back(request)
        }
        drop(waiting);
        self.arrived.notify_one();
        true
    }

    /// Accepts no more requests; waiting ones are still done.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_one();
    }

    /// Drops waiting requests; their callers learn that the store is closed.
    pub(crate) fn refuse_waiting(&self) {
        let mut waiting = self.lock();
        waiting.small.clear();
        waiting.slices.clear();
    }

    /// Sleeps until something waits; `false` when the queue is closed and empty.
    pub(crate) fn wait(&self) -> bool {
        let mut waiting = self.lock();
        loop {
            if !waiting.small.is_empty() || !waiting.slices.is_empty() {
                return true;
            }
            if waiting.closed {
                return false;
            }
            waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What to do next in the open transaction. Small requests go first, but every transaction that began with them
    /// takes one slice, so that a stream of events cannot starve an import.
    pub(crate) fn next(&self, taken: Taken, room: bool) -> Next {
        let mut waiting = self.lock();
        let slice_now = match taken {
            Taken::Nothing => waiting.small.is_empty(),
            Taken::Small => true,
            Taken::Slice => waiting.small.is_empty() && room,
        };
        if slice_now && let Some(slice) = waiting.slices.pop_front() {
            return Next::Slice(slice);
        }
        if waiting.small.is_empty() || !(room || taken == Taken::Slice) {
            return Next::Nothing;
        }
        Next::Small(waiting.small.drain(..).collect())
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the open transaction contains so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Nothing,
    Small,
    Slice,
}
