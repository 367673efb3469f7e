//! Proofs are computed from full tiles and leaf hashes only: the right edge of any past size is recomputed.

use super::{EMPTY_ROOT, Hash, MAX_TREE_SIZE, TILE_HEIGHT, TILE_WIDTH, node_hash, root_of};
use crate::ReadError;
use crate::tiles::TileId;
use std::collections::BTreeMap;
use thiserror::Error;

/// The source of a tree's hashes.
pub trait HashReader {
    /// The first `width` (1 to 256) hashes of a tile; more than that may be returned and is ignored.
    ///
    /// At level 0 these are the leaf hashes from `256 * index` on, and they must exist; so must full tiles. A narrower tile above
    /// level 0 may be `None`: it is recomputed from the full tiles below it.
    ///
    /// # Errors
    /// Any error of the reader.
    fn tile(&self, id: TileId, width: u16) -> Result<Option<Vec<Hash>>, ReadError>;
}

/// Why a tree cannot be read.
#[derive(Debug, Error)]
pub enum TreeError {
    /// The reader failed.
    #[error("cannot read tile {id} of the ledger")]
    Read {
        /// The tile.
        id: TileId,
        /// The reader's error.
        source: ReadError,
    },
    /// The reader does not have a tile that a tree of this size must have.
    #[error("the ledger lacks tile {id} ({width} hashes), which a tree of {size} leaves has")]
    Missing {
        /// The tile.
        id: TileId,
        /// Hashes that it has at this size.
        width: u16,
        /// Leaves in the tree.
        size: u64,
    },
    /// The reader returned too few hashes.
    #[error("tile {id} of the ledger has {found} hashes, a tree of {size} leaves has {width} there")]
    Short {
        /// The tile.
        id: TileId,
        /// Hashes that it has at this size.
        width: u16,
        /// Hashes found.
        found: usize,
        /// Leaves in the tree.
        size: u64,
    },
    /// The size is above the limit.
    #[error("a tree of {size} leaves is above the limit of {MAX_TREE_SIZE}")]
    TooLarge {
        /// The size.
        size: u64,
    },
    /// The index is not in the tree.
    #[error("entry {index} is not in a ledger of {size} entries (the first is 0)")]
    NoSuchLeaf {
        /// The index, from 0.
        index: u64,
        /// Leaves in the tree.
        size: u64,
    },
    /// The older size is larger than the tree.
    #[error("a ledger of {size} entries cannot be shown to continue one of {old} entries")]
    NotOlder {
        /// The size given as the older one.
        old: u64,
        /// Leaves in the tree.
        size: u64,
    },
}

/// A tree of a given size as its reader holds it. The reader may have more: proofs for any past size are possible.
pub struct Tree<'a, R: ?Sized> {
    size: u64,
    reader: &'a R,
    /// The partial tile of each level, once recomputed. At most one per level, hence bounded.
    edges: BTreeMap<u8, Vec<Hash>>,
}

impl<'a, R: HashReader + ?Sized> Tree<'a, R> {
    /// A tree of `size` leaves.
    ///
    /// # Errors
    /// When the size is above [`MAX_TREE_SIZE`].
    pub fn new(size: u64, reader: &'a R) -> Result<Self, TreeError> {
        if size > MAX_TREE_SIZE {
            return Err(TreeError::TooLarge { size });
        }
        Ok(Self { size, reader, edges: BTreeMap::new() })
    }

    /// The root: MTH(D_n) of RFC 9162 §2.1.1.
    ///
    /// # Errors
    /// When the reader fails or lacks a tile.
    pub fn root(&mut self) -> Result<Hash, TreeError> {
        self.range(0, self.size)
    }

    /// The hashes that prove leaf `index` (from 0) to be in the tree, the leaf's sibling first: PATH(m, D_n) of
    /// RFC 9162 §2.1.3.1.
    ///
    /// # Errors
    /// When there is no such leaf, or the reader fails or lacks a tile.
    pub fn inclusion(&mut self, index: u64) -> Result<Vec<Hash>, TreeError> {
        if index >= self.size {
            return Err(TreeError::NoSuchLeaf { index, size: self.size });
        }
        let (mut low, mut high) = (0, self.size);
        let mut path = Vec::new();
        while high - low > 1 {
            let middle = low + split(high - low);
            if index < middle {
                path.push(self.range(middle, high)?);
                high = middle;
            } else {
                path.push(self.range(low, middle)?);
                low = middle;
            }
        }
        path.reverse();
        Ok(path)
    }

    /// The hashes that prove the tree to continue its own first `old` leaves: PROOF(m, D_n) of RFC 9162 §2.1.4.1.
    /// Empty for 0 and for the size itself, as C2SP does.
    ///
    /// # Errors
    /// When `old` is larger than the tree, or the reader fails or lacks a tile.
    pub fn consistency(&mut self, old: u64) -> Result<Vec<Hash>, TreeError> {
        if old > self.size {
            return Err(TreeError::NotOlder { old, size: self.size });
        }
        if old == 0 || old == self.size {
            return Ok(Vec::new());
        }
        let (mut low, mut high) = (0, self.size);
        let mut proof = Vec::new();
        while old != high {
            let middle = low + split(high - low);
            if old <= middle {
                proof.push(self.range(middle, high)?);
                high = middle;
            } else {
                proof.push(self.range(low, middle)?);
                low = middle;
            }
        }
        // A verifier already knows the subtree if it is the whole old tree.
        if low != 0 {
            proof.push(self.range(low, high)?);
        }
        proof.reverse();
        Ok(proof)
    }

    /// The hashes of the partial tile at `level`; empty if the tree has none there.
    pub(super) fn edge(&mut self, level: u8) -> Result<Vec<Hash>, TreeError> {
        let id = TileId::new(level, hashes_at(self.size, level) / u64::from(TILE_WIDTH));
        if self.width(id) == 0 { Ok(Vec::new()) } else { self.tile(id) }
    }

    /// The hash of leaves `low..high`, where `low` is a multiple of a power of two that is at least `high - low`, as every range in
    /// the definitions of RFC 9162 is.
    fn range(&mut self, low: u64, high: u64) -> Result<Hash, TreeError> {
        if low == high {
            return Ok(EMPTY_ROOT);
        }
        let mut subtrees = Vec::new();
        let mut at = low;
        while at < high {
            let height = (high - at).ilog2();
            subtrees.push(self.subtree(height, at >> height)?);
            at += 1 << height;
        }
        let mut from_right = subtrees.into_iter().rev();
        let last = from_right.next().unwrap_or(EMPTY_ROOT);
        Ok(from_right.fold(last, |right, left| node_hash(&left, &right)))
    }

    /// The root of the complete subtree of 2^`height` leaves that is number `index` at that height.
    fn subtree(&mut self, height: u32, index: u64) -> Result<Hash, TreeError> {
        let level = (height / TILE_HEIGHT).to_le_bytes()[0];
        let above = height % TILE_HEIGHT;
        let first = index << above;
        let id = TileId::new(level, first / u64::from(TILE_WIDTH));
        let hashes = self.tile(id)?;
        let start = usize::from(first.to_le_bytes()[0]);
        let end = start + (1 << above);
        let Some(part) = hashes.get(start..end) else {
            return Err(TreeError::Short { id, width: self.width(id), found: hashes.len(), size: self.size });
        };
        Ok(root_of(part))
    }

    fn width(&self, id: TileId) -> u16 {
        tile_width(self.size, id)
    }

    fn tile(&mut self, id: TileId) -> Result<Vec<Hash>, TreeError> {
        let width = self.width(id);
        if width < TILE_WIDTH
            && let Some(known) = self.edges.get(&id.level)
        {
            return Ok(known.clone());
        }
        let hashes = match self.reader.tile(id, width) {
            Err(source) => return Err(TreeError::Read { id, source }),
            Ok(Some(mut hashes)) => {
                if hashes.len() < usize::from(width) {
                    return Err(TreeError::Short { id, width, found: hashes.len(), size: self.size });
                }
                hashes.truncate(usize::from(width));
                hashes
            }
            Ok(None) if id.level == 0 || width == TILE_WIDTH => {
                return Err(TreeError::Missing { id, width, size: self.size });
            }
            Ok(None) => {
                let first = id.index * u64::from(TILE_WIDTH);
                let below = (first..first + u64::from(width)).map(|index| TileId::new(id.level - 1, index));
                below.map(|id| self.tile(id).map(|hashes| root_of(&hashes))).collect::<Result<_, _>>()?
            }
        };
        if width < TILE_WIDTH {
            self.edges.insert(id.level, hashes.clone());
        }
        Ok(hashes)
    }
}

/// The largest power of two smaller than `n`, which must be at least 2.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// Hashes that a tree of `size` leaves has at a level of tiles.
fn hashes_at(size: u64, level: u8) -> u64 {
    size.checked_shr(TILE_HEIGHT * u32::from(level)).unwrap_or(0)
}

/// Number of hashes of a tile in a tree of `size` leaves: 0 to 256.
#[must_use]
pub fn tile_width(size: u64, id: TileId) -> u16 {
    let first = id.index.saturating_mul(u64::from(TILE_WIDTH));
    let left = hashes_at(size, id.level).saturating_sub(first);
    u16::try_from(left).unwrap_or(TILE_WIDTH).min(TILE_WIDTH)
}

/// A reader over memory: the leaf hashes and the full tiles, as a store keeps them.
#[derive(Clone, Default, Debug)]
pub struct MemoryReader {
    /// Every leaf hash.
    pub leaves: Vec<Hash>,
    /// The full tiles above level 0.
    pub tiles: BTreeMap<TileId, Vec<Hash>>,
}

impl MemoryReader {
    /// Stores the result of an append.
    pub fn keep(&mut self, leaves: &[Hash], appended: &super::Appended) {
        self.leaves.extend_from_slice(leaves);
        for tile in appended.tiles.iter().filter(|tile| tile.id.level > 0) {
            self.tiles.insert(tile.id, super::hashes_of(&tile.bytes).unwrap_or_default());
        }
    }
}

impl HashReader for MemoryReader {
    fn tile(&self, id: TileId, width: u16) -> Result<Option<Vec<Hash>>, ReadError> {
        if id.level > 0 {
            return Ok(self.tiles.get(&id).cloned());
        }
        let first = usize::try_from(id.index)?.saturating_mul(usize::from(TILE_WIDTH));
        let end = first.saturating_add(usize::from(width));
        Ok(self.leaves.get(first..end).map(<[Hash]>::to_vec))
    }
}
