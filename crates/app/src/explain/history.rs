//! The entries of the ledger about one identity, the newest first, a page at a time.

use super::Explain;
use super::entries::opened;
use crate::authority::Target;
use crate::query::{Listed, Page, no_place};
use crate::{AppError, DecisionContext, Operation};
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;
use tenure_store::LeafRow;

/// An entry about an identity.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEntry {
    /// Its number in the ledger.
    pub index: u64,
    /// When it was written (business time).
    pub at: Timestamp,
    /// Its kind.
    pub kind: Arc<str>,
    /// Its content; `None` where it was erased, is not as it was written, or cannot be opened.
    pub said: Option<Value>,
    /// Whether it was made with a stated instant.
    pub with_now: bool,
}

impl Explain<'_> {
    /// The entries about an identity, the newest first, and its display name.
    ///
    /// # Errors
    /// When the name matches no identity, the page begins after no entry about it, or the ledger cannot be read.
    pub async fn history(
        &self,
        person: &str,
        page: &Page,
        moment: &DecisionContext,
    ) -> Result<(Arc<str>, Listed<HistoryEntry>), AppError> {
        self.app.authority().permit(Operation::ReadEntry, &Target::all(), moment).await?;
        let stored = self.app.people().person(person).await?;
        let read = |text: &Arc<str>| text.parse::<u64>().map_err(|_| no_place(text));
        let after = page.after.as_ref().map(read).transpose()?;
        // The place itself is read, too: each entry names the one before it.
        let limit = page.limit().saturating_add(if after.is_some() { 2 } else { 1 });
        let mut leaves = self.app.store.leaves_about(stored.identity.id, after, limit).await?;
        if let Some(place) = after {
            // Another identity's entry would lead to that one's.
            let is_theirs = |leaf: &LeafRow| leaf.index == place && leaf.identity == Some(stored.identity.id);
            if !leaves.first().is_some_and(is_theirs) {
                return Err(no_place(&place.to_string()));
            }
            leaves.remove(0);
        }
        let key = stored.person_key.as_deref();
        let entry = |leaf| {
            let (index, entry) = opened(self.app, leaf, key);
            let entry = entry.unwrap_or_else(|| super::entries::Entered::unreadable(index));
            let said = entry.said;
            HistoryEntry { index, at: entry.at, kind: Arc::from(entry.kind), said, with_now: entry.with_now }
        };
        let rows = leaves.iter().map(|leaf| (Arc::from(leaf.index.to_string()), entry(leaf))).collect();
        Ok((stored.title.clone(), page.of(rows)))
    }
}
