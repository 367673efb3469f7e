//! Runs the tests with cargo-nextest, or with cargo if that is not available, and keeps the closing lines.

use std::io::{BufRead as _, BufReader, IsTerminal as _, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use super::counts::Counts;
use super::peers::Peer;
use crate::paths;
use crate::problem::{Done, Problem};
use crate::run::{cargo, run as run_through, shown};
use crate::say;

/// The test runner.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runner {
    Nextest,
    CargoTest,
}

/// The result of a test run.
pub(crate) struct Run {
    pub(crate) counts: Counts,
    /// The runner's own closing line, if it prints one.
    pub(crate) summary: Option<String>,
    pub(crate) ended: Done,
}

/// Nextest runs each test in a process of its own, so that a hung one can be stopped while the others continue.
pub(crate) fn find_or_install() -> Runner {
    if paths::tool("cargo-nextest").is_some() {
        say::line("  cargo-nextest is installed");
        return Runner::Nextest;
    }
    say::line("  cargo-nextest is not installed; installing it into target/tools (some minutes, once)");
    let mut install = cargo();
    install.args(["install", "cargo-nextest", "--locked", "--quiet", "--root"]).arg(paths::tools());
    // It only starts processes: optimising it would cost far more than it could save.
    install.args(["--debug", "--no-default-features", "--features", "default-no-update"]);
    match run_through(&mut install) {
        Ok(()) => Runner::Nextest,
        Err(problem) => {
            say::line(&format!(
                "  {problem}\n  cargo test runs the tests instead: slower, and it cannot end a hung one"
            ));
            Runner::CargoTest
        }
    }
}

/// Runs all tests, or those in `arguments`, in the release profile, and passes on the runner's output.
pub(crate) fn run(
    runner: Runner,
    arguments: &[String],
    peers: &[Peer],
    noted: &Path,
) -> Result<Run, Problem> {
    let mut command = cargo();
    match runner {
        Runner::Nextest => command.args(["nextest", "run", "--release"]),
        Runner::CargoTest => command.args(["test", "--release", "--no-fail-fast"]),
    };
    if !arguments.iter().any(|argument| argument == "-p" || argument == "--package") {
        command.arg("--workspace");
    }
    command.args(arguments).env("TENURE_SKIPPED_FILE", noted);
    for peer in peers {
        match &peer.path {
            Ok(path) => command.env(peer.variable, path),
            Err(_) => command.env(peer.variable, "none"),
        };
    }
    let mut counts = Counts::default();
    let mut summary = None;
    let ended = pass_on(runner, &mut command, |line| match runner {
        Runner::Nextest => {
            if line.trim_start().starts_with("Summary [")
                && let Some(found) = Counts::of_nextest(line)
            {
                counts = found;
                summary = Some(line.to_owned());
            }
        }
        Runner::CargoTest => counts = counts.plus(Counts::of_cargo_test(line).unwrap_or_default()),
    });
    Ok(Run { counts, summary, ended: ended? })
}

/// Runs the command, prints the stream with the closing lines as it arrives, and passes each line to `read` without colours. The inner
/// result is that of the tests; the outer, whether they could be run.
fn pass_on(runner: Runner, command: &mut Command, mut read: impl FnMut(&str)) -> Result<Done, Problem> {
    let what = shown(command);
    match runner {
        // Nextest reports on the error stream.
        Runner::Nextest => command.stderr(Stdio::piped()),
        Runner::CargoTest => command.stdout(Stdio::piped()),
    };
    if runner == Runner::Nextest && std::io::stderr().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = command.spawn().map_err(Problem::doing(format!("cannot start {what}")))?;
    match (child.stderr.take(), child.stdout.take()) {
        (Some(stream), _) => each_line(stream, &mut read, say::passed_on)?,
        (None, Some(stream)) => each_line(stream, &mut read, say::line)?,
        (None, None) => {}
    }
    let status = child.wait().map_err(Problem::doing(format!("cannot wait for {what}")))?;
    Ok(if status.success() { Ok(()) } else { Err(Problem::new(format!("{what} failed, {status}"))) })
}

fn each_line(stream: impl Read, read: &mut impl FnMut(&str), print: fn(&str)) -> Done {
    let mut lines = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        line.clear();
        let count =
            lines.read_until(b'\n', &mut line).map_err(Problem::doing("cannot read from the tests"))?;
        if count == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        print(text);
        read(&without_colours(text));
    }
}

/// Removes escape sequences for terminal colours (ECMA-48, `ESC [ ... letter`).
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' {
            rest.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_removed() {
        let coloured =
            "\u{1b}[32;1m     Summary\u{1b}[0m [   3.0s] \u{1b}[1m15\u{1b}[0m tests run: 15 passed";
        assert_eq!(without_colours(coloured), "     Summary [   3.0s] 15 tests run: 15 passed");
    }

    #[test]
    fn a_run_that_fails_keeps_its_last_lines() {
        let mut seen = Vec::new();
        let mut command = Command::new("sh");
        command.args(["-c", "echo one >&2; printf two >&2; exit 3"]);
        let ended = pass_on(Runner::Nextest, &mut command, |line| seen.push(line.to_owned())).unwrap();
        assert!(ended.is_err());
        assert_eq!(seen, ["one", "two"]);
    }
}
