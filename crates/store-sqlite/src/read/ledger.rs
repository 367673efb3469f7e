//! Reads the ledger.

use super::{list, one};
use crate::fault::Result;
use crate::word::{bytes, count};
use rusqlite::Connection;
use std::sync::Arc;
use tenure_ledger::tree::TILE_WIDTH;
use tenure_model::IdentityId;
use tenure_store::LeafRow;

pub(crate) fn leaves(connection: &Connection, from: u64, limit: u32) -> Result<Vec<LeafRow>> {
    list(
        connection,
        "SELECT number, entry, identity, opening FROM leaf WHERE number >= ?1 ORDER BY number LIMIT ?2",
        (from.cast_signed(), limit),
        |row| {
            Ok(LeafRow {
                index: count(row, 0)?,
                entry: bytes(row, 1)?,
                identity: row.get::<_, Option<[u8; 16]>>(2)?.map(IdentityId::from_bytes),
                opening: row.get(3)?,
            })
        },
    )
}

pub(crate) fn leaf_hashes(connection: &Connection, from: u64, limit: u32) -> Result<Vec<[u8; 32]>> {
    list(
        connection,
        "SELECT hash FROM leaf WHERE number >= ?1 ORDER BY number LIMIT ?2",
        (from.cast_signed(), limit),
        |row| Ok(row.get(0)?),
    )
}

/// The tiles of level 0 are the leaf hashes; they are not stored a second time.
pub(crate) fn tile(connection: &Connection, level: u8, index: u64) -> Result<Option<Arc<[u8]>>> {
    if level > 0 {
        return one(
            connection,
            "SELECT hashes FROM tile WHERE level = ?1 AND number = ?2",
            (level, index.cast_signed()),
            |row| bytes(row, 0),
        );
    }
    let Some(from) = index.checked_mul(u64::from(TILE_WIDTH)) else { return Ok(None) };
    let hashes = leaf_hashes(connection, from, u32::from(TILE_WIDTH))?;
    Ok((hashes.len() == usize::from(TILE_WIDTH)).then(|| hashes.concat().into()))
}

pub(crate) fn checkpoint(connection: &Connection, size: u64) -> Result<Option<Arc<str>>> {
    one(
        connection,
        "SELECT text FROM checkpoint WHERE size = ?1",
        [size.cast_signed()],
        |row| Ok(row.get(0)?),
    )
}
