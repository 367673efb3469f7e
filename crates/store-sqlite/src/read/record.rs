//! Reads what sources delivered.

use super::list;
use crate::fault::Result;
use crate::word::{blob, count, instant, instant_or_none, name, read_record_state, word};
use rusqlite::{Connection, Row};
use tenure_model::{FeedRunId, IdentityId, Name as _, NormalRecord, RecordKey, SourceName};
use tenure_store::codec::Stored;
use tenure_store::{FeedResult, FeedRunRow, QuarantineRow, RecordIndexRow, RecordRow};

pub(crate) fn records(
    connection: &Connection,
    source: &SourceName,
    keys: &[RecordKey],
) -> Result<Vec<RecordRow>> {
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        found.extend(list(
            connection,
            "SELECT r.source, r.key, r.identity, r.state, r.digest, r.run, b.taken, b.waiting
             FROM record r LEFT JOIN record_body b ON b.number = r.body WHERE r.source = ?1 AND r.key = ?2",
            (source.as_str(), key.as_str()),
            record,
        )?);
    }
    Ok(found)
}

pub(crate) fn records_of(connection: &Connection, identity: IdentityId) -> Result<Vec<RecordRow>> {
    list(
        connection,
        "SELECT r.source, r.key, r.identity, r.state, r.digest, r.run, b.taken, b.waiting
         FROM record r LEFT JOIN record_body b ON b.number = r.body WHERE r.identity = ?1 ORDER BY r.source, r.key",
        [identity.as_bytes()],
        record,
    )
}

fn record(row: &Row<'_>) -> Result<RecordRow> {
    let key: RecordKey = name(row, 1)?;
    Ok(RecordRow {
        source: name(row, 0)?,
        identity: identity_or_none(row, 2)?,
        state: word(row, 3, read_record_state)?,
        digest: row.get(4)?,
        run: FeedRunId::from_bytes(row.get(5)?),
        taken: normal(row, 6, &key)?,
        waiting: normal(row, 7, &key)?,
        key,
    })
}

fn normal(row: &Row<'_>, column: usize, key: &RecordKey) -> Result<Option<NormalRecord>> {
    if row.get_ref(column)? == rusqlite::types::ValueRef::Null {
        return Ok(None);
    }
    Ok(Some(Stored::decode(blob(row, column)?, key)?))
}

fn identity_or_none(row: &Row<'_>, column: usize) -> Result<Option<IdentityId>> {
    Ok(row.get::<_, Option<[u8; 16]>>(column)?.map(IdentityId::from_bytes))
}

pub(crate) fn record_index(connection: &Connection, source: &SourceName) -> Result<Vec<RecordIndexRow>> {
    list(
        connection,
        "SELECT key, digest, state, identity FROM record WHERE source = ?1 ORDER BY key",
        [source.as_str()],
        |row| {
            Ok(RecordIndexRow {
                key: name(row, 0)?,
                digest: row.get(1)?,
                state: word(row, 2, read_record_state)?,
                identity: identity_or_none(row, 3)?,
            })
        },
    )
}

pub(crate) fn quarantine(connection: &Connection, source: Option<&SourceName>) -> Result<Vec<QuarantineRow>> {
    list(
        connection,
        "SELECT source, key, nth, code, place, value, reason, since, urgent, run FROM quarantine
         WHERE ?1 IS NULL OR source = ?1 ORDER BY source, key, nth",
        [source.map(|source| source.as_str())],
        |row| {
            Ok(QuarantineRow {
                source: name(row, 0)?,
                key: row.get(1)?,
                nth: row.get(2)?,
                code: row.get(3)?,
                place: row.get(4)?,
                value: row.get(5)?,
                reason: row.get(6)?,
                since: instant(row, 7)?,
                urgent: row.get(8)?,
                run: FeedRunId::from_bytes(row.get(9)?),
            })
        },
    )
}

pub(crate) fn feed_runs(connection: &Connection, source: &SourceName, limit: u32) -> Result<Vec<FeedRunRow>> {
    list(
        connection,
        "SELECT id, source, at, digest, rows, changed, quarantined, missing, result, extracted FROM feed_run
         WHERE source = ?1 ORDER BY at DESC, id DESC LIMIT ?2",
        (source.as_str(), limit),
        |row| {
            let id = FeedRunId::from_bytes(row.get(0)?);
            Ok(FeedRunRow {
                id,
                source: name(row, 1)?,
                at: instant(row, 2)?,
                digest: row.get(3)?,
                rows: count(row, 4)?,
                changed: count(row, 5)?,
                quarantined: count(row, 6)?,
                missing: count(row, 7)?,
                result: FeedResult::decode(blob(row, 8)?, &id)?,
                extracted: instant_or_none(row, 9)?,
            })
        },
    )
}
