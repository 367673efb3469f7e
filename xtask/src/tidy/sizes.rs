//! Files and functions stay short; those that are too long today are listed and may only shrink.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::lexer::{Source, item_end};

/// Lines of a file outside its `#[cfg(test)]` items: above the first number it must be listed, above the second it fails.
const FILE: (usize, usize) = (400, 600);
/// Lines of a file with its tests, and of a file of tests: above it fails.
const WHOLE_FILE: usize = 1000;
/// Lines of a function from `fn` to its closing brace, outside tests; listed and failing as for files.
const FUNCTION: (usize, usize) = (60, 90);

/// Something with a length, and its permitted lengths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Measured {
    pub(crate) file: String,
    /// Counted from 1.
    line: usize,
    /// The function, or nothing for the file itself.
    function: Option<String>,
    size: usize,
    listed_above: usize,
    fails_above: usize,
}

impl Measured {
    fn key(&self) -> String {
        match &self.function {
            Some(function) => format!("{}::{function}", self.file),
            None => self.file.clone(),
        }
    }

    fn what(&self) -> String {
        self.function.as_ref().map_or("this file".to_owned(), |function| format!("the function {function}"))
    }
}

/// Everything in a file that has a limit.
pub(crate) fn measure(source: &Source) -> Vec<Measured> {
    let whole = source.raw.lines().count();
    let file = |size, (listed_above, fails_above)| Measured {
        file: source.path.clone(),
        line: 1,
        function: None,
        size,
        listed_above,
        fails_above,
    };
    if source.is_test {
        return vec![file(whole, (WHOLE_FILE, WHOLE_FILE))];
    }
    let outside_tests = (0..whole).filter(|line| !source.is_test_line(*line)).count();
    let mut measured = vec![file(outside_tests, FILE)];
    if whole > WHOLE_FILE {
        measured.push(file(whole, (WHOLE_FILE, WHOLE_FILE)));
    }
    measured.extend(functions(source));
    measured
}

fn functions(source: &Source) -> Vec<Measured> {
    let code = &source.code;
    let mut found: Vec<Measured> = Vec::new();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, _) in code.match_indices("fn ") {
        let before = code.get(..at).and_then(|before| before.chars().next_back());
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = code.get(at + 3..).unwrap_or_default().trim_start();
        let name = rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
        if name.is_empty() {
            continue;
        }
        let line = code.get(..at).unwrap_or_default().matches('\n').count();
        let end = item_end(code.as_bytes(), at);
        let size = code.get(at..end).unwrap_or_default().matches('\n').count() + 1;
        // Two functions of one name in a file are distinguished by their order.
        let count = times.entry(name).or_default();
        *count += 1;
        if source.is_test_line(line) {
            continue;
        }
        found.push(Measured {
            file: source.path.clone(),
            line: line + 1,
            function: Some(if *count == 1 { name.to_owned() } else { format!("{name}#{count}") }),
            size,
            listed_above: FUNCTION.0,
            fails_above: FUNCTION.1,
        });
    }
    found
}

/// Compares present sizes with the list. A listed size is a ceiling that is lowered with the code.
pub(crate) fn check(measured: &[Measured], listed: &str, ratchet: &str) -> Vec<Finding> {
    let mut ceilings: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut findings = Vec::new();
    for (index, line) in listed.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        match line.rsplit_once(' ').and_then(|(key, size)| Some((key, size.parse().ok()?))) {
            Some((key, size)) => {
                ceilings.insert(key, (size, index + 1));
            }
            None => findings.push(Finding::new(
                ratchet,
                index + 1,
                "expected `path lines` or `path::function lines`",
            )),
        }
    }
    for one in measured {
        let key = one.key();
        let ceiling = ceilings.get(key.as_str()).map(|(size, _)| *size);
        let message = match ceiling {
            _ if one.size > one.fails_above => {
                format!(
                    "{} has {} lines; more than {} is never right: split it",
                    one.what(),
                    one.size,
                    one.fails_above
                )
            }
            Some(ceiling) if one.size > ceiling => {
                format!(
                    "{} grew from {ceiling} to {} lines; what is too long may only shrink",
                    one.what(),
                    one.size
                )
            }
            None if one.size > one.listed_above => format!(
                "{} has {} lines, more than {}: split it (or list `{key} {}` in {ratchet} and say why in the commit)",
                one.what(),
                one.size,
                one.listed_above,
                one.size
            ),
            _ => continue,
        };
        findings.push(Finding::new(&one.file, one.line, message));
    }
    findings.extend(outdated(measured, &ceilings, ratchet));
    findings
}

/// A ceiling above the real size would let the code grow again.
fn outdated(measured: &[Measured], ceilings: &BTreeMap<&str, (usize, usize)>, ratchet: &str) -> Vec<Finding> {
    let mut sizes: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for one in measured {
        sizes.entry(one.key()).or_insert((one.size, one.listed_above));
    }
    let advice = "run `cargo xtask tidy --accept-sizes`";
    let mut findings = Vec::new();
    for (key, (ceiling, line)) in ceilings {
        let message = match sizes.get(*key) {
            None => format!("{key} is not there any more: {advice}"),
            Some((size, listed_above)) if size <= listed_above => {
                format!("{key} is short enough now: {advice}")
            }
            Some((size, _)) if size < ceiling => format!("{key} shrank to {size}: {advice}"),
            Some(_) => continue,
        };
        findings.push(Finding::new(ratchet, *line, message));
    }
    findings
}

/// The list for the present state. A size above the failing one is not listed: it cannot be accepted.
pub(crate) fn ratchet_of(measured: &[Measured]) -> String {
    let mut lines: Vec<String> = measured
        .iter()
        .filter(|one| one.size > one.listed_above && one.size <= one.fails_above)
        .map(|one| format!("{} {}\n", one.key(), one.size))
        .collect();
    lines.sort();
    format!(
        "# Files above {} and functions above {} lines (tests left out), with the size that they may not exceed.\n\
         # `cargo xtask tidy` fails when one grows, and when one shrank and this list did not.\n{}",
        FILE.0,
        FUNCTION.0,
        lines.concat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(lines: usize) -> Vec<Measured> {
        measure(&Source::read("crates/a/src/b.rs", &"// a line\n".repeat(lines)))
    }

    fn found(measured: &[Measured], listed: &str) -> Vec<String> {
        check(measured, listed, "ratchet.txt").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_long_file_is_split_or_listed() {
        assert_eq!(found(&file(400), ""), Vec::<String>::new());
        assert!(
            found(&file(401), "")[0]
                .starts_with("crates/a/src/b.rs:1: this file has 401 lines, more than 400")
        );
        assert_eq!(found(&file(401), "crates/a/src/b.rs 401\n"), Vec::<String>::new());
    }

    #[test]
    fn a_listed_file_may_only_shrink_and_the_list_with_it() {
        let grown = found(&file(402), "# note\ncrates/a/src/b.rs 401\n");
        assert!(grown[0].contains("grew from 401 to 402"), "{grown:?}");
        let shrunk = found(&file(401), "crates/a/src/b.rs 410\n");
        assert!(shrunk[0].starts_with("ratchet.txt:1: crates/a/src/b.rs shrank to 401"), "{shrunk:?}");
        assert!(found(&file(10), "crates/a/src/b.rs 410\n")[0].contains("short enough now"));
        assert!(found(&[], "gone.rs 410\n")[0].contains("not there any more"));
        assert!(found(&[], "nonsense\n")[0].contains("expected `path lines`"));
    }

    #[test]
    fn above_the_hard_limit_no_list_helps() {
        assert!(found(&file(601), "crates/a/src/b.rs 601\n")[0].contains("never right"));
        assert!(!ratchet_of(&file(601)).contains("b.rs"));
        assert!(ratchet_of(&file(500)).ends_with("crates/a/src/b.rs 500\n"));
    }

    #[test]
    fn tests_are_counted_apart() {
        let tests = format!("fn a() {{}}\n#[cfg(test)]\nmod tests {{\n{}}}\n", "// a line\n".repeat(500));
        assert_eq!(found(&measure(&Source::read("a.rs", &tests)), ""), Vec::<String>::new());
        let whole = measure(&Source::read("crates/a/tests/b.rs", &"// a line\n".repeat(1001)));
        assert!(found(&whole, "")[0].contains("more than 1000 is never right"));
    }

    #[test]
    fn long_functions_are_found_by_name_and_line() {
        let function = |name: &str, lines| {
            format!("pub async fn {name}<T>(a: [u8; 2]) -> bool {{\n{}}}\n", "    a();\n".repeat(lines))
        };
        let text =
            format!("trait A {{ fn short(&self); }}\n{}{}", function("long", 59), function("short", 10));
        let measured = measure(&Source::read("a.rs", &text));
        let long = found(&measured, "");
        assert_eq!(long.len(), 1, "{long:?}");
        assert!(long[0].starts_with("a.rs:2: the function long has 61 lines, more than 60"), "{}", long[0]);
        assert_eq!(found(&measured, "a.rs::long 61\n"), Vec::<String>::new());
        let too_long = measure(&Source::read("a.rs", &function("b", 90)));
        assert!(found(&too_long, "a.rs::b 92\n")[0].contains("more than 90 is never right"));
    }
}
