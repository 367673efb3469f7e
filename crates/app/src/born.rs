//! Whether a database is live or a replay: stated in its first ledger entry, and never changed.

use crate::AppError;
use tenure_ledger::Entry;
use tenure_store::Store;

/// The kinds of the first entry.
const LIVE: &str = "database.live";
const REPLAY: &str = "database.replay";

/// The purpose of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Born {
    /// Its time comes from the clock, and its actors are logged in.
    Live,
    /// Commands may state time (`--now`) and actor (`--as`): demos, tests, rehearsals.
    Replay,
}

impl Born {
    /// In words, for outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Replay => "replay",
        }
    }

    /// The kind of the first ledger entry.
    #[must_use]
    pub const fn entry_kind(self) -> &'static str {
        match self {
            Self::Live => LIVE,
            Self::Replay => REPLAY,
        }
    }

    /// The purpose stated in the first entry of a ledger. Without a statement it is live.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn of(store: &dyn Store) -> Result<Self, AppError> {
        let first = store.leaves(0, 1).await?;
        let kind = first.first().and_then(|leaf| Entry::decode(&leaf.entry).ok()).map(|entry| entry.kind);
        Ok(if kind.is_some_and(|k| k.as_str() == REPLAY) { Self::Replay } else { Self::Live })
    }
}
