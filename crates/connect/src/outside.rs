//! The port to a file outside the database, whose lines stay even if the database is restored to an earlier state.

/// Lines that are only ever appended, except for erasure.
pub trait CutOffJournal: Send + Sync {
    /// Appends a line, durably before it returns. The implementation reports what went wrong; it does not report that the order in the
    /// line is carried out, which is tried afterwards. Returns whether the line was stored.
    fn append(&self, line: &str) -> bool;

    /// Size in bytes: a cheap way to notice new lines.
    fn size(&self) -> u64;

    /// All complete lines.
    ///
    /// # Errors
    /// When they cannot be read, with an explanation.
    fn read(&self) -> Result<String, String>;

    /// Replaces `old`, with which the file begins; lines that were appended meanwhile stay.
    ///
    /// # Errors
    /// When they cannot be written, or the file begins differently, with an explanation; then the old lines stay.
    fn replace(&self, old: &str, lines: &str) -> Result<(), String>;
}
