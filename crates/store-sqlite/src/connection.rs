//! Every connection is opened in the same way, and refused if it would not sync its commits.

use crate::fault::{Fault, Result};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;
use tenure_store::StoreError;

/// How long a connection waits for a lock of another (a checkpoint, a migration).
const BUSY: Duration = Duration::from_secs(10);
/// `PRAGMA synchronous` in words is FULL.
const FULL: i64 = 2;
/// Size of a page in bytes. A body of 3 KB fills a page of 4 KiB badly: 8 KiB needs a third less CPU for an import, 16 KiB only little
/// less than that, and every page that an event touches is written completely.
const PAGE_BYTES: u32 = 8192;
/// Bytes of the file that are read through the page cache of the system instead of being copied.
const MAPPED_BYTES: u64 = 256 << 20;
/// Size in bytes to which the log is truncated after copying.
const LOG_BYTES_KEPT: u64 = 64 << 20;
/// Maximum number of compiled statements per connection; there are fewer.
const STATEMENTS: usize = 160;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Writer,
    Reader,
    /// Reads a file whose folder cannot be written (a full disk): what is still in its log is not seen.
    LastCopy,
}

impl Role {
    /// Private page cache of a connection, in bytes.
    fn cache_bytes(self) -> u64 {
        match self {
            Self::Writer => 128 << 20,
            Self::Reader | Self::LastCopy => 16 << 20,
        }
    }
}

/// Opens a connection; a writer creates the database if there is none.
pub(crate) fn open(path: &Path, role: Role) -> Result<Connection> {
    if role == Role::LastCopy {
        return last_copy(path);
    }
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if role == Role::Writer {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -i64::try_from(role.cache_bytes() / 1024).unwrap_or(0))?;
    connection.pragma_update(None, "mmap_size", i64::try_from(MAPPED_BYTES).unwrap_or(0))?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "journal_size_limit", i64::try_from(LOG_BYTES_KEPT).unwrap_or(0))?;
    if role == Role::Reader {
        connection.pragma_update(None, "query_only", true)?;
    }
    durable(&connection)?;
    Ok(connection)
}

fn last_copy(path: &Path) -> Result<Connection> {
    let name = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(format!("file:{name}?immutable=1"), flags)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Reads back the settings that decide whether a commit survives a power loss, instead of trusting that setting them worked.
pub(crate) fn durable(connection: &Connection) -> Result<()> {
    let synchronous: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    let journal: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if synchronous < FULL || journal != "wal" {
        return Err(Fault::Store(StoreError::NotDurable(format!(
            "synchronous is {synchronous}, journal_mode is {journal}; 2 and wal are needed"
        ))));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_roles_sync_and_one_that_was_relaxed_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        for role in [Role::Writer, Role::Reader] {
            let connection = open(&path, role).unwrap();
            let level: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
            assert_eq!(level, FULL);
            durable(&connection).unwrap();
            connection.pragma_update(None, "synchronous", "NORMAL").unwrap();
            let refused = StoreError::from(durable(&connection).unwrap_err());
            assert!(matches!(refused, StoreError::NotDurable(_)), "{refused}");
        }
    }

    #[test]
    fn a_database_in_memory_is_refused() {
        let refused = StoreError::from(open(Path::new(":memory:"), Role::Writer).unwrap_err());
        assert!(matches!(refused, StoreError::NotDurable(_)), "{refused}");
    }

    #[test]
    fn a_reader_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        open(&path, Role::Writer).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        assert!(open(&path, Role::Reader).unwrap().execute_batch("INSERT INTO t VALUES (1)").is_err());
    }
}
