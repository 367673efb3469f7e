//! Reads the ledger.

use super::{list, one};
use crate::fault::{Fault, Result};
use crate::word::{bytes, count};
use jiff::Timestamp;
use rusqlite::Connection;
use std::sync::Arc;
use tenure_ledger::tree::TILE_WIDTH;
use tenure_ledger::{Links, Subject, SubjectKind};
use tenure_model::IdentityId;
use tenure_store::LeafRow;

pub(crate) fn leaves(connection: &Connection, from: u64, limit: u32) -> Result<Vec<LeafRow>> {
    list(
        connection,
        "SELECT number, entry, identity, opening, hash, inner, links, stamp FROM leaf WHERE number >= ?1 ORDER BY number LIMIT ?2",
        (from.cast_signed(), limit),
        |row| {
            Ok(LeafRow {
                index: count(row, 0)?,
                entry: bytes(row, 1)?,
                identity: row.get::<_, Option<[u8; 16]>>(2)?.map(IdentityId::from_bytes),
                opening: row.get(3)?,
                leaf: row.get(4)?,
                inner: row.get(5)?,
                links: bytes(row, 6)?,
                stamp: row.get(7)?,
            })
        },
    )
}

/// Entries about an identity, the newest first: the last one is known, and each names the one before it.
pub(crate) fn leaves_about(
    connection: &Connection,
    identity: IdentityId,
    from: Option<u64>,
    limit: u32,
) -> Result<Vec<LeafRow>> {
    let subject = Subject { kind: SubjectKind::Identity, id: *identity.as_bytes() };
    let last = || {
        let last: Option<Option<i64>> =
            one(connection, "SELECT last FROM evidenced WHERE subject = ?1", [subject.to_bytes()], |row| {
                Ok(row.get(0)?)
            })?;
        Ok::<_, Fault>(last.flatten().map(i64::cast_unsigned))
    };
    let (mut found, mut next) = (Vec::new(), from.map_or_else(last, |from| Ok(Some(from)))?);
    while let Some(number) = next.filter(|_| found.len() < usize::try_from(limit).unwrap_or(usize::MAX)) {
        let Some(leaf) = leaves(connection, number, 1)?.pop().filter(|l| l.index == number) else { break };
        // It can only lead back. Links that cannot be read lead nowhere: a reader sees that the first entry is missing.
        let place = Links::decode(&leaf.links).ok().and_then(|links| links.identity);
        next = place.and_then(|place| place.previous).filter(|previous| *previous < number);
        found.push(leaf);
    }
    Ok(found)
}

pub(crate) fn leaf_hashes(connection: &Connection, from: u64, limit: u32) -> Result<Vec<[u8; 32]>> {
    list(
        connection,
        "SELECT hash FROM leaf WHERE number >= ?1 ORDER BY number LIMIT ?2",
        (from.cast_signed(), limit),
        |row| Ok(row.get(0)?),
    )
}

/// The tiles of level 0 are the leaf hashes; they are not stored twice.
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

pub(crate) fn checkpoints(
    connection: &Connection,
    after: Option<u64>,
    limit: u32,
) -> Result<Vec<(u64, Arc<str>)>> {
    list(
        connection,
        "SELECT size, text FROM checkpoint WHERE size > ?1 ORDER BY size LIMIT ?2",
        (after.map_or(-1, u64::cast_signed), limit),
        |row| Ok((count(row, 0)?, row.get(1)?)),
    )
}

/// SQLite's own check (pages, indexes, strict types, references), and a read of each row.
pub(crate) fn integrity(connection: &Connection, now: Timestamp) -> Result<Vec<Arc<str>>> {
    let mut wrong: Vec<Arc<str>> = list(connection, "PRAGMA integrity_check", [], |row| Ok(row.get(0)?))?;
    wrong.retain(|line| &**line != "ok");
    let broken = list(connection, "PRAGMA foreign_key_check", [], |row| {
        Ok(Arc::from(format!("a row of {} refers to nothing", row.get::<_, String>(0)?)))
    })?;
    wrong.extend(broken);
    wrong.extend(super::every_row::unreadable(connection, now)?);
    Ok(wrong)
}
