//! Leaves get their numbers here, in the order in which units commit, without gaps.

use super::turn::Writer;
use super::{run, statement};
use crate::fault::{Fault, Result};
use crate::head::Head;
use crate::word::micros;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_ledger::Hash;
use tenure_store::{CLOCK_JUMP, Evidence};

/// What the open transaction adds to the ledger, and its business time: both are written once, at its end.
#[derive(Debug, Default)]
pub(super) struct PendingLeaves {
    leaves: Vec<Hash>,
    checkpoint: Option<(u64, Arc<str>)>,
    business: Option<Timestamp>,
}

/// The content of [`PendingLeaves`] before a unit.
#[derive(Debug)]
pub(super) struct Mark {
    leaves: usize,
    checkpoint: Option<(u64, Arc<str>)>,
    business: Option<Timestamp>,
}

impl PendingLeaves {
    pub(super) fn mark(&self) -> Mark {
        Mark { leaves: self.leaves.len(), checkpoint: self.checkpoint.clone(), business: self.business }
    }
    pub(super) fn reset(&mut self, mark: Mark) {
        self.leaves.truncate(mark.leaves);
        self.checkpoint = mark.checkpoint;
        self.business = mark.business;
    }
    /// Business time never goes back.
    pub(super) fn business_time(&mut self, at: Timestamp) {
        self.business = self.business.max(Some(at));
    }
}

impl Writer {
    pub(super) fn confirm_clock(&self) -> Result<()> {
        run(&self.connection, "UPDATE business_time SET jumped_from = NULL", [])?;
        Ok(())
    }

    /// The business time of the open transaction is dropped too: it comes from the wrong clock.
    pub(super) fn set_clock_back(&mut self, at: Timestamp) -> Result<()> {
        self.pending.business = None;
        run(&self.connection, "UPDATE business_time SET at = ?1, jumped_from = NULL", [micros(at)])?;
        Ok(())
    }

    /// The index of the next entry.
    pub(super) fn next_leaf(&self) -> u64 {
        let waiting = u64::try_from(self.pending.leaves.len()).unwrap_or(u64::MAX);
        self.head.frontier.size() + waiting
    }

    pub(super) fn append(&mut self, evidence: &Evidence, links: &[u8]) -> Result<()> {
        let index = self.next_leaf();
        let done = evidence.draft.finish(links, index);
        run(
            &self.connection,
            "INSERT INTO leaf (number, hash, entry, inner, links, stamp, identity, opening)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            (
                index.cast_signed(),
                done.leaf.0,
                done.entry,
                evidence.draft.inner().as_bytes(),
                links,
                done.stamp,
                evidence.identity.as_ref().map(|id| id.as_bytes()),
                &evidence.opening,
            ),
        )?;
        self.pending.leaves.push(done.leaf);
        Ok(())
    }

    pub(super) fn put_checkpoint(&mut self, size: u64, text: &Arc<str>) -> Result<()> {
        run(
            &self.connection,
            "INSERT INTO checkpoint (size, text) VALUES (?1, ?2)
             ON CONFLICT (size) DO UPDATE SET text = excluded.text",
            (size.cast_signed(), text),
        )?;
        if self.pending.checkpoint.as_ref().is_none_or(|(known, _)| *known <= size) {
            self.pending.checkpoint = Some((size, text.clone()));
        }
        Ok(())
    }

    /// Writes what belongs to the end of a transaction; returns the head after it, if it changes.
    pub(super) fn write_pending(&mut self) -> Result<Option<Head>> {
        if let Some(at) = self.pending.business {
            run(
                &self.connection,
                "INSERT INTO business_time (one, at) VALUES (1, ?1)
                 ON CONFLICT (one) DO UPDATE SET
                   jumped_from = CASE WHEN jumped_from IS NULL AND excluded.at - at > ?2 THEN at ELSE jumped_from END,
                   at = max(at, excluded.at)",
                (micros(at), i64::try_from(CLOCK_JUMP.as_micros()).unwrap_or(i64::MAX)),
            )?;
        }
        if self.pending.leaves.is_empty() && self.pending.checkpoint.is_none() {
            return Ok(None);
        }
        let mut head = self.head.clone();
        let appended = head
            .frontier
            .append(&self.pending.leaves)
            .map_err(|e| Fault::inconsistent("the ledger", e.to_string()))?;
        let mut tiles =
            statement(&self.connection, "INSERT INTO tile (level, number, hashes) VALUES (?1, ?2, ?3)")?;
        for tile in appended.tiles.iter().filter(|tile| tile.id.level > 0) {
            tiles.execute((tile.id.level, tile.id.index.cast_signed(), &tile.bytes))?;
        }
        let known = head.checkpoint.as_ref().map(|(size, _)| *size);
        if let Some((size, text)) =
            self.pending.checkpoint.take().filter(|(size, _)| known.is_none_or(|k| k <= *size))
        {
            head.checkpoint = Some((size, text));
        }
        Ok(Some(head))
    }
}
