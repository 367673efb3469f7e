//! The one writer: a thread that owns the write connection and merges what waits into one transaction.

mod access;
mod asked;
mod check;
mod identity;
mod ledger;
mod organisation;
mod queue;
mod record;
mod request;
mod task;
mod turn;
mod unit;

pub(crate) use queue::Queue;
pub(crate) use request::{Answer, Request, Work};
pub(crate) use turn::Writer;

use crate::fault::Result;
use rusqlite::{CachedStatement, Connection, Params};

/// A statement that is compiled once per connection.
fn statement<'c>(connection: &'c Connection, sql: &str) -> Result<CachedStatement<'c>> {
    Ok(connection.prepare_cached(sql)?)
}

/// Runs a statement; how many rows it changed.
fn run(connection: &Connection, sql: &str, params: impl Params) -> Result<usize> {
    Ok(statement(connection, sql)?.execute(params)?)
}
