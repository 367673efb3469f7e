//! `tenure completions`: for the shells that clap knows.

use crate::cli::{Cli, Completions, command};
use crate::exit::{Exit, Failure};
use crate::out;
use serde_json::json;
use std::io::Write as _;

pub(crate) fn completions(cli: &Cli, args: &Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "tenure", &mut script);
    if cli.json {
        out::json(&json!({ "script": String::from_utf8_lossy(&script) }));
    } else {
        // A script is for a shell, not for a terminal: nothing of it is escaped. A reader that went away is no error.
        drop(std::io::stdout().write_all(&script));
    }
    Ok(Exit::Done)
}
