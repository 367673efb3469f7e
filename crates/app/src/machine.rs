//! Time and randomness as parameters: the only place where the application gets them.

use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// Machine time: leases, pauses, rates.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
    /// Told after a pause of the queue: a clock that stands still goes on by it, one that runs by itself does nothing. Without a default:
    /// a clock that wraps another one must pass it on, or the queue waits for ever.
    fn waited(&self, pause: SignedDuration);
}

/// Randomness for ids, salts, nonces and jitter.
pub trait Randomness: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The machine that the application runs on.
#[derive(Clone)]
pub struct Machine {
    /// Machine time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub randomness: Arc<dyn Randomness>,
    /// The name of this process in leases.
    pub name: Arc<str>,
    /// Whether tasks are worked one after another and not at once. Then the order of the ledger does not depend on which system
    /// answers first, and draws of randomness come in one order: a replay of a story needs both.
    pub one_at_a_time: bool,
}

impl Machine {
    /// Random bytes.
    #[must_use]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.randomness.fill(&mut bytes);
        bytes
    }
    /// How many tasks are worked at once, where `most` are allowed.
    pub(crate) fn at_once(&self, most: usize) -> usize {
        if self.one_at_a_time { 1 } else { most }
    }
    /// Input for a new id: machine time in Unix milliseconds, and random bytes.
    #[must_use]
    pub fn id(&self) -> (u64, [u8; 10]) {
        (u64::try_from(self.clock.now().as_millisecond()).unwrap_or_default(), self.random())
    }
}

impl std::fmt::Debug for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Machine({})", self.name)
    }
}

/// The moment of a decision: business time, and the actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionContext {
    /// Business time: the database's, or `--now`; never before the last committed instant.
    pub now: Timestamp,
    /// Whether `--now` gave it: the ledger records this.
    pub with_now: bool,
    /// The actor; `None` is Tenure itself.
    pub actor: Option<Actor>,
    /// The last instant before the clock jumped, while no person has confirmed the clock: irreversible work waits.
    pub clock_doubt: Option<Timestamp>,
}

impl DecisionContext {
    /// The same moment without an actor: automatic consequences are Tenure's own acts.
    #[must_use]
    pub fn automatic(&self) -> Self {
        Self { actor: None, ..self.clone() }
    }
}

/// An acting person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The identity.
    pub id: tenure_model::IdentityId,
    /// The display name.
    pub title: Arc<str>,
    /// Whether `--as` named the person: the evidence records this.
    pub stood_in: bool,
    /// The login of the operating system; `None` where the actor is no user process.
    pub login: Option<crate::Login>,
}

/// Time until the queue checks again whether the clock was confirmed for a waiting deletion.
pub(crate) const CLOCK_WAIT: SignedDuration = SignedDuration::from_mins(10);
