//! Publishing is the inverse of verification: it writes the files of C2SP tlog-tiles, one bundle at a time.

use super::files::CHECKPOINT_PATH;
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::note::SignedNote;
use crate::tiles::{TileError, encode_bundle, entries_path, tile_path};
use crate::tree::{Frontier, FrontierError, Hash, TILE_WIDTH, leaf_hash};
use thiserror::Error;

/// A path and the contents to write there.
pub type File = (String, Vec<u8>);

/// Writes a log from its first entry to a signed head. It keeps only the right edge in memory.
#[derive(Default, Debug)]
pub struct Publisher {
    frontier: Frontier,
}

/// Why a log cannot be published.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum PublishError {
    /// The entries do not fit the format.
    #[error("entries from {first} on: {source}")]
    Bundle {
        /// The index of the first entry of the bundle, from 0.
        first: u64,
        /// What is wrong with them.
        source: TileError,
    },
    /// Only the last bundle may have fewer than 256 entries.
    #[error("the bundle before entry {first} was not full, so nothing can follow it")]
    AfterPartial {
        /// The index of the first entry of the refused bundle, from 0.
        first: u64,
    },
    /// The log is larger than a tree may be.
    #[error(transparent)]
    TooLarge(#[from] FrontierError),
    /// The signed head is not a checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The signed head is not the head of these entries.
    #[error(
        "the {size} entries have root {root}, the checkpoint is for {signed_size} entries with root {signed_root}"
    )]
    OtherHead {
        /// Entries given.
        size: u64,
        /// Their root.
        root: Hash,
        /// Entries that the checkpoint covers.
        signed_size: u64,
        /// The root that was signed.
        signed_root: Hash,
    },
}

impl Publisher {
    /// Nothing published yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The files that the next bundle makes final: itself, and full tiles. Every bundle except the last has 256 entries.
    ///
    /// # Errors
    /// When an entry is too long, or the previous bundle was not full.
    pub fn bundle<E: AsRef<[u8]>>(&mut self, entries: &[E]) -> Result<Vec<File>, PublishError> {
        let first = self.frontier.size();
        if !first.is_multiple_of(u64::from(TILE_WIDTH)) {
            return Err(PublishError::AfterPartial { first });
        }
        let bytes = encode_bundle(entries).map_err(|source| PublishError::Bundle { first, source })?;
        let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry.as_ref())).collect();
        let width = u16::try_from(entries.len()).unwrap_or(TILE_WIDTH);
        let appended = self.frontier.append(&leaves)?;
        let mut files = Vec::new();
        if width > 0 {
            files.push((entries_path(first / u64::from(TILE_WIDTH), width), bytes));
        }
        files.extend(appended.tiles.into_iter().map(|tile| (tile_path(tile.id, TILE_WIDTH), tile.bytes)));
        Ok(files)
    }

    /// The last files: the partial tiles and the checkpoint, which must be the head of what was published.
    ///
    /// # Errors
    /// When it is not.
    pub fn finish(self, checkpoint: &SignedNote) -> Result<Vec<File>, PublishError> {
        let signed = Checkpoint::parse_text(checkpoint.text())?;
        let (size, root) = (self.frontier.size(), self.frontier.root());
        if (signed.size, signed.root) != (size, root) {
            return Err(PublishError::OtherHead {
                size,
                root,
                signed_size: signed.size,
                signed_root: signed.root,
            });
        }
        let partial = self.frontier.partial_tiles();
        let mut files: Vec<File> =
            partial.map(|(id, width, bytes)| (tile_path(id, width), bytes.to_vec())).collect();
        files.push((CHECKPOINT_PATH.to_owned(), checkpoint.to_string().into_bytes()));
        Ok(files)
    }
}
