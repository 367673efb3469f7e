//! The result of one row.

use crate::correlate::Keys;
use tenure_model::{Absence, LocalEnd, NormalRecord, RecordKey, RowError, Zone};

/// A row, interpreted as far as possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Normalised {
    /// All of it.
    Taken(Box<NormalRecord>),
    /// The source states that the record no longer exists (a delta feed's delete marker); nothing else of the row counts.
    Gone {
        /// Its key.
        key: RecordKey,
        /// Digest of the raw row.
        digest: [u8; 32],
    },
    /// Quarantined, but its readable ends apply at once: a misspelt department keeps no access alive.
    Partial {
        /// The part that applies.
        applies: Box<Readable>,
        /// What is wrong with the rest.
        problems: Vec<RowError>,
        /// The keys for matching that could be read.
        keys: Keys,
        /// Digest of the raw row.
        digest: [u8; 32],
    },
    /// Quarantined completely. The record is present, not missing, if its key can be read.
    Bad {
        /// Its key.
        key: Option<RecordKey>,
        /// What is wrong.
        problems: Vec<RowError>,
        /// The keys for matching that could be read.
        keys: Keys,
        /// Digest of the raw row.
        digest: [u8; 32],
    },
}

/// The part of a quarantined row that ends or suspends something. `None`, `false` and "no absences" state nothing: what was known
/// before stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readable {
    /// The key of the record.
    pub key: RecordKey,
    /// The zone of its dates.
    pub zone: Zone,
    /// Last working day.
    pub last_day: Option<LocalEnd>,
    /// End of the contract.
    pub end: Option<LocalEnd>,
    /// Absences.
    pub absences: Vec<Absence>,
    /// It never began, or never will.
    pub withdrawn: bool,
}

impl Readable {
    /// The same part of a complete record.
    #[must_use]
    pub fn of(record: &NormalRecord) -> Self {
        Self {
            key: record.key.clone(),
            zone: record.zone.clone(),
            last_day: record.last_day,
            end: record.end,
            absences: record.absences.clone(),
            withdrawn: record.withdrawn,
        }
    }
    /// The same in a different zone.
    pub(super) fn within(self, zone: &Zone) -> Self {
        Self { zone: zone.clone(), ..self }
    }
    /// Whether any of it ends or suspends something.
    #[must_use]
    pub fn says_something(&self) -> bool {
        self.last_day.is_some() || self.end.is_some() || !self.absences.is_empty() || self.withdrawn
    }
}

impl Normalised {
    /// The key of the record, if it can be read.
    #[must_use]
    pub fn key(&self) -> Option<&RecordKey> {
        match self {
            Self::Taken(record) => Some(&record.key),
            Self::Gone { key, .. } => Some(key),
            Self::Partial { applies, .. } => Some(&applies.key),
            Self::Bad { key, .. } => key.as_ref(),
        }
    }
    /// The keys for matching that could be read.
    #[must_use]
    pub fn keys(&self) -> Option<&Keys> {
        match self {
            Self::Taken(record) => Some(&record.keys),
            Self::Gone { .. } => None,
            Self::Partial { keys, .. } | Self::Bad { keys, .. } => Some(keys),
        }
    }
    /// What is wrong; empty for an accepted row.
    #[must_use]
    pub fn problems(&self) -> &[RowError] {
        match self {
            Self::Taken(_) | Self::Gone { .. } => &[],
            Self::Partial { problems, .. } | Self::Bad { problems, .. } => problems,
        }
    }
    /// Digest of the raw row.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        match self {
            Self::Taken(record) => &record.digest,
            Self::Gone { digest, .. } | Self::Partial { digest, .. } | Self::Bad { digest, .. } => digest,
        }
    }
}
