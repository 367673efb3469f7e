//! Statements of the writer: each is compiled once.

use crate::fault::Result;
use rusqlite::{CachedStatement, Connection, Params};

/// A statement that is compiled once for each connection.
pub(super) fn statement<'c>(connection: &'c Connection, sql: &str) -> Result<CachedStatement<'c>> {
    Ok(connection.prepare_cached(sql)?)
}

/// Runs a statement; returns the number of changed rows.
pub(super) fn run(connection: &Connection, sql: &str, params: impl Params) -> Result<usize> {
    Ok(statement(connection, sql)?.execute(params)?)
}
