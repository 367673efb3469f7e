//! The Merkle tree of RFC 9162 §2.1 over SHA-256, stored as leaf hashes and full 256-wide tiles.

mod frontier;
mod hash;
mod prove;
mod verify;

pub use frontier::{Appended, Frontier, FrontierError, FullTile};
pub use hash::{EMPTY_ROOT, HASH_BYTES, Hash, leaf_hash, node_hash, root_of};
pub use prove::{HashReader, MemoryReader, Tree, TreeError, tile_width};
pub use verify::{MAX_PROOF_HASHES, ProofError, verify_consistency, verify_inclusion};

pub(crate) use hash::hashes_of;

/// Hashes in a full tile (C2SP tlog-tiles).
pub const TILE_WIDTH: u16 = 256;

/// Heights of the tree that one tile spans: 2^8 = 256.
pub const TILE_HEIGHT: u32 = 8;

/// Leaves that a tree may hold. 2^63 − 1 fits a signed 64-bit column of a database.
pub const MAX_TREE_SIZE: u64 = (1 << 63) - 1;

/// Levels of tiles that a tree of [`MAX_TREE_SIZE`] leaves has, counted from 0.
pub const MAX_TILE_LEVELS: u8 = 8;
