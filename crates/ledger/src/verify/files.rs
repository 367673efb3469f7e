//! The files of a published log, and the ways in which they can contradict each other.

use crate::ReadError;
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::entry::EntryError;
use crate::note::VerifierKey;
use crate::proof::ProofFileError;
use crate::tiles::{TileError, TileId, decode_bundle, entries_path, tile_path};
use crate::tree::{
    FrontierError, HASH_BYTES, Hash, HashReader, TILE_WIDTH, TreeError, hashes_of, tile_width,
};
use std::collections::BTreeMap;
use thiserror::Error;

/// The file with the signed head.
pub const CHECKPOINT_PATH: &str = "checkpoint";

/// The source of a published log's files: a folder, an archive, a web server.
pub trait Files {
    /// The contents of a file, or `None` if it does not exist. The path is relative and uses `/`.
    ///
    /// # Errors
    /// Any error of the reader.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError>;
}

/// Files in memory, by path.
pub type MemoryFiles = BTreeMap<String, Vec<u8>>;

impl Files for MemoryFiles {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.get(path).cloned())
    }
}

/// The first error of a log.
#[derive(Debug, Error)]
pub enum Discrepancy {
    /// A file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: String,
        /// The reader's error.
        source: ReadError,
    },
    /// A file required by the checkpoint's size is missing.
    #[error("{path} is missing")]
    Missing {
        /// The file.
        path: String,
    },
    /// The checkpoint is not acceptable.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A bundle of entries cannot be read.
    #[error("{path}, entries from {first} on: {source}")]
    Bundle {
        /// The file.
        path: String,
        /// The index of its first entry, from 0.
        first: u64,
        /// What is wrong with it.
        source: TileError,
    },
    /// An entry is not an entry of Tenure.
    #[error("entry {index} in {path}: {source}")]
    Entry {
        /// The index, from 0.
        index: u64,
        /// The bundle.
        path: String,
        /// What is wrong with it.
        source: EntryError,
    },
    /// A tile has the wrong length.
    #[error("{path} has {found} bytes, {expected} are expected")]
    TileLength {
        /// The file.
        path: String,
        /// Bytes that it must have.
        expected: usize,
        /// Bytes that it has.
        found: usize,
    },
    /// An entry does not have the hash that the leaf tile has for it.
    #[error(
        "entry {index} in {bundle} hashes to {computed}, but {tile} has {stored} for it: one of the two was changed"
    )]
    Leaf {
        /// The index, from 0; in its tile the entry is at `index % 256`.
        index: u64,
        /// The bundle.
        bundle: Box<str>,
        /// The leaf tile.
        tile: Box<str>,
        /// The hash of the entry.
        computed: Hash,
        /// The hash in the tile.
        stored: Hash,
    },
    /// A hash above the leaves is not the root of the full tile below it.
    #[error("{tile} (level {}, position {}) has {stored}, but {below} recomputes to {computed}: one of the two was changed, or the entries below them", .below.level + 1, .below.index % 256)]
    Tile {
        /// The file of the tile that differs.
        tile: Box<str>,
        /// The tile below, whose root was recomputed.
        below: TileId,
        /// The recomputed hash.
        computed: Hash,
        /// The hash in the tile.
        stored: Hash,
    },
    /// All files agree with each other but not with the signed head.
    #[error(
        "the {size} entries recompute to root {computed}, but the signed checkpoint says {stated}: the entries are not those that were signed"
    )]
    Root {
        /// Entries in the log.
        size: u64,
        /// The recomputed root.
        computed: Hash,
        /// The signed root.
        stated: Hash,
    },
    /// The tree cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The log is larger than a tree may be.
    #[error(transparent)]
    TooLarge(#[from] FrontierError),
    /// The proof does not hold.
    #[error(transparent)]
    Proof(#[from] ProofFileError),
    /// The opening does not match the entry's commitment.
    #[error(
        "the given personal part does not belong to entry {index}: it does not open the entry's commitment"
    )]
    Opening {
        /// The index, from 0.
        index: u64,
    },
    /// The log does not continue a checkpoint of another log.
    #[error("the log does not go on after the checkpoint of {size} entries of {origin}: {why}")]
    NotContinued {
        /// The name of the other log.
        origin: String,
        /// Entries that the checkpoint covers.
        size: u64,
        /// What does not match.
        why: &'static str,
    },
    /// The proof does not contain its entry.
    #[error("the proof of entry {index} does not carry the entry itself (its line 'extra')")]
    NoEntry {
        /// The index, from 0.
        index: u64,
    },
}

pub(super) fn read(files: &(impl Files + ?Sized), path: &str) -> Result<Option<Vec<u8>>, Discrepancy> {
    files.read(path).map_err(|source| Discrepancy::Read { path: path.to_owned(), source })
}

/// Reads a file of which only the beginning may be needed: a log has the file in the width of its present size, or full (C2SP
/// tlog-tiles, "Partial Tiles"). Returns the path that was found, the bytes and their width.
fn read_wide_enough(
    files: &(impl Files + ?Sized),
    path_of: impl Fn(u16) -> String,
    widths: [u16; 2],
) -> Result<(String, Vec<u8>, u16), Discrepancy> {
    for width in [widths[0], widths[1], TILE_WIDTH] {
        let path = path_of(width);
        if let Some(bytes) = read(files, &path)? {
            return Ok((path, bytes, width));
        }
    }
    Err(Discrepancy::Missing { path: path_of(widths[0]) })
}

pub(super) fn read_checkpoint(
    files: &(impl Files + ?Sized),
    keys: &[VerifierKey],
) -> Result<(Checkpoint, String), Discrepancy> {
    let missing = || Discrepancy::Missing { path: CHECKPOINT_PATH.to_owned() };
    let note = read(files, CHECKPOINT_PATH)?.ok_or_else(missing)?;
    let checkpoint = Checkpoint::open(&note, keys)?;
    // It was opened, so it is UTF-8.
    Ok((checkpoint, String::from_utf8_lossy(&note).into_owned()))
}

/// A tile's path and its first `width` hashes, in a log that was published when it had `published` entries.
pub(super) fn read_tile(
    files: &(impl Files + ?Sized),
    id: TileId,
    width: u16,
    published: u64,
) -> Result<(String, Vec<Hash>), Discrepancy> {
    let widths = [width, tile_width(published, id).max(width)];
    let (path, bytes, found_width) = read_wide_enough(files, |width| tile_path(id, width), widths)?;
    let expected = usize::from(found_width) * HASH_BYTES;
    let hashes = hashes_of(&bytes).filter(|_| bytes.len() == expected);
    let mut hashes =
        hashes.ok_or_else(|| Discrepancy::TileLength { path: path.clone(), expected, found: bytes.len() })?;
    hashes.truncate(usize::from(width));
    Ok((path, hashes))
}

/// Entries of one bundle.
pub(super) struct Bundle {
    pub(super) path: String,
    pub(super) entries: Vec<Vec<u8>>,
}

/// The first `width` entries of a bundle.
pub(super) fn read_bundle(
    files: &(impl Files + ?Sized),
    index: u64,
    width: u16,
) -> Result<Bundle, Discrepancy> {
    let (path, bytes, found_width) = read_wide_enough(files, |width| entries_path(index, width), [width; 2])?;
    match decode_bundle(&bytes, found_width) {
        Ok(entries) => {
            let entries = entries.into_iter().take(usize::from(width)).map(<[u8]>::to_vec).collect();
            Ok(Bundle { path, entries })
        }
        Err(source) => {
            Err(Discrepancy::Bundle { path, first: index.saturating_mul(u64::from(TILE_WIDTH)), source })
        }
    }
}

/// Reads the tree of a published log from its tiles. The tiles are not trusted: proofs made from them are verified
/// against the signed root.
pub(super) struct FileReader<'a, F: ?Sized> {
    pub(super) files: &'a F,
    /// Entries of the log when it was published, which determines the width of its last tiles.
    pub(super) published: u64,
}

impl<F: Files + ?Sized> HashReader for FileReader<'_, F> {
    fn tile(&self, id: TileId, width: u16) -> Result<Option<Vec<Hash>>, ReadError> {
        match read_tile(self.files, id, width, self.published) {
            Ok((_path, hashes)) => Ok(Some(hashes)),
            Err(Discrepancy::Missing { .. }) => Ok(None),
            Err(Discrepancy::Read { source, .. }) => Err(source),
            Err(other) => Err(other.into()),
        }
    }
}
