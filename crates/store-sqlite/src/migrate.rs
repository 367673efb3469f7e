//! The schema is part of the program: numbered files, each applied once, in its own transaction.

use crate::fault::{Fault, Result};
use rusqlite::{Connection, TransactionBehavior};
use tenure_store::StoreError;

/// In order; the schema's version is the number of applied files. A published file is never edited.
const MIGRATIONS: &[&str] = &[include_str!("../migrations/0001_start.sql")];

/// Marks the file as Tenure's (`TENR`), so that another program's database is never migrated.
const APPLICATION: i32 = 0x5445_4e52;

/// Brings the schema to the version of this program.
pub(crate) fn migrate(connection: &mut Connection, path: &str) -> Result<()> {
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(Fault::Store(StoreError::TooNew { found, known }));
    }
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 && application != APPLICATION {
        return Err(Fault::inconsistent(path, "it is a database of another program"));
    }
    for (version, sql) in (1..).zip(MIGRATIONS).skip(usize::try_from(found).unwrap_or(usize::MAX)) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Whether the schema is that of this program: a process that only reads does not change it.
pub(crate) fn is_current(connection: &Connection) -> Result<bool> {
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match found {
        found if found > known => Err(Fault::Store(StoreError::TooNew { found, known })),
        found => Ok(found == known),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_made_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, "t.db").unwrap();
        migrate(&mut connection, "t.db").unwrap();
        let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(usize::try_from(version), Ok(MIGRATIONS.len()));
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 4711).unwrap();
        let refused = StoreError::from(migrate(&mut connection, "t.db").unwrap_err());
        assert!(matches!(refused, StoreError::TooNew { found: 4711, .. }), "{refused}");
    }

    #[test]
    fn a_database_of_another_program_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE theirs (a)").unwrap();
        let refused = StoreError::from(migrate(&mut connection, "their.db").unwrap_err());
        assert!(refused.to_string().contains("their.db"), "{refused}");
    }
}
