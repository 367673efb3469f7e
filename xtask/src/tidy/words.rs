//! The core has no word for a kind of worker: these exist in policy and data only (rings 0 to 3).

use super::finding::Finding;
use super::lexer::Source;

/// In pieces, so that this file does not contain them.
const WORDS: &[&str] =
    &[concat!("emplo", "yee"), concat!("contra", "ctor"), concat!("contin", "gent"), concat!("ven", "dor")];

/// Names from external standards, in exactly their spelling: RFC 2798 and RFC 7643 (attributes of a person), RFC 3045 (product and
/// version of a directory).
const FOREIGN: &[&str] = &[
    concat!("emplo", "yeeNumber"),
    concat!("emplo", "yeeType"),
    concat!("ven", "dorName"),
    concat!("ven", "dorVersion"),
];

/// Folders of rings 0 to 3.
pub(super) const INNER: &[&str] = &[
    "crates/model/",
    "crates/policy/",
    "crates/engine/",
    "crates/ledger/",
    "crates/scim/",
    "crates/store/",
    "crates/connect/",
    "crates/store-sqlite/",
    "crates/store-postgres/",
    "crates/connectors/",
    "crates/sources/",
    "crates/app/",
];

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    if !INNER.iter().any(|folder| source.path.starts_with(folder)) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (index, line) in source.said.lines().enumerate() {
        let mut line = line.to_owned();
        for foreign in FOREIGN {
            line = line.replace(foreign, "");
        }
        let line = line.to_ascii_lowercase();
        for word in WORDS.iter().filter(|word| line.contains(*word)) {
            findings.push(Finding::new(
                &source.path,
                index + 1,
                format!("the word {word:?} stands in ring 0 to 3: worker types are data; let policy or configuration name them"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::shown;

    fn found(path: &str, text: &str) -> Vec<String> {
        shown(&check(&Source::read(path, text)))
    }

    #[test]
    fn a_worker_type_in_code_literals_and_comments_is_found() {
        let text = "//! doc\nstruct EmployeeId;\nlet a = \"is a contractor\";\n// a contingent worker\nfn vendor() {}\n";
        let lines: Vec<_> = found("crates/engine/src/a.rs", text).iter().map(|f| f[..1].to_owned()).collect();
        assert_eq!(lines, ["2", "3", "4", "5"]);
    }

    #[test]
    fn documentation_tests_standards_and_outer_rings_may_say_it() {
        let text = "//! an employee\n/// a vendor\nlet a = \"employeeNumber\";\n#[cfg(test)]\nmod tests { fn employee() {} }\n";
        assert_eq!(found("crates/engine/src/a.rs", text), Vec::<String>::new());
        assert_eq!(found("crates/engine/tests/a.rs", "fn employee() {}"), Vec::<String>::new());
        assert_eq!(found("crates/demo/src/a.rs", "fn employee() {}"), Vec::<String>::new());
    }
}
