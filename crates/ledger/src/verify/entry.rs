//! One entry, and the growth between two heads, checked against the signed root without reading the rest of the log.

use super::files::{Discrepancy, FileReader, Files, read_bundle, read_checkpoint};
use crate::checkpoint::Checkpoint;
use crate::commitment::Opening;
use crate::entry::Entry;
use crate::note::VerifierKey;
use crate::proof::Proof;
use crate::tiles::TileId;
use crate::tree::{TILE_WIDTH, Tree, TreeError, tile_width};

/// An entry that is proved to be in a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfirmedEntry {
    /// Its index, from 0.
    pub index: u64,
    /// Its public part.
    pub entry: Entry,
    /// The signed head that covers it.
    pub checkpoint: Checkpoint,
}

/// Creates the file that proves entry `index` of a published log to a third party. It contains the entry, not the personal part; it is
/// verified before it is returned.
///
/// # Errors
/// When there is no such entry, a file is missing, or the files do not lead to the signed root.
pub fn prove_entry(
    files: &(impl Files + ?Sized),
    keys: &[VerifierKey],
    index: u64,
) -> Result<Proof, Discrepancy> {
    let (checkpoint, text) = read_checkpoint(files, keys)?;
    let size = checkpoint.size;
    if index >= size {
        return Err(TreeError::NoSuchLeaf { index, size }.into());
    }
    let id = TileId::new(0, index / u64::from(TILE_WIDTH));
    let bundle = read_bundle(files, id.index, tile_width(size, id))?;
    let position = usize::from(index.to_le_bytes()[0]);
    let entry = bundle.entries.get(position).ok_or(TreeError::NoSuchLeaf { index, size })?;
    let path = Tree::new(size, &FileReader { files, published: size })?.inclusion(index)?;
    let proof = Proof { extra: Some(entry.clone()), index, path, checkpoint: text };
    proof.verify(entry, keys)?;
    Ok(proof)
}

/// Checks a proof file and, if the personal part was disclosed too, that it matches the entry's commitment.
///
/// # Errors
/// When the proof does not hold, contains no readable entry, or the opening does not belong to it.
pub fn confirm_proof(
    proof: &Proof,
    opening: Option<&Opening>,
    keys: &[VerifierKey],
) -> Result<ConfirmedEntry, Discrepancy> {
    let index = proof.index;
    let leaf = proof.extra.as_deref().ok_or(Discrepancy::NoEntry { index })?;
    let checkpoint = proof.verify(leaf, keys)?;
    let entry = Entry::decode(leaf).map_err(|source| {
        let path = "the proof".to_owned();
        Discrepancy::Entry { index, path, source }
    })?;
    if opening.is_some_and(|opening| !opening.opens(&entry.commitment)) {
        return Err(Discrepancy::Opening { index });
    }
    Ok(ConfirmedEntry { index, entry, checkpoint })
}

/// Checks one entry of a published log and, if given, its personal part.
///
/// # Errors
/// As [`prove_entry`] and [`confirm_proof`].
pub fn confirm_entry(
    files: &(impl Files + ?Sized),
    keys: &[VerifierKey],
    index: u64,
    opening: Option<&Opening>,
) -> Result<ConfirmedEntry, Discrepancy> {
    confirm_proof(&prove_entry(files, keys, index)?, opening, keys)
}

/// Checks that a log only grew between two checkpoints, using its published tiles. Without `new` the later one is the published head.
/// Returns both.
///
/// # Errors
/// When a checkpoint is not acceptable, they are of different logs, or the log did not only grow.
pub fn confirm_consistency(
    files: &(impl Files + ?Sized),
    keys: &[VerifierKey],
    old: &[u8],
    new: Option<&[u8]>,
) -> Result<(Checkpoint, Checkpoint), Discrepancy> {
    let (head, _text) = read_checkpoint(files, keys)?;
    let published = head.size;
    let old = Checkpoint::open(old, keys)?;
    let new = new.map_or(Ok(head), |new| Checkpoint::open(new, keys))?;
    // Heads of different logs, and a log that became smaller, are refused without a proof.
    let proof = if old.origin == new.origin && old.size < new.size {
        Tree::new(new.size, &FileReader { files, published })?.consistency(old.size)?
    } else {
        Vec::new()
    };
    new.continues(&old, &proof)?;
    Ok((old, new))
}
