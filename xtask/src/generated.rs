//! Documents that the product generates about itself; CI fails if a committed one differs from what would be generated.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::paths;
use crate::problem::{Done, Problem};
use crate::run::{cargo, command, output, run};
use crate::say;

/// A command of one of our packages that writes documents below a given folder, and prints their paths.
struct Generated {
    package: &'static str,
    arguments: &'static [&'static str],
    /// The folder of the documents, from the project's root.
    folder: &'static str,
    /// Folders below it in which every page is generated: a page that is no longer generated is removed.
    whole: &'static [&'static str],
}

/// All of them. A new document of the program is one line in crates/tenure/src/document/library.rs.
const ALL: &[Generated] = &[
    Generated { package: "tenure", arguments: &["docs"], folder: "docs", whole: &["errors"] },
    Generated { package: "tenure-sim", arguments: &["docs"], folder: "docs", whole: &[] },
];

/// Writes every generated document again, and removes obsolete ones.
pub(crate) fn write() -> Done {
    build()?;
    for generated in ALL {
        let folder = paths::root().join(generated.folder);
        let written = generated.write_below(&folder)?;
        for page in generated.left_over(&folder, &written)? {
            let path = folder.join(&page);
            fs::remove_file(&path).map_err(Problem::doing(format!("cannot remove {}", path.display())))?;
            say::line(&format!("removed {}/{page}", generated.folder));
        }
        say::line(&format!("{} documents written below {}", written.len(), generated.folder));
    }
    Ok(())
}

/// Compares every generated document with what would be written now.
pub(crate) fn are_current() -> Done {
    build()?;
    let mut stale = Vec::new();
    let mut count = 0;
    for generated in ALL {
        let now = paths::root().join("target/generated").join(generated.folder);
        let folder = paths::root().join(generated.folder);
        let written = generated.write_below(&now)?;
        count += written.len();
        for page in &written {
            let text = fs::read_to_string(now.join(page))
                .map_err(Problem::doing(format!("cannot read {}", now.join(page).display())))?;
            let committed = fs::read_to_string(folder.join(page)).unwrap_or_default();
            if let Some(line) = first_difference(&without_outputs(&committed), &without_outputs(&text)) {
                stale.push(format!("{}/{page}:{line}: is not what the program writes", generated.folder));
            }
        }
        let left = generated.left_over(&folder, &written)?;
        stale.extend(left.iter().map(|page| format!("{}/{page}:1: is not made any more", generated.folder)));
    }
    if stale.is_empty() {
        say::line(&format!("{count} generated documents, all current"));
        return Ok(());
    }
    Err(Problem::new(format!("{}\nRun `cargo xtask gen` and commit the result.", stale.join("\n"))))
}

/// Builds the programs that write documents, with the same options as the tests, so that both share one build: for a single package
/// cargo selects other features of the dependencies, and compiles for minutes.
fn build() -> Done {
    run(cargo().args(["build", "--release", "--quiet", "--workspace", "--bins", "--tests"]))
}

impl Generated {
    /// Runs the command; returns the paths that it wrote, from the folder.
    fn write_below(&self, folder: &Path) -> Result<Vec<String>, Problem> {
        Ok(output(self.command().arg(folder))?.lines().map(str::to_owned).collect())
    }

    fn command(&self) -> Command {
        let mut command = command(paths::target().join("release").join(self.package));
        command.args(self.arguments);
        command
    }

    /// Pages of completely generated folders that were not written now.
    fn left_over(&self, folder: &Path, written: &[String]) -> Result<Vec<String>, Problem> {
        let mut left = Vec::new();
        for whole in self.whole {
            let path = folder.join(whole);
            let Ok(entries) = fs::read_dir(&path) else { continue };
            for entry in entries {
                let entry = entry.map_err(Problem::doing(format!("cannot list {}", path.display())))?;
                let page = format!("{whole}/{}", entry.file_name().to_string_lossy());
                if !written.contains(&page) {
                    left.push(page);
                }
            }
        }
        left.sort();
        Ok(left)
    }
}

/// A page without what examples printed: numbers of entries and the order of concurrent work differ from run to run. The commands, their
/// options and their examples stay; a test runs each example.
fn without_outputs(page: &str) -> String {
    let mut is_output = false;
    let mut kept = String::with_capacity(page.len());
    for line in page.lines() {
        is_output = if line.starts_with("```") { line.starts_with("```console") } else { is_output };
        let is_kept = !is_output || line.starts_with("```") || line.starts_with("$ ");
        // In the table of examples the columns after the command are the exit code and the first line of the output.
        let line = if line.starts_with("| [`") { line.split(") | ").next().unwrap_or(line) } else { line };
        let line = line.split(" (exit code ").next().unwrap_or(line);
        kept.push_str(if is_kept { line } else { "" });
        kept.push_str(if is_kept { "\n" } else { "" });
    }
    kept
}

/// The first line, counted from 1, in which two texts differ.
fn first_difference(committed: &str, now: &str) -> Option<usize> {
    if committed == now {
        return None;
    }
    let same = committed.lines().zip(now.lines()).take_while(|(before, after)| before == after).count();
    Some(same + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_differing_line_is_named() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("", "a\n"), Some(1));
        assert_eq!(first_difference("a\n", "a"), Some(2));
    }

    #[test]
    fn what_an_example_printed_is_left_out_and_its_command_is_not() {
        let page = |command: &str, printed: &str| {
            format!(
                "| [`a`](#a) | {} | {printed} |\n\n```console\n$ tenure {command}\n{printed}\n```\nend\n",
                printed.len()
            )
        };
        assert_eq!(without_outputs(&page("a", "entry 4")), without_outputs(&page("a", "entry 17")));
        assert_ne!(without_outputs(&page("a", "entry 4")), without_outputs(&page("b", "entry 4")));
        assert!(without_outputs(&page("a", "x")).ends_with("$ tenure a\n```\nend\n"));
    }

    #[test]
    fn a_page_that_is_no_longer_made_is_left_over() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("errors")).unwrap();
        for page in ["errors/A001.md", "errors/A999.md", "by-hand.md"] {
            std::fs::write(folder.path().join(page), "").unwrap();
        }
        let generated = Generated { package: "", arguments: &[], folder: "docs", whole: &["errors"] };
        let left = generated.left_over(folder.path(), &["errors/A001.md".to_owned()]).unwrap();
        assert_eq!(left, ["errors/A999.md"]);
    }
}
