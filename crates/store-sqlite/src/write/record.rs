//! Writes data from sources: records, quarantine, feed runs.

use super::turn::Writer;
use super::{run, statement};
use crate::fault::Result;
use crate::prepare::Write;
use crate::word::{micros, record_state};
use rusqlite::OptionalExtension as _;
use tenure_model::{Name as _, SourceName};
use tenure_store::{FeedRunRow, QuarantineRow, RecordRow};

impl Writer {
    pub(super) fn put_record(&mut self, row: &RecordRow, write: &Write) -> Result<()> {
        let known: Option<Option<i64>> =
            statement(&self.connection, "SELECT body FROM record WHERE source = ?1 AND key = ?2")?
                .query_row((row.source.as_str(), row.key.as_str()), |row| row.get(0))
                .optional()?;
        let body = self.put_body(known.flatten(), &write.body)?;
        run(
            &self.connection,
            "INSERT INTO record (source, key, identity, state, digest, run, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (source, key) DO UPDATE SET
               identity = excluded.identity, state = excluded.state, digest = excluded.digest, run = excluded.run,
               body = excluded.body",
            (
                row.source.as_str(),
                row.key.as_str(),
                row.identity.as_ref().map(|id| id.as_bytes()),
                record_state(&row.state),
                &row.digest,
                row.run.as_bytes(),
                body,
            ),
        )?;
        Ok(())
    }

    /// Writes what waits of a record, over its existing body; a record of which nothing waits gets none.
    fn put_body(&self, known: Option<i64>, waiting: &Option<Vec<u8>>) -> Result<Option<i64>> {
        if let Some(body) = known {
            run(&self.connection, "UPDATE record_body SET waiting = ?2 WHERE number = ?1", (body, waiting))?;
            return Ok(Some(body));
        }
        if waiting.is_none() {
            return Ok(None);
        }
        run(&self.connection, "INSERT INTO record_body (waiting) VALUES (?1)", [waiting])?;
        Ok(Some(self.connection.last_insert_rowid()))
    }

    pub(super) fn put_quarantine(&self, row: &QuarantineRow) -> Result<()> {
        run(
            &self.connection,
            "INSERT INTO quarantine (source, key, nth, code, place, value, reason, since, urgent, run)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (source, key, nth) DO UPDATE SET code = excluded.code, place = excluded.place, value = excluded.value,
               reason = excluded.reason, since = excluded.since, urgent = excluded.urgent, run = excluded.run",
            (
                row.source.as_str(),
                &row.key,
                row.nth,
                &row.code,
                &row.place,
                &row.value,
                &row.reason,
                micros(row.since),
                row.urgent,
                row.run.as_bytes(),
            ),
        )?;
        Ok(())
    }

    pub(super) fn end_quarantine(&self, source: &SourceName, key: &str) -> Result<()> {
        run(
            &self.connection,
            "DELETE FROM quarantine WHERE source = ?1 AND key = ?2",
            (source.as_str(), key),
        )?;
        Ok(())
    }

    pub(super) fn put_feed_run(&self, row: &FeedRunRow, write: &Write) -> Result<()> {
        run(
            &self.connection,
            "INSERT INTO feed_run (id, source, at, digest, rows, changed, quarantined, missing, result,
               extracted)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (id) DO UPDATE SET source = excluded.source, at = excluded.at, digest = excluded.digest,
               rows = excluded.rows, changed = excluded.changed, quarantined = excluded.quarantined,
               missing = excluded.missing, result = excluded.result, extracted = excluded.extracted",
            (
                row.id.as_bytes(),
                row.source.as_str(),
                micros(row.at),
                &row.digest,
                row.rows.cast_signed(),
                row.changed.cast_signed(),
                row.quarantined.cast_signed(),
                row.missing.cast_signed(),
                &write.body,
                row.extracted.map(micros),
            ),
        )?;
        Ok(())
    }
}
