//! The examples of docs/configuration.md make a configuration that loads without a warning.

use crate::folder::rendered;
use std::path::Path;

/// The files that the page shows, each announced by `<!-- file: PATH -->`.
fn shown() -> Vec<(String, String)> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let page = std::fs::read_to_string(page).unwrap();
    let blocks = page.split("<!-- file: ").skip(1);
    blocks
        .map(|block| {
            let (path, rest) = block.split_once(" -->").unwrap();
            let text = rest.split_once("```toml\n").unwrap().1.split_once("```").unwrap().0;
            (path.to_owned(), text.to_owned())
        })
        .collect()
}

#[test]
fn the_examples_load() {
    let files = shown();
    assert_eq!(files.len(), 5);
    assert_eq!(rendered(&files), "");
    assert!(tenure_policy::load(&files).is_ok());
}
