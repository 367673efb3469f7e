//! Reads use a few connections of their own, in parallel with the writer: each read in one transaction, so that its results are
//! consistent.

pub(crate) mod access;
pub(crate) mod asked;
pub(crate) mod case;
mod conditions;
mod every_row;
pub(crate) mod identity;
pub(crate) mod ledger;
pub(crate) mod list;
pub(crate) mod organisation;
mod pool;
mod query;
pub(crate) mod record;
pub(crate) mod subject;
pub(crate) mod task;
pub(crate) mod unreadable;
pub(crate) mod work_list;

pub(crate) use pool::Readers;

pub(crate) use query::ROWS_MAX;
use query::{list, one, readable_page, readable_rows, statement};
