//! Says, where the test command can count it, that a test could not run because a server is not installed.

use std::io::Write as _;
use std::panic::Location;

use super::error::PeerError;
use super::find::variable;

/// Names the file to which each skipped test appends one line, `<test>\t<reason>`. `cargo xtask test` sets it
/// and lists the lines at the end, so that a skipped test cannot pass for one that ran.
pub const SKIPPED_FILE: &str = "TENURE_SKIPPED_FILE";

/// Gives the server, or `None` after saying SKIPPED when it is not installed.
///
/// # Panics
///
/// When the server is installed but does not work: that is a failure of the test, never a skip.
#[track_caller]
pub fn or_skip<T>(peer: Result<T, PeerError>) -> Option<T> {
    let caller = Location::caller();
    match peer {
        Ok(peer) => Some(peer),
        Err(PeerError::Missing { program, how_to_get_it }) => {
            let test = test_name(caller);
            let reason = format!("{program} is not installed: {how_to_get_it}");
            say_skipped(&test, &reason);
            None
        }
        Err(broken) => fail(&broken, caller),
    }
}

/// Takes the server out of its result, or returns from the test after saying SKIPPED.
#[macro_export]
macro_rules! need {
    ($peer:expr) => {
        match $crate::peer::or_skip($peer) {
            Some(peer) => peer,
            None => return,
        }
    };
}

/// Each nextest test is a process that names its test; under plain `cargo test` the thread does.
fn test_name(caller: &Location<'_>) -> String {
    let place = format!("{}:{}", caller.file(), caller.line());
    let thread = std::thread::current().name().filter(|name| *name != "main").map(str::to_owned);
    match variable("NEXTEST_TEST_NAME").or(thread) {
        Some(test) => format!("{test} ({place})"),
        None => place,
    }
}

#[expect(clippy::print_stderr, reason = "a test that did not run must say so where a person sees it")]
fn say_skipped(test: &str, reason: &str) {
    eprintln!("SKIPPED {test}: {reason}");
    let Some(file) = variable(SKIPPED_FILE) else { return };
    let line = format!("{test}\t{}\n", reason.replace('\n', " "));
    let written = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&file)
        .and_then(|mut open| open.write_all(line.as_bytes()));
    if let Err(error) = written {
        eprintln!("the skipped test could not be noted in {file}: {error}");
    }
}

#[expect(clippy::panic, reason = "a server that is installed and does not work fails the test")]
fn fail(broken: &PeerError, caller: &Location<'_>) -> ! {
    panic!("at {}:{}: {broken}", caller.file(), caller.line())
}
