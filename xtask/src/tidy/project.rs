//! The text files of the project on disk.

use std::fs;
use std::path::Path;

use crate::problem::{Done, Problem};

/// A text file and its path, from the project's root, with `/` between folders.
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// All text files, in order of their paths.
pub(crate) struct Project {
    pub(crate) files: Vec<TextFile>,
}

/// Folders that are not checked: builds, git's own files, and folders created by `tenure`.
const PASSED_OVER: &[&str] = &["target", ".git", ".tenure"];
/// Endings of files written by people; `run` is `.ci/run`.
const ENDINGS: &[&str] =
    &["rs", "md", "toml", "txt", "sh", "sql", "html", "css", "js", "yml", "yaml", "json", "run"];

impl Project {
    pub(crate) fn read(root: &Path) -> Result<Self, Problem> {
        let mut files = Vec::new();
        walk(root, "", &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<TextFile>) -> Done {
    let doing = || format!("cannot read the folder {}", folder.display());
    for entry in fs::read_dir(folder).map_err(Problem::doing(doing()))? {
        let entry = entry.map_err(Problem::doing(doing()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        let kind = entry.file_type().map_err(Problem::doing(doing()))?;
        if kind.is_dir() {
            if !PASSED_OVER.contains(&name.as_str()) || prefix_is_source(prefix) {
                walk(&entry.path(), &path, files)?;
            }
        } else if kind.is_file() && ENDINGS.contains(&name.rsplit('.').next().unwrap_or_default()) {
            // A fixture may have a different encoding on purpose; only text is checked.
            if let Ok(text) = fs::read_to_string(entry.path()) {
                files.push(TextFile { path, text });
            }
        }
    }
    Ok(())
}

/// `crates/testkit/src/target` is a module, not a build.
fn prefix_is_source(prefix: &str) -> bool {
    prefix.split('/').any(|part| part == "src")
}

pub(crate) fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}

/// Whether a whole file is test code by its path.
pub(crate) fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.split('/').any(|part| part == "tests" || part == "benches")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_is_read_without_builds_but_with_a_module_named_target() {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("target/release/a.rs", "x"),
            ("crates/a/src/target/mod.rs", "x"),
            (".git/b.md", "x"),
            (".ci/run", "x"),
            ("c.png", "x"),
            ("crates/a/target/d.rs", "x"),
        ] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let project = Project::read(root.path()).unwrap();
        let paths: Vec<_> = project.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, [".ci/run", "crates/a/src/target/mod.rs"]);
    }

    #[test]
    fn tests_are_known_by_their_place() {
        assert!(is_test_file("crates/a/tests/b.rs") && is_test_file("crates/a/src/tests.rs"));
        assert!(!is_test_file("crates/testkit/src/peer/mod.rs"));
    }
}
