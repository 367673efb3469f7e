//! Every example of the README and the documents is run by some test, and every command that they name exists.

use super::acme::Acme;
use super::pages::{Block, blocks, inline, named, pages, root, text, words};
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

/// Blocks that no test can run: each says why, in the line above it. More of them need another number here.
const NOT_RUN: usize = 3;

/// Languages of blocks that show what to write or to call.
const TO_RUN: [&str; 3] = ["toml", "sh", "console"];

/// Which test runs the blocks of a page.
fn is_run(block: &Block) -> bool {
    match (block.page.as_str(), block.language.as_str()) {
        // `documentation.rs` of `policy` loads them as one folder, and refuses one that names no file.
        ("docs/configuration.md", "toml") => true,
        // `readme.rs` runs every command of these blocks.
        ("README.md", "console") => true,
        // `questions.rs` refuses a block that names no file.
        ("docs/questions.md", _) => true,
        // `cargo xtask gen` runs each example, and `cargo xtask check` compares the page.
        ("docs/cli.md", "console") => true,
        // Below.
        ("docs/connections.md", "toml") | ("docs/evidence.md", "sh") => true,
        _ => block.not_run().is_some(),
    }
}

#[test]
fn every_example_is_run_or_says_why_not() {
    let all: Vec<Block> = pages().iter().flat_map(|page| blocks(page)).collect();
    let all: Vec<&Block> = all.iter().filter(|b| TO_RUN.contains(&b.language.as_str())).collect();
    assert!(all.len() > 90, "{}", all.len());
    let nowhere: Vec<_> = all.iter().filter(|b| !is_run(b)).map(|b| (&b.page, &b.text)).collect();
    assert!(nowhere.is_empty(), "no test runs these: {nowhere:#?}");
    assert_eq!(all.iter().filter(|b| b.not_run().is_some()).count(), NOT_RUN);
    // A block without a language would be none of these, whatever it shows.
    let without: Vec<_> = pages().iter().flat_map(|p| blocks(p)).filter(|b| b.language.is_empty()).collect();
    assert!(without.is_empty(), "name their language, or `text`: {without:#?}");
}

/// The help of a command: the program prints it without a folder.
fn help(path: &[String]) -> Option<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
    let ran = command.args(path).arg("--help").env_remove("CLICOLOR_FORCE").output().unwrap();
    ran.status.success().then(|| String::from_utf8(ran.stdout).unwrap())
}

/// What is wrong with a command as a sentence names it: its words down to the last command, and the options after it.
fn wrong(line: &str, helps: &mut BTreeMap<Vec<String>, Option<String>>) -> Option<String> {
    let words = words(line);
    let (mut path, mut rest) = (Vec::new(), words.iter().skip(1).peekable());
    while let Some(word) = rest.peek() {
        // `tenure -C acme check` names the command after the folder; `tenure COMMAND --help` names any.
        if ["-C", "--folder"].contains(&word.as_str()) {
            rest.next();
            rest.next();
            continue;
        }
        let next: Vec<String> = path.iter().chain([*word]).cloned().collect();
        let parent = helps.entry(path.clone()).or_insert_with(|| help(&path));
        let is_any = word.chars().all(|c| c.is_ascii_uppercase());
        if is_any
            || word.starts_with('-')
            || !parent.as_ref().is_some_and(|text| text.contains("\nCommands:"))
        {
            break;
        }
        if helps.entry(next.clone()).or_insert_with(|| help(&next)).is_none() {
            return Some(format!("`{line}`: there is no command `{}`", next.join(" ")));
        }
        path = next;
        rest.next();
    }
    let text = helps.get(&path).cloned().flatten().unwrap_or_default();
    let options = rest.filter(|word| word.starts_with("--"));
    let unknown = |option: &&String| {
        let name = option.split('=').next().unwrap_or_default().trim_end_matches([',', '.', ')']);
        !text.split([' ', ',', '\n']).any(|word| word == name)
    };
    options
        .filter(unknown)
        .map(|option| format!("`{line}`: {option} is no option of `{}`", path.join(" ")))
        .next()
}

#[test]
fn every_command_that_a_page_names_exists() {
    let (mut helps, mut all, mut count) = (BTreeMap::new(), Vec::new(), 0);
    for page in pages() {
        for line in named(&page) {
            count += 1;
            all.extend(wrong(&line, &mut helps).map(|why| format!("{page}: {why}")));
        }
    }
    assert!(all.is_empty(), "{all:#?}");
    assert!(count > 40, "{count}");
}

#[test]
fn the_readme_names_every_command() {
    let help = help(&[]).unwrap();
    let (list, readme) = (help.split_once("\nCommands:\n").unwrap().1, text("README.md"));
    let list = list.split("\n\n").next().unwrap();
    let commands = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let commands: Vec<&str> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.len() > 30, "{commands:?}");
    let is_named = |name: &str| {
        [format!("`{name}`"), format!("tenure {name}"), format!("acme {name}"), format!("-- {name}")]
            .iter()
            .any(|text| readme.contains(text))
    };
    let missing: Vec<_> = commands.into_iter().filter(|c| *c != "help" && !is_named(c)).collect();
    assert!(missing.is_empty(), "README.md does not name {missing:?}");
}

#[test]
fn every_file_of_code_that_a_page_names_exists() {
    let mut files = Vec::new();
    let mut open = vec![root().join("crates"), root().join("xtask")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            match path.is_dir() {
                true if path.ends_with("target") => {}
                true => open.push(path),
                false => files.push(path),
            }
        }
    }
    let mut missing = Vec::new();
    for page in pages().into_iter().chain(["ARCHITECTURE.md".to_owned()]) {
        for name in inline(&page).into_iter().filter(|t| t.ends_with(".rs") && !t.contains([' ', '*'])) {
            if !files.iter().any(|file| file.ends_with(&name)) {
                missing.push(format!("{page}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn a_command_that_does_not_exist_is_found() {
    let mut helps = BTreeMap::new();
    for line in [
        "tenure frobnicate",
        "tenure request frobnicate x",
        "tenure apply --frobnicate",
        "tenure -C acme chek",
    ] {
        assert!(wrong(line, &mut helps).is_some(), "{line}");
    }
    for line in [
        "tenure run",
        "tenure -C acme check --connect",
        "tenure request add",
        "tenure explain PERSON --at INSTANT",
    ] {
        assert_eq!(wrong(line, &mut helps), None, "{line}");
    }
}

#[test]
fn the_commands_of_the_evidence_page_work() {
    let acme = Acme::begun();
    let key = acme.tenure(&["ledger", "key"]).ends(0).stdout.trim().to_owned();
    let mut commands = 0;
    for block in blocks("docs/evidence.md").iter().filter(|b| b.language == "sh") {
        for line in block.text.lines() {
            let line = line.split("  #").next().unwrap_or_default().replace("$KEY", &key);
            let words = words(&line);
            let words: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
            // A pack is a folder below the one in which the command is called.
            let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
            let ran = command.current_dir(acme.path("")).args(words).output().unwrap();
            assert!(
                matches!(ran.status.code(), Some(0 | 4)),
                "{line}: {}",
                String::from_utf8_lossy(&ran.stderr)
            );
            commands += 1;
        }
    }
    assert_eq!(commands, 2);
}

#[test]
fn the_systems_of_the_connections_page_are_complete() {
    let all: Vec<Block> =
        blocks("docs/connections.md").into_iter().filter(|b| b.language == "toml").collect();
    let connectors = text("docs/connections.md").matches("\n## ").count();
    assert_eq!(all.len(), connectors, "one for each connector");
    let acme = Acme::new();
    for secret in ["keys/ldap-password", "keys/chat-token"] {
        acme.write(secret, "a secret\n");
    }
    for block in all {
        let (path, _) = block.file().unwrap_or_else(|| panic!("which file is this?\n{}", block.text));
        fs::write(acme.path(path), &block.text).unwrap();
    }
    acme.tenure(&["check"]).ends(0).says(&format!("{} systems", connectors + 1)).says("0 warnings");
}
