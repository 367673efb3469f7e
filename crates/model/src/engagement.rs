//! One working relationship: its dates, its place, and its attributes over time.

use crate::{
    AttributeName, EngagementId, EngagementType, LocalEnd, RecordKey, SourceName, Timeline, Value, Zone,
};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;

/// State of an engagement on a day. Order: the later, the more active (an identity has the most active one).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Over permanently: the personal data is erased.
    Erased,
    /// Over, or withdrawn.
    Departed,
    /// Known, and still far ahead.
    Expected,
    /// About to begin: accounts may exist, disabled.
    Preparing,
    /// Absent for longer than policy ignores.
    Absent,
    /// At work.
    Active,
}

impl Phase {
    /// All phases, in order.
    pub const ALL: [Self; 6] =
        [Self::Erased, Self::Departed, Self::Expected, Self::Preparing, Self::Absent, Self::Active];

    /// As written in policy and shown to people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Erased => "erased",
            Self::Departed => "departed",
            Self::Expected => "expected",
            Self::Preparing => "preparing",
            Self::Absent => "absent",
            Self::Active => "active",
        }
    }
    /// Reads the word used in policy.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.as_str() == text)
    }
}

/// An absence, in local days, both included.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Absence {
    /// First day of absence.
    pub from: Date,
    /// Last day of absence; `None` if not known.
    pub until: Option<Date>,
}

/// Whether the source still states an engagement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngagementState {
    /// The source states it.
    Stated,
    /// Missing from the source's full feeds since `since`; by the source's rule it ends at `ends`.
    Missing {
        /// When the first feed without it was processed.
        since: Timestamp,
        /// When the source's rule ends it; `None` if the rule ignores missing records.
        ends: Option<Timestamp>,
    },
    /// No source of the configuration states it: its source was removed.
    Sourceless {
        /// When this was noticed.
        since: Timestamp,
        /// When the policy ends it; `None` if it is kept.
        ends: Option<Timestamp>,
    },
    /// It never began, or never will.
    Withdrawn {
        /// When this became known.
        at: Timestamp,
    },
}

/// One working relationship. A non-human identity holds one whose type is `custody`: its attributes name the
/// owner, the deputy and the purpose, and its end is the expiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engagement {
    /// Its id, derived from source and key.
    pub id: EngagementId,
    /// The source that states it.
    pub source: SourceName,
    /// Its key there.
    pub key: RecordKey,
    /// Its type; the engine compares it and never reads it.
    pub kind: EngagementType,
    /// First local day; `None` is "has always been".
    pub start: Option<Date>,
    /// Last working day.
    pub last_day: Option<LocalEnd>,
    /// End of the contract.
    pub end: Option<LocalEnd>,
    /// The zone of all its dates.
    pub zone: Zone,
    /// Absences, sorted.
    pub absences: Vec<Absence>,
    /// Whether the source still states it.
    pub state: EngagementState,
    /// What the source states for matching: kind of key and normalised value.
    pub keys: BTreeMap<Arc<str>, Arc<str>>,
    /// What the source states about the person in this engagement.
    pub attributes: BTreeMap<AttributeName, Timeline<Value>>,
}

impl Engagement {
    /// `source:key`, as shown to people.
    #[must_use]
    pub fn key_text(&self) -> Arc<str> {
        Arc::from(format!("{}:{}", self.source, self.key))
    }
    /// The earliest of last day and end, as stated (both are dates in the engagement's zone).
    #[must_use]
    pub fn stated_end(&self) -> Option<LocalEnd> {
        match (self.last_day, self.end) {
            (Some(a), Some(b)) => Some(earlier(a, b)),
            (a, b) => a.or(b),
        }
    }
}

/// The earlier of two ends; on one day, an end with a time comes before the day's end.
fn earlier(a: LocalEnd, b: LocalEnd) -> LocalEnd {
    let rank = |e: &LocalEnd| (e.date, e.time.is_none(), e.time);
    if rank(&a) <= rank(&b) { a } else { b }
}
