//! Reads every row of every table once, to examine the database: what cannot be read, and which references are dangling.

use super::identity::id;
use super::unreadable::{note, noted, readable};
use super::{access, asked, case, organisation, record, statement, subject, task};
use crate::fault::Result;
use crate::word::{
    blob, bytes, count, instant, instant_or_none, micros, name, read_record_state, text, word,
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Row};
use std::sync::Arc;
use tenure_model::{IdentityId, IdentityKind, RecordKey, SourceName};
use tenure_store::codec::Stored as _;
use tenure_store::folded;

/// Reads one row of a table and drops the result.
type Reader = fn(&Row<'_>) -> Result<()>;

/// Columns of a table, and how its rows are read. The first column is the one by which a person finds the row.
const TABLES: [(&str, &str, Reader); 27] = [
    ("identity", "id, version, title, next, kind, folded, search", |row| {
        let of = (id(row, 0)?, count(row, 1)?, instant_or_none(row, 3)?);
        (of, word(row, 4, IdentityKind::parse)?, text(row, 2)?, text(row, 5)?, text(row, 6)?).dropped()
    }),
    ("identity_key", "value, kind, identity", |row| (text(row, 0)?, text(row, 1)?, id(row, 2)?).dropped()),
    ("identity_read", "read, identity", |row| (id(row, 0)?, id(row, 1)?).dropped()),
    ("class", "id, key", |row| (count(row, 0)?, bytes(row, 1)?).dropped()),
    ("identity_class", "identity, engagement", |row| (id(row, 0)?, id(row, 1)?).dropped()),
    ("identifier", "value, name, folded, identity", |row| {
        (text(row, 0)?, text(row, 1)?, text(row, 2)?, id(row, 3)?).dropped()
    }),
    ("record", "key, digest, state, identity, run", |row| {
        let key: RecordKey = name(row, 0)?;
        let digest: [u8; 32] = row.get(1)?;
        let identity: Option<[u8; 16]> = row.get(3)?;
        (key, digest, word(row, 2, read_record_state)?, identity, id(row, 4)?).dropped()
    }),
    ("quarantine", "source, key, nth, code, place, value, reason, since, urgent, run", |row| {
        record::quarantined(row).map(drop)
    }),
    ("feed_run", "id, source, at, digest, rows, changed, quarantined, missing, result, extracted", |row| {
        record::feed_run(row).map(drop)
    }),
    ("fact", access::FACT, |row| access::fact(row).map(drop)),
    ("task", task::COLUMNS, |row| task::task(row).map(drop)),
    ("lifecycle_case", case::COLUMNS, |row| case::read(row).map(drop)),
    ("approval", "id, body, asked_at, identity", |row| (asked::request(row)?, id(row, 3)?).dropped()),
    ("approval_approver", "approval, approver", |row| (id(row, 0)?, id(row, 1)?).dropped()),
    ("cut_off_order", "id, body", |row| asked::order(row).map(drop)),
    ("finding", asked::FINDING, |row| asked::finding(row).map(drop)),
    ("acknowledgement", "id, about, cause, by, at, until, reason, revision", |row| {
        asked::acknowledgement_row(row).map(drop)
    }),
    ("held_change", asked::HELD, |row| asked::held(row).map(drop)),
    ("correlation", asked::CORRELATION, |row| asked::question(row).map(drop)),
    ("unlinked", asked::UNLINKED, |row| asked::unlinked_row(row).map(drop)),
    ("containment", "outer, inner, since, seen", |row| asked::containment_row(row).map(drop)),
    ("loss", "scope, at, identity", |row| (instant(row, 1)?, id(row, 2)?).dropped()),
    ("set_up", "hash, files, at, by", |row| organisation::read(row).map(drop)),
    ("lease", "name, owner, until", |row| (text(row, 1)?, instant(row, 2)?).dropped()),
    ("note", "name, value", organisation::note_row),
    ("business_time", "one, at, jumped_from", |row| (instant(row, 1)?, instant_or_none(row, 2)?).dropped()),
    ("evidenced", "subject, entries, last, state", |row| {
        let (subject, state): ([u8; 17], Option<[u8; 32]>) = (row.get(0)?, row.get(3)?);
        (subject, state, count(row, 1)?).dropped()
    }),
];

/// Tables whose rows refer to an identity that must exist.
const ABOUT_IDENTITIES: [&str; 8] =
    ["identity_key", "identifier", "account", "\"grant\"", "task", "fact", "lifecycle_case", "approval"];

/// No task waits for longer than this.
const WAIT_MAX: SignedDuration = SignedDuration::from_hours(24 * 40);

trait Dropped: Sized {
    /// It was read.
    fn dropped(self) -> Result<()> {
        Ok(())
    }
}

impl<T> Dropped for T {}

/// Problems of single rows.
pub(super) fn unreadable(connection: &Connection, now: Timestamp) -> Result<Vec<Arc<str>>> {
    for (table, columns, read) in TABLES {
        let mut query = statement(connection, &format!("SELECT {columns} FROM {table}"))?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            readable(table, row, read)?;
        }
    }
    identities(connection)?;
    record_bodies(connection)?;
    for table in ABOUT_IDENTITIES {
        let sql = format!(
            "SELECT identity FROM {table} WHERE NOT EXISTS (SELECT 1 FROM identity i WHERE i.id = {table}.identity)"
        );
        each(connection, &sql, |row| {
            note("row about an identity", row, &format!("{table}: the identity is lost"))
        })?;
    }
    let late = format!(
        "SELECT id FROM task WHERE state = 'ready' AND not_before > {}",
        micros(tenure_model::range::moved(now, WAIT_MAX))
    );
    each(connection, &late, |row| note("task", row, "it waits for longer than any task waits"))?;
    Ok(noted().into_iter().map(|u| Arc::from(format!("{} {}: {}", u.table, u.key, u.why))).collect())
}

fn each(connection: &Connection, sql: &str, with: impl Fn(&Row<'_>)) -> Result<()> {
    let mut query = statement(connection, sql)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        with(row);
    }
    Ok(())
}

/// Each identity completely, and the keys by which it is found.
fn identities(connection: &Connection) -> Result<()> {
    let mut query = statement(
        connection,
        "SELECT i.id, b.beside FROM identity i LEFT JOIN identity_body b ON b.number = i.body ORDER BY i.id",
    )?;
    let mut there =
        statement(connection, "SELECT 1 FROM identity_key WHERE kind = ?1 AND value = ?2 AND identity = ?3")?;
    let mut issued =
        statement(connection, "SELECT 1 FROM identifier WHERE name = ?1 AND folded = ?2 AND identity = ?3")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        readable("identity", row, |row| {
            let id = id(row, 0)?;
            let whole = subject::subject(connection, id)?;
            for (name, value) in whole.iter().flat_map(|s| &s.identity.identifiers) {
                if !issued.exists((name, folded(value), id.as_bytes()))? {
                    note(
                        "identity",
                        row,
                        &format!("its {name} is not found among the names that were issued"),
                    );
                }
            }
            let (keys, _): KeysAndReferences = KeysAndReferences::decode(blob(row, 1)?, &id)?;
            for (kind, value) in keys {
                if !there.exists((&kind, &value, id.as_bytes()))? {
                    note("identity", row, &format!("its key {kind} is not found any more"));
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Keys and references, as repeated in a body.
type KeysAndReferences = (Vec<(Arc<str>, Arc<str>)>, Vec<IdentityId>);

fn record_bodies(connection: &Connection) -> Result<()> {
    each(
        connection,
        "SELECT r.source, r.key, r.identity, r.state, r.digest, r.run, b.waiting, r.body, b.number
         FROM record r LEFT JOIN record_body b ON b.number = r.body WHERE r.body IS NOT NULL",
        |row| {
            drop(readable("record", row, |row| (name::<SourceName>(row, 0)?, record::record(row)?).dropped()))
        },
    )
}
