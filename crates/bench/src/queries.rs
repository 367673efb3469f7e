//! What the host needs for the reads below a command: the same rows by plain SQL, over a connection of its own.

use crate::Fail;
use crate::machine::start;
use rusqlite::{Connection, OpenFlags, Params};
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// A finished database, which no other process has open.
pub(crate) struct Queries(Connection);

impl Queries {
    pub(crate) fn open(database: &Path) -> Result<Self, Fail> {
        Ok(Self(Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?))
    }

    /// One number.
    pub(crate) fn count(&self, sql: &str) -> Result<i64, Fail> {
        Ok(self.0.query_row(sql, [], |row| row.get(0))?)
    }

    /// Seconds for reading all rows of a query, every column of each.
    pub(crate) fn read(&self, sql: &str, parameters: impl Params) -> Result<f64, Fail> {
        let began = start();
        let mut query = self.0.prepare(sql)?;
        let columns = query.column_count();
        let mut rows = query.query(parameters)?;
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                bytes += match row.get_ref(column)? {
                    rusqlite::types::ValueRef::Text(t) | rusqlite::types::ValueRef::Blob(t) => t.len(),
                    _ => 1,
                };
            }
        }
        // Used, so that it is read.
        if bytes == usize::MAX {
            Err("there is no end of bytes".into())
        } else {
            Ok(began.elapsed().as_secs_f64())
        }
    }

    /// Seconds for reading the entries of the ledger and hashing each of them, and one inner node each.
    pub(crate) fn hash_entries(&self) -> Result<f64, Fail> {
        let began = start();
        let mut query = self.0.prepare("SELECT entry FROM leaf ORDER BY number")?;
        let mut rows = query.query([])?;
        let mut last = [0; 32];
        while let Some(row) = rows.next()? {
            let leaf = Sha256::digest(row.get_ref(0)?.as_blob()?);
            last = Sha256::new().chain_update(last).chain_update(leaf).finalize().into();
        }
        let took = began.elapsed().as_secs_f64();
        if last == [0; 32] { Err("there are no entries".into()) } else { Ok(took) }
    }
}
