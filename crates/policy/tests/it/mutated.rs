//! Loading never panics, whatever the files contain.

use crate::folder::{rendered, sample};
use proptest::prelude::*;
use tenure_policy::load;

/// Pieces with a meaning in TOML or in conditions.
const PIECES: [&str; 36] = [
    "\"",
    "'",
    "'''",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "(",
    ")",
    "=",
    "==",
    "!",
    "-",
    ".",
    ",",
    "\n",
    "\\",
    "\u{0}",
    "é",
    "☃",
    "in",
    "?",
    ":",
    "&&",
    "||",
    "row",
    "id.",
    "1",
    "9999999999999999999",
    "0x",
    "edition",
    "true",
    "``",
    "b\"\"",
];

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn broken_files_are_answered(
        file in 0..8usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..12usize, prop::sample::select(&PIECES[..])), 1..4),
    ) {
        let mut files = sample();
        let text = &mut files[file].1;
        for (at, cut, piece) in edits {
            let start = floor(text, at.index(text.len() + 1));
            let end = floor(text, start + cut).max(start);
            text.replace_range(start..end, piece);
        }
        // Rendering uses spans in the text, so it must not panic either.
        let _ = rendered(&files);
    }

    #[test]
    fn broken_conditions_are_answered(parts in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..24)) {
        let text = parts.join(" ").replace("'''", "").replace('\u{0}', "");
        let mut files = sample();
        let access = files.iter_mut().find(|(p, _)| p == "policy/access.toml").unwrap();
        access.1 = access.1.replace("'department == \"Engineering\"'", &format!("'''{text}'''"));
        if let Err(found) = load(&files) {
            prop_assert!(found.iter().all(|d| !d.title.is_empty()));
        }
        let _ = rendered(&files);
    }
}
