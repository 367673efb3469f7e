//! The port to a file outside the database, of which each line stays also when the database is set back.

/// Lines that are only ever added, except where something is erased.
pub trait Outside: Send + Sync {
    /// Adds a line, durably before it returns. Whoever implements this tells what went wrong: what the line says is done
    /// all the same. Says whether it was kept.
    fn append(&self, line: &str) -> bool;

    /// All lines that were kept whole.
    ///
    /// # Errors
    /// When they cannot be read, in words.
    fn read(&self) -> Result<String, String>;

    /// Puts other lines in the place of all.
    ///
    /// # Errors
    /// When they cannot be written, in words; the old ones are there then.
    fn replace(&self, lines: &str) -> Result<(), String>;
}
