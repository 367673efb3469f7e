//! The examples of each command: `--help` shows them, and `docs/cli.md` shows what they print on the sample organisation. A command without
//! one fails a test, and so does an example that is not accepted.

/// One example. Words such as `APPROVAL` stand for ids that the reader copies from a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Example {
    /// The command line, without the program's name.
    pub(crate) line: &'static str,
    /// What it does, for this reader.
    pub(crate) what: &'static str,
    /// Who runs it at the sample organisation, where that is not the lead of its security team.
    pub(crate) by: Option<&'static str>,
}

impl Example {
    const fn by(self, person: &'static str) -> Self {
        Self { by: Some(person), ..self }
    }
}

const fn ex(line: &'static str, what: &'static str) -> Example {
    Example { line, what, by: None }
}

/// One to three for each command, by its path, in the order of the commands. People and names are those of `tenure demo`.
pub(crate) const EXAMPLES: &[(&str, &[Example])] = &[
    ("init", &[ex("-C acme init --organisation Acme", "A new folder `acme` to fill in")]),
    ("check", &[
        ex("check", "Is the folder correct?"),
        ex("check --connect", "Does each system answer, too?"),
    ]),
    ("plan", &[
        ex("plan --no-feeds", "What the configuration and the date change"),
        ex("plan --feed hr=hr-tomorrow.csv", "What another file of HR would change"),
    ]),
    ("apply", &[
        ex("apply", "Make this folder's configuration the active one"),
        ex("apply --confirm CONFIGURATION", "Confirm it as the second person").by("10699"),
    ]),
    ("run", &[
        ex("run", "One pass: feeds, what is due, the queue"),
        ex("run --for 30s --fail-on attention,held", "From a timer that reports only what needs a person"),
    ]),
    ("explain", &[
        ex("explain keikeland", "All access of one person, and why"),
        ex("explain keikeland git:release", "Why this access"),
    ]),
    ("scan", &[
        ex("scan directory", "Compare one system with what is decided"),
        ex("scan --json", "The same of all systems, for a program"),
    ]),
    ("adopt", &[ex("adopt badge", "Whose account is each?").by("10390")]),
    ("correlate", &[
        ex("correlate", "Which records are in question?").by("10668"),
        ex("correlate QUESTION --new", "The record is a new person").by("10668"),
    ]),
    ("release", &[
        ex("release", "What do brakes hold?"),
        ex("release HELD --list", "Who would lose what?"),
        ex("release HELD", "Release it, as a person who did not cause it").by("10699"),
    ]),
    ("approvals", &[
        ex("approvals", "All requests that are open"),
        ex("approvals --mine", "Those that you may answer").by("10006"),
        ex("approvals --by 10006", "Those that another person may answer"),
    ]),
    ("approve", &[ex("approve APPROVAL --comment \"needed for the new task\"", "Approve a request").by("10006")]),
    ("deny", &[ex("deny APPROVAL --comment \"not needed\"", "Deny a request").by("10006")]),
    ("request add", &[
        ex(
            "request add git:release --for keikeland --until 2026-09-30 --reason \"release of summer\"",
            "Ask for access of another person",
        )
        .by("10007"),
    ]),
    ("request extend", &[
        ex(
            "request extend git:release --for keikeland --until 2026-11-30 --reason \"release of autumn\"",
            "Ask for a later end",
        )
        .by("10007"),
    ]),
    ("request end", &[ex("request end git:release --for keikeland", "End it").by("10007")]),
    ("request keep", &[ex("request keep git:release --for keikeland", "It is still needed").by("10007")]),
    ("request emergency", &[
        ex(
            "request emergency vpn:production --for keikeland --lasts 2h --reason \"outage of the web shop\"",
            "Access at once, for two hours",
        ),
    ]),
    ("request seen", &[ex("request seen vpn:production --for keikeland", "Record that you reviewed what was done").by("10007")]),
    ("request rename", &[ex("request rename --for keikeland", "Ask again about a new user name")]),
    ("request list", &[
        ex("request list --for keikeland", "Individual decisions for one person"),
        ex("request list --all", "All requests that you may see"),
    ]),
    ("exception add", &[
        ex(
            "exception add erp:reports --for 10441 --until 2026-08-31 --reason \"the audit\" --instead \"four eyes\"",
            "Sign access that policy does not give",
        )
        .by("10618"),
    ]),
    ("exception end", &[ex("exception end erp:reports --for 10441", "End it before its time").by("10618")]),
    ("delegate", &[
        ex("delegate --to 10699 --until 2026-07-03 --reason \"on leave\"", "Name a delegate for your leave"),
        ex("delegate --accept 10729", "Accept to be one").by("10699"),
    ]),
    ("override set", &[
        ex(
            "override set site=Oslo --for 10441 --until 2026-07-31 --reason \"HR is late\"",
            "Another value than HR states",
        )
        .by("10668"),
    ]),
    ("override end", &[ex("override end site --for 10441", "HR's value counts again").by("10668")]),
    ("cutoff", &[
        ex("cutoff keikeland --reason \"laptop stolen\" --class security", "End all access of a person now"),
        ex("cutoff", "Who is cut off?"),
        ex("cutoff V2014 --lift", "Lift it, as another person").by("10007"),
    ]),
    ("hold set", &[
        ex("hold set lzak --class legal --reason \"a lawsuit\"", "Keep accounts and data of a leaver"),
    ]),
    ("hold lift", &[ex("hold lift lzak --class legal", "Keep them no longer")]),
    ("hold list", &[ex("hold list", "Which holds are on?")]),
    ("erase", &[ex("erase", "Who is past the retention period?")]),
    ("activate", &[ex("activate --again keikeland", "Send new links for a first password")]),
    ("identity add", &[
        ex(
            "identity add service svc-reports --owner 10007 --purpose \"nightly reports\" --until 2026-12-31",
            "A new service account",
        ),
    ]),
    ("identity change", &[ex("identity change svc-reports --deputy 10701", "Who answers when the owner is gone")]),
    ("identity end", &[ex("identity end svc-reports", "End it now")]),
    ("identity show", &[ex("identity show agent-triage", "One, with owner and deputy")]),
    ("identity list", &[ex("identity list", "All, by name")]),
    ("case", &[
        ex("case V2008", "The cases of one person"),
        ex("case --overdue", "Only those past their deadline"),
        ex("case --done TASK", "A manual task is done").by("10390"),
    ]),
    ("ledger verify", &[ex("ledger verify", "Is the ledger what was signed?")]),
    ("ledger key", &[ex("ledger key", "The public key for an auditor")]),
    ("ledger export", &[ex("ledger export proofs", "Files that verify without Tenure")]),
    ("ledger population", &[
        ex(
            "ledger population --from 2026-06-01T00:00:00Z --files proofs",
            "What sources reported since an instant",
        ),
    ]),
    ("ledger pack", &[
        ex("ledger pack lukasz --person lzak", "Prove what happened to a person"),
        ex("ledger pack friday --from 2026-06-11T00:00:00Z", "Prove what happened in a period"),
    ]),
    ("ledger show", &[ex("ledger show 0", "The first entry")]),
    ("ledger prove", &[ex("ledger prove 3 --files proofs --key KEY", "Prove one entry from the files alone")]),
    ("ledger check", &[
        ex("ledger check --files proofs --key KEY", "Verify exported files"),
        ex("ledger check --pack lukasz --key KEY", "Verify a pack and read what it proves"),
    ]),
    ("ledger repaired", &[
        ex("ledger repaired --reason \"restored from the copy of Monday\"", "Damage was dealt with"),
    ]),
    ("ledger reopen", &[
        ex("ledger reopen --reason \"restored from a backup\"", "Continue after a database was restored"),
    ]),
    ("findings", &[
        ex("findings", "What is found and not dealt with"),
        ex("findings --mine", "Only what you own"),
    ]),
    ("findings acknowledge", &[
        ex(
            "findings acknowledge FINDING --reason \"HR repairs it on Monday\" --until 2026-06-15",
            "It is known, until a day",
        )
        .by("10668"),
    ]),
    ("findings dismiss", &[
        ex("findings dismiss FINDING --reason \"the row was a test\"", "A row without a key that no file repairs")
            .by("10668"),
    ]),
    ("people", &[
        ex("people eikeland", "Who is that? A part of a name in any order or script"),
        ex("people --phase absent --limit 5", "Who is away?"),
    ]),
    ("holders", &[
        ex("holders git:release", "Who holds this entitlement, since when, why, and who agreed?"),
        ex("holders badge --limit 3", "Who has an account there?"),
    ]),
    ("entitlements", &[ex("entitlements --system git", "What can be held in a system?")]),
    ("exceptions", &[ex("exceptions", "Access outside policy, what ends soonest first")]),
    ("reviews", &[ex("reviews", "What is to be reviewed, by whom, until when?")]),
    ("quarantine", &[ex("quarantine --source hr", "Which rows could not be read?").by("10668")]),
    ("tasks", &[
        ex("tasks --manual --limit 5", "Which work is done by people, and by whom?"),
        ex("tasks V2008", "What is still to be done for a person?"),
    ]),
    ("accounts", &[ex("accounts --system git", "Which accounts belong to no identity?")]),
    ("history", &[ex("history lzak --limit 5", "What was decided and done about a person, the newest first?")]),
    ("doctor", &[ex("doctor", "Is everything in order?")]),
    ("demo", &[ex("demo --keep tidewater", "Keep the sample organisation to look at")]),
    ("man", &[ex("man manual", "Pages for `man`, one for each command")]),
    ("completions", &[ex("completions bash", "Completion, for this shell only: source <(tenure completions bash)")]),
];

/// The words of a command line; those in double quotes are one.
pub(crate) fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted, mut is_open) = (Vec::new(), String::new(), false, false);
    for c in line.chars() {
        match c {
            '"' => (is_quoted, is_open) = (!is_quoted, true),
            ' ' if !is_quoted => {
                if is_open {
                    words.push(std::mem::take(&mut word));
                }
                is_open = false;
            }
            c => {
                word.push(c);
                is_open = true;
            }
        }
    }
    if is_open {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{EXAMPLES, words};
    use crate::cli::{Cli, command};
    use clap::FromArgMatches as _;
    use std::collections::BTreeSet;

    /// Every command that can be run and that help shows.
    fn runnable(command: &clap::Command, path: &str, all: &mut BTreeSet<String>) {
        let below = || command.get_subcommands().filter(|c| c.get_name() != "help" && !c.is_hide_set());
        if (below().next().is_none() || !command.is_subcommand_required_set()) && !path.is_empty() {
            all.insert(path.to_owned());
        }
        below().for_each(|c| runnable(c, format!("{path} {}", c.get_name()).trim(), all));
    }

    #[test]
    fn each_command_has_one_to_three_examples_and_its_help_shows_them() {
        let mut commands = BTreeSet::new();
        runnable(&command(), "", &mut commands);
        let named: BTreeSet<String> = EXAMPLES.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(named, commands, "each command needs examples in cli/examples.rs");
        for (path, examples) in EXAMPLES {
            assert!((1..=3).contains(&examples.len()), "{path}");
            let arguments: Vec<&str> =
                ["tenure"].into_iter().chain(path.split(' ')).chain(["--help"]).collect();
            let help = command().try_get_matches_from(arguments).unwrap_err().to_string();
            // Long lines are broken.
            let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
            examples.iter().for_each(|e| assert!(help.contains(&format!("tenure {}", e.line)), "{help}"));
        }
    }

    #[test]
    fn each_example_is_a_command_line_of_its_command() {
        for (path, example) in EXAMPLES.iter().flat_map(|(path, all)| all.iter().map(move |e| (path, e))) {
            let line = [vec!["tenure".to_owned()], words(example.line)].concat();
            let matches =
                command().try_get_matches_from(line).unwrap_or_else(|e| panic!("{}: {e}", example.line));
            Cli::from_arg_matches(&matches).unwrap();
            let own = example.line.strip_prefix("-C acme ").unwrap_or(example.line);
            assert!(own.starts_with(path), "{} is no example of {path}", example.line);
        }
    }

    #[test]
    fn words_are_split_as_a_shell_does() {
        assert_eq!(words("a --b \"c d\" e=\"f g\" \"\""), ["a", "--b", "c d", "e=f g", ""]);
    }
}
