//! `cargo xtask scenario`: runs scenario files, from the book or any other folder, and prints unexpected results.

use std::ffi::OsString;
use std::path;

use crate::paths;
use crate::problem::Done;
use crate::run::{cargo, command, run};
use crate::test_run::peers;

/// Runs the files in `arguments`, in every stage or in that of `--stage`. Built with the same options as the tests, so that both share
/// one build.
pub(crate) fn scenario(arguments: &[String]) -> Done {
    let peers = peers::install();
    run(cargo().args(["build", "--release", "--quiet", "--workspace", "--bins", "--tests"]))?;
    let mut command = command(paths::target().join("release").join("tenure-sim"));
    command.arg("scenario").args(arguments.iter().map(from_here));
    for peer in &peers {
        match &peer.path {
            Ok(path) => command.env(peer.variable, path),
            Err(_) => command.env(peer.variable, "none"),
        };
    }
    run(&mut command)
}

/// The path of a file as seen from the project's root, where the program runs; any other argument unchanged.
fn from_here(argument: &String) -> OsString {
    match path::absolute(argument) {
        Ok(file) if file.is_file() => file.into_os_string(),
        _ => argument.into(),
    }
}
