//! Erasure: everything stored about one identity is deleted, and the ledger entries stay.

use super::turn::Writer;
use super::{run, statement};
use crate::checkpoint::Log;
use crate::fault::{Fault, Result};
use std::sync::Arc;
use tenure_model::IdentityId;
use tenure_store::StoreError;
use tenure_store::codec::Stored;

/// What is deleted with an identity; cases stay, because their times identify no person.
const GONE: [&str; 15] = [
    "DELETE FROM quarantine WHERE (source, key) IN (SELECT source, key FROM record WHERE identity = ?1)",
    "DELETE FROM correlation WHERE (source, key) IN (SELECT source, key FROM record WHERE identity = ?1)",
    "DELETE FROM record_body WHERE number IN (SELECT body FROM record WHERE identity = ?1)",
    "DELETE FROM record WHERE identity = ?1",
    "DELETE FROM identifier WHERE identity = ?1",
    "DELETE FROM account WHERE identity = ?1",
    "DELETE FROM \"grant\" WHERE identity = ?1",
    "DELETE FROM task WHERE identity = ?1",
    "DELETE FROM fact WHERE identity = ?1",
    "DELETE FROM approval_approver WHERE approval IN (SELECT id FROM approval WHERE identity = ?1)",
    "DELETE FROM approval_approver WHERE approver = ?1",
    "DELETE FROM approval WHERE identity = ?1",
    "DELETE FROM finding WHERE identity = ?1",
    "DELETE FROM acknowledgement WHERE about = ?1",
    "UPDATE identity_body SET person_key = NULL WHERE number = (SELECT body FROM identity WHERE id = ?1)",
];

/// People of a held change, and what each would lose.
type Held = Vec<(IdentityId, Arc<str>)>;

impl Writer {
    pub(super) fn erase(&mut self, id: IdentityId) -> Result<()> {
        for sql in GONE {
            run(&self.connection, sql, [id.as_bytes()])?;
        }
        // The commitments stay in the entries, and can no longer be opened.
        run(&self.connection, "UPDATE leaf SET opening = NULL WHERE identity = ?1", [id.as_bytes()])?;
        self.erase_from_held_changes(id)
    }

    fn erase_from_held_changes(&self, id: IdentityId) -> Result<()> {
        let mut rows = statement(&self.connection, "SELECT id, people FROM held_change")?;
        let held: Vec<([u8; 16], Vec<u8>)> =
            rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
        for (change, people) in held {
            let mut people = Held::decode(&people, &"of a held change")?;
            let before = people.len();
            people.retain(|(who, _)| *who != id);
            if people.len() < before {
                let people = people.encode()?;
                run(&self.connection, "UPDATE held_change SET people = ?2 WHERE id = ?1", (change, people))?;
            }
        }
        Ok(())
    }

    /// Rewrites the whole file and empties the log, so that nothing deleted remains in free space.
    pub(super) fn scrub(&mut self) -> Result<()> {
        // Classes without engagements may repeat the values of an erased identity.
        let unused = "DELETE FROM class WHERE id NOT IN (SELECT class FROM identity_class)";
        self.classes.clear();
        self.connection.execute_batch(&format!("BEGIN IMMEDIATE; {unused}; COMMIT"))?;
        // The copy is as large as the database: it is created on disk.
        self.connection.execute_batch("PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY")?;
        match Log::empty(&self.connection)? {
            true => Ok(()),
            false => Err(Fault::Store(StoreError::Driver(
                "what was erased is gone from the database, but the log beside it is being read and could not be emptied: \
                 try again"
                    .into(),
            ))),
        }
    }
}
