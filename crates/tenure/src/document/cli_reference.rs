//! `docs/cli.md`: every command with its arguments, read from the parser itself.

use super::table::table;
use crate::cli::Cli;
use clap::{Arg, ArgAction, Command, CommandFactory};

/// The exit codes, as [`crate::exit::Exit`] has them.
const EXIT_CODES: [(&str, &str); 7] = [
    ("0", "Done, and nothing is left to do."),
    ("1", "It could not be done. The message names an [error code](errors/README.md)."),
    ("2", "The command line is wrong."),
    ("3", "The set-up, a feed or another input is wrong. Nothing of it was taken."),
    ("4", "Done, and something is open: work, approvals, rows in quarantine, questions."),
    ("5", "A brake holds a change until it is released."),
    ("6", "`plan`: something would change."),
];

/// The page.
pub(crate) fn page() -> String {
    let mut root = Cli::command();
    root.build();
    let globals: Vec<&Arg> = root.get_arguments().filter(|a| a.is_global_set()).collect();
    let mut text =
        "# Command line\n\nData goes to standard output, everything else to standard error. Colours \
        appear on terminals only, and never when `NO_COLOR` is set.\n\n## Options of every command\n\n"
            .to_owned();
    text.push_str(&arguments(globals.iter().copied()));
    text.push_str("\n## Exit codes\n\n");
    let codes: Vec<Vec<String>> =
        EXIT_CODES.iter().map(|(n, what)| vec![(*n).to_owned(), (*what).to_owned()]).collect();
    text.push_str(&table(&["code", "meaning"], &codes));
    for command in root.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help") {
        describe(command, command.get_name(), &mut text);
    }
    text
}

fn describe(command: &Command, path: &str, text: &mut String) {
    let own: Vec<&Arg> = command.get_arguments().filter(|a| is_own(a)).collect();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    text.push_str(&format!("\n## tenure {path}\n\n{about}.\n"));
    if !own.is_empty() {
        text.push('\n');
        text.push_str(&arguments(own.into_iter()));
    }
    for below in command.get_subcommands().filter(|c| c.get_name() != "help") {
        describe(below, &format!("{path} {}", below.get_name()), text);
    }
}

/// Whether an argument belongs to one command: those of all commands are told once, and `--help` is no news.
fn is_own(argument: &Arg) -> bool {
    !argument.is_global_set() && !["help", "version"].contains(&argument.get_id().as_str())
}

fn arguments<'a>(arguments: impl Iterator<Item = &'a Arg>) -> String {
    let rows: Vec<Vec<String>> = arguments.map(|a| vec![format!("`{}`", shown(a)), meaning(a)]).collect();
    table(&["argument", "meaning"], &rows)
}

/// As it is typed: `-C, --folder <FOLDER>`, `<PERSON>`, `[ID]`.
fn shown(argument: &Arg) -> String {
    let values = argument.get_value_names().unwrap_or_default();
    let takes = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
    let values: Vec<String> = values.iter().filter(|_| takes).map(|v| format!("<{v}>")).collect();
    let mut words: Vec<String> = Vec::new();
    words.extend(argument.get_short().map(|s| format!("-{s}")));
    words.extend(argument.get_long().map(|l| format!("--{l}")));
    if !words.is_empty() {
        return [&[words.join(", ")][..], &values].concat().join(" ");
    }
    let name = values.join(" ");
    if argument.is_required_set() { name } else { format!("[{}]", name.trim_matches(['<', '>'])) }
}

fn meaning(argument: &Arg) -> String {
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let takes = matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
    let defaults: Vec<String> =
        argument.get_default_values().iter().map(|v| format!("`{}`", v.to_string_lossy())).collect();
    let possible = argument.get_possible_values();
    let possible: Vec<String> = possible.iter().map(|v| format!("`{}`", v.get_name())).collect();
    let mut text = help;
    if takes && !possible.is_empty() {
        text.push_str(&format!(" (one of {})", possible.join(", ")));
    }
    if takes && !defaults.is_empty() {
        text.push_str(&format!(" (default {})", defaults.join(", ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn every_command_that_help_shows_is_described() {
        let page = page();
        for command in Cli::command().get_subcommands().filter(|c| !c.is_hide_set()) {
            assert!(
                page.contains(&format!("\n## tenure {}\n", command.get_name())),
                "{}",
                command.get_name()
            );
        }
    }

    #[test]
    fn no_two_arguments_of_a_command_share_an_id() {
        // clap's own check; a global option and a positional of one id would overwrite each other.
        Cli::command().debug_assert();
        let globals: Vec<String> = Cli::command()
            .get_arguments()
            .filter(|a| a.is_global_set())
            .map(|a| a.get_id().to_string())
            .collect();
        fn look(command: &Command, globals: &[String]) {
            for argument in command.get_arguments() {
                let id = argument.get_id().to_string();
                assert!(
                    !globals.contains(&id),
                    "{}: `{id}` hides an option of every command",
                    command.get_name()
                );
            }
            command.get_subcommands().for_each(|c| look(c, globals));
        }
        Cli::command().get_subcommands().for_each(|c| look(c, &globals));
    }

    #[test]
    fn the_numbers_are_those_of_the_program() {
        let shown = |exit: Exit| EXIT_CODES.get(exit as usize).map(|(number, _)| (*number).to_owned());
        for exit in [Exit::Done, Exit::Failed, Exit::Invalid, Exit::Open, Exit::Held, Exit::Differs] {
            assert_eq!(shown(exit), Some((exit as usize).to_string()));
        }
    }
}
