//! Exit codes and how a failure is shown.

use crate::{hints, out};
use std::process::ExitCode;
use tenure_app::AppError;
use tenure_store::StoreError;

/// How a command ended. The numbers are documented in docs/cli.md and stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, and nothing is left to do.
    Done = 0,
    /// It could not be done.
    Failed = 1,
    /// The command line is wrong (clap's own), or says too little to act on without a person to ask.
    Usage = 2,
    /// The configuration, a feed or another input is wrong.
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
        let (what, help) = match &e {
            AppError::Store(StoreError::InUse { path, pid }) => (in_use(path, *pid), Some(IN_USE.to_owned())),
            AppError::Unproved(what) => (what.clone(), Some(UNPROVED.to_owned())),
            // The hint of what is unknown says what to do, unless it goes on with what is wrong.
            AppError::Unknown { what, name, hint } => match hint.strip_prefix(": ") {
                Some(help) => (format!("{what} `{name}` is not known"), Some(help.to_owned())),
                None if hint.contains("it fits") => {
                    (e.to_string(), Some("say more of the name, or the id".to_owned()))
                }
                None => (e.to_string(), hints::of_unknown(what).map(str::to_owned)),
            },
            AppError::Store(StoreError::Driver(_)) => (e.to_string(), Some(DRIVER.to_owned())),
            AppError::Store(StoreError::Inconsistent { .. }) => (e.to_string(), Some(DAMAGED.to_owned())),
            _ => (e.to_string(), e.refusal().and_then(hints::of_refusal).map(str::to_owned)),
        };
        Self { exit: Exit::Failed, code: e.code(), what, help }
    }
}

const UNPROVED: &str = "keep everything as it is; look for the newer database (another disk, another machine, a later backup) \
and put it back. Where there is none, `tenure ledger reopen --reason \"…\"` lets the ledger go on under a new origin that names what is \
lost. `tenure doctor` and `tenure ledger` work meanwhile";

const DRIVER: &str = "check that the file is a database, that this user may write it and the folder around it, and the room on its disk; \
where it is damaged, put a backup back. A cut-off is kept outside the database meanwhile, where it can be";

const DAMAGED: &str = "`tenure doctor` shows what is damaged; everything else goes on. Put a backup back, or have the row mended";

const IN_USE: &str =
    "two processes never write one database: wait until the other one is done, or stop it, and try again";

/// The other process, where it has written down which it is.
fn in_use(path: &str, pid: u32) -> String {
    match pid {
        0 => format!("the database {path} is in use by another process"),
        pid => format!("the database {path} is in use by another process (process id {pid})"),
    }
}

impl From<StoreError> for Failure {
    fn from(e: StoreError) -> Self {
        AppError::from(e).into()
    }
}

/// Shows a failure and gives its exit code.
pub(crate) fn fail(failure: &Failure) -> ExitCode {
    tell(failure);
    failure.exit.into()
}

/// Shows a failure.
pub(crate) fn tell(failure: &Failure) {
    let paint = out::Paint::stderr();
    out::note(&format!("{} {}", paint.red(&format!("error {}:", failure.code)), failure.what));
    if let Some(help) = &failure.help {
        out::note(&format!("  {} {help}", paint.bold("what to do:")));
    }
}
