//! `tenure completions`: the script by which a shell asks this program what may follow.

use crate::cli::{Cli, Completions};
use crate::exit::{Exit, Failure};
use crate::{complete, out};
use serde_json::json;
use std::io::Write as _;

pub(crate) fn completions(cli: &Cli, args: &Completions) -> Result<Exit, Failure> {
    let shell = args.shell.to_string();
    let Some(script) = complete::script(&shell) else {
        return Err(Failure::internal(format!("{shell} is not a shell that is answered")));
    };
    if cli.json {
        out::json(&json!({ "script": String::from_utf8_lossy(&script) }));
    } else {
        // A script is for a shell, not for a terminal: nothing of it is escaped. A reader that went away is no error.
        drop(std::io::stdout().write_all(&script));
    }
    Ok(Exit::Done)
}
