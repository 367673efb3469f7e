//! Exit codes and how a failure is shown.

use crate::out;
use std::process::ExitCode;
use tenure_app::AppError;

/// How a command ended. The numbers are documented in docs/cli.md and stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, and nothing is left to do.
    Done = 0,
    /// It could not be done.
    Failed = 1,
    /// The command line is wrong (clap's own).
    #[expect(
        dead_code,
        reason = "clap ends the program with it; listed so that no other code takes the number"
    )]
    Usage = 2,
    /// The set-up, a feed or another input is wrong.
    Invalid = 3,
    /// Done, and something is open: work, approvals, quarantined rows, questions.
    Open = 4,
    /// A brake holds a change.
    Held = 5,
    /// `plan` and `check`: something would change.
    Differs = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A failed command: a code with a page in `docs/errors/`, what happened, and what to do.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) code: &'static str,
    pub(crate) what: String,
    pub(crate) help: Option<String>,
}

impl Failure {
    pub(crate) fn new(code: &'static str, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, code, what: what.into(), help: Some(help.into()) }
    }
    pub(crate) fn invalid(code: &'static str, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { exit: Exit::Invalid, ..Self::new(code, what, help) }
    }
    pub(crate) fn internal(what: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, code: "X001", what: what.into(), help: None }
    }
}

impl From<AppError> for Failure {
    fn from(e: AppError) -> Self {
        Self { exit: Exit::Failed, code: e.code(), what: e.to_string(), help: None }
    }
}

impl From<tenure_store::StoreError> for Failure {
    fn from(e: tenure_store::StoreError) -> Self {
        AppError::from(e).into()
    }
}

/// Shows a failure and gives its exit code.
pub(crate) fn fail(failure: &Failure) -> ExitCode {
    let paint = out::Paint::stderr();
    out::note(&format!("{} {}", paint.red(&format!("error {}:", failure.code)), failure.what));
    if let Some(help) = &failure.help {
        out::note(&format!("  {} {help}", paint.bold("what to do:")));
    }
    failure.exit.into()
}
