//! Python with libraries from PyPI: programs of other makers that check what Tenure writes.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::error::PeerError;
use super::find::Program;
use super::tool;

/// How long a script may take.
const LIMIT: Duration = Duration::from_secs(60);

const PYTHON: Program = Program {
    name: "python3",
    variable: "TENURE_TEST_PYTHON",
    // Relative to this crate, where `cargo xtask test` puts it.
    usual: &[concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/peers/venv/bin/python3")],
    how_to_get_it: "`cargo xtask test` installs it into target/peers; it needs python3 with its venv module",
};

/// Runs a script: its exit code, and what it printed.
///
/// # Errors
///
/// [`PeerError::Missing`] when it is not installed, [`PeerError::Failed`] when it does not end in time.
pub fn python(script: &Path, arguments: &[&str]) -> Result<(i32, String), PeerError> {
    let mut command = Command::new(PYTHON.find()?);
    command.arg(script).args(arguments);
    let output = tool::run("python3", &mut command, &[], LIMIT)?;
    Ok((output.code, format!("{}{}", String::from_utf8_lossy(&output.stdout), output.stderr)))
}
