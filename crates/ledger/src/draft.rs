//! An entry before it has its number: the writer of the log adds its links, for which no personal data is needed.

use crate::commitment::{Commitment, Inner, Opening};
use crate::entry::{Entry, EntryError};
use crate::seal::{PersonKey, StampKey};
use crate::text;
use crate::tree::{Hash, leaf_hash};
use std::sync::Arc;

/// The text before the commitment in the line of an entry.
const FIELD: &[u8] = b"\"commitment\":\"";
/// Number of digits of a commitment.
const DIGITS: usize = 64;

/// The line of an entry without its commitment, and the inputs of the commitment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    head: Arc<[u8]>,
    tail: Arc<[u8]>,
    inner: Inner,
    stamp: StampKey,
}

/// An entry that has its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finished {
    /// The leaf.
    pub entry: Vec<u8>,
    /// Its hash.
    pub leaf: Hash,
    /// Proves that a holder of the key wrote it at this place.
    pub stamp: [u8; 32],
}

impl Draft {
    /// The draft of an entry for an opening; the entry's own `commitment` is ignored. `common` is the key that stamps.
    ///
    /// # Errors
    /// As [`Entry::encode`].
    pub fn new(entry: &Entry, opening: &Opening, common: &PersonKey) -> Result<Self, EntryError> {
        let line = entry.encode()?;
        let missing = EntryError::Field { field: "commitment", expected: "64 hexadecimal digits" };
        let at = line.windows(FIELD.len()).position(|w| w == FIELD).map(|at| at + FIELD.len());
        let (head, rest) = line.split_at(at.unwrap_or(line.len()));
        let tail = rest.get(DIGITS..).ok_or(missing)?;
        let inner = opening.inner();
        Ok(Self { head: Arc::from(head), tail: Arc::from(tail), inner, stamp: common.stamp_key(&inner) })
    }

    /// What the opening contributes to the commitment.
    #[must_use]
    pub fn inner(&self) -> &Inner {
        &self.inner
    }

    /// The entry with its links (as [`Links::encode`](crate::links::Links::encode) writes them), at its index.
    #[must_use]
    pub fn finish(&self, links: &[u8], index: u64) -> Finished {
        let commitment = Commitment::of(&self.inner, links);
        let mut entry = Vec::with_capacity(self.head.len() + DIGITS + self.tail.len());
        entry.extend_from_slice(&self.head);
        entry.extend_from_slice(text::hex(commitment.as_bytes()).as_bytes());
        entry.extend_from_slice(&self.tail);
        let leaf = leaf_hash(&entry);
        Finished { entry, leaf, stamp: self.stamp.stamp(index, &leaf) }
    }
}
