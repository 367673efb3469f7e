//! Writes identities with their search keys. Keys, references and classes are written only if they changed.

use super::check::ReadBodies;
use super::turn::Writer;
use super::{run, statement};
use crate::fault::{Fault, Result};
use crate::prepare::Write;
use crate::word::micros;
use rusqlite::OptionalExtension as _;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::IdentityId;
use tenure_store::codec::Stored;
use tenure_store::{IdentityRow, folded};

/// Keys (kind, value) and references, as stored beside an identity.
type KeysAndReferences = (Vec<(Arc<str>, Arc<str>)>, Vec<IdentityId>);

/// Bytes of one class in [`pack`]: its number and the engagement.
const CLASS_BYTES: usize = 24;

impl Writer {
    pub(super) fn put_identity(
        &mut self,
        row: &IdentityRow,
        write: &Write,
        seen: &mut ReadBodies,
    ) -> Result<()> {
        let id = row.identity.id;
        let classes = self.pack(row)?;
        let body = match seen.body(id) {
            Some(body) => body,
            None => statement(&self.connection, "SELECT body FROM identity WHERE id = ?1")?
                .query_row([id.as_bytes()], |row| row.get(0))
                .optional()?,
        };
        match body {
            Some(body) => self.update_identity(row, write, &classes, body),
            None => {
                let body = self.insert_identity(row, write, &classes)?;
                seen.now_at(id, body);
                Ok(())
            }
        }
    }

    fn insert_identity(&self, row: &IdentityRow, write: &Write, classes: &[u8]) -> Result<i64> {
        let id = row.identity.id.as_bytes();
        run(
            &self.connection,
            "INSERT INTO identity_body (body, beside, classes, person_key) VALUES (?1, ?2, ?3, ?4)",
            (&write.body, &write.second, classes, &row.person_key),
        )?;
        let body = self.connection.last_insert_rowid();
        run(
            &self.connection,
            "INSERT INTO identity (id, version, phase, next, kind, title, folded, search, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            (
                id,
                row.identity.version.cast_signed(),
                row.phase.as_str(),
                row.next.map(micros),
                row.identity.kind.as_str(),
                &row.title,
                folded(&row.title),
                &row.search,
                body,
            ),
        )?;
        row.keys.iter().try_for_each(|key| self.add_key(id, &key.kind, &key.value))?;
        row.reads.iter().try_for_each(|read| self.add_read(id, *read))?;
        unpacked(classes).try_for_each(|(class, engagement)| self.add_class(id, class, &engagement))?;
        Ok(body)
    }

    fn update_identity(&self, row: &IdentityRow, write: &Write, classes: &[u8], body: i64) -> Result<()> {
        let id = row.identity.id.as_bytes();
        let (beside, old_classes): (Vec<u8>, Vec<u8>) =
            statement(&self.connection, "SELECT beside, classes FROM identity_body WHERE number = ?1")?
                .query_row([body], |row| Ok((row.get(0)?, row.get(1)?)))?;
        run(
            &self.connection,
            "UPDATE identity_body SET body = ?2, beside = ?3, classes = ?4, person_key = coalesce(?5, person_key)
             WHERE number = ?1",
            (body, &write.body, &write.second, classes, &row.person_key),
        )?;
        run(
            &self.connection,
            "UPDATE identity SET version = ?2, phase = ?3, next = ?4, kind = ?5, title = ?6, folded = ?7, search = ?8
             WHERE id = ?1",
            (
                id,
                row.identity.version.cast_signed(),
                row.phase.as_str(),
                row.next.map(micros),
                row.identity.kind.as_str(),
                &row.title,
                folded(&row.title),
                &row.search,
            ),
        )?;
        if Some(&beside) != write.second.as_ref() {
            let old = KeysAndReferences::decode(&beside, &row.identity.id)?;
            let new =
                KeysAndReferences::decode(write.second.as_deref().unwrap_or_default(), &row.identity.id)?;
            self.change_keys(id, &old.0, &new.0)?;
            self.change_reads(id, &old.1, &new.1)?;
        }
        if old_classes != classes {
            self.change_classes(id, &old_classes, classes)?;
        }
        Ok(())
    }

    fn change_keys(
        &self,
        id: &[u8; 16],
        old: &[(Arc<str>, Arc<str>)],
        new: &[(Arc<str>, Arc<str>)],
    ) -> Result<()> {
        let (old, new): (BTreeSet<_>, BTreeSet<_>) = (old.iter().collect(), new.iter().collect());
        for (kind, value) in old.difference(&new) {
            run(
                &self.connection,
                "DELETE FROM identity_key WHERE kind = ?1 AND value = ?2 AND identity = ?3",
                (kind, value, id),
            )?;
        }
        new.difference(&old).try_for_each(|(kind, value)| self.add_key(id, kind, value))
    }

    fn change_reads(&self, id: &[u8; 16], old: &[IdentityId], new: &[IdentityId]) -> Result<()> {
        let (old, new): (BTreeSet<_>, BTreeSet<_>) = (old.iter().collect(), new.iter().collect());
        for read in old.difference(&new) {
            run(
                &self.connection,
                "DELETE FROM identity_read WHERE read = ?1 AND identity = ?2",
                (read.as_bytes(), id),
            )?;
        }
        new.difference(&old).try_for_each(|read| self.add_read(id, **read))
    }

    fn change_classes(&self, id: &[u8; 16], old: &[u8], new: &[u8]) -> Result<()> {
        let (old, new): (BTreeSet<_>, BTreeSet<_>) = (unpacked(old).collect(), unpacked(new).collect());
        for (class, engagement) in old.difference(&new) {
            run(
                &self.connection,
                "DELETE FROM identity_class WHERE class = ?1 AND identity = ?2 AND engagement = ?3",
                (class, id, engagement),
            )?;
        }
        new.difference(&old).try_for_each(|(class, engagement)| self.add_class(id, *class, engagement))
    }

    fn add_key(&self, id: &[u8; 16], kind: &str, value: &str) -> Result<()> {
        let sql = "INSERT INTO identity_key (kind, value, identity) VALUES (?1, ?2, ?3)";
        run(&self.connection, sql, (kind, value, id)).map(drop)
    }

    fn add_read(&self, id: &[u8; 16], read: IdentityId) -> Result<()> {
        let sql = "INSERT INTO identity_read (read, identity) VALUES (?1, ?2)";
        run(&self.connection, sql, (read.as_bytes(), id)).map(drop)
    }

    fn add_class(&self, id: &[u8; 16], class: i64, engagement: &[u8; 16]) -> Result<()> {
        let sql = "INSERT INTO identity_class (class, identity, engagement) VALUES (?1, ?2, ?3)";
        run(&self.connection, sql, (class, id, engagement)).map(drop)
    }

    /// The classes of an identity by number, sorted, one after the other: number (big-endian) and engagement.
    fn pack(&mut self, row: &IdentityRow) -> Result<Vec<u8>> {
        let mut classes = BTreeSet::new();
        for (engagement, key) in &row.classes {
            classes.insert((self.class(key)?, *engagement));
        }
        let mut packed = Vec::with_capacity(classes.len() * CLASS_BYTES);
        for (class, engagement) in classes {
            packed.extend_from_slice(&class.to_be_bytes());
            packed.extend_from_slice(engagement.as_bytes());
        }
        Ok(packed)
    }

    /// The number of a class; a new one for a new class.
    fn class(&mut self, key: &Arc<[u8]>) -> Result<i64> {
        if let Some(number) = self.classes.get(key) {
            return Ok(*number);
        }
        let known: Option<i64> = statement(&self.connection, "SELECT id FROM class WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?;
        let number = match known {
            Some(number) => number,
            None => {
                run(&self.connection, "INSERT INTO class (key) VALUES (?1)", [key])?;
                self.connection.last_insert_rowid()
            }
        };
        self.classes.insert(key.clone(), number);
        Ok(number)
    }

    /// Issues a name. The check ensured that no other identity has it, except if one unit issues it twice.
    pub(super) fn issue(&self, identity: IdentityId, name: &str, value: &str) -> Result<()> {
        let written = run(
            &self.connection,
            "INSERT INTO identifier (name, folded, value, identity) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (name, folded) DO UPDATE SET value = excluded.value WHERE identity = excluded.identity",
            (name, folded(value), value, identity.as_bytes()),
        )?;
        if written == 0 {
            return Err(Fault::Rule(format!("{name} {value:?} was issued to another identity")));
        }
        Ok(())
    }

    /// Passes a name on to another identity.
    pub(super) fn pass_on(
        &self,
        (from, to): (IdentityId, IdentityId),
        name: &str,
        value: &str,
    ) -> Result<()> {
        let written = run(
            &self.connection,
            "UPDATE identifier SET identity = ?1, value = ?2 WHERE name = ?3 AND folded = ?4 AND identity = ?5",
            (to.as_bytes(), value, name, folded(value), from.as_bytes()),
        )?;
        if written == 0 {
            return Err(Fault::Rule(format!("{name} {value:?} was not issued to {from}")));
        }
        Ok(())
    }
}

/// Reads what [`Writer::pack`] wrote.
fn unpacked(packed: &[u8]) -> impl Iterator<Item = (i64, [u8; 16])> {
    packed.as_chunks::<CLASS_BYTES>().0.iter().map(|chunk| {
        let (class, engagement) = chunk.split_at(8);
        let class = class.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes));
        let engagement = engagement.first_chunk().copied().unwrap_or_default();
        (class, engagement)
    })
}
