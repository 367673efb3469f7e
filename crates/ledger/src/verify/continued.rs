//! A log that continues another one: which entries of the other one it contains, and which head it only names.

use super::files::{Discrepancy, FileReader, Files};
use super::log::Confirmed;
use crate::checkpoint::Checkpoint;
use crate::tree::{Tree, verify_consistency};

/// Relation of a checkpoint of another log to a log that continues it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Continued {
    /// Every entry that it covers is in the log; the entry at this index continues it.
    Kept(u64),
    /// It is the head that the entry at this index names: not all entries that it covers are in the log.
    Named(u64),
}

/// Checks that a verified log continues `old`, a checkpoint of another log that was opened with that log's own key.
///
/// # Errors
/// When the log does not name the other one, or names a different head of it.
pub fn confirm_continued(
    files: &(impl Files + ?Sized),
    confirmed: &Confirmed,
    old: &Checkpoint,
) -> Result<Continued, Discrepancy> {
    let refuse = |why| Discrepancy::NotContinued { origin: old.origin.clone(), size: old.size, why };
    let mut named = confirmed.continues.iter().filter(|(_, head)| head.origin == old.origin).peekable();
    if named.peek().is_none() {
        return Err(refuse("no entry of this log names that log"));
    }
    let size = confirmed.checkpoint.size;
    let reader = FileReader { files, published: size };
    let mut lost = false;
    for (index, head) in named {
        if (head.size, head.root) == (old.size, old.root) {
            return Ok(Continued::Named(*index));
        }
        lost |= old.size < head.size;
        if old.size <= *index {
            let proof = Tree::new(size, &reader)?.consistency(old.size)?;
            if verify_consistency((old.size, old.root), (size, confirmed.checkpoint.root), &proof).is_ok() {
                return Ok(Continued::Kept(*index));
            }
        }
    }
    Err(refuse(if lost {
        "it lies beyond what this log kept: verify it with the files of that log, up to the head that is named"
    } else {
        "this log names another head of that log"
    }))
}
