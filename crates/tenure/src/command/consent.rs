//! Asks before something that cannot be taken back easily: on terminals only; without them a command says beforehand that it may go on.

use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use crate::out;
use std::io::IsTerminal as _;
use tenure_app::{App, Born};

/// Whether there is a person at a terminal who can be asked, and who reads the question.
pub(super) fn is_possible(cli: &Cli) -> bool {
    !cli.json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Goes on only with a yes: given beforehand (`--yes`), or typed after the preview. A replay decides about no real person: without a
/// terminal it goes on.
///
/// # Errors
/// When the answer is another one, or no person can be asked.
pub(super) fn required(
    cli: &Cli,
    app: &App,
    (given, what): (bool, &str),
    preview: &[String],
) -> Result<(), Failure> {
    if given || (app.born() == Born::Replay && !is_possible(cli)) {
        return Ok(());
    }
    if !is_possible(cli) {
        return Err(unasked(what, "give --yes to go on without the question"));
    }
    preview.iter().for_each(|line| out::note(line));
    confirmed(what)
}

/// Asks the person at the terminal.
///
/// # Errors
/// When the answer is not yes.
pub(super) fn confirmed(what: &str) -> Result<(), Failure> {
    out::note(&format!("{what}? Type yes to go on:"));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|e| Failure::internal(e.to_string()))?;
    if answer.trim() == "yes" { Ok(()) } else { Err(unasked(what, "type yes, or give --yes")) }
}

/// The failure of a command that would have to ask.
pub(super) fn unasked(what: &str, help: &str) -> Failure {
    Failure {
        exit: Exit::Usage,
        code: "A010",
        what: format!("nothing was done: it is not confirmed ({what})"),
        help: Some(help.to_owned()),
        detail: None,
    }
}
