//! Reports rows in quarantine, with owner and deadline, in each pass until the source delivers a valid row.

use crate::{AppError, DecisionContext};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::range::moved;
use tenure_model::{IdentityId, Name as _, SourceName};
use tenure_store::QuarantineRow;

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
    /// All rows in quarantine, including those of sources that are not in the configuration any more.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn in_quarantine(
        &self,
        moment: &DecisionContext,
    ) -> Result<Vec<InQuarantine>, AppError> {
        let all = self.app.store.quarantine(None).await?;
        Ok(all.into_iter().map(|row| self.with_owner(row, moment)).collect())
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
        let mine = self.app.store.records_of(id).await?;
        let is_mine =
            |q: &InQuarantine| mine.iter().any(|r| r.source == q.row.source && r.key.as_str() == &*q.row.key);
        Ok(self.in_quarantine(moment).await?.into_iter().filter(is_mine).collect())
    }

    /// The time since when each key of a source is in quarantine.
    pub(crate) async fn quarantined_since(
        &self,
        source: &SourceName,
    ) -> Result<BTreeMap<Arc<str>, QuarantineRow>, AppError> {
        let rows = self.app.store.quarantine(Some(source)).await?;
        Ok(rows.into_iter().rev().map(|r| (r.key.clone(), r)).collect())
    }
}
