//! Licences, bans and sources of all dependencies, by cargo-deny.

use crate::paths;
use crate::problem::Done;
use crate::run::{cargo, run};
use crate::say;

/// Runs cargo-deny, after installing it if it is missing. Advisories are not checked here: their database is on a network that builds
/// need not have; `cargo deny check advisories` does it by hand.
pub(crate) fn deny() -> Done {
    if paths::tool("cargo-deny").is_none() {
        say::line("cargo-deny is not installed; installing it into target/tools (about three minutes, once)");
        run(cargo().args(["install", "cargo-deny", "--locked", "--quiet", "--root"]).arg(paths::tools()))?;
    }
    run(cargo().args([
        "deny",
        "--workspace",
        "check",
        "--hide-inclusion-graph",
        "licenses",
        "bans",
        "sources",
    ]))
}
