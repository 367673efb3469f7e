//! A page of a list: how much, after what, and where the next one begins.

use crate::{AppError, Item};
use std::sync::Arc;
use tenure_model::IdentityId;

/// Most rows of one page.
pub const PAGE_MAX: u32 = 1_000;

/// Which part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// At most this many rows: 1 to [`PAGE_MAX`].
    pub limit: u32,
    /// After this place, as an earlier page returned it.
    pub after: Option<Arc<str>>,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// Its rows, in the order of the list.
    pub rows: Vec<T>,
    /// The place of the last one, where there are more.
    pub next: Option<Arc<str>>,
}

impl Page {
    /// The limit as it is used.
    pub(crate) fn limit(&self) -> u32 {
        self.limit.clamp(1, PAGE_MAX)
    }

    /// The limit as a number of rows.
    pub(crate) fn rows(&self) -> usize {
        usize::try_from(self.limit()).unwrap_or(usize::MAX)
    }

    /// The identity after which the page begins.
    pub(crate) fn after_identity(&self) -> Result<Option<IdentityId>, AppError> {
        let read = |text: &Arc<str>| IdentityId::parse(text).ok_or_else(|| no_place(text));
        self.after.as_ref().map(read).transpose()
    }

    /// The page of rows that were read one more than the limit, each with its place.
    pub(crate) fn of<T>(&self, mut rows: Vec<(Arc<str>, T)>) -> Listed<T> {
        let more = rows.len() > self.rows();
        rows.truncate(self.rows());
        let next = rows.last().filter(|_| more).map(|(place, _)| place.clone());
        Listed { rows: rows.into_iter().map(|(_, row)| row).collect(), next }
    }
}

/// The refusal of a place that no page returned.
pub(crate) fn no_place(text: &str) -> AppError {
    AppError::unknown(Item::Place, text)
}
