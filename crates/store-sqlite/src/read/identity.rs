//! Finds identities: by key, by text, by date, by class, by the references that they read.

use super::unreadable::readable;
use super::{one, readable_page, readable_rows, statement};
use crate::fault::Result;
use crate::word::{bytes, count, from_micros, micros};
use jiff::Timestamp;
use rusqlite::{Connection, Row};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::IdentityId;
use tenure_store::{ClassCount, Keyed, folded};

pub(super) fn id(row: &Row<'_>, column: usize) -> Result<IdentityId> {
    Ok(IdentityId::from_bytes(row.get(column)?))
}

/// Before all ids: no id has this value (RFC 9562 §5.9, the nil UUID).
pub(super) const BEFORE_ALL: [u8; 16] = [0; 16];

pub(crate) fn identities(
    connection: &Connection,
    after: Option<IdentityId>,
    limit: u32,
) -> Result<Vec<IdentityId>> {
    let after = after.map_or(BEFORE_ALL, |id| *id.as_bytes());
    readable_rows(
        connection,
        "identity",
        "SELECT id FROM identity WHERE id > ?1 ORDER BY id LIMIT ?2",
        (after, limit),
        |row| id(row, 0),
    )
}

pub(crate) fn by_keys(connection: &Connection, keys: &[Keyed]) -> Result<Vec<(Keyed, IdentityId)>> {
    let mut query =
        statement(connection, "SELECT identity FROM identity_key WHERE kind = ?1 AND value = ?2")?;
    let mut found = Vec::new();
    for key in keys {
        let mut rows = query.query((&key.kind, &key.value))?;
        while let Some(row) = rows.next()? {
            let theirs = readable("identity_key", row, |row| id(row, 0))?;
            found.extend(theirs.map(|id| (key.clone(), id)));
        }
    }
    Ok(found)
}

pub(crate) fn due(connection: &Connection, now: Timestamp, limit: u32) -> Result<Vec<IdentityId>> {
    readable_rows(
        connection,
        "identity",
        "SELECT id FROM identity WHERE next <= ?1 ORDER BY next, id LIMIT ?2",
        (micros(now), limit),
        |row| id(row, 0),
    )
}

pub(crate) fn next_due(connection: &Connection) -> Result<Option<Timestamp>> {
    let next = one(connection, "SELECT min(next) FROM identity WHERE next IS NOT NULL", [], |row| {
        Ok(row.get::<_, Option<i64>>(0)?)
    })?;
    Ok(next.flatten().map(from_micros))
}

/// Sorted, each once: the first ones of each read identity have the first ones of all among them.
pub(crate) fn readers_of(
    connection: &Connection,
    ids: &[IdentityId],
    after: Option<IdentityId>,
    limit: u32,
) -> Result<Vec<IdentityId>> {
    let after = after.map_or(BEFORE_ALL, |id| *id.as_bytes());
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut found = BTreeSet::new();
    for read in ids {
        let sql = "SELECT identity FROM identity_read WHERE read = ?1 AND identity > ?2 ORDER BY identity";
        let of_one =
            readable_page(connection, "identity_read", sql, (read.as_bytes(), after), limit, |row| {
                id(row, 0)
            })?;
        found.extend(of_one);
        while found.len() > most {
            found.pop_last();
        }
    }
    Ok(found.into_iter().collect())
}

/// The kind of name, the requested name, and its holder.
type Issued = (Arc<str>, Arc<str>, IdentityId);

pub(crate) fn identifiers(connection: &Connection, names: &[(Arc<str>, Arc<str>)]) -> Result<Vec<Issued>> {
    let mut query = statement(connection, "SELECT identity FROM identifier WHERE name = ?1 AND folded = ?2")?;
    let mut found = Vec::new();
    for (name, value) in names {
        let mut rows = query.query((name, folded(value)))?;
        if let Some(row) = rows.next()? {
            // The holder is not known, but the name was issued and is not issued again.
            let holder = readable("identifier", row, |row| id(row, 0))?;
            found.push((name.clone(), value.clone(), holder.unwrap_or(IdentityId::from_bytes(BEFORE_ALL))));
        }
    }
    Ok(found)
}

/// Searches all names: this is rarely requested.
pub(crate) fn names_of(connection: &Connection, id: IdentityId) -> Result<Vec<(Arc<str>, Arc<str>)>> {
    let sql = "SELECT name, folded FROM identifier WHERE identity = ?1 ORDER BY name, folded";
    readable_rows(connection, "identifier", sql, [id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(crate) fn classes(connection: &Connection, after: Option<i64>, limit: u32) -> Result<Vec<ClassCount>> {
    readable_rows(
        connection,
        "class",
        "SELECT c.id, c.key, n.engagements
         FROM (SELECT class, count(*) AS engagements FROM identity_class
               WHERE ?1 IS NULL OR class > ?1 GROUP BY class ORDER BY class LIMIT ?2) n
         JOIN class c ON c.id = n.class ORDER BY c.id",
        (after, limit),
        |row| Ok(ClassCount { id: row.get(0)?, class: bytes(row, 1)?, count: count(row, 2)? }),
    )
}

/// Sorted, each once.
pub(crate) fn of_class(connection: &Connection, class: i64, limit: u32) -> Result<Vec<IdentityId>> {
    readable_rows(
        connection,
        "identity_class",
        "SELECT DISTINCT identity FROM identity_class WHERE class = ?1 ORDER BY identity LIMIT ?2",
        (class, limit),
        |row| id(row, 0),
    )
}

pub(crate) fn identity_count(connection: &Connection) -> Result<u64> {
    Ok(one(connection, "SELECT count(*) FROM identity", [], |row| count(row, 0))?.unwrap_or(0))
}
