//! One durable, idempotent operation on one system: bring an account to what was decided, and look again.

use crate::{AccountKey, IdentityId, TaskId};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// Attempts after which a task needs a person.
pub const ATTEMPTS_MAX: u32 = 12;
/// Times that a system may answer yes and show something else; then a person is told what it shows.
pub const CONTRADICTIONS_MAX: u32 = 3;
/// The same where access is to end: it is tried for longer, since the system may only be slow.
pub const CONTRADICTIONS_REMOVAL_MAX: u32 = 6;
/// First pause between attempts.
pub const PAUSE_FIRST: SignedDuration = SignedDuration::from_secs(2);
/// Longest pause between attempts.
pub const PAUSE_LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// Longest pause that a system may ask for.
pub const PAUSE_ASKED_LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// Longest pause that a system may ask for where access is to end.
pub const PAUSE_ASKED_REMOVAL_LONGEST: SignedDuration = SignedDuration::from_mins(5);

/// What a task does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskKind {
    /// Bring the account to its decided state: read, write the least, record what the system claimed.
    Converge,
    /// Read the account by another connection and record what is there.
    Confirm,
    /// Ask the system's owner to do it (a system that Tenure may not or cannot write).
    Manual,
}

impl TaskKind {
    /// As stored and shown to people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Converge => "converge",
            Self::Confirm => "confirm",
            Self::Manual => "manual",
        }
    }
    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Converge, Self::Confirm, Self::Manual].into_iter().find(|k| k.as_str() == text)
    }
}

/// Which queue: cut-offs go ahead of everything, ends ahead of starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// A cut-off.
    CutOff,
    /// Somebody loses access.
    Removal,
    /// Somebody gains access, or attributes change.
    Normal,
}

impl Urgency {
    /// The stored number: lower runs first.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::CutOff => 0,
            Self::Removal => 1,
            Self::Normal => 2,
        }
    }
    /// Reads the stored number.
    #[must_use]
    pub fn from_rank(rank: u8) -> Self {
        match rank {
            0 => Self::CutOff,
            1 => Self::Removal,
            _ => Self::Normal,
        }
    }
}

/// Where a task stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskState {
    /// Waits until `not_before` (machine time).
    Ready {
        /// First instant at which it may be claimed.
        not_before: Timestamp,
    },
    /// A worker has it until the lease ends.
    Leased {
        /// Which worker.
        owner: Arc<str>,
        /// First instant at which another may take it.
        until: Timestamp,
    },
    /// It takes access away, and the system's brake holds it until somebody releases it.
    Held {
        /// What the brake found.
        why: Arc<str>,
    },
    /// Retries are used up, or the error is permanent, or only a person can do it.
    NeedsPerson {
        /// What happened and what to do.
        why: Arc<str>,
    },
    /// Nothing left to do.
    Done,
}

/// A task. Its idempotency key is (identity, account, kind): a newer decision refreshes the open task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Whose account.
    pub identity: IdentityId,
    /// Which account.
    pub account: AccountKey,
    /// What to do.
    pub kind: TaskKind,
    /// The account's generation when the task was written or refreshed.
    pub generation: u64,
    /// Which queue.
    pub urgency: Urgency,
    /// Attempts so far.
    pub attempts: u32,
    /// Attempts that may have made the account although nothing tells so: the one under way, those that were broken off,
    /// and those whose answer was lost. A newer decision does not clear them.
    pub doubts: u32,
    /// How often the system said yes to the work and then showed something else. A newer decision begins at 0.
    pub contradictions: u32,
    /// Whether no brake holds it: it takes nothing away, its end was known before, a brake counted it, or it was released.
    pub cleared: bool,
    /// Why the last attempt failed; `None` when it did not, or none was made.
    pub failed: Option<Arc<str>>,
    /// Where it stands.
    pub state: TaskState,
}

/// What to do after a failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backoff {
    /// Try again then.
    Retry(Timestamp),
    /// Stop: a person must look.
    GiveUp,
}

impl Backoff {
    /// Doubling pauses, capped, with jitter: `random` in 0..=255 takes up to half of the pause away. A pause that
    /// the system asked for (`after`) is kept when it is longer, up to a limit that is shorter where access is to end.
    #[must_use]
    pub fn after(
        attempts: u32,
        now: Timestamp,
        after: Option<SignedDuration>,
        urgency: Urgency,
        random: u8,
    ) -> Self {
        if attempts >= ATTEMPTS_MAX {
            return Self::GiveUp;
        }
        let most = match urgency {
            Urgency::CutOff | Urgency::Removal => PAUSE_ASKED_REMOVAL_LONGEST,
            Urgency::Normal => PAUSE_ASKED_LONGEST,
        };
        let asked = after.unwrap_or_default().clamp(SignedDuration::ZERO, most);
        Self::later(doubled(attempts, random).max(asked), now)
    }

    /// What to do after a system said yes to the work and showed something else, for the `times`-th time: the same pauses,
    /// and a person soon, because the same answer is to be expected.
    #[must_use]
    pub fn contradicted(times: u32, now: Timestamp, urgency: Urgency, random: u8) -> Self {
        let most = match urgency {
            Urgency::CutOff | Urgency::Removal => CONTRADICTIONS_REMOVAL_MAX,
            Urgency::Normal => CONTRADICTIONS_MAX,
        };
        if times >= most {
            return Self::GiveUp;
        }
        Self::Retry(Self::pause_after(times, now, random))
    }

    /// When to try again what waits for somebody to let Tenure in: the same pauses, without an end, and shorter where access is to
    /// end.
    #[must_use]
    pub fn until_let_in(attempts: u32, now: Timestamp, urgency: Urgency, random: u8) -> Self {
        let most = match urgency {
            Urgency::CutOff | Urgency::Removal => PAUSE_ASKED_REMOVAL_LONGEST,
            Urgency::Normal => PAUSE_LONGEST,
        };
        Self::later(doubled(attempts, random).min(most), now)
    }

    /// When to look again at what no person can hasten: the same pauses, without an end.
    #[must_use]
    pub fn pause_after(times: u32, now: Timestamp, random: u8) -> Timestamp {
        crate::range::moved(now, doubled(times.saturating_sub(1), random))
    }

    fn later(pause: SignedDuration, now: Timestamp) -> Self {
        Self::Retry(crate::range::moved(now, pause))
    }
}

/// The pause after so many attempts, without what jitter takes away.
fn doubled(attempts: u32, random: u8) -> SignedDuration {
    let doubled = PAUSE_FIRST.checked_mul(1 << attempts.min(16)).unwrap_or(PAUSE_LONGEST).min(PAUSE_LONGEST);
    let jitter = doubled.checked_mul(i32::from(random)).and_then(|d| d.checked_div(512)).unwrap_or_default();
    doubled - jitter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let now = Timestamp::UNIX_EPOCH;
        let pauses: Vec<i64> = (0..ATTEMPTS_MAX)
            .map(|n| match Backoff::after(n, now, None, Urgency::Normal, 0) {
                Backoff::Retry(at) => at.as_second(),
                Backoff::GiveUp => -1,
            })
            .collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600]);
        assert_eq!(Backoff::after(ATTEMPTS_MAX, now, None, Urgency::Normal, 0), Backoff::GiveUp);
        let asked = Backoff::after(0, now, Some(SignedDuration::from_secs(30)), Urgency::Normal, 255);
        assert_eq!(asked, Backoff::Retry(Timestamp::from_second(30).unwrap()));
    }

    #[test]
    fn no_system_asks_for_a_pause_of_years() {
        let now = Timestamp::UNIX_EPOCH;
        let years = SignedDuration::from_secs(4_294_967_295);
        for (urgency, seconds) in [(Urgency::CutOff, 300), (Urgency::Removal, 300), (Urgency::Normal, 3_600)]
        {
            for asked in [years, SignedDuration::MAX] {
                let next = Backoff::after(0, now, Some(asked), urgency, 0);
                assert_eq!(next, Backoff::Retry(Timestamp::from_second(seconds).unwrap()));
            }
            assert_eq!(
                Backoff::after(0, now, Some(SignedDuration::MIN), urgency, 0),
                Backoff::Retry(Timestamp::from_second(2).unwrap())
            );
        }
    }

    #[test]
    fn what_is_refused_is_tried_for_ever() {
        let now = Timestamp::UNIX_EPOCH;
        for (urgency, seconds) in [(Urgency::CutOff, 300), (Urgency::Removal, 300), (Urgency::Normal, 3_600)]
        {
            let next = Backoff::until_let_in(1_000, now, urgency, 0);
            assert_eq!(next, Backoff::Retry(Timestamp::from_second(seconds).unwrap()));
        }
    }

    #[test]
    fn contradictions_end_with_a_person() {
        let now = Timestamp::UNIX_EPOCH;
        let pauses = |urgency| -> Vec<i64> {
            (1..=CONTRADICTIONS_REMOVAL_MAX)
                .map_while(|n| match Backoff::contradicted(n, now, urgency, 0) {
                    Backoff::Retry(at) => Some(at.as_second()),
                    Backoff::GiveUp => None,
                })
                .collect()
        };
        assert_eq!(pauses(Urgency::Normal), [2, 4]);
        assert_eq!(pauses(Urgency::CutOff), [2, 4, 8, 16, 32]);
    }
}
