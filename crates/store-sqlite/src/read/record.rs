//! Reads what sources delivered.

use super::identity::BEFORE_ALL;
use super::unreadable::{note, readable};
use super::{readable_page, readable_rows};
use crate::fault::Result;
use crate::word::{blob, count, instant, instant_or_none, name, read_record_state, word};
use rusqlite::{Connection, Row};
use tenure_model::{FeedRunId, IdentityId, Name as _, NormalRecord, RecordKey, RecordState, SourceName};
use tenure_store::codec::Stored;
use tenure_store::{FeedResult, FeedRunRow, QuarantineRow, RecordIndexRow, RecordRow};

/// The digest of no row: every row that arrives differs from it.
const OTHER: [u8; 32] = [0; 32];

pub(crate) fn records(
    connection: &Connection,
    source: &SourceName,
    keys: &[RecordKey],
) -> Result<Vec<RecordRow>> {
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        found.extend(readable_rows(
            connection,
            "record",
            "SELECT r.source, r.key, r.identity, r.state, r.digest, r.run, b.waiting, r.body, b.number
             FROM record r LEFT JOIN record_body b ON b.number = r.body WHERE r.source = ?1 AND r.key = ?2",
            (source.as_str(), key.as_str()),
            record,
        )?);
    }
    Ok(found)
}

pub(crate) fn records_of(connection: &Connection, identity: IdentityId) -> Result<Vec<RecordRow>> {
    readable_rows(
        connection,
        "record",
        "SELECT r.source, r.key, r.identity, r.state, r.digest, r.run, b.waiting, r.body, b.number
         FROM record r LEFT JOIN record_body b ON b.number = r.body WHERE r.identity = ?1 ORDER BY r.source, r.key",
        [identity.as_bytes()],
        record,
    )
}

/// If part of a record cannot be read, its row is processed again: the record is present, whatever is damaged.
pub(super) fn record(row: &Row<'_>) -> Result<RecordRow> {
    let key: RecordKey = name(row, 1)?;
    let lost = row.get::<_, Option<i64>>(7)?.is_some() && row.get::<_, Option<i64>>(8)?.is_none();
    if lost {
        note("record", row, &format!("what waits of {} is lost", key.as_str()));
    }
    let waiting = readable("record", row, |row| normal(row, 6, &key))?;
    let is_whole = !lost && waiting.is_some();
    let digest = readable("record", row, |row| Ok(row.get(4)?))?;
    Ok(RecordRow {
        source: name(row, 0)?,
        identity: identity_or_none(row, 2)?,
        state: readable("record", row, |row| word(row, 3, read_record_state))?
            .unwrap_or(RecordState::Quarantined),
        digest: digest.filter(|_| is_whole).unwrap_or(OTHER),
        run: readable("record", row, |row| Ok(FeedRunId::from_bytes(row.get(5)?)))?
            .unwrap_or(FeedRunId::from_bytes(BEFORE_ALL)),
        waiting: waiting.flatten(),
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

pub(crate) fn record_index(
    connection: &Connection,
    source: &SourceName,
    after: Option<&RecordKey>,
    limit: u32,
) -> Result<Vec<RecordIndexRow>> {
    readable_page(
        connection,
        "record",
        "SELECT key, digest, state, identity,
                body IS NOT NULL AND NOT EXISTS (SELECT 1 FROM record_body b WHERE b.number = record.body)
         FROM record WHERE source = ?1 AND key > ?2 ORDER BY key",
        (source.as_str(), after.map_or("", |key| key.as_str())),
        limit,
        indexed,
    )
}

/// If part of a record cannot be read, its row is processed again.
fn indexed(row: &Row<'_>) -> Result<RecordIndexRow> {
    let lost: bool = row.get(4)?;
    if lost {
        note("record", row, "what waits of it is lost");
    }
    let digest = readable("record", row, |row| Ok(row.get(1)?))?;
    let state = readable("record", row, |row| word(row, 2, read_record_state))?;
    let is_whole = !lost && state.is_some();
    Ok(RecordIndexRow {
        key: name(row, 0)?,
        digest: digest.filter(|_| is_whole).unwrap_or(OTHER),
        state: state.unwrap_or(RecordState::Quarantined),
        identity: identity_or_none(row, 3)?,
    })
}

pub(crate) fn feed_runs(connection: &Connection, source: &SourceName, limit: u32) -> Result<Vec<FeedRunRow>> {
    readable_rows(
        connection,
        "feed_run",
        "SELECT id, source, at, digest, rows, changed, quarantined, missing, result, extracted FROM feed_run
         WHERE source = ?1 ORDER BY at DESC, id DESC LIMIT ?2",
        (source.as_str(), limit),
        feed_run,
    )
}

pub(super) fn quarantined(row: &Row<'_>) -> Result<QuarantineRow> {
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
}

pub(super) fn feed_run(row: &Row<'_>) -> Result<FeedRunRow> {
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
}
