//! What is in quarantine stays told, with who repairs it and until when, in each pass until the source delivers the row well.

use crate::{AppError, Moment};
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

/// How long the owner of a source has for a row that may hide an end; then the escalation group is asked as well.
pub const UNREADABLE_END_WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// How long the owner has for any other row.
pub const REPAIR_WITHIN: SignedDuration = SignedDuration::from_hours(3 * 24);
/// The code of a second row with one key.
pub(crate) const KEY_TWICE: &str = "R21";
/// How a row without a key begins in quarantine; its line follows.
pub(crate) const LINE: &str = "line ";

/// One thing that is wrong with a row, and who sees to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InQuarantine {
    /// What and where.
    pub row: QuarantineRow,
    /// Who repairs it: the owner of its source.
    pub owner: Arc<str>,
    /// Until when.
    pub deadline: Timestamp,
    /// The group that is asked since the deadline passed.
    pub escalated: Option<Arc<str>>,
}

impl InQuarantine {
    /// Whether the record's key could not be read: as long as there is such a row, no record of its source counts as missing.
    /// A second row of one key is not meant: its record is there.
    #[must_use]
    pub fn is_nameless(&self) -> bool {
        self.row.key.starts_with(LINE) && &*self.row.code != KEY_TWICE
    }

    /// What a person reads about it.
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
    /// All that is in quarantine, also of sources that left the configuration.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn in_quarantine(&self, moment: &Moment) -> Result<Vec<InQuarantine>, AppError> {
        let settings = &self.app.context.setup.settings;
        let of = |row: QuarantineRow| {
            let source = self.app.context.setup.sources.get(&row.source);
            let owner = match source {
                Some(source) => Arc::from(source.owner.to_string()),
                None => Arc::from(format!("group:{}", settings.last_resort)),
            };
            let within = if row.urgent { UNREADABLE_END_WITHIN } else { REPAIR_WITHIN };
            let deadline = moved(row.since, within);
            let escalated = (moment.now >= deadline).then(|| settings.last_resort.clone());
            InQuarantine { row, owner, deadline, escalated }
        };
        Ok(self.app.store.quarantine(None).await?.into_iter().map(of).collect())
    }

    /// What is in quarantine about one identity.
    pub(crate) async fn quarantine_of(
        &self,
        id: IdentityId,
        moment: &Moment,
    ) -> Result<Vec<InQuarantine>, AppError> {
        let mine = self.app.store.records_of(id).await?;
        let is_mine =
            |q: &InQuarantine| mine.iter().any(|r| r.source == q.row.source && r.key.as_str() == &*q.row.key);
        Ok(self.in_quarantine(moment).await?.into_iter().filter(is_mine).collect())
    }

    /// Since when each key of a source is in quarantine.
    pub(crate) async fn quarantined_since(
        &self,
        source: &SourceName,
    ) -> Result<BTreeMap<Arc<str>, QuarantineRow>, AppError> {
        let rows = self.app.store.quarantine(Some(source)).await?;
        Ok(rows.into_iter().rev().map(|r| (r.key.clone(), r)).collect())
    }
}
