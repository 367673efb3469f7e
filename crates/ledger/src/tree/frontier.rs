//! The right edge of the tree is all that an append needs, so that a log of any size continues from a few kilobytes.

use super::prove::{HashReader, Tree, TreeError};
use super::{
    EMPTY_ROOT, HASH_BYTES, Hash, MAX_TILE_LEVELS, MAX_TREE_SIZE, TILE_HEIGHT, TILE_WIDTH, hashes_of,
    node_hash, root_of,
};
use crate::tiles::TileId;
use thiserror::Error;

/// The first byte of [`Frontier::to_bytes`].
const STATE_VERSION: u8 = 1;

/// Bytes of a full tile.
const TILE_BYTES: usize = TILE_WIDTH as usize * HASH_BYTES;

/// The state that an append continues from: the partial tile of every level, and the roots of the complete subtrees. At most 255
/// hashes per level; a log of ten million entries needs 24 KiB.
///
/// A caller whose transaction may fail appends to a clone and keeps it only when the transaction has committed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frontier {
    size: u64,
    /// `edge[l]` holds the hashes of the partial tile at level `l`, one after the other.
    edge: Vec<Vec<u8>>,
    /// One root for each set bit of `size`, the largest subtree first.
    peaks: Vec<Hash>,
}

/// A tile that an append completed and that must be stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FullTile {
    /// Its place.
    pub id: TileId,
    /// 256 hashes of 32 bytes.
    pub bytes: Vec<u8>,
}

/// The result of an append.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Appended {
    /// The index of the first leaf of the batch, from 0.
    pub first: u64,
    /// The number of leaves in the tree afterwards.
    pub size: u64,
    /// The root afterwards.
    pub root: Hash,
    /// The tiles that became full, in that order.
    pub tiles: Vec<FullTile>,
}

/// Why a state or a batch cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum FrontierError {
    /// The tree would exceed [`MAX_TREE_SIZE`].
    #[error("a tree of {size} leaves cannot take {more} more: the limit is {MAX_TREE_SIZE}")]
    Full {
        /// Leaves in the tree.
        size: u64,
        /// Leaves in the refused batch.
        more: usize,
    },
    /// The stored state was written by a newer version, or is not a state.
    #[error("the stored right edge is in format {found}, this program reads format {STATE_VERSION}")]
    Version {
        /// The first byte of the state.
        found: u8,
    },
    /// The stored state has the wrong length.
    #[error("the stored right edge has {found} bytes, a tree of {size} leaves needs {expected}")]
    Length {
        /// Leaves that the state claims.
        size: u64,
        /// Bytes that this size needs.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
}

impl Default for Frontier {
    fn default() -> Self {
        Self::new()
    }
}

impl Frontier {
    /// The edge of the tree without leaves.
    #[must_use]
    pub fn new() -> Self {
        Self { size: 0, edge: Vec::new(), peaks: Vec::new() }
    }

    /// The edge of a stored tree of `size` leaves, recomputed from its leaf hashes and full tiles.
    ///
    /// # Errors
    /// When the reader fails or lacks a tile.
    pub fn resume(size: u64, reader: &impl HashReader) -> Result<Self, TreeError> {
        let mut tree = Tree::new(size, reader)?;
        let mut edge = Vec::new();
        for level in 0..MAX_TILE_LEVELS {
            let hashes = tree.edge(level)?;
            edge.push(hashes.iter().flat_map(|hash| hash.0).collect());
        }
        Ok(Self::from_edge(size, edge))
    }

    /// The number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return EMPTY_ROOT };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }

    /// Adds the leaves of a batch, in order. About one hash is computed per leaf, whatever the size of the log.
    ///
    /// # Errors
    /// When the tree would exceed [`MAX_TREE_SIZE`]; then nothing is added.
    pub fn append(&mut self, leaves: &[Hash]) -> Result<Appended, FrontierError> {
        let first = self.size;
        let room = MAX_TREE_SIZE - first;
        if u64::try_from(leaves.len()).map_or(true, |more| more > room) {
            return Err(FrontierError::Full { size: first, more: leaves.len() });
        }
        let mut tiles = Vec::new();
        for leaf in leaves {
            self.push(*leaf, &mut tiles);
        }
        Ok(Appended { first, size: self.size, root: self.root(), tiles })
    }

    /// Adds one leaf: like adding one to a binary number, each set bit from the right is a subtree to merge with.
    fn push(&mut self, leaf: Hash, tiles: &mut Vec<FullTile>) {
        let mut hash = leaf;
        let mut rest = self.size;
        let mut height = 0;
        self.extend_edge(0, &hash);
        while rest & 1 == 1 {
            // There is a peak for each set bit, so this never ends the loop early.
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            rest >>= 1;
            height += 1;
            if height % TILE_HEIGHT == 0 {
                let level = usize::try_from(height / TILE_HEIGHT).unwrap_or(usize::MAX);
                let bytes = std::mem::take(&mut self.edge[level - 1]);
                tiles.push(FullTile { id: TileId::new(low_byte(height / TILE_HEIGHT - 1), rest), bytes });
                self.extend_edge(level, &hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    fn extend_edge(&mut self, level: usize, hash: &Hash) {
        if self.edge.len() <= level {
            self.edge.resize_with(level + 1, Vec::new);
        }
        let tile = &mut self.edge[level];
        if tile.is_empty() {
            tile.reserve_exact(TILE_BYTES);
        }
        tile.extend_from_slice(&hash.0);
    }

    /// The tiles that are not full, as a published log needs them: place, width, and bytes.
    pub fn partial_tiles(&self) -> impl Iterator<Item = (TileId, u16, &[u8])> {
        self.edge.iter().zip(0..MAX_TILE_LEVELS).filter(|(bytes, _)| !bytes.is_empty()).map(
            |(bytes, level)| {
                let id = TileId::new(
                    level,
                    (self.size >> (TILE_HEIGHT * u32::from(level))) / u64::from(TILE_WIDTH),
                );
                (id, u16::from(partial_width(self.size, level)), bytes.as_slice())
            },
        )
    }

    /// The state for storing: a version byte, the size (big-endian u64), and the partial tiles from level 0 upwards.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![STATE_VERSION];
        bytes.extend_from_slice(&self.size.to_be_bytes());
        self.edge.iter().for_each(|tile| bytes.extend_from_slice(tile));
        bytes
    }

    /// Reads [`Frontier::to_bytes`]. The state is not authenticated: compare [`Frontier::root`] with the last
    /// checkpoint before appending to it.
    ///
    /// # Errors
    /// When the version or the length is wrong.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrontierError> {
        let found = bytes.len();
        let short = FrontierError::Length { size: 0, expected: 9, found };
        let (&version, rest) = bytes.split_first().ok_or(short.clone())?;
        if version != STATE_VERSION {
            return Err(FrontierError::Version { found: version });
        }
        let (size, mut rest) = rest.split_first_chunk::<8>().ok_or(short)?;
        let size = u64::from_be_bytes(*size);
        if size > MAX_TREE_SIZE {
            return Err(FrontierError::Full { size, more: 0 });
        }
        let widths: Vec<usize> =
            (0..MAX_TILE_LEVELS).map(|level| usize::from(partial_width(size, level)) * HASH_BYTES).collect();
        let expected = 9 + widths.iter().sum::<usize>();
        if found != expected {
            return Err(FrontierError::Length { size, expected, found });
        }
        let mut edge = Vec::new();
        for width in widths {
            let (tile, after) = rest.split_at(width);
            edge.push(tile.to_vec());
            rest = after;
        }
        Ok(Self::from_edge(size, edge))
    }

    fn from_edge(size: u64, mut edge: Vec<Vec<u8>>) -> Self {
        while edge.last().is_some_and(Vec::is_empty) {
            edge.pop();
        }
        let mut peaks = Vec::new();
        for tile in edge.iter().rev() {
            let hashes = hashes_of(tile).unwrap_or_default();
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                let (peak, after) = rest.split_at(1 << rest.len().ilog2());
                peaks.push(root_of(peak));
                rest = after;
            }
        }
        Self { size, edge, peaks }
    }
}

/// The width of the partial tile at `level` in a tree of `size` leaves: 0 to 255.
fn partial_width(size: u64, level: u8) -> u8 {
    (size >> (TILE_HEIGHT * u32::from(level))).to_le_bytes()[0]
}

fn low_byte(n: u32) -> u8 {
    n.to_le_bytes()[0]
}
