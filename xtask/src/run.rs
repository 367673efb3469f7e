//! Starts programs in the project's root and turns their failure into a problem.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use crate::paths;
use crate::problem::{Done, Problem};

/// A command that runs in the project's root, with the tools that xtask installed on its search path.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(paths::tools().join("bin")).chain(std::env::split_paths(&path));
    if let Ok(joined) = std::env::join_paths(folders) {
        command.env("PATH", joined);
    }
    command.current_dir(paths::root());
    command
}

/// The cargo that started xtask.
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command with its output on the terminal.
pub(crate) fn run(command: &mut Command) -> Done {
    let shown = shown(command);
    let status = command.status().map_err(Problem::doing(format!("cannot start {shown}")))?;
    if status.success() { Ok(()) } else { Err(Problem::new(format!("{shown} failed, {status}"))) }
}

/// Runs a command quietly and returns its output; a failure shows the output.
pub(crate) fn output(command: &mut Command) -> Result<String, Problem> {
    let shown = shown(command);
    let output =
        command.stdin(Stdio::null()).output().map_err(Problem::doing(format!("cannot start {shown}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(Problem::new(format!(
        "{shown} failed, {}\n{}",
        output.status,
        String::from_utf8_lossy(&said).trim_end()
    )))
}

/// The command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let mut words = vec![program.file_name().unwrap_or(program.as_os_str()).display().to_string()];
    words.extend(command.get_args().map(|argument| argument.display().to_string()));
    words.join(" ")
}
