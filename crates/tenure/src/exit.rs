//! Exit codes and how a failure is shown.

use crate::{envelope, hints, out};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
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
    /// Done, and work is open within its deadline: tasks, approvals, questions, a configuration that waits.
    Open = 4,
    /// A brake holds a change.
    Held = 5,
    /// `plan` and `adopt`: something would change.
    Differs = 6,
    /// Done, and something needs attention: it is overdue, in quarantine, without an owner, contradicts, or is a finding that was not
    /// acknowledged.
    Attention = 7,
}

/// What is left after a command. `--fail-on` chooses which of it makes an exit code other than 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum State {
    /// Work is open within its deadline (4)
    Open,
    /// Something is overdue, quarantined, ownerless, contradicting, or a finding that was not acknowledged (7)
    Attention,
    /// A brake holds a change (5)
    Held,
}

/// What there is of it. Empty: the command left nothing.
pub(crate) type States = BTreeSet<State>;

impl State {
    fn exit(self) -> Exit {
        match self {
            Self::Open => Exit::Open,
            Self::Attention => Exit::Attention,
            Self::Held => Exit::Held,
        }
    }
}

impl Exit {
    /// The exit code of what is left: what is held before what needs attention before what is open. `chosen` are the states that
    /// count; none means all.
    pub(crate) fn of(left: &States, chosen: &[State]) -> Self {
        let counts = |state: &&State| chosen.is_empty() || chosen.contains(state);
        left.iter().filter(counts).max().map_or(Self::Done, |state| state.exit())
    }

    /// The same of a command that leaves one state at most.
    pub(crate) fn chosen(self, chosen: &[State]) -> Self {
        let state = [State::Open, State::Attention, State::Held].into_iter().find(|s| s.exit() == self);
        state.map_or(self, |state| Self::of(&States::from([state]), chosen))
    }
}

/// The states of which each is there where its condition holds.
pub(crate) fn states(all: impl IntoIterator<Item = (State, bool)>) -> States {
    all.into_iter().filter_map(|(state, is)| is.then_some(state)).collect()
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
    /// What was refused or is unknown, as code and parameters, where it is one of these.
    pub(crate) detail: Option<Box<Value>>,
}

impl Failure {
    pub(crate) fn new(code: &'static str, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, code, what: what.into(), help: Some(help.into()), detail: None }
    }
    pub(crate) fn invalid(code: &'static str, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { exit: Exit::Invalid, ..Self::new(code, what, help) }
    }
    /// A file or folder that cannot be written.
    pub(crate) fn unwritable(path: &Path) -> impl Fn(std::io::Error) -> Self + Copy {
        move |e| {
            let help = "check the folder's permissions and the space left";
            Self::new("C011", format!("{} cannot be written: {e}", path.display()), help)
        }
    }
    pub(crate) fn internal(what: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, code: "X001", what: what.into(), help: None, detail: None }
    }
}

impl From<AppError> for Failure {
    fn from(e: AppError) -> Self {
        let (what, help) = match &e {
            AppError::Store(StoreError::InUse { path, pid }) => (in_use(path, *pid), Some(IN_USE.to_owned())),
            AppError::Unproved(what) => (what.clone(), Some(UNPROVED.to_owned())),
            AppError::Unknown { what, name } => {
                let command = || hints::of_unknown(what).map(str::to_owned);
                (tenure_words::error(&e), tenure_words::help_of_unknown(what, name).or_else(command))
            }
            AppError::Ambiguous { .. } => (tenure_words::error(&e), Some(AMBIGUOUS.to_owned())),
            AppError::NameOnly { .. } => (tenure_words::error(&e), Some(NAME_ONLY.to_owned())),
            AppError::Store(StoreError::Driver(_)) => (tenure_words::error(&e), Some(DRIVER.to_owned())),
            AppError::Store(StoreError::Inconsistent { .. }) => {
                (tenure_words::error(&e), Some(DAMAGED.to_owned()))
            }
            _ => (tenure_words::error(&e), e.refusal().and_then(hints::of_refusal).map(str::to_owned)),
        };
        let exit = if matches!(e, AppError::NameOnly { .. }) { Exit::Usage } else { Exit::Failed };
        Self { exit, code: e.code(), what, help, detail: e.detail_json().map(Box::new) }
    }
}

const AMBIGUOUS: &str = "give the number, the user name, the e-mail address or the id (its last 8 digits are enough), or more of the name";

const NAME_ONLY: &str = "give the number, the user name, the e-mail address or the id (its last 8 digits are enough): each is its own confirmation";

/// Codes of failures that list identities, a line each: every line is escaped where it is made.
const LISTING: [&str; 2] = ["A007", "A008"];

const UNPROVED: &str = "keep everything as it is; look for the newer database (another disk, another machine, a later backup) \
and put it back. Where there is none, `tenure ledger reopen --reason \"…\"` lets the ledger go on under a new origin that names what is \
lost. `tenure doctor` and `tenure ledger` work meanwhile";

const DRIVER: &str = "check that the file is a database, that this user may write it and the folder around it, and the room on its disk; \
where it is damaged, put a backup back. A cut-off is kept outside the database meanwhile, where it can be";

const DAMAGED: &str = "`tenure doctor` shows what is damaged; everything else continues. Restore a backup, or have the row repaired";

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

/// The code of a command line that cannot be read.
pub(crate) const USAGE: &str = "U001";

/// Shows what is wrong with a command line, or the help that was asked for, and gives its exit code.
pub(crate) fn usage(wrong: &clap::Error) -> ExitCode {
    let is_json = std::env::args_os().take_while(|a| a != "--").any(|a| a == "--json");
    // A reader that went away is no error.
    drop(wrong.print());
    if !wrong.use_stderr() {
        return Exit::Done.into();
    }
    if is_json {
        let text = wrong.render().to_string();
        let (what, help) = text.split_once("\n\n").unwrap_or((&text, ""));
        let failure = Failure {
            exit: Exit::Usage,
            code: USAGE,
            what: what.trim().trim_start_matches("error: ").to_owned(),
            help: Some(help.trim().to_owned()).filter(|help| !help.is_empty()),
            detail: None,
        };
        envelope::begin();
        envelope::end("", Exit::Usage, Some(&failure));
    }
    Exit::Usage.into()
}

/// Shows a failure that does not end the command.
pub(crate) fn tell(failure: &Failure) {
    envelope::notice(failure);
    show(failure);
}

/// Shows a failure.
pub(crate) fn show(failure: &Failure) {
    let paint = out::Paint::stderr();
    let listing = LISTING.contains(&failure.code);
    let mut lines = failure.what.splitn(if listing { usize::MAX } else { 1 }, '\n');
    let first = lines.next().unwrap_or_default();
    out::note(&format!("{} {first}", paint.red(&format!("error {}:", failure.code))));
    lines.for_each(out::note);
    if let Some(help) = &failure.help {
        out::note(&format!("  {} {help}", paint.bold("help:")));
    }
}

#[cfg(test)]
mod tests {
    use super::{Exit, State, States, states};

    #[test]
    fn what_is_left_decides_the_code_and_the_choice_what_counts() {
        let all = states([(State::Open, true), (State::Attention, true), (State::Held, true)]);
        assert_eq!(Exit::of(&all, &[]), Exit::Held);
        assert_eq!(Exit::of(&all, &[State::Attention, State::Open]), Exit::Attention);
        assert_eq!(Exit::of(&all, &[State::Open]), Exit::Open);
        assert_eq!(
            Exit::of(&states([(State::Open, true), (State::Held, false)]), &[State::Held]),
            Exit::Done
        );
        assert_eq!(Exit::of(&States::new(), &[]), Exit::Done);
    }

    #[test]
    fn a_failure_and_a_difference_are_never_chosen_away() {
        for exit in [Exit::Failed, Exit::Usage, Exit::Invalid, Exit::Differs] {
            assert_eq!(exit.chosen(&[State::Held]), exit);
        }
        assert_eq!(Exit::Open.chosen(&[State::Held, State::Attention]), Exit::Done);
        assert_eq!(Exit::Held.chosen(&[State::Held]), Exit::Held);
        assert_eq!(Exit::Attention.chosen(&[]), Exit::Attention);
    }
}
