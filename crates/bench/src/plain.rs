//! The host's limit for an import: plain SQLite inserting the same rows into the same tables, and nothing else.

use crate::Fail;
use crate::machine::start;
use rusqlite::types::Value;
use rusqlite::{Connection, Rows, params_from_iter};
use std::path::Path;
use std::time::Duration;

/// People whose rows share one transaction.
pub(crate) const PEOPLE_PER_TRANSACTION: u64 = 1_000;

/// What plain SQLite did.
pub(crate) struct Plain {
    /// Seconds of the inserting.
    pub(crate) took: f64,
    /// Rows by table.
    pub(crate) tables: Vec<(String, u64)>,
    /// Size of the database that was copied.
    pub(crate) source_bytes: u64,
}

impl Plain {
    pub(crate) fn rows(&self) -> u64 {
        self.tables.iter().map(|(_, rows)| rows).sum()
    }
}

/// A table with the order in which an import meets its rows: ids of people rise with time, keys are scattered.
struct Table {
    name: String,
    order: &'static str,
    rows: u64,
}

/// Orders by table; what is not named here comes in the order of its rows.
const ORDERS: [(&str, &str); 12] = [
    ("identity", "id"),
    ("identity_key", "identity"),
    ("identity_read", "identity"),
    ("identity_class", "identity"),
    ("identifier", "identity"),
    ("record", "key"),
    ("account", "identity"),
    ("grant", "identity"),
    ("task", "identity"),
    ("lifecycle_case", "identity"),
    ("finding", "identity"),
    ("fact", "identity"),
];

/// Reads the rows of a finished database and inserts them into a new one; only inserting is timed.
pub(crate) fn insert_again(from: &Path, to: &Path, people: u64) -> Result<Plain, Fail> {
    let source = Connection::open(from)?;
    let target = Connection::open(to)?;
    target.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0))?;
    // As the store sets them. A class may be inserted after the identities of that class, so foreign keys are not checked here.
    for (pragma, value) in
        [("synchronous", 2), ("cache_size", -131_072), ("wal_autocheckpoint", 16_384), ("foreign_keys", 0)]
    {
        target.pragma_update(None, pragma, value)?;
    }
    schema(&source, &target)?;
    let tables = tables(&source)?;
    let mut selects = Vec::new();
    let mut inserts = Vec::new();
    for table in &tables {
        let select = source.prepare(&format!("SELECT * FROM \"{}\" ORDER BY {}", table.name, table.order))?;
        let marks = vec!["?"; select.column_count()].join(", ");
        inserts.push(target.prepare(&format!("INSERT INTO \"{}\" VALUES ({marks})", table.name))?);
        selects.push(select);
    }
    let mut cursors = selects.iter_mut().map(|s| s.query([])).collect::<Result<Vec<_>, _>>()?;
    let mut took = Duration::ZERO;
    let chunks = people.div_ceil(PEOPLE_PER_TRANSACTION).max(1);
    for chunk in 0..chunks {
        let mut waiting = Vec::new();
        for (table, cursor) in tables.iter().zip(&mut cursors) {
            let share = table.rows * (chunk + 1) / chunks - table.rows * chunk / chunks;
            waiting.push(read(cursor, share)?);
        }
        let began = start();
        target.execute_batch("BEGIN IMMEDIATE")?;
        for (insert, rows) in inserts.iter_mut().zip(&waiting) {
            for row in rows {
                insert.execute(params_from_iter(row))?;
            }
        }
        target.execute_batch("COMMIT")?;
        took += began.elapsed();
    }
    let source_bytes = source.query_row(
        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
        [],
        |r| r.get::<_, i64>(0),
    )?;
    Ok(Plain {
        took: took.as_secs_f64(),
        tables: tables.into_iter().map(|t| (t.name, t.rows)).collect(),
        source_bytes: source_bytes.cast_unsigned(),
    })
}

/// The same tables and indexes.
fn schema(source: &Connection, target: &Connection) -> Result<(), Fail> {
    let mut all =
        source.prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")?;
    let all = all.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(target.execute_batch(&all.join(";\n"))?)
}

fn tables(source: &Connection) -> Result<Vec<Table>, Fail> {
    let mut names =
        source.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")?;
    let names = names.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut tables = Vec::new();
    for name in names {
        let rows: i64 =
            source.query_row(&format!("SELECT count(*) FROM \"{name}\""), [], |row| row.get(0))?;
        let order = ORDERS.iter().find(|(table, _)| *table == name).map_or("1", |(_, order)| order);
        tables.push(Table { name, order, rows: rows.cast_unsigned() });
    }
    Ok(tables)
}

fn read(cursor: &mut Rows<'_>, rows: u64) -> Result<Vec<Vec<Value>>, Fail> {
    let mut found = Vec::new();
    for _ in 0..rows {
        let Some(row) = cursor.next()? else { break };
        let columns = row.as_ref().column_count();
        found.push((0..columns).map(|c| row.get(c)).collect::<Result<Vec<_>, _>>()?);
    }
    Ok(found)
}
