//! The steps of `cargo xtask test`, and the summary that closes it.

use std::fs;

use super::counts::Counts;
use super::nextest::{self, Runner};
use super::peers::{self, Peer};
use super::skipped::{self, Skipped};
use crate::paths;
use crate::problem::{Done, Problem};
use crate::run::{command, run};
use crate::say;
use crate::step::Steps;

/// Installs, runs, and summarises. `arguments` go to the test runner.
pub(crate) fn test(arguments: &[String]) -> Done {
    let folder = paths::target().join("peers");
    fs::create_dir_all(&folder).map_err(Problem::doing(format!("cannot make {}", folder.display())))?;
    let noted = folder.join("skipped.txt");
    fs::write(&noted, "").map_err(Problem::doing(format!("cannot empty {}", noted.display())))?;

    let mut steps = Steps::new();
    let mut peers = Vec::new();
    steps.step("servers", 90, || {
        peers = peers::install();
        for peer in &peers {
            say::line(&format!("  {}", peer.line()));
        }
        Ok(())
    });
    let mut runner = Runner::CargoTest;
    steps.step("test runner", 400, || {
        runner = nextest::find_or_install();
        Ok(())
    });
    let mut closing = Closing::default();
    steps.step("tests", 1500, || {
        let run = nextest::run(runner, arguments, &peers, &noted)?;
        closing = Closing { counts: run.counts, summary: run.summary };
        run.ended
    });
    steps.step("scenario book", 5, scenarios);
    let done = steps.finish();
    let skipped = skipped::read(&noted)?;
    closing.print(&peers, &skipped);
    done?;
    judge(&peers, &skipped)
}

/// Prints how many scenarios cover each hard case and each promise. The program is built by the same run of all tests; a run of one
/// package may not have built it.
fn scenarios() -> Done {
    let program = paths::target().join("release").join("tenure-sim");
    if !program.is_file() {
        say::line(
            "  the scenario book was not built: `cargo xtask test` without arguments builds and counts it",
        );
        return Ok(());
    }
    run(command(program).arg("counts"))
}

/// A CI run with a missing server has not tested what it should.
fn judge(peers: &[Peer], skipped: &[Skipped]) -> Done {
    let missing: Vec<_> = peers.iter().filter(|peer| peer.path.is_err()).map(|peer| peer.name).collect();
    let on_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
    if on_ci && !missing.is_empty() && !skipped.is_empty() {
        return Err(Problem::new(format!(
            "{} tests were skipped because {} could not be installed; on CI that is a failure",
            skipped.len(),
            missing.join(" and ")
        )));
    }
    Ok(())
}

#[derive(Default)]
struct Closing {
    counts: Counts,
    summary: Option<String>,
}

impl Closing {
    fn print(&self, peers: &[Peer], skipped: &[Skipped]) {
        say::line("\nServers:");
        for peer in peers {
            say::line(&format!("  {}", peer.line()));
        }
        if skipped.is_empty() {
            say::line("Skipped: nothing");
        } else {
            say::line(&format!("Skipped: {} tests", skipped.len()));
            for one in skipped {
                say::line(&format!("  SKIPPED {}: {}", one.test, one.reason));
            }
        }
        if let Some(summary) = &self.summary {
            say::line(summary);
        }
        say::line(&self.counts.without(skipped.len()).line());
    }
}
