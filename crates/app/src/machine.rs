//! Time and randomness as parameters: the application asks for them here and nowhere else.

use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// Machine time: leases, pauses, rates.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
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
    /// This process, in leases.
    pub name: Arc<str>,
}

impl Machine {
    /// Random bytes.
    #[must_use]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.randomness.fill(&mut bytes);
        bytes
    }
    /// What a new id is made of: machine time in Unix milliseconds, and random bytes.
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

/// The moment at which something is decided: business time, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Business time: the database's, or `--now`; never back behind the last committed instant.
    pub now: Timestamp,
    /// Whether `--now` gave it: the ledger says so.
    pub with_now: bool,
    /// Who acts; `None` is Tenure itself.
    pub actor: Option<Actor>,
    /// The last instant before the clock jumped, while no person has said that it is right: what cannot be undone waits.
    pub clock_doubt: Option<Timestamp>,
}

impl Moment {
    /// The same moment without an actor: what follows by itself is Tenure's own.
    #[must_use]
    pub fn automatic(&self) -> Self {
        Self { actor: None, ..self.clone() }
    }
}

/// A person who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The identity.
    pub id: tenure_model::IdentityId,
    /// What people call it.
    pub title: Arc<str>,
    /// Whether `--as` named it: the evidence says so.
    pub stood_in: bool,
    /// The login of the operating system that acts; `None` where no process of a user does.
    pub login: Option<crate::Login>,
}

/// How long a deletion waits before the queue looks again whether the clock was confirmed.
pub(crate) const CLOCK_WAIT: SignedDuration = SignedDuration::from_mins(10);
