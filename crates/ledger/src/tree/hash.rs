//! Leaf and node hashes are distinguished by their first byte, so that a node can never be presented as an entry.

use crate::text;
use sha2::{Digest, Sha256};
use std::fmt;

/// Bytes in a SHA-256 hash.
pub const HASH_BYTES: usize = 32;

/// A SHA-256 hash of the tree: of a leaf, of a node or of the whole. Printed as base64, as the C2SP formats do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hash(pub [u8; HASH_BYTES]);

/// The root of the tree without leaves: SHA-256 of nothing (RFC 9162 §2.1.1).
pub const EMPTY_ROOT: Hash = Hash([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
    0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

impl Hash {
    /// Reads the base64 form.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        text::unbase64(text)?.try_into().ok().map(Self)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; HASH_BYTES] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::base64(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// The hash of an entry: `SHA-256(0x00 || entry)`.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0x00]);
    hasher.update(entry);
    Hash(hasher.finalize().into())
}

/// The hash of a node: `SHA-256(0x01 || left || right)`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [0x01; 1 + 2 * HASH_BYTES];
    bytes[1..=HASH_BYTES].copy_from_slice(&left.0);
    bytes[1 + HASH_BYTES..].copy_from_slice(&right.0);
    Hash(Sha256::digest(bytes).into())
}

/// The Merkle tree hash of leaf (or subtree) hashes that are all in memory: MTH of RFC 9162 §2.1.1.
#[must_use]
pub fn root_of(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => EMPTY_ROOT,
        [only] => *only,
        _ => {
            let (left, right) = hashes.split_at(split(hashes.len()));
            node_hash(&root_of(left), &root_of(right))
        }
    }
}

/// The largest power of two smaller than `n`, which must be at least 2.
fn split(n: usize) -> usize {
    1 << (n - 1).ilog2()
}

/// Splits stored bytes into hashes; `None` if they are not complete hashes.
pub(crate) fn hashes_of(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
    rest.is_empty().then(|| hashes.iter().copied().map(Hash).collect())
}
