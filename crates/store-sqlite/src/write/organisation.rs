//! Writes what exists once per organisation: the active configuration, named leases, notes.

use super::turn::Writer;
use super::{run, statement};
use crate::fault::{Fault, Result};
use crate::prepare::Write;
use crate::word::micros;
use jiff::Timestamp;
use rusqlite::OptionalExtension as _;
use std::sync::Arc;
use tenure_model::{Name as _, SetupHash};
use tenure_store::note::Note;
use tenure_store::{Lease, SetUpRow};

impl Writer {
    /// The hash of the active configuration; read from the database once.
    pub(super) fn active_set_up(&mut self) -> Result<Option<&SetupHash>> {
        if self.active.is_none() {
            let hash: Option<String> =
                statement(&self.connection, "SELECT hash FROM set_up WHERE active = 1")?
                    .query_row([], |row| row.get(0))
                    .optional()?;
            let hash = hash
                .map(|hash| {
                    SetupHash::new(&hash)
                        .map_err(|e| Fault::inconsistent("the active configuration", e.to_string()))
                })
                .transpose()?;
            self.active = Some(hash);
        }
        Ok(self.active.as_ref().and_then(Option::as_ref))
    }

    pub(super) fn activate(&mut self, row: &SetUpRow, write: &Write) -> Result<()> {
        run(&self.connection, "UPDATE set_up SET active = 0 WHERE active = 1", [])?;
        run(
            &self.connection,
            "INSERT INTO set_up (hash, files, at, by, active) VALUES (?1, ?2, ?3, ?4, 1)
             ON CONFLICT (hash) DO UPDATE SET at = excluded.at, by = excluded.by, active = 1",
            (row.hash.as_str(), &write.body, micros(row.at), &row.by),
        )?;
        self.active = Some(Some(row.hash.clone()));
        Ok(())
    }

    pub(super) fn put_note(&self, note: &Note, write: &Write) -> Result<()> {
        run(
            &self.connection,
            "INSERT INTO note (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (&*note.key().text(), &write.body),
        )?;
        Ok(())
    }

    /// Takes a lease that is free, that ended, or that this owner already has.
    pub(super) fn lease(
        &self,
        name: &Arc<str>,
        owner: &Arc<str>,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>> {
        let taken = run(
            &self.connection,
            "INSERT INTO lease (name, owner, until) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
             WHERE owner = excluded.owner OR until <= ?4",
            (name, owner, micros(until), micros(now)),
        )?;
        Ok((taken > 0).then(|| Lease { name: name.clone(), owner: owner.clone(), until }))
    }

    pub(super) fn unlease(&self, name: &str, owner: &str) -> Result<()> {
        run(&self.connection, "DELETE FROM lease WHERE name = ?1 AND owner = ?2", (name, owner))?;
        Ok(())
    }
}
