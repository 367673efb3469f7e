//! The page of promises names a test for each promise, and every named test and scenario exists.

use std::collections::BTreeSet;

use super::finding::Finding;
use super::project::{TextFile, is_rust};

const PAGE: &str = "docs/promises.md";
/// Number of promises.
const PROMISES: usize = 20;
/// Names of scenario tests: stage and file.
const STAGES: [&str; 3] = ["engine", "fake", "slapd"];
/// Index of the cell of a row with the failed tests, from 0.
const FAILED: usize = 2;

pub(crate) fn check(files: &[TextFile]) -> Vec<Finding> {
    let Some(page) = files.iter().find(|file| file.path == PAGE) else {
        return vec![Finding::new(PAGE, 1, "is not there: it names what fails when a promise is broken")];
    };
    let mut findings = Vec::new();
    let mut numbers = BTreeSet::new();
    for (index, line) in page.text.lines().enumerate() {
        let Some((number, failed)) = row(line) else { continue };
        numbers.insert(number);
        let names: Vec<&str> = failed.split('`').skip(1).step_by(2).collect();
        if names.is_empty() {
            findings.push(Finding::new(
                PAGE,
                index + 1,
                "names no test: break the promise, and name what fails",
            ));
        }
        let missing = names.into_iter().filter(|name| !is_there(name, files));
        findings.extend(missing.map(|name| {
            Finding::new(
                PAGE,
                index + 1,
                format!("there is no test `{name}`: correct it, or break the promise anew"),
            )
        }));
    }
    let without = (1..=PROMISES).filter(|number| !numbers.contains(number));
    findings.extend(without.map(|number| Finding::new(PAGE, 1, format!("has no row for promise {number}"))));
    findings
}

/// The number of a row of the table, and its cell of tests.
fn row(line: &str) -> Option<(usize, &str)> {
    let cells: Vec<&str> = line.strip_prefix('|')?.split('|').map(str::trim).collect();
    let number = cells.first()?.split_whitespace().next()?.parse().ok()?;
    Some((number, cells.get(FAILED)?))
}

/// `fake::handover` is a scenario, `settle::later_is_never_missed` a function of a test.
fn is_there(name: &str, files: &[TextFile]) -> bool {
    let (first, last) = (name.split("::").next(), name.rsplit("::").next().unwrap_or_default());
    if first.is_some_and(|first| STAGES.contains(&first)) {
        let path = format!("scenarios/{last}.toml");
        return files.iter().any(|file| file.path == path);
    }
    let (plain, generic) = (format!("fn {last}("), format!("fn {last}<"));
    files.iter().any(|f| is_rust(&f.path) && (f.text.contains(&plain) || f.text.contains(&generic)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::shown;

    #[test]
    fn tests_that_are_not_there_are_found() {
        let file = |path: &str, text: &str| TextFile { path: path.to_owned(), text: text.to_owned() };
        let mut text = "| promise | broken so | failed |\n| --- | --- | --- |\n".to_owned();
        text += "| 1 one | x | `fake::a`, `engine::b`, `it::works`, `gone` |\n| 2 two | x | nothing |\n";
        for number in 3..PROMISES {
            text += &format!("| {number} more | x | `it::works` |\n");
        }
        let files = [
            file(PAGE, &text),
            file("scenarios/a.toml", ""),
            file("crates/a/tests/it/b.rs", "fn works() {}"),
        ];
        assert_eq!(
            shown(&check(&files)),
            [
                "3: there is no test `engine::b`: correct it, or break the promise anew",
                "3: there is no test `gone`: correct it, or break the promise anew",
                "4: names no test: break the promise, and name what fails",
                "1: has no row for promise 20",
            ]
        );
        assert_eq!(
            shown(&check(&files[1..])),
            ["1: is not there: it names what fails when a promise is broken"]
        );
    }
}
