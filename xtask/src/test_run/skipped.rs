//! Tests that reported that they could not run: each writes a line to a file named by xtask.

use std::fs;
use std::path::Path;

use crate::problem::Problem;

/// A test that did not run, and why.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Skipped {
    pub(crate) test: String,
    pub(crate) reason: String,
}

/// Reads the file; each test counts once, however many servers were missing.
pub(crate) fn read(file: &Path) -> Result<Vec<Skipped>, Problem> {
    let text = fs::read_to_string(file).map_err(Problem::doing(format!("cannot read {}", file.display())))?;
    Ok(parse(&text))
}

fn parse(text: &str) -> Vec<Skipped> {
    let mut skipped: Vec<Skipped> = text
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(test, reason)| Skipped { test: test.to_owned(), reason: reason.to_owned() })
        .collect();
    skipped.sort();
    skipped.dedup_by(|later, first| later.test == first.test);
    skipped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_test_counts_once() {
        let skipped = parse("b\tno slapd\na\tno scim\nb\tno slapd\n");
        let names: Vec<_> = skipped.iter().map(|one| one.test.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
    }
}
