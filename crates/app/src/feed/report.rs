//! Result of a feed, for people and for the feed's run in the store.

use crate::{RefusalDetail, Refused};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{CaseLabel, HeldChangeId, SourceName};
use tenure_store::QuarantineRow;

/// Result of one feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedReport {
    /// The source.
    pub source: Option<SourceName>,
    /// Rows read.
    pub rows: u64,
    /// Identities that are new.
    pub new: u64,
    /// Identities that changed, including new ones.
    pub changed: u64,
    /// Known records that were not in it.
    pub missing: u64,
    /// Rows whose identity cannot be determined; while there are any, the rule for missing records waits.
    pub nameless: u64,
    /// Records that wait for an answer whose they are.
    pub asked: u64,
    /// Rows that could not be understood in this run.
    pub quarantined: Vec<QuarantineRow>,
    /// Number of changes by label.
    pub labels: BTreeMap<CaseLabel, u64>,
    /// The change that the brake holds, and why.
    pub held: Option<(HeldChangeId, Arc<str>)>,
    /// Why the whole feed was refused.
    pub refused: Option<Refused>,
    /// The file and the configuration are those of the last run: nothing was processed.
    pub same: bool,
}

impl FeedReport {
    pub(crate) fn of(source: &SourceName) -> Self {
        Self { source: Some(source.clone()), ..Self::default() }
    }
    /// Another process reads this source now.
    pub(crate) fn busy(source: &SourceName, why: &RefusalDetail) -> Self {
        Self { refused: Some(Refused::Refusal(why.clone())), ..Self::of(source) }
    }
    /// Number of rows in quarantine: a row with two faults counts once.
    pub(crate) fn bad_rows(&self) -> u64 {
        let keys: BTreeSet<&str> = self.quarantined.iter().map(|q| &*q.key).collect();
        u64::try_from(keys.len()).unwrap_or(u64::MAX)
    }
}
