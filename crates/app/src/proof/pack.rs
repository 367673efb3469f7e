//! A pack: the entries about one case, one identity or one period with their proofs, for an auditor who has only the public key.

use super::Proofs;
use crate::authority::Target;
use crate::{AppError, DecisionContext, Operation, OperationRefusal};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_ledger::tiles::TileId;
use tenure_ledger::tree::{HashReader, TILE_WIDTH, Tree, TreeError};
use tenure_ledger::verify::{Content, PackScope, Period, pack_line};
use tenure_ledger::{Entry, Hash, Inner, Proof, ReadError};
use tenure_model::{CaseId, IdentityId};
use tenure_store::LeafRow;

/// Entries that are read at once.
const PAGE: u32 = 1_024;
/// Most entries of a pack.
pub const PACKED_MAX: usize = 100_000;
/// Most tiles for the proof of one entry: some for each level of a tree of 2^63 entries.
const TILES_MAX: u32 = 64;

/// The scope of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackOf {
    /// Everything about a case.
    Case(CaseId),
    /// Everything about an identity.
    Identity(IdentityId),
    /// Everything in a period.
    Period(Period),
}

/// A pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPack {
    /// The file: a head, and a line for each entry.
    pub file: String,
    /// The signed head that covers them, as text.
    pub checkpoint: Arc<str>,
    /// Entries.
    pub entries: usize,
    /// Entries whose personal part is left out: it was erased, or is a reason that the actor may not read.
    pub sealed: usize,
}

impl PackOf {
    fn scope(self) -> PackScope {
        match self {
            Self::Case(id) => PackScope::Case(*id.as_bytes()),
            Self::Identity(id) => PackScope::Identity(*id.as_bytes()),
            Self::Period(period) => PackScope::Period(period),
        }
    }

    fn takes(self, leaf: &LeafRow, entry: &Entry) -> bool {
        match self {
            Self::Case(id) => entry.case == Some(*id.as_bytes()),
            Self::Identity(id) => leaf.identity == Some(id),
            Self::Period(period) => {
                entry.at >= period.from.as_microsecond() && entry.at < period.before.as_microsecond()
            }
        }
    }
}

/// Tiles read so far.
#[derive(Default)]
struct Cached(BTreeMap<TileId, Vec<Hash>>);

impl HashReader for Cached {
    fn tile(&self, id: TileId, width: u16) -> Result<Option<Vec<Hash>>, ReadError> {
        Ok(self.0.get(&id).filter(|hashes| hashes.len() >= usize::from(width)).cloned())
    }
}

impl Proofs<'_> {
    /// Makes a pack from the entries that the last checkpoint covers.
    ///
    /// # Errors
    /// When the actor is not permitted to export evidence, there is no checkpoint or no such entry, or there are too many.
    pub async fn pack(&self, of: PackOf, moment: &DecisionContext) -> Result<NewPack, AppError> {
        self.app.authority().permit(Operation::Export, &Target::all(), moment).await?;
        self.app.authority().permit(Operation::ReadEntry, &Target::all(), moment).await?;
        let reads_reasons = self.app.authority().may(Operation::ReadReason, &Target::all(), moment).await?;
        let no_checkpoint = || AppError::precondition(OperationRefusal::NoCheckpoint);
        let checkpoint = self.app.store.ledger_head().await?.checkpoint.ok_or_else(no_checkpoint)?;
        let size = self.app.vault.open_checkpoint(&checkpoint)?.size;
        let leaves = self.packed_leaves(of, size).await?;
        let keys = [self.app.vault.signer().verifier().clone()];
        let (mut file, mut tiles, mut sealed) = (of.scope().head(), Cached::default(), 0);
        let person_keys = self.person_keys(&leaves).await?;
        for leaf in &leaves {
            let proof = Proof {
                extra: Some(leaf.entry.to_vec()),
                index: leaf.index,
                path: self.inclusion(leaf.index, size, &mut tiles).await?,
                checkpoint: checkpoint.to_string(),
            };
            let key = leaf.identity.and_then(|id| person_keys.get(&id)).map(|key| &**key);
            let opening = match self.open_leaf(leaf, key)? {
                Some(opening) if reads_reasons || !crate::cut_off::tells_reason(opening.payload()) => {
                    Some(opening)
                }
                _ => None,
            };
            let inner = Inner::from_bytes(leaf.inner);
            let content = match &opening {
                Some(opening) => Content::Opened(opening),
                None => Content::Sealed { inner: &inner, links: &leaf.links },
            };
            sealed += usize::from(opening.is_none());
            file.push('\n');
            file.push_str(&pack_line(&proof, content, &keys).map_err(|e| AppError::Ledger(e.to_string()))?);
        }
        file.push('\n');
        Ok(NewPack { file, checkpoint, entries: leaves.len(), sealed })
    }

    /// The sealed keys of the identities that entries are about, each read once.
    async fn person_keys(&self, leaves: &[LeafRow]) -> Result<BTreeMap<IdentityId, Arc<[u8]>>, AppError> {
        let ids: BTreeSet<IdentityId> = leaves.iter().filter_map(|leaf| leaf.identity).collect();
        let subjects = self.app.stored().readable(&ids.into_iter().collect::<Vec<_>>()).await?;
        Ok(subjects.into_iter().filter_map(|s| Some((s.identity.id, s.person_key?))).collect())
    }

    /// The entries of a pack; for a period also the one before and the one after it, which show that none is missing.
    async fn packed_leaves(&self, of: PackOf, size: u64) -> Result<Vec<LeafRow>, AppError> {
        let (mut found, mut range) = (Vec::new(), (0, size));
        if matches!(of, PackOf::Period(_)) {
            let Some((first, last)) = self.period_range(of, size).await? else { return Ok(found) };
            range = (first.saturating_sub(1), size.min(last + 2));
        }
        let (mut next, end) = range;
        while next < end {
            let leaves = self.app.store.leaves(next, PAGE).await?;
            let Some(last) = leaves.last() else { break };
            next = last.index + 1;
            for leaf in leaves.into_iter().filter(|l| l.index < end) {
                let is_in = matches!(of, PackOf::Period(_)) || of.takes(&leaf, &Entry::decode(&leaf.entry)?);
                found.extend(Some(leaf).filter(|_| is_in));
            }
            if found.len() > PACKED_MAX {
                return Err(AppError::precondition(OperationRefusal::PackTooLarge {
                    most: u64::try_from(PACKED_MAX).unwrap_or(u64::MAX),
                }));
            }
        }
        Ok(found)
    }

    /// The first and the last entry of a period. Other entries may lie between them, where the clock was set back.
    async fn period_range(&self, of: PackOf, size: u64) -> Result<Option<(u64, u64)>, AppError> {
        let (mut range, mut next): (Option<(u64, u64)>, u64) = (None, 0);
        while next < size {
            let leaves = self.app.store.leaves(next, PAGE).await?;
            let Some(last) = leaves.last() else { break };
            next = last.index + 1;
            for leaf in leaves.iter().filter(|l| l.index < size) {
                if of.takes(leaf, &Entry::decode(&leaf.entry)?) {
                    range = Some((range.map_or(leaf.index, |(first, _)| first), leaf.index));
                }
            }
        }
        Ok(range)
    }

    /// The path from an entry to the root of `size` entries, from the stored tree.
    async fn inclusion(&self, index: u64, size: u64, tiles: &mut Cached) -> Result<Vec<Hash>, AppError> {
        for _ in 0..TILES_MAX {
            match Tree::new(size, &*tiles)?.inclusion(index) {
                Ok(path) => return Ok(path),
                Err(TreeError::Missing { id, .. }) => {
                    let hashes = self.stored_tile(id).await?;
                    tiles.0.insert(id, hashes);
                }
                Err(e) => return Err(e.into()),
            }
        }
        Err(AppError::Ledger(format!("the tree above entry {index} cannot be read")))
    }

    async fn stored_tile(&self, id: TileId) -> Result<Vec<Hash>, AppError> {
        if id.level == 0 {
            let from = id.index.saturating_mul(u64::from(TILE_WIDTH));
            let hashes = self.app.store.leaf_hashes(from, u32::from(TILE_WIDTH)).await?;
            return Ok(hashes.into_iter().map(Hash).collect());
        }
        let stored = self.app.store.tile(id.level, id.index).await?;
        let hashes =
            stored.as_deref().map(|bytes| bytes.as_chunks::<32>().0.iter().map(|h| Hash(*h)).collect());
        hashes.ok_or_else(|| AppError::Ledger(format!("tile {id} of the ledger cannot be read")))
    }
}
