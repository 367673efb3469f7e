//! What a feed did, for people and for the feed's run in the store.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{CaseLabel, HeldChangeId, SourceName};
use tenure_store::QuarantineRow;

/// How one feed ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedReport {
    /// The source.
    pub source: Option<SourceName>,
    /// Rows read.
    pub rows: u64,
    /// Identities that are new.
    pub new: u64,
    /// Identities that something changed for, new ones included.
    pub changed: u64,
    /// Known records that were not in it.
    pub missing: u64,
    /// Rows of which nobody can say whose they are; while there are any, the rule for missing records waits.
    pub nameless: u64,
    /// Records that wait for somebody to say whose they are.
    pub asked: u64,
    /// Rows that could not be understood, this time.
    pub quarantined: Vec<QuarantineRow>,
    /// How many changes got which label.
    pub labels: BTreeMap<CaseLabel, u64>,
    /// The change that the brake holds, and why.
    pub held: Option<(HeldChangeId, Arc<str>)>,
    /// Why it was refused whole.
    pub refused: Option<Arc<str>>,
    /// The file and the set-up are those of the last run: nothing was looked at.
    pub same: bool,
}

impl FeedReport {
    pub(crate) fn of(source: &SourceName) -> Self {
        Self { source: Some(source.clone()), ..Self::default() }
    }
    /// How many rows are in quarantine: a row with two faults is one.
    pub(crate) fn bad_rows(&self) -> u64 {
        let keys: BTreeSet<&str> = self.quarantined.iter().map(|q| &*q.key).collect();
        u64::try_from(keys.len()).unwrap_or(u64::MAX)
    }
}
