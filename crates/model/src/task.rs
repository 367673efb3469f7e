//! One durable, idempotent operation on one system: bring an account to its decided state, and read it again.

use crate::{AccountKey, IdentityId, TaskId};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// Attempts after which a task needs a person.
pub const ATTEMPTS_MAX: u32 = 12;
/// How often a system may acknowledge the work and show something else; then a person is told what it shows.
pub const CONTRADICTIONS_MAX: u32 = 3;
/// The same for a removal of access: it is tried for longer, since the system may only be slow.
pub const CONTRADICTIONS_REMOVAL_MAX: u32 = 6;
/// First pause between attempts.
pub const PAUSE_FIRST: SignedDuration = SignedDuration::from_secs(2);
/// Longest pause between attempts.
pub const PAUSE_LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// Longest pause that a system may request.
pub const PAUSE_ASKED_LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// Longest pause that a system may request for a removal of access.
pub const PAUSE_ASKED_REMOVAL_LONGEST: SignedDuration = SignedDuration::from_mins(5);

/// What a task does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskKind {
    /// Bring the account to its decided state: read, write the minimum, record what the system claimed.
    Converge,
    /// Read the account by another connection and record its state.
    Confirm,
    /// Assign it to the system's owner (a system that Tenure may not or cannot write).
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

/// Priority: cut-offs before everything else, removals before additions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// A cut-off.
    CutOff,
    /// An identity loses access.
    Removal,
    /// An identity gains access, or attributes change.
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

/// State of a task.
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
    /// It removes access, and the system's brake holds it until it is released.
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
    /// The identity.
    pub identity: IdentityId,
    /// Which account.
    pub account: AccountKey,
    /// What to do.
    pub kind: TaskKind,
    /// The account's generation when the task was written or refreshed.
    pub generation: u64,
    /// Its priority.
    pub urgency: Urgency,
    /// Attempts so far.
    pub attempts: u32,
    /// Attempts that may have created the account without confirmation: the one under way, interrupted ones, and those whose answer
    /// was lost. A newer decision does not clear them.
    pub uncertain_creates: u32,
    /// How often the system acknowledged the work and then showed something else. A newer decision begins at 0.
    pub contradictions: u32,
    /// Whether no brake holds it: it removes nothing, its end was known before, a brake counted it, or it was released.
    pub brake_passed: bool,
    /// Why the last attempt failed; `None` if it did not fail, or none was made.
    pub failed: Option<Arc<str>>,
    /// Its state.
    pub state: TaskState,
}

/// What to do after a failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backoff {
    /// Try again then.
    Retry(Timestamp),
    /// Stop: a person must act.
    GiveUp,
}

impl Backoff {
    /// Doubling pauses, limited, with jitter: `random` in 0..=255 removes up to half of the pause. A pause that the system requested
    /// (`after`) is used if it is longer, up to a limit that is shorter for removals of access.
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

    /// What to do after the `times`-th time that a system acknowledged the work and showed something else: the same pauses, but soon a
    /// person, because the same answer is likely.
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

    /// When to retry work that waits until Tenure is permitted to access the system: the same pauses, without an end, and shorter for
    /// removals of access.
    #[must_use]
    pub fn until_let_in(attempts: u32, now: Timestamp, urgency: Urgency, random: u8) -> Self {
        let most = match urgency {
            Urgency::CutOff | Urgency::Removal => PAUSE_ASKED_REMOVAL_LONGEST,
            Urgency::Normal => PAUSE_LONGEST,
        };
        Self::later(doubled(attempts, random).min(most), now)
    }

    /// When to read again what no person can speed up: the same pauses, without an end.
    #[must_use]
    pub fn pause_after(times: u32, now: Timestamp, random: u8) -> Timestamp {
        crate::range::moved(now, doubled(times.saturating_sub(1), random))
    }

    fn later(pause: SignedDuration, now: Timestamp) -> Self {
        Self::Retry(crate::range::moved(now, pause))
    }
}

/// The pause after this many attempts, without jitter.
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
