//! The Merkle tree of RFC 9162 §2.1 over SHA-256, stored as leaf hashes and full 256-wide tiles.

mod frontier;
mod hash;
mod limits;
mod prove;
mod verify;

pub use frontier::{Appended, Frontier, FrontierError, FullTile};
pub use hash::{EMPTY_ROOT, HASH_BYTES, Hash, leaf_hash, node_hash, root_of};
pub use limits::{MAX_TILE_LEVELS, MAX_TREE_SIZE, TILE_HEIGHT, TILE_WIDTH};
pub use prove::{HashReader, MemoryReader, Tree, TreeError, tile_width};
pub use verify::{MAX_PROOF_HASHES, ProofError, verify_consistency, verify_inclusion};

pub(crate) use hash::hashes_of;
