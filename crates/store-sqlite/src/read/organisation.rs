//! Reads what exists once per organisation.

use super::unreadable::readable;
use super::{one, readable_page};
use crate::fault::{Fault, Result};
use crate::word::{blob, bytes, instant, micros, name, text};
use jiff::Timestamp;
use rusqlite::{Connection, Row};
use std::sync::Arc;
use tenure_model::{Name as _, SetupHash};
use tenure_store::SetUpRow;
use tenure_store::codec::Stored;
use tenure_store::note::{NoteBytes, NoteKey};

pub(super) fn read(row: &Row<'_>) -> Result<SetUpRow> {
    let hash: SetupHash = name(row, 0)?;
    // Unreadable files are left out: the hash shows it, and code that compiles them compares the hash.
    let files = blob(row, 1).and_then(|b| Ok(Stored::decode(b, &hash)?)).unwrap_or_default();
    // The activating person is only informative.
    let by = text(row, 3).unwrap_or_default();
    Ok(SetUpRow { files, at: instant(row, 2)?, by: Arc::from(by), hash })
}

pub(crate) fn active_set_up(connection: &Connection) -> Result<Option<SetUpRow>> {
    one(connection, "SELECT hash, files, at, by FROM set_up WHERE active = 1", [], read)
}

pub(crate) fn set_ups_since(
    connection: &Connection,
    at: Timestamp,
    after: Option<(Timestamp, SetupHash)>,
    limit: u32,
) -> Result<Vec<SetUpRow>> {
    let (before, hash) = after.map_or((i64::MAX, String::new()), |(at, hash)| (micros(at), hash.to_string()));
    readable_page(
        connection,
        "set_up",
        "SELECT hash, files, at, by FROM set_up WHERE at >= ?1 AND (at < ?2 OR (at = ?2 AND hash > ?3))
         ORDER BY at DESC, hash",
        (micros(at), before, hash),
        limit,
        read,
    )
}

pub(crate) fn set_up(connection: &Connection, hash: &SetupHash) -> Result<Option<SetUpRow>> {
    one(connection, "SELECT hash, files, at, by FROM set_up WHERE hash = ?1", [hash.as_str()], read)
}

pub(crate) fn business_time(connection: &Connection) -> Result<Option<Timestamp>> {
    one(connection, "SELECT at FROM business_time", [], |row| instant(row, 0))
}

pub(crate) fn clock_jump(connection: &Connection) -> Result<Option<Timestamp>> {
    let sql = "SELECT jumped_from FROM business_time WHERE jumped_from IS NOT NULL";
    one(connection, sql, [], |row| instant(row, 0))
}

pub(crate) fn note(connection: &Connection, key: &NoteKey) -> Result<Option<NoteBytes>> {
    one(connection, "SELECT name, value FROM note WHERE name = ?1", [&*key.text()], |row| {
        readable("note", row, note_row)?;
        Ok(NoteBytes::new(bytes(row, 1)?))
    })
}

/// Whether a note has a name that is known, and a value that can be read.
pub(super) fn note_row(row: &Row<'_>) -> Result<()> {
    let name = text(row, 0)?;
    let key = NoteKey::parse(name).ok_or_else(|| Fault::Value("no note has this name".to_owned()))?;
    Ok(key.check(blob(row, 1)?)?)
}
