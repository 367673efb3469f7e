//! `tenure completions`: for the shells that clap knows.

use crate::cli::{Cli, Completions};
use crate::exit::{Exit, Failure};
use clap::CommandFactory;

pub(crate) fn completions(args: &Completions) -> Result<Exit, Failure> {
    clap_complete::generate(args.shell, &mut Cli::command(), "tenure", &mut std::io::stdout());
    Ok(Exit::Done)
}
