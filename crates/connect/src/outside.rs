//! The port to a file outside the database, of which each line stays also when the database is set back.

/// Lines that are only ever added, except where something is erased.
pub trait Outside: Send + Sync {
    /// Adds a line, durably before it returns. Who implements this tells what went wrong, and not that what the line says is done:
    /// that is tried after it. Says whether it was kept.
    fn append(&self, line: &str) -> bool;

    /// How many bytes there are: what is cheap to ask for, to see that something came in.
    fn size(&self) -> u64;

    /// All lines that were kept whole.
    ///
    /// # Errors
    /// When they cannot be read, in words.
    fn read(&self) -> Result<String, String>;

    /// Puts other lines in the place of `old`, with which the file begins; what was added behind them meanwhile stays.
    ///
    /// # Errors
    /// When they cannot be written, or the file begins otherwise, in words; the old ones are there then.
    fn replace(&self, old: &str, lines: &str) -> Result<(), String>;
}
