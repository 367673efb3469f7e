//! The examples of docs/configuration.md make a configuration that loads without a warning.

use crate::folder::rendered;
use std::path::Path;

/// The files that the page shows: each block names its file in the line above it. A block without such a line is a mistake.
fn shown() -> Vec<(String, String)> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let page = std::fs::read_to_string(page).unwrap();
    let blocks: Vec<&str> = page.split("```toml\n").collect();
    let mut files: Vec<(String, String)> = Vec::new();
    for around in blocks.windows(2) {
        let above = around[0].trim_end().lines().last().unwrap();
        let text = around[1].split_once("```").unwrap().0;
        let named = above.strip_prefix('`').and_then(|rest| rest.split_once("`, "));
        match named.unwrap_or_else(|| panic!("which file is this?\n{text}")) {
            (path, "whole:") => files.push((path.to_owned(), text.to_owned())),
            (path, "added at the end:") => {
                let file = files.iter_mut().find(|(p, _)| p == path).unwrap_or_else(|| panic!("no {path}"));
                file.1.push_str(&format!("\n{text}"));
            }
            (path, how) => panic!("{path}: {how}"),
        }
    }
    files
}

#[test]
fn the_examples_load() {
    let files = shown();
    assert_eq!(files.len(), 5);
    assert_eq!(rendered(&files), "");
    assert!(tenure_policy::load(&files).is_ok());
}
