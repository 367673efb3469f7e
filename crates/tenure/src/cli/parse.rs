//! Reads the command line: the parser with the examples of each command, and colours on terminals only.

use super::{Cli, EXAMPLES, Example};
use clap::{ColorChoice, Command, CommandFactory as _, FromArgMatches as _};
use std::io::IsTerminal as _;

/// The parser; the help of each command ends with its examples.
pub(crate) fn command() -> Command {
    let is_terminal = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
    let colour = if is_terminal { ColorChoice::Auto } else { ColorChoice::Never };
    with_examples(Cli::command().color(colour), "")
}

/// The command line, and the path of its command, `request add` for example.
pub(crate) fn parse() -> Result<(Cli, String), clap::Error> {
    let matches = command().try_get_matches()?;
    let mut path = Vec::new();
    let mut below = matches.subcommand();
    while let Some((name, matches)) = below {
        path.push(name);
        below = matches.subcommand();
    }
    Ok((Cli::from_arg_matches(&matches)?, path.join(" ")))
}

fn with_examples(command: Command, path: &str) -> Command {
    let below: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    let command = match EXAMPLES.iter().find(|(of, _)| *of == path) {
        Some((_, examples)) => command.after_help(shown(examples)),
        None => command,
    };
    below.into_iter().fold(command, |command, name| {
        let path = format!("{path} {name}");
        command.mut_subcommand(name, |c| with_examples(c, path.trim()))
    })
}

fn shown(examples: &[Example]) -> String {
    let lines: Vec<String> =
        examples.iter().map(|e| format!("  tenure {}\n      {}", e.line, e.what)).collect();
    format!("Examples:\n{}", lines.join("\n"))
}
