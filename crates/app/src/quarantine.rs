//! Reports rows in quarantine, with owner and deadline, in each pass until the source delivers a valid row.

use crate::{AppError, DecisionContext};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::range::moved;
use tenure_model::{IdentityId, Name as _, SourceName};
use tenure_store::{QuarantineKey, QuarantineRow};

crate::app::part! {
    /// Rows that could not be read.
    Quarantine, quarantine
}

/// Time for the owner of a source to repair a row that may hide an end; then the escalation group is asked as well.
pub const UNREADABLE_END_WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// Time for the owner to repair any other row.
pub const REPAIR_WITHIN: SignedDuration = SignedDuration::from_hours(3 * 24);
/// The code of a second row with one key.
pub(crate) const KEY_TWICE: &str = "R21";
/// Prefix of the quarantine key of a row without a key; its line number follows.
pub(crate) const LINE: &str = "line ";

/// Faults that are read together.
const PAGE: u32 = 1_000;
/// Faults of one source that a pass reports; the list shows all.
const FIRST_OF_SOURCE: u32 = 1_000;

/// What a pass reports of the quarantine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FirstQuarantined {
    /// The first faults of each source.
    pub first: Vec<InQuarantine>,
    /// Number of all faults, by source.
    pub counts: BTreeMap<SourceName, u64>,
}

/// One fault of a row, with its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InQuarantine {
    /// The fault and its place.
    pub row: QuarantineRow,
    /// The owner of its source, who repairs it.
    pub owner: Arc<str>,
    /// Its deadline.
    pub deadline: Timestamp,
    /// The group that is also asked after the deadline.
    pub escalated: Option<Arc<str>>,
}

impl InQuarantine {
    /// Whether the record's key could not be read: as long as there is such a row, no record of its source counts as missing.
    /// A second row with the same key does not count: its record is present.
    #[must_use]
    pub fn is_nameless(&self) -> bool {
        self.row.key.starts_with(LINE) && &*self.row.code != KEY_TWICE
    }

    /// The text for people.
    #[must_use]
    pub fn words(&self) -> String {
        let QuarantineRow { place, value, reason, since, .. } = &self.row;
        let value = if value.is_empty() { String::new() } else { format!(" {:?}", &**value) };
        let due = match &self.escalated {
            Some(group) => format!("due {}, escalated to the group `{group}`", self.deadline),
            None => format!("due {}", self.deadline),
        };
        format!("{place}{value} {reason} (since {since}, owner {}, {due})", self.owner)
    }
}

impl Quarantine<'_> {
    /// The first faults of rows in quarantine of each source, and how many there are; of sources that are not in the configuration any
    /// more, too.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn first_of_each(&self, moment: &DecisionContext) -> Result<FirstQuarantined, AppError> {
        let counts = self.app.store.quarantine_counts().await?;
        let mut first = Vec::new();
        for (source, _) in &counts {
            let rows = self.app.store.quarantine_after(Some(source), None, FIRST_OF_SOURCE).await?;
            first.extend(rows.into_iter().map(|row| self.with_owner(row, moment)));
        }
        Ok(FirstQuarantined { first, counts: counts.into_iter().collect() })
    }

    /// All faults of rows in quarantine of a source, read in pages.
    pub(crate) async fn of_source(&self, source: &SourceName) -> Result<Vec<QuarantineRow>, AppError> {
        let mut all: Vec<QuarantineRow> = Vec::new();
        loop {
            let after = all.last().map(|row| (row.source.clone(), row.key.clone(), row.nth));
            let some = self.app.store.quarantine_after(Some(source), after, PAGE).await?;
            if some.is_empty() {
                return Ok(all);
            }
            all.extend(some);
        }
    }

    /// A row with its owner and deadline.
    pub(crate) fn with_owner(&self, row: QuarantineRow, moment: &DecisionContext) -> InQuarantine {
        let settings = &self.app.context.setup.settings;
        let source = self.app.context.setup.sources.get(&row.source);
        let owner = match source {
            Some(source) => Arc::from(source.owner.to_string()),
            None => Arc::from(format!("group:{}", settings.last_resort)),
        };
        let within = if row.urgent { UNREADABLE_END_WITHIN } else { REPAIR_WITHIN };
        let deadline = moved(row.since, within);
        let escalated = (moment.now >= deadline).then(|| settings.last_resort.clone());
        InQuarantine { row, owner, deadline, escalated }
    }

    /// Rows in quarantine about one identity.
    pub(crate) async fn quarantine_of(
        &self,
        id: IdentityId,
        moment: &DecisionContext,
    ) -> Result<Vec<InQuarantine>, AppError> {
        let mine = self.app.store.records_of(id).await?.into_iter();
        let keys: Vec<QuarantineKey> = mine.map(|r| (r.source, Arc::from(r.key.as_str()))).collect();
        let rows = self.app.store.quarantine_of(&keys).await?;
        Ok(rows.into_iter().map(|row| self.with_owner(row, moment)).collect())
    }

    /// The time since when each key of a source is in quarantine.
    pub(crate) async fn quarantined_since(
        &self,
        source: &SourceName,
    ) -> Result<BTreeMap<Arc<str>, QuarantineRow>, AppError> {
        let rows = self.of_source(source).await?;
        Ok(rows.into_iter().rev().map(|r| (r.key.clone(), r)).collect())
    }
}
