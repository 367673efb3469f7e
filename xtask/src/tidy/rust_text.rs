//! Text that is forbidden in a Rust file, and how each file begins.

use super::finding::Finding;
use super::lexer::Source;

/// A pattern in code (in pieces, so that this file passes), and what to do instead.
const BANNED: &[(&str, &str)] = &[
    (
        concat!("#[al", "low("),
        "use #[expect(lint, reason = \"...\")], which tells when it is not needed any more",
    ),
    (
        concat!("#![al", "low("),
        "use #![expect(lint, reason = \"...\")], which tells when it is not needed any more",
    ),
    (concat!("to", "do!("), "write the code, or leave the feature out and say so in an issue"),
    (concat!("unimple", "mented!("), "write the code, or leave the feature out and say so in an issue"),
    (concat!("#[ig", "nore"), "a test that never runs proves nothing: make it run, or delete it"),
];

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !source.raw.starts_with("//! ") {
        let message = "begin the file with one `//!` sentence that says why it exists";
        findings.push(Finding::new(&source.path, 1, message));
    }
    for (index, line) in source.code.lines().enumerate() {
        for (pattern, instead) in BANNED {
            if line.contains(pattern) {
                findings.push(Finding::new(&source.path, index + 1, format!("found `{pattern}`: {instead}")));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::shown;

    fn found(text: &str) -> Vec<String> {
        shown(&check(&Source::read("a.rs", text)))
    }

    #[test]
    fn a_file_says_why_it_exists() {
        assert!(found("use std::fs;\n")[0].starts_with("1: begin the file"));
        assert!(found("// not documentation\n")[0].starts_with("1: begin the file"));
        assert_eq!(found("//! Why.\nuse std::fs;\n"), Vec::<String>::new());
    }

    #[test]
    fn each_banned_pattern_is_found_in_code_and_only_there() {
        for (pattern, _) in BANNED {
            let one = found(&format!("//! Why.\n\n{pattern}\n"));
            assert_eq!(one.len(), 1, "{pattern}");
            assert!(one[0].starts_with("3: found"), "{}", one[0]);
            let literal = found(&format!("//! Why.\n// {pattern}\nlet a = \"{pattern}\";\n"));
            assert_eq!(literal, Vec::<String>::new(), "{pattern}");
        }
    }
}
