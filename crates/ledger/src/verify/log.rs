//! Verifies the whole log, from its first entry to its signed root, in one pass with one bundle in memory.

use super::files::{Bundle, Discrepancy, Files, read_bundle, read_checkpoint, read_tile};
use crate::checkpoint::Checkpoint;
use crate::entry::{Entry, OldHead};
use crate::note::VerifierKey;
use crate::tiles::TileId;
use crate::tree::{Frontier, FullTile, TILE_WIDTH, hashes_of, leaf_hash, tile_width};

/// The result for a verified log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Confirmed {
    /// The signed head.
    pub checkpoint: Checkpoint,
    /// Tiles of hashes that were recomputed and compared.
    pub tiles: u64,
    /// Entries made with `--now`.
    pub with_now: u64,
    /// Heads of other logs that it continues, by the index of the entry that names them.
    pub continues: Vec<(u64, OldHead)>,
}

/// Recomputes a published log: every entry is readable and canonical, hashes to its leaf, every tile follows from the one below, and
/// all of it from the signed root. `progress` gets the number of processed entries after each bundle.
///
/// # Errors
/// The first discrepancy, in the order of the entries.
pub fn verify_log(
    files: &(impl Files + ?Sized),
    keys: &[VerifierKey],
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Confirmed, Discrepancy> {
    let (checkpoint, _text) = read_checkpoint(files, keys)?;
    let size = checkpoint.size;
    let mut pass =
        Pass { files, size, frontier: Frontier::new(), tiles: 0, with_now: 0, continues: Vec::new() };
    for index in 0..size.div_ceil(u64::from(TILE_WIDTH)) {
        pass.bundle(index)?;
        progress(pass.frontier.size(), size);
    }
    for (id, width, bytes) in pass.frontier.partial_tiles().filter(|(id, ..)| id.level > 0) {
        pass.compare(id, width, bytes)?;
    }
    let edge = pass.frontier.partial_tiles().filter(|(id, ..)| id.level > 0).count();
    let computed = pass.frontier.root();
    if computed != checkpoint.root {
        return Err(Discrepancy::Root { size, computed, stated: checkpoint.root });
    }
    let tiles = pass.tiles + u64::try_from(edge).unwrap_or(0);
    Ok(Confirmed { checkpoint, tiles, with_now: pass.with_now, continues: pass.continues })
}

struct Pass<'a, F: ?Sized> {
    files: &'a F,
    size: u64,
    frontier: Frontier,
    tiles: u64,
    with_now: u64,
    continues: Vec<(u64, OldHead)>,
}

impl<F: Files + ?Sized> Pass<'_, F> {
    fn bundle(&mut self, index: u64) -> Result<(), Discrepancy> {
        let id = TileId::new(0, index);
        let width = tile_width(self.size, id);
        let Bundle { path: bundle, entries } = read_bundle(self.files, index, width)?;
        let (tile, leaves) = read_tile(self.files, id, width, self.size)?;
        self.tiles += 1;
        for ((leaf, stored), index) in entries.iter().zip(&leaves).zip(index * u64::from(TILE_WIDTH)..) {
            let computed = leaf_hash(leaf);
            if computed != *stored {
                let (bundle, tile, stored) = (bundle.into(), tile.into(), *stored);
                return Err(Discrepancy::Leaf { index, bundle, tile, computed, stored });
            }
            let entry = Entry::decode(leaf).map_err(|source| Discrepancy::Entry {
                index,
                path: bundle.clone(),
                source,
            })?;
            self.with_now += u64::from(entry.with_now);
            self.continues.extend(entry.continues.map(|old| (index, old)));
        }
        for FullTile { id, bytes } in self.frontier.append(&leaves)?.tiles {
            if id.level > 0 {
                self.compare(id, TILE_WIDTH, &bytes)?;
                self.tiles += 1;
            }
        }
        Ok(())
    }

    /// Compares a published tile above the leaves with the recomputed one.
    fn compare(&self, id: TileId, width: u16, recomputed: &[u8]) -> Result<(), Discrepancy> {
        let (tile, stored) = read_tile(self.files, id, width, self.size)?;
        let recomputed = hashes_of(recomputed).unwrap_or_default();
        for ((computed, stored), index) in
            recomputed.into_iter().zip(stored).zip(id.index * u64::from(TILE_WIDTH)..)
        {
            if computed != stored {
                let (tile, below) = (tile.into(), TileId::new(id.level - 1, index));
                return Err(Discrepancy::Tile { tile, below, computed, stored });
            }
        }
        Ok(())
    }
}
