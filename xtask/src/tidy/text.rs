//! Text that is forbidden in any text file: marks of unfinished work and paths of one person's machine.

use super::finding::Finding;
use super::project::TextFile;

/// In pieces, so that this file does not contain it.
const UNFINISHED: &str = concat!("FIX", "ME");
/// Folders that exist only on the author's machine.
const MACHINES: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/")];

pub(crate) fn check(file: &TextFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let mut found = |message: String| findings.push(Finding::new(&file.path, index + 1, message));
        if line.contains(UNFINISHED) {
            found(format!("{UNFINISHED} is no place to keep work: do it, or write an issue"));
        }
        for path in MACHINES.iter().filter(|path| names(line, path)) {
            found(format!("{path} is a folder of one machine: use a path from the project's root"));
        }
    }
    findings
}

/// Whether the path begins here; in the middle of a longer path it is a different one.
fn names(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        before.is_none_or(|c| !(c.is_alphanumeric() || "._-~}*".contains(c)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::shown;

    fn found(text: &str) -> Vec<String> {
        shown(&check(&TextFile { path: "a.md".to_owned(), text: text.to_owned() }))
    }

    #[test]
    fn unfinished_work_is_found() {
        assert!(found(&format!("a\n// {UNFINISHED}: later\n"))[0].starts_with("2: "));
    }

    #[test]
    fn paths_of_a_machine_are_found_but_not_parts_of_other_paths() {
        for path in MACHINES {
            assert_eq!(found(&format!("see {path}x")).len(), 1);
            assert_eq!(found(&format!("\"{path}x\"")).len(), 1);
            assert_eq!(found(&format!("https://example.test{path}x")), Vec::<String>::new());
        }
    }
}
