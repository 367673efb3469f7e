//! Documents that the product writes about itself; CI fails when a committed one is not what it would write.

use std::fs;
use std::process::Command;

use crate::paths;
use crate::problem::{Done, Problem};
use crate::run::{cargo, output};
use crate::say;

/// One generated document: a file, and the command of a package of ours whose standard output it is.
struct Generated {
    /// From the project's root.
    file: &'static str,
    package: &'static str,
    arguments: &'static [&'static str],
}

/// All of them. A new generated document is one line here:
/// `Generated { file: "docs/reference/cli.md", package: "tenure", arguments: &["help-markdown"] },`
const ALL: &[Generated] = &[];

/// Writes every generated document again.
pub(crate) fn write() -> Done {
    for generated in ALL {
        let text = generated.text()?;
        fs::write(paths::root().join(generated.file), text)
            .map_err(Problem::doing(format!("cannot write {}", generated.file)))?;
        say::line(&format!("wrote {}", generated.file));
    }
    say::line(&format!("{} generated documents", ALL.len()));
    Ok(())
}

/// Compares every generated document with what would be written now.
pub(crate) fn are_current() -> Done {
    let mut stale = Vec::new();
    for generated in ALL {
        let committed = fs::read_to_string(paths::root().join(generated.file)).unwrap_or_default();
        if let Some(line) = first_difference(&committed, &generated.text()?) {
            stale.push(format!("{}:{line}: is not what the program writes", generated.file));
        }
    }
    if stale.is_empty() {
        say::line(&format!("{} generated documents, all current", ALL.len()));
        return Ok(());
    }
    Err(Problem::new(format!("{}\nRun `cargo xtask gen` and commit the result.", stale.join("\n"))))
}

impl Generated {
    fn text(&self) -> Result<String, Problem> {
        output(&mut self.command())
    }

    fn command(&self) -> Command {
        let mut command = cargo();
        command.args(["run", "--release", "--quiet", "--package", self.package, "--"]).args(self.arguments);
        command
    }
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
}
