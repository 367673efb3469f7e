//! Paths of the project, derived from the folder of this package.

use std::path::{Path, PathBuf};

/// The root of the project.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The folder of builds, tools and test servers: cargo's target folder, which is never committed.
pub(crate) fn target() -> PathBuf {
    root().join("target")
}

/// The folder where xtask installs missing tools, so that a later run finds them.
pub(crate) fn tools() -> PathBuf {
    target().join("tools")
}

/// A tool that xtask installed, else one on the machine's search path.
pub(crate) fn tool(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::iter::once(tools().join("bin"))
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}
