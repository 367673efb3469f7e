//! The single writer: a thread that owns the write connection and merges waiting requests into one transaction.

mod access;
mod asked;
mod check;
mod erase;
mod evidenced;
mod expected;
mod identity;
mod ledger;
mod organisation;
mod queue;
mod record;
mod request;
mod statement;
mod task;
mod turn;
mod unit;

pub(crate) use queue::Queue;
pub(crate) use request::{Answer, Request, Work};
pub(crate) use turn::Writer;

use statement::{run, statement};
