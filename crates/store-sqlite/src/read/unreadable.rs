//! Rows that cannot be read: they are left out, recorded, and hide no other row.

use crate::fault::Result;
use rusqlite::Row;
use rusqlite::types::ValueRef;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use tenure_store::Unreadable;

/// Maximum number of rows recorded until the next query.
const NOTED_MAX: usize = 1_000;

thread_local! {
    /// What the read or the turn of this thread left out.
    static LEFT_OUT: RefCell<BTreeSet<Unreadable>> = const { RefCell::new(BTreeSet::new()) };
}

/// What reads have left out since the last query.
#[derive(Debug, Clone, Default)]
pub(crate) struct LeftOut(Arc<Mutex<BTreeSet<Unreadable>>>);

impl LeftOut {
    /// Takes over what this thread left out.
    pub(crate) fn collect(&self) {
        let some = LEFT_OUT.take();
        if some.is_empty() {
            return;
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = NOTED_MAX.saturating_sub(all.len());
        all.extend(some.into_iter().take(room));
    }

    pub(crate) fn take(&self) -> Vec<Unreadable> {
        let all = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        all.into_iter().collect()
    }
}

/// What this thread has left out so far; clears it.
pub(super) fn noted() -> BTreeSet<Unreadable> {
    LEFT_OUT.take()
}

/// The result of reading a row; `None` if it cannot be read: then it is recorded.
pub(crate) fn readable<T>(
    table: &'static str,
    row: &Row<'_>,
    read: impl FnOnce(&Row<'_>) -> Result<T>,
) -> Result<Option<T>> {
    match read(row) {
        Ok(read) => Ok(Some(read)),
        Err(fault) => match fault.unreadable() {
            Some(why) => {
                note(table, row, &why);
                Ok(None)
            }
            None => Err(fault),
        },
    }
}

/// Records that a row, or a value of it, cannot be read.
pub(crate) fn note(table: &'static str, row: &Row<'_>, why: &str) {
    let key = key(row);
    // The codec names the row, too, as far as it knows it: it is said once.
    let why = why.strip_prefix(&format!("{table} {key}: ")).unwrap_or(why).to_owned();
    let unreadable = Unreadable { table, key, why };
    LEFT_OUT.with_borrow_mut(|all| all.insert(unreadable));
}

/// The first column, by which a person finds the row.
fn key(row: &Row<'_>) -> String {
    match row.get_ref(0) {
        Ok(ValueRef::Text(text)) => String::from_utf8_lossy(text).into_owned(),
        Ok(ValueRef::Blob(bytes)) => hex(bytes),
        Ok(ValueRef::Integer(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// As ids are printed.
fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (at, byte) in bytes.iter().enumerate() {
        if [4, 6, 8, 10].contains(&at) {
            text.push('-');
        }
        // Writing to a string cannot fail.
        write!(text, "{byte:02x}").ok();
    }
    text
}
