//! The ledger as files that anybody can verify, and the check that the database holds exactly that.

use crate::outside::proved;
use crate::{App, AppError, Refusal};
use std::sync::Arc;
use tenure_ledger::note::SignedNote;
use tenure_ledger::tree::TILE_WIDTH;
use tenure_ledger::verify::Publisher;
use tenure_ledger::{Checkpoint, Entry, Frontier, Hash, leaf_hash};

/// Entries that are read at once; also a tile's width.
const BUNDLE: u32 = 256;

/// What a check of the stored ledger found to be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerCheck {
    /// Entries in the database.
    pub entries: u64,
    /// Entries that the last checkpoint covers.
    pub signed: u64,
    /// Stored full tiles that were compared.
    pub tiles: u64,
    /// Entries made with `--now`.
    pub with_now: u64,
    /// Size of the checkpoint outside the database, where there is one.
    pub outside: Option<u64>,
}

/// A receiver of published files: path and bytes.
pub type Sink<'a> = dyn FnMut(&str, &[u8]) -> std::io::Result<()> + Send + 'a;

impl App {
    /// Publishes the ledger up to its last checkpoint as C2SP tlog-tiles files.
    ///
    /// # Errors
    /// When there is no checkpoint yet, the store fails or a file cannot be written.
    pub async fn publish_ledger(&self, sink: &mut Sink<'_>) -> Result<Checkpoint, AppError> {
        let head = self.store.ledger_head().await?;
        let Some(text) = head.checkpoint else {
            return Err(AppError::NotNow(
                Refusal::NoCheckpoint,
                Arc::from("the ledger has no checkpoint yet: `tenure run` signs one"),
            ));
        };
        let checkpoint = Checkpoint::open(text.as_bytes(), &[self.vault.signer().verifier().clone()])?;
        let write = |sink: &mut Sink<'_>, path: &str, bytes: &[u8]| {
            sink(path, bytes).map_err(|e| AppError::Ledger(format!("{path} cannot be written: {e}")))
        };
        let mut publisher = Publisher::new();
        let mut from = 0;
        while from < checkpoint.size {
            let limit = u32::try_from(checkpoint.size - from).unwrap_or(BUNDLE).min(BUNDLE);
            let leaves = self.store.leaves(from, limit).await?;
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
    /// and the roots are those of the last checkpoint and of the one outside the database.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub async fn verify_ledger(
        &self,
        outside: Option<&str>,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<LedgerCheck, AppError> {
        let outside = proved(&*self.store, &self.vault, outside).await?;
        let head = self.store.ledger_head().await?;
        let size = Frontier::from_bytes(&head.frontier)?.size();
        let inside = head.checkpoint.as_deref().map(|text| self.vault.open_checkpoint(text)).transpose()?;
        if let Some(c) = inside.as_ref().filter(|c| c.size > size) {
            return Err(unproved(format!(
                "the last checkpoint covers {} entries, the database has {size}",
                c.size
            )));
        }
        let mut check = LedgerCheck {
            entries: size,
            signed: inside.as_ref().map_or(0, |c| c.size),
            tiles: 0,
            with_now: 0,
            outside: outside.as_ref().map(|c| c.size),
        };
        let mut frontier = Frontier::new();
        let stops: Vec<&Checkpoint> = inside.iter().chain(outside.iter()).collect();
        while frontier.size() < size {
            let next_stop =
                stops.iter().map(|c| c.size).filter(|s| *s > frontier.size()).min().unwrap_or(size);
            let whole = frontier.size() - frontier.size() % u64::from(TILE_WIDTH) + u64::from(TILE_WIDTH);
            let until = next_stop.min(size).min(whole);
            self.verify_span(&mut frontier, until, &mut check).await?;
            for stop in stops.iter().filter(|c| c.size == frontier.size()) {
                if stop.root != frontier.root() {
                    return Err(unproved(format!("the root of {} entries is not the signed one", stop.size)));
                }
            }
            progress(frontier.size(), size);
        }
        Ok(check)
    }

    async fn verify_span(
        &self,
        frontier: &mut Frontier,
        until: u64,
        check: &mut LedgerCheck,
    ) -> Result<(), AppError> {
        let from = frontier.size();
        let limit = u32::try_from(until - from).unwrap_or(BUNDLE);
        let leaves = self.store.leaves(from, limit).await?;
        let stored = self.store.leaf_hashes(from, limit).await?;
        let mut hashes = Vec::with_capacity(leaves.len());
        for (leaf, stored) in leaves.iter().zip(&stored) {
            let entry = Entry::decode(&leaf.entry)
                .map_err(|e| unproved(format!("entry {} cannot be read: {e}", leaf.index)))?;
            check.with_now += u64::from(entry.with_now);
            let hash = leaf_hash(&leaf.entry);
            if hash != Hash(*stored) {
                return Err(unproved(format!(
                    "entry {} was changed: it does not hash to its leaf",
                    leaf.index
                )));
            }
            hashes.push(hash);
        }
        if u64::try_from(hashes.len()).unwrap_or(0) != until - from {
            return Err(unproved(format!("entries {from} to {until} are not all there")));
        }
        for tile in frontier.append(&hashes)?.tiles {
            let stored = self.store.tile(tile.id.level, tile.id.index).await?;
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

    /// The opening of an entry: what its commitment stands for. `None` where it was erased.
    ///
    /// # Errors
    /// When there is no such entry, or the keys do not open it.
    pub(crate) async fn opening(
        &self,
        index: u64,
    ) -> Result<(Entry, Option<tenure_ledger::Opening>), AppError> {
        let Some(leaf) = self.store.leaves(index, 1).await?.pop() else {
            let hint = Arc::from(": `tenure ledger verify` tells how many there are");
            return Err(AppError::Unknown { what: "entry", name: Arc::from(index.to_string()), hint });
        };
        let entry = Entry::decode(&leaf.entry)?;
        let Some(sealed) = leaf.opening else { return Ok((entry, None)) };
        let opening = match leaf.identity {
            None => self.vault.common().open_opening(&sealed, &entry.commitment)?,
            Some(id) => {
                let subject = self.readable(&[id]).await?.pop();
                let Some(key) = subject.and_then(|s| s.person_key) else { return Ok((entry, None)) };
                self.vault
                    .person(id, Some(&key), &self.machine)?
                    .0
                    .open_opening(&sealed, &entry.commitment)?
            }
        };
        Ok((entry, Some(opening)))
    }
}

fn unproved(what: String) -> AppError {
    AppError::Unproved(format!("the ledger does not verify: {what}"))
}

fn ledger(e: impl std::fmt::Display) -> AppError {
    AppError::Ledger(e.to_string())
}
