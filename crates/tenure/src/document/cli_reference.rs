//! `docs/cli.md`: every command with its arguments, read from the parser itself.

use super::sample::Played;
use super::table::table;
use crate::cli::command;
use clap::{Arg, ArgAction, Command};

/// Lines of output that are shown of an example.
const SHOWN_LINES: usize = 16;
/// Characters that the table shows of a line of output.
const SHOWN_CHARS: usize = 100;

/// The exit codes, as [`crate::exit::Exit`] has them.
const EXIT_CODES: [(&str, &str); 8] = [
    ("0", "Done, and nothing is left to do."),
    ("1", "It could not be done. The message names an [error code](errors/README.md)."),
    ("2", "The command line is wrong."),
    ("3", "The configuration, a feed or another input is wrong. Nothing of it was used."),
    (
        "4",
        "Done, and work is open within its deadline: tasks, approvals, questions, a configuration that waits.",
    ),
    ("5", "A brake holds a change until an operator releases it."),
    ("6", "`plan`, `adopt`: something would change."),
    (
        "7",
        "Done, and something needs attention: a case is overdue, a row is in quarantine, something has no owner or contradicts, or a finding is not acknowledged.",
    ),
];

/// The page.
pub(crate) fn page(played: &[Played]) -> String {
    let mut root = command();
    root.build();
    let globals: Vec<&Arg> = root.get_arguments().filter(|a| a.is_global_set()).collect();
    let mut text =
        "# Command line\n\nData goes to standard output, everything else to standard error. Colours \
        appear on terminals only, and never when `NO_COLOR` is set. A command that takes longer than some seconds shows its progress: by a bar on a \
        terminal, else by a line on standard error every ten seconds.\n\n## Options of every command\n\n"
            .to_owned();
    text.push_str(&arguments(globals.iter().copied()));
    text.push_str("\n## Exit codes\n\n");
    let codes: Vec<Vec<String>> =
        EXIT_CODES.iter().map(|(n, what)| vec![(*n).to_owned(), (*what).to_owned()]).collect();
    text.push_str(&table(&["code", "meaning"], &codes));
    text.push_str(EXIT_TEXT);
    text.push_str(JSON_TEXT);
    text.push_str(EXAMPLES_TEXT);
    text.push_str(&table(&["command", "code", "prints"], &overview(played)));
    for command in root.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help") {
        describe(command, command.get_name(), played, &mut text);
    }
    text
}

const EXIT_TEXT: &str = "\nIf several of them apply, 5 goes before 7, and 7 before 4. `--fail-on` chooses which of `open` (4), `attention` (7) and `held` (5) make an \
exit code other than 0: a timer that should report only what needs attention runs `tenure run --fail-on attention,held`. `--fail-on` has no \
effect on codes 1, 2, 3 and 6.\n";

const JSON_TEXT: &str = "\n## JSON\n\nWith `--json`, a command prints one object on standard output, also when it fails: `tenure` (the version of this format, 1), \
`command`, `exit`, `data`, `error` (`null`, or `code`, `message`, `help` and `page`) and `notices` (errors that did not end the command). \
`data` is the result of the command; where it is only text, it is `{\"text\": [...]}`; for several ids it is a list with one result for each. \
The error is printed on standard error too, as text. [json/envelope.schema.json](json/envelope.schema.json) is the schema. Members may be added; when \
one is removed or means something else, `tenure` rises.\n";

const EXAMPLES_TEXT: &str = "\n## Examples\n\nEvery example below was run, in this order, in the folder that `tenure demo --keep tidewater` leaves, with its services still running, some \
disturbed feeds, and `--now` at the end of the story. The person who runs them is the lead of the security team, or the one that `--as` names. \
What differs from run to run is replaced by words: ID, HEX, KEY, BASE64, PORT.\n\n";

/// Each example with its exit code and the first line of its output.
fn overview(played: &[Played]) -> Vec<Vec<String>> {
    let row = |p: &Played| {
        let anchor = format!("tenure {}", p.command).replace(' ', "-");
        let first = p.output.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
        let mut shown: String = first.trim().chars().take(SHOWN_CHARS).collect();
        if shown.len() < first.trim().len() {
            shown.push('…');
        }
        vec![format!("[`{}`](#{anchor})", p.example.line), p.code.to_string(), shown]
    };
    played.iter().map(row).collect()
}

fn describe(command: &Command, path: &str, played: &[Played], text: &mut String) {
    let own: Vec<&Arg> = command.get_arguments().filter(|a| is_own(a)).collect();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    text.push_str(&format!("\n## tenure {path}\n\n{about}.\n"));
    if !own.is_empty() {
        text.push('\n');
        text.push_str(&arguments(own.into_iter()));
    }
    played.iter().filter(|p| p.command == path).for_each(|p| text.push_str(&shown_example(p)));
    for below in command.get_subcommands().filter(|c| c.get_name() != "help") {
        describe(below, &format!("{path} {}", below.get_name()), played, text);
    }
}

/// An example as it is typed, and what it prints.
fn shown_example(played: &Played) -> String {
    let by = played.example.by.map(|by| format!(" --as {by}")).unwrap_or_default();
    let lines: Vec<&str> = played.output.trim_end().lines().collect();
    let mut shown: Vec<&str> = lines.iter().take(SHOWN_LINES).copied().collect();
    let left = format!("… {} more lines", lines.len().saturating_sub(SHOWN_LINES));
    if lines.len() > SHOWN_LINES {
        shown.push(&left);
    }
    let exit = if played.code == 0 { String::new() } else { format!(" (exit code {})", played.code) };
    let line = played.example.line;
    let colon = if exit.is_empty() && played.example.what.ends_with('?') { "" } else { ":" };
    format!(
        "\n{}{exit}{colon}\n\n```console\n$ tenure {line}{by}\n{}\n```\n",
        played.example.what,
        shown.join("\n")
    )
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
        let page = page(&[]);
        for command in command().get_subcommands().filter(|c| !c.is_hide_set()) {
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
        command().debug_assert();
        let globals: Vec<String> =
            command().get_arguments().filter(|a| a.is_global_set()).map(|a| a.get_id().to_string()).collect();
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
        command().get_subcommands().for_each(|c| look(c, &globals));
    }

    #[test]
    fn the_numbers_are_those_of_the_program() {
        let shown = |exit: Exit| EXIT_CODES.get(exit as usize).map(|(number, _)| (*number).to_owned());
        for exit in
            [Exit::Done, Exit::Failed, Exit::Invalid, Exit::Open, Exit::Held, Exit::Differs, Exit::Attention]
        {
            assert_eq!(shown(exit), Some((exit as usize).to_string()));
        }
    }
}
