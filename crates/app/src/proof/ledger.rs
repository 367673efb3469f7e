//! The ledger as files that any auditor can verify, and the check that the database holds exactly that.

use super::Proofs;
use crate::{AppError, Item, OperationRefusal, Vault};
use tenure_ledger::commitment::OpeningError;
use tenure_ledger::note::SignedNote;
use tenure_ledger::tree::TILE_WIDTH;
use tenure_ledger::verify::Publisher;
use tenure_ledger::{
    Break, Chain, Checkpoint, Commitment, Entry, Frontier, Hash, Inner, Links, Opening, leaf_hash,
};
use tenure_store::LeafRow;

/// Entries that are read at once; also a tile's width.
const BUNDLE: u32 = 256;
/// Checkpoints that are read at once.
const CHECKPOINTS_AT_ONCE: u32 = 1024;

/// Result of a successful check of the stored ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerCheck {
    /// Entries in the database.
    pub entries: u64,
    /// Entries that the last checkpoint covers.
    pub signed: u64,
    /// Stored checkpoints that were compared.
    pub checkpoints: u64,
    /// Stored full tiles that were compared.
    pub tiles: u64,
    /// Entries made with `--now`.
    pub with_now: u64,
    /// Size of the checkpoint outside the database, where there is one.
    pub outside: Option<u64>,
}

/// A receiver of published files: path and bytes.
pub type Sink<'a> = dyn FnMut(&str, &[u8]) -> std::io::Result<()> + Send + 'a;

impl Proofs<'_> {
    /// Publishes the ledger up to its last checkpoint as C2SP tlog-tiles files.
    ///
    /// # Errors
    /// When there is no checkpoint yet, the store fails or a file cannot be written.
    pub async fn publish_ledger(&self, sink: &mut Sink<'_>) -> Result<Checkpoint, AppError> {
        let head = self.app.store.ledger_head().await?;
        let Some(text) = head.checkpoint else {
            return Err(AppError::precondition(OperationRefusal::NoCheckpoint));
        };
        let checkpoint = Checkpoint::open(text.as_bytes(), &[self.app.vault.signer().verifier().clone()])?;
        let write = |sink: &mut Sink<'_>, path: &str, bytes: &[u8]| {
            sink(path, bytes).map_err(|e| AppError::Ledger(format!("{path} cannot be written: {e}")))
        };
        let mut publisher = Publisher::new();
        let mut from = 0;
        while from < checkpoint.size {
            let limit = u32::try_from(checkpoint.size - from).unwrap_or(BUNDLE).min(BUNDLE);
            let leaves = self.app.store.leaves(from, limit).await?;
            let entries: Vec<&[u8]> = leaves.iter().map(|l| &*l.entry).collect();
            for (path, bytes) in publisher.bundle(&entries).map_err(ledger)? {
                write(sink, &path, &bytes)?;
            }
            from += u64::from(limit);
        }
        for (path, bytes) in publisher.finish(&SignedNote::parse(text.as_bytes())?).map_err(ledger)? {
            write(sink, &path, &bytes)?;
        }
        Ok(checkpoint)
    }

    /// Recomputes the whole stored ledger: every entry is readable and hashes to its stored leaf, every stored tile follows,
    /// and the roots are those of every stored checkpoint and of the one outside the database ([`proved`](crate::proved)).
    ///
    /// # Errors
    /// The first difference.
    pub async fn verify_ledger(
        &self,
        outside: Option<Checkpoint>,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<LedgerCheck, AppError> {
        let head = self.app.store.ledger_head().await?;
        let size = Frontier::from_bytes(&head.frontier)?.size();
        let inside =
            head.checkpoint.as_deref().map(|text| self.app.vault.open_checkpoint(text)).transpose()?;
        let mut check = LedgerCheck {
            entries: size,
            signed: inside.as_ref().map_or(0, |c| c.size),
            tiles: 0,
            with_now: 0,
            checkpoints: 0,
            outside: outside.as_ref().map(|c| c.size),
        };
        let (mut frontier, mut chain) = (Frontier::new(), Chain::default());
        let mut stops = self.signed().await?;
        check.checkpoints = u64::try_from(stops.len()).unwrap_or(u64::MAX);
        if let Some(c) = stops.iter().find(|c| c.size > size) {
            return Err(unproved(format!("a checkpoint covers {} entries, the database has {size}", c.size)));
        }
        stops.extend(outside);
        stops.sort_by_key(|c| c.size);
        while frontier.size() < size {
            let passed = stops.partition_point(|c| c.size <= frontier.size());
            let next_stop = stops.get(passed).map_or(size, |c| c.size);
            let whole = frontier.size() - frontier.size() % u64::from(TILE_WIDTH) + u64::from(TILE_WIDTH);
            let until = next_stop.min(size).min(whole);
            self.verify_span(&mut frontier, &mut chain, until, &mut check).await?;
            let here = stops.partition_point(|c| c.size < frontier.size());
            for stop in stops.iter().skip(here).take_while(|c| c.size == frontier.size()) {
                if stop.root != frontier.root() {
                    return Err(unproved(format!("the root of {} entries is not the signed one", stop.size)));
                }
            }
            progress(frontier.size(), size);
        }
        Ok(check)
    }

    /// Every stored checkpoint, opened, the smallest first.
    async fn signed(&self) -> Result<Vec<Checkpoint>, AppError> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let some = self.app.store.checkpoints(after, CHECKPOINTS_AT_ONCE).await?;
            let Some((last, _)) = some.last() else { return Ok(all) };
            after = Some(*last);
            for (size, text) in &some {
                let open = self.app.vault.open_checkpoint(text).map_err(|e| {
                    unproved(format!(
                        "the stored checkpoint of {size} entries was not signed by this database: {e}"
                    ))
                })?;
                if open.size != *size {
                    return Err(unproved(format!(
                        "the checkpoint that is stored for {size} entries covers {}",
                        open.size
                    )));
                }
                all.push(open);
            }
        }
    }

    async fn verify_span(
        &self,
        frontier: &mut Frontier,
        chain: &mut Chain,
        until: u64,
        check: &mut LedgerCheck,
    ) -> Result<(), AppError> {
        let from = frontier.size();
        let limit = u32::try_from(until - from).unwrap_or(BUNDLE);
        let leaves = self.app.store.leaves(from, limit).await?;
        let mut hashes = Vec::with_capacity(leaves.len());
        for leaf in &leaves {
            let entry = Entry::decode(&leaf.entry)
                .map_err(|e| unproved(format!("entry {} cannot be read: {e}", leaf.index)))?;
            check.with_now += u64::from(entry.with_now);
            authentic(&self.app.vault, leaf)?;
            if Commitment::of(&Inner::from_bytes(leaf.inner), &leaf.links) != entry.commitment {
                return Err(unproved(format!(
                    "the links of entry {} are not those that it commits to",
                    leaf.index
                )));
            }
            let links =
                Links::decode(&leaf.links).map_err(|e| unproved(format!("entry {}: {e}", leaf.index)))?;
            let identity = leaf.identity.map(|id| *id.as_bytes());
            let breaks = chain.follow(leaf.index, entry.case, identity, &links);
            // A state that changed is reported by `doctor`: the log is whole, and shows it itself.
            if let Some(left_out) = breaks.iter().find(|b| matches!(b, Break::Place { .. })) {
                return Err(unproved(left_out.to_string()));
            }
            hashes.push(Hash(leaf.leaf));
        }
        if u64::try_from(hashes.len()).unwrap_or(0) != until - from {
            return Err(unproved(format!("entries {from} to {until} are not all there")));
        }
        for tile in frontier.append(&hashes)?.tiles {
            let stored = self.app.store.tile(tile.id.level, tile.id.index).await?;
            if stored.as_deref() != Some(&*tile.bytes) {
                return Err(unproved(format!(
                    "the stored tile {} is not the one that follows from the entries",
                    tile.id
                )));
            }
            check.tiles += 1;
        }
        Ok(())
    }

    /// The opening of an entry: the content behind its commitment. `None` where it was erased.
    ///
    /// # Errors
    /// When there is no such entry, or the keys do not open it.
    pub(crate) async fn opening(&self, index: u64) -> Result<(Entry, Option<Opening>), AppError> {
        let Some(leaf) = self.app.store.leaves(index, 1).await?.pop() else {
            return Err(AppError::unknown(Item::Entry, index.to_string()));
        };
        let key = match leaf.identity {
            Some(id) => self.app.stored().readable(&[id]).await?.pop().and_then(|s| s.person_key),
            None => None,
        };
        Ok((Entry::decode(&leaf.entry)?, self.open_leaf(&leaf, key.as_deref())?))
    }

    /// Opens an entry with the sealed key of its identity. `None` where there is nothing to open, or no key.
    pub(crate) fn open_leaf(&self, leaf: &LeafRow, key: Option<&[u8]>) -> Result<Option<Opening>, AppError> {
        let (Some(sealed), inner) = (&leaf.opening, Inner::from_bytes(leaf.inner)) else { return Ok(None) };
        let opening = match (leaf.identity, key) {
            (None, _) => self.app.vault.common().open_opening(sealed, &inner)?,
            (Some(_), None) => return Ok(None),
            (Some(id), key) => {
                self.app.vault.person(id, key, &self.app.machine)?.0.open_opening(sealed, &inner)?
            }
        };
        let opening = opening.linked(Links::decode(&leaf.links).map_err(OpeningError::from)?);
        match opening.opens(&Entry::decode(&leaf.entry)?.commitment) {
            true => Ok(Some(opening)),
            false => {
                Err(AppError::Ledger(format!("the opening of entry {} does not belong to it", leaf.index)))
            }
        }
    }
}

/// Checks that an entry hashes to its stored leaf, and that the holder of the key wrote it at this place.
///
/// # Errors
/// The difference found.
pub(crate) fn authentic(vault: &Vault, leaf: &LeafRow) -> Result<(), AppError> {
    let index = leaf.index;
    let hash = leaf_hash(&leaf.entry);
    if hash != Hash(leaf.leaf) {
        return Err(unproved(format!("entry {index} was changed: it does not hash to its leaf")));
    }
    let stamp = vault.common().stamp_key(&Inner::from_bytes(leaf.inner)).stamp(index, &hash);
    if stamp != leaf.stamp {
        return Err(unproved(format!(
            "entry {index} was not written by Tenure: its stamp is of no key that it has"
        )));
    }
    Ok(())
}

fn unproved(what: String) -> AppError {
    AppError::Unproved(format!("the ledger does not verify: {what}"))
}

fn ledger(e: impl std::fmt::Display) -> AppError {
    AppError::Ledger(e.to_string())
}
