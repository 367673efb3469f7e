//! Finds the programs of real servers: where xtask says, else where Debian puts them.

use std::path::{Path, PathBuf};

use super::error::PeerError;

/// A program that a test needs: its name, the variable by which xtask names its path, and the usual paths.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) variable: &'static str,
    pub(crate) usual: &'static [&'static str],
    pub(crate) how_to_get_it: &'static str,
}

impl Program {
    /// The path of the program. A path that xtask names must exist: a wrong one is an error, not a skip. `none`
    /// does without the program on a host that has it.
    pub(crate) fn find(&self) -> Result<PathBuf, PeerError> {
        if let Some(named) = variable(self.variable) {
            if named == "none" {
                return Err(self.missing());
            }
            let path = PathBuf::from(&named);
            return if path.exists() {
                Ok(path)
            } else {
                Err(PeerError::Failed {
                    peer: self.name,
                    what: format!("{} names {named}, which does not exist", self.variable),
                    log: "correct the variable, or unset it to use the usual place".to_owned(),
                })
            };
        }
        self.usual
            .iter()
            .map(Path::new)
            .find(|path| path.exists())
            .map(Path::to_path_buf)
            .ok_or_else(|| self.missing())
    }

    fn missing(&self) -> PeerError {
        PeerError::Missing { program: self.name, how_to_get_it: self.how_to_get_it.to_owned() }
    }
}

/// A variable of the environment that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "tests take the paths of real servers from the environment")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
