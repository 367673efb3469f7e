//! `docs/questions.md`: each answer is executed in a folder of its own, and prints what the page shows.

use super::acme::{Acme, Ran, without_ids};
use super::pages::{Block, How, blocks, words};
use super::readme::shows;
use std::fs;

const PAGE: &str = "docs/questions.md";

/// The sections that have an example, in the order of the page.
fn sections() -> Vec<Vec<Block>> {
    let mut all: Vec<Vec<Block>> = Vec::new();
    for block in blocks(PAGE) {
        match all.last_mut() {
            Some(last) if last[0].section == block.section => last.push(block),
            _ => all.push(vec![block]),
        }
    }
    all
}

fn write(acme: &Acme, block: &Block) {
    let (path, how) = block.file().unwrap_or_else(|| panic!("which file is this?\n{}", block.text));
    let before = match how {
        How::Whole => String::new(),
        How::Added => fs::read_to_string(acme.path(path)).unwrap() + "\n",
    };
    acme.write(path, &format!("{before}{}", block.text));
}

/// Runs a command; the word APPROVAL stands for the request that is open.
fn run(acme: &Acme, line: &str) -> Ran {
    let mut words = words(line);
    if let Some(at) = words.iter().position(|w| w == "APPROVAL") {
        let now = words.iter().position(|w| w == "--now").map(|i| words[i + 1].clone()).unwrap();
        let (open, _) = acme.json(&["approvals", "--now", &now]);
        let open = open.as_array().or_else(|| open["approvals"].as_array()).unwrap();
        assert_eq!(open.len(), 1, "{line}");
        open[0]["id"].as_str().unwrap().clone_into(&mut words[at]);
    }
    acme.tenure(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Runs the commands of a block and compares what it shows. A command without a line below it shows nothing, and went well.
fn play(acme: &Acme, block: &Block) -> usize {
    let mut commands = 0;
    for told in format!("\n{}", block.text).split("\n$ tenure ").skip(1) {
        let (line, shown) = told.split_once('\n').unwrap_or((told, ""));
        let ran = run(acme, line);
        let said = without_ids(&format!("{}{}", ran.stdout, ran.stderr));
        assert!(!said.contains("error ") && !matches!(ran.code, Some(1..=3)), "{line}\n{said}");
        let shown = without_ids(shown.trim_end());
        shows(&said, &shown.lines().collect::<Vec<_>>());
        commands += 1;
    }
    commands
}

#[test]
fn every_answer_is_what_the_program_does() {
    let mut commands = 0;
    for section in sections() {
        let acme = Acme::new();
        for block in &section {
            match block.language.as_str() {
                "console" => commands += play(&acme, block),
                "toml" | "csv" => write(&acme, block),
                other => panic!("what is {other} for?"),
            }
        }
    }
    assert!(commands > 30, "{commands}");
}
