//! Verification follows the two algorithms of RFC 9162 step by step, so that they can be compared line by line.

use super::{EMPTY_ROOT, Hash, node_hash};
use thiserror::Error;

/// Maximum number of hashes of a proof: an inclusion path has at most 63, a consistency proof one more.
pub const MAX_PROOF_HASHES: usize = 64;

/// Why a proof does not hold.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ProofError {
    /// The index is not in the tree.
    #[error("the proof is for entry {index}, but the tree has {size} entries (the first is 0)")]
    NoSuchLeaf {
        /// The index, from 0.
        index: u64,
        /// Leaves in the tree.
        size: u64,
    },
    /// The tree became smaller.
    #[error(
        "the later tree has {new} entries, fewer than the {old} of the earlier one: entries were removed"
    )]
    Shrunk {
        /// Leaves in the earlier tree.
        old: u64,
        /// Leaves in the later tree.
        new: u64,
    },
    /// The proof has too few or too many hashes for this place in this tree.
    #[error("the proof has {found} hashes, which is not the number that it needs")]
    Length {
        /// Hashes in the proof.
        found: usize,
    },
    /// The proof leads to a different root than the tree's.
    #[error("the proof leads to root {computed}, the tree's root is {stated}")]
    Root {
        /// The root that the proof leads to.
        computed: Hash,
        /// The expected root.
        stated: Hash,
    },
    /// The proof does not start from the earlier tree.
    #[error(
        "the proof leads to root {computed} for the earlier tree, whose root is {stated}: its entries were changed"
    )]
    OldRoot {
        /// The root of the earlier tree that the proof leads to.
        computed: Hash,
        /// The root of the earlier tree.
        stated: Hash,
    },
}

/// Checks that `leaf` is entry `index` of the tree of `size` leaves with this root (RFC 9162 §2.1.3.2).
///
/// # Errors
/// When the proof does not show that.
pub fn verify_inclusion(
    leaf: Hash,
    index: u64,
    path: &[Hash],
    size: u64,
    root: Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::NoSuchLeaf { index, size });
    }
    let length = ProofError::Length { found: path.len() };
    let (mut fnode, mut snode) = (index, size - 1);
    let mut hash = leaf;
    for sibling in path {
        if snode == 0 {
            return Err(length);
        }
        if fnode & 1 == 1 || fnode == snode {
            hash = node_hash(sibling, &hash);
            skip_right_edge(&mut fnode, &mut snode);
        } else {
            hash = node_hash(&hash, sibling);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    if snode != 0 {
        return Err(length);
    }
    if hash != root {
        return Err(ProofError::Root { computed: hash, stated: root });
    }
    Ok(())
}

/// Checks that the tree of `new` leaves continues the tree of `old` leaves: nothing removed, nothing changed
/// (RFC 9162 §2.1.4.2). The empty tree is continued by every tree, with an empty proof.
///
/// # Errors
/// When the proof does not show that.
pub fn verify_consistency(
    (old, old_root): (u64, Hash),
    (new, new_root): (u64, Hash),
    proof: &[Hash],
) -> Result<(), ProofError> {
    let length = ProofError::Length { found: proof.len() };
    if old > new {
        return Err(ProofError::Shrunk { old, new });
    }
    if old == 0 && old_root != EMPTY_ROOT {
        return Err(ProofError::OldRoot { computed: EMPTY_ROOT, stated: old_root });
    }
    if old == new && old_root != new_root {
        return Err(ProofError::Root { computed: old_root, stated: new_root });
    }
    if old == 0 || old == new {
        return if proof.is_empty() { Ok(()) } else { Err(length) };
    }
    let (mut fnode, mut snode) = (old - 1, new - 1);
    while fnode & 1 == 1 {
        fnode >>= 1;
        snode >>= 1;
    }
    let (first, rest) = if old.is_power_of_two() {
        (old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(length.clone())?;
        (*first, rest)
    };
    if rest.is_empty() {
        return Err(length);
    }
    let (mut old_hash, mut new_hash) = (first, first);
    for hash in rest {
        if snode == 0 {
            return Err(length);
        }
        if fnode & 1 == 1 || fnode == snode {
            old_hash = node_hash(hash, &old_hash);
            new_hash = node_hash(hash, &new_hash);
            skip_right_edge(&mut fnode, &mut snode);
        } else {
            new_hash = node_hash(&new_hash, hash);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    if snode != 0 {
        return Err(length);
    }
    if old_hash != old_root {
        return Err(ProofError::OldRoot { computed: old_hash, stated: old_root });
    }
    if new_hash != new_root {
        return Err(ProofError::Root { computed: new_hash, stated: new_root });
    }
    Ok(())
}

/// On the right edge a node without a sibling moves up unchanged until it is a right child.
fn skip_right_edge(fnode: &mut u64, snode: &mut u64) {
    while *fnode & 1 == 0 && *fnode != 0 {
        *fnode >>= 1;
        *snode >>= 1;
    }
}
