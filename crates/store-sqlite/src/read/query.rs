//! The shapes of a read: all rows, those that can be read, or the first one.

use super::unreadable::readable;
use crate::fault::Result;
use rusqlite::{CachedStatement, Connection, Params, Row};

/// Maximum number of rows of a list without its own limit: more than a population has, so that no list is silently truncated.
pub(crate) const ROWS_MAX: u32 = 10_000_000;

pub(super) fn statement<'c>(connection: &'c Connection, sql: &str) -> Result<CachedStatement<'c>> {
    Ok(connection.prepare_cached(sql)?)
}

/// All rows of a query.
pub(super) fn list<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut query = statement(connection, sql)?;
    let mut rows = query.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// The same without unreadable rows: each is recorded, and hides no other.
pub(super) fn readable_rows<T>(
    connection: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let found = list(connection, sql, params, |row| readable(table, row, &read))?;
    Ok(found.into_iter().flatten().collect())
}

/// The first `limit` readable rows: an unreadable one is recorded, and takes the place of no other, so that a page with fewer rows is the
/// last one.
pub(super) fn readable_page<T>(
    connection: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
    limit: u32,
    read: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut query = statement(connection, sql)?;
    let mut rows = query.query(params)?;
    let mut found = Vec::new();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    while found.len() < limit
        && let Some(row) = rows.next()?
    {
        found.extend(readable(table, row, &read)?);
    }
    Ok(found)
}

/// The first row of a query, if it has one.
pub(super) fn one<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Option<T>> {
    let mut query = statement(connection, sql)?;
    let mut rows = query.query(params)?;
    rows.next()?.map(read).transpose()
}
