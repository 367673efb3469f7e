//! What is read of a note: its value, that it is not there, or that it cannot be read. A caller says what it assumes in each case.

use super::{NoteKey, NoteOf};
use crate::codec::Stored as _;
use crate::{Expect, Leases, StoreError};
use std::sync::Arc;

/// A value as it is stored: an adapter writes, reads and compares it, and only the note's own type looks into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteBytes(Arc<[u8]>);

impl NoteBytes {
    /// As an adapter read it.
    #[must_use]
    pub fn new(bytes: Arc<[u8]>) -> Self {
        Self(bytes)
    }

    /// For an adapter.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What was read of a note.
#[derive(Debug)]
pub struct NoteRead<V> {
    key: NoteKey,
    stored: Option<NoteBytes>,
    value: Option<Result<V, StoreError>>,
}

impl<V> NoteRead<V> {
    /// Its value; `None` where it is not there.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`], which names it, where it cannot be read.
    pub fn value(self) -> Result<Option<V>, StoreError> {
        self.value.transpose()
    }

    /// Its value; `None` where it is not there or cannot be read: for callers to whom both mean that nothing may be relied on.
    #[must_use]
    pub fn readable(self) -> Option<V> {
        self.value?.ok()
    }

    /// The same, and it is kept.
    #[must_use]
    pub fn known(&self) -> Option<&V> {
        self.value.as_ref()?.as_ref().ok()
    }

    /// Its value; what the caller assumes where it cannot be read; `None` where it is not there.
    #[must_use]
    pub fn or_if_unreadable(self, assumed: V) -> Option<V> {
        Some(self.value?.unwrap_or(assumed))
    }

    /// Whether it is there, readable or not.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.stored.is_some()
    }

    /// Whether it is there and cannot be read.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        matches!(self.value, Some(Err(_)))
    }

    /// What a unit depends on that was decided by it.
    #[must_use]
    pub fn expect(&self) -> Expect {
        Expect::Note(self.key.clone(), self.stored.clone())
    }
}

/// Reads a note.
///
/// # Errors
/// When the store fails. That it cannot be read is no error here: see [`NoteRead`].
pub async fn read_note<K: NoteOf, S: Leases + ?Sized>(
    store: &S,
    of: &K,
) -> Result<NoteRead<K::Value>, StoreError> {
    let key = of.key();
    let stored = store.note(&key).await?;
    let value = stored.as_ref().map(|bytes| K::Value::decode(bytes.bytes(), &key));
    Ok(NoteRead { key, stored, value })
}
