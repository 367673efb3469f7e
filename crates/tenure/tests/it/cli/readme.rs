//! What the README shows is what the program prints.

use super::acme::{Acme, without_hash};
use std::path::Path;
use std::process::Command;

/// Where something is left out.
const LEFT_OUT: &str = "…";

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md")).unwrap()
}

/// The blocks of a language, each without its fence.
pub(super) fn blocks(language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    readme().split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap().to_owned()).collect()
}

/// How many entries the ledger has, and how many tasks were done, depends on the order in which people who refer to each
/// other are decided, and their ids are random: those numbers are left out.
fn without_counts(line: &str) -> String {
    let line = &without_hash(line.trim_end());
    if line.starts_with("the ledger verifies") {
        return line.chars().filter(|c| !c.is_ascii_digit()).collect();
    }
    match line.split_once(" done and read back") {
        Some((before, after)) => {
            // In which pass the last fact of a case is seen depends on the host's speed, too.
            let after = after.split_once(" closed").map_or(after, |(_, rest)| rest);
            format!("{}{after}", before.rsplit_once("; ").map_or(before, |(labels, _)| labels))
        }
        None => line.to_owned(),
    }
}

/// The lines, in their order, are lines of the output; without a gap except where the README has one.
pub(super) fn shows(output: &str, lines: &[&str]) {
    let mut rest: Vec<String> = output.lines().map(without_counts).collect();
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| **line != LEFT_OUT) {
        let after_gap = number == 0 || lines[number - 1] == LEFT_OUT;
        let line = &without_counts(line);
        let at = rest
            .iter()
            .position(|l| l == line)
            .unwrap_or_else(|| panic!("the page has {line:?}; printed is\n{output}"));
        assert!(after_gap || at == 0, "before {line:?} the page leaves out {:?}", &rest[..at]);
        rest.drain(..=at);
    }
}

#[test]
fn the_first_two_minutes_are_as_shown() {
    let home = Acme::nothing();
    let access = home.path("acme/policy/access.toml");
    let mut commands = 0;
    for block in blocks("console") {
        for told in format!("\n{block}").split("\n$ tenure ").skip(1) {
            let mut lines: Vec<&str> = told.lines().collect();
            let arguments = lines.remove(0);
            let last = lines.iter().rposition(|l| !l.is_empty()).map_or(0, |at| at + 1);
            lines.truncate(last);
            // The README's typing mistake, and its repair.
            let right = std::fs::read_to_string(&access).unwrap_or_default();
            if arguments.ends_with("check") {
                std::fs::write(&access, right.replace("'department ", "'departmnt ")).unwrap();
            }
            let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
            let command = command.current_dir(home.path("")).args(arguments.split(' '));
            let output = command.output().unwrap();
            let said = [output.stdout, output.stderr].concat();
            shows(&String::from_utf8(said).unwrap(), &lines);
            if arguments.ends_with("check") {
                std::fs::write(&access, right).unwrap();
            }
            commands += 1;
        }
    }
    assert_eq!(commands, 6);
}
