//! The README and the documents as a reader sees them: their fenced blocks and the commands that they name.

use std::fs;
use std::path::{Path, PathBuf};

/// What a block stands for in the folder of its example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// It is the whole file.
    Whole,
    /// It is added at the end of the file.
    Added,
}

/// A fenced block.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// The page, from the root of the repository.
    pub(super) page: String,
    /// The heading that it is below.
    pub(super) section: String,
    pub(super) language: String,
    /// The last line before it that is not blank.
    pub(super) before: String,
    pub(super) text: String,
}

impl Block {
    /// The file that it is, by the line above it: `` `PATH`, whole: `` or `` `PATH`, added at the end: ``.
    pub(super) fn file(&self) -> Option<(&str, How)> {
        let (path, how) = self.before.strip_prefix('`')?.split_once("`, ")?;
        let how = match how {
            "whole:" => How::Whole,
            "added at the end:" => How::Added,
            _ => return None,
        };
        Some((path, how))
    }

    /// Why no test runs it: `<!-- not run: REASON -->`.
    pub(super) fn not_run(&self) -> Option<&str> {
        self.before.strip_prefix("<!-- not run: ")?.strip_suffix(" -->").filter(|reason| reason.len() > 10)
    }
}

/// The root of the repository.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The text of a page.
pub(super) fn text(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap()
}

/// The README, the contributor's page and all documents but the decision records, which tell what was.
pub(super) fn pages() -> Vec<String> {
    let mut all = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned()];
    for folder in ["docs", "docs/errors"] {
        for entry in fs::read_dir(root().join(folder)).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            all.extend(name.ends_with(".md").then(|| format!("{folder}/{name}")));
        }
    }
    all.sort();
    all
}

/// The fenced blocks of a page.
pub(super) fn blocks(page: &str) -> Vec<Block> {
    let text = text(page);
    let (mut all, mut section, mut before) = (Vec::new(), String::new(), String::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            all.push(Block {
                page: page.to_owned(),
                section: section.clone(),
                language: language.to_owned(),
                before: before.clone(),
                text: inside.iter().map(|line| format!("{line}\n")).collect(),
            });
        } else if let Some(title) = line.strip_prefix("## ") {
            title.clone_into(&mut section);
        }
        if !line.trim().is_empty() {
            line.trim().clone_into(&mut before);
        }
    }
    all
}

/// What stands between backticks in the sentences of a page.
pub(super) fn inline(page: &str) -> Vec<String> {
    let (mut all, mut is_block) = (Vec::new(), false);
    for line in text(page).lines() {
        is_block ^= line.starts_with("```");
        if !is_block {
            all.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    all
}

/// The commands that a page names within its sentences.
pub(super) fn named(page: &str) -> Vec<String> {
    inline(page).into_iter().filter(|text| text.starts_with("tenure ")).collect()
}

/// The words of a command line: a text in double quotes is one.
pub(super) fn words(line: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (number, part) in line.split('"').enumerate() {
        if number % 2 == 1 {
            all.push(part.to_owned());
        } else {
            all.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    all
}
