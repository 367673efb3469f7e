//! The ledger's entries about one identity, opened and examined, up to an instant: the only source of what is said of the past.

use super::Explain;
use crate::proof::authentic;
use crate::{App, AppError};
use jiff::Timestamp;
use serde_json::Value;
use tenure_ledger::{Entry, Links};
use tenure_store::{LeafRow, StoredSubject};

/// Entries that are read at once.
const PAGE: u32 = 256;
/// Most entries about one identity that are read, the newest first.
const ENTRIES_MAX: usize = 20_000;

/// One entry.
pub(super) struct Entered {
    /// Its number in the ledger.
    pub(super) index: u64,
    /// When it was written (business time).
    pub(super) at: Timestamp,
    /// Its kind.
    pub(super) kind: String,
    /// Its content; `None` where it was erased, or cannot be opened.
    pub(super) said: Option<Value>,
    /// Whether it was made with `--now`.
    pub(super) with_now: bool,
}

impl Entered {
    /// An entry that is not as it was written.
    pub(super) fn unreadable(index: u64) -> Self {
        let kind = "not as it was written".to_owned();
        Self { index, at: Timestamp::default(), kind, said: None, with_now: false }
    }
}

/// The entries about one identity, the oldest first.
#[derive(Default)]
pub(super) struct Entries {
    /// The entries that can be proved.
    pub(super) all: Vec<Entered>,
    /// Numbers of entries that are not as they were written, or do not open what they commit to.
    pub(super) wrong: Vec<u64>,
    /// Whether they reach back to the first one without a gap.
    pub(super) is_whole: bool,
    /// How many entries of the ledger the last signed checkpoint covers.
    pub(super) signed: u64,
}

impl Entries {
    /// Entries whose content was erased.
    pub(super) fn erased(&self) -> usize {
        self.all.iter().filter(|e| e.said.is_none()).count()
    }
}

impl Explain<'_> {
    /// The entries about an identity that were written at `until` or before.
    pub(super) async fn entries(
        &self,
        stored: &StoredSubject,
        until: Timestamp,
    ) -> Result<Entries, AppError> {
        let head = self.app.store.ledger_head().await?;
        let checkpoint = head.checkpoint.as_deref().map(|text| self.app.vault.open_checkpoint(text));
        let mut entries =
            Entries { signed: checkpoint.transpose()?.map_or(0, |c| c.size), ..Entries::default() };
        let (mut from, mut read) = (None, 0);
        while read < ENTRIES_MAX {
            let leaves = self.app.store.leaves_about(stored.identity.id, from, PAGE).await?;
            let Some(last) = leaves.last() else { break };
            let place = Links::decode(&last.links).ok().and_then(|links| links.identity);
            read += leaves.len();
            for leaf in &leaves {
                self.enter(leaf, stored, &mut entries);
            }
            entries.is_whole = place.is_some_and(|place| place.number == 1);
            let previous = place.and_then(|place| place.previous);
            if previous.is_none() || previous >= from.or(Some(u64::MAX)) {
                break;
            }
            from = previous;
        }
        entries.all.reverse();
        entries.all.retain(|entered| entered.at <= until);
        Ok(entries)
    }

    /// Takes an entry where it is as it was written.
    fn enter(&self, leaf: &LeafRow, stored: &StoredSubject, entries: &mut Entries) {
        match opened(self.app, leaf, stored.person_key.as_deref()) {
            (_, Some(entered)) => entries.all.push(entered),
            (index, None) => entries.wrong.push(index),
        }
    }
}

/// The number of an entry, and the entry where it is as it was written.
pub(super) fn opened(app: &App, leaf: &LeafRow, person_key: Option<&[u8]>) -> (u64, Option<Entered>) {
    let entry = Entry::decode(&leaf.entry).ok().filter(|_| authentic(&app.vault, leaf).is_ok());
    let opening = app.proof().open_leaf(leaf, person_key);
    let (Some(entry), Ok(opening)) = (entry, opening) else { return (leaf.index, None) };
    let said = opening.and_then(|opening| serde_json::from_slice(opening.payload()).ok());
    let entered = Entered {
        index: leaf.index,
        at: Timestamp::from_microsecond(entry.at).unwrap_or_default(),
        kind: entry.kind.to_string(),
        said,
        with_now: entry.with_now,
    };
    (leaf.index, Some(entered))
}
