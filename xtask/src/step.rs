//! Steps with a time budget: the name of each, how long it took, and whether that was over budget.

use std::time::{Duration, Instant};

use crate::problem::{Done, Problem};
use crate::say;

/// The steps of one command, with their results.
pub(crate) struct Steps {
    taken: Vec<Taken>,
}

struct Taken {
    name: &'static str,
    budget: Duration,
    took: Duration,
    problem: Option<Problem>,
}

impl Steps {
    pub(crate) fn new() -> Self {
        Self { taken: Vec::new() }
    }

    /// Runs one step. A failed step does not stop the following ones: one run shows everything that is wrong. `budget` is in seconds,
    /// on two cores with nothing built before; exceeding it is printed, but is no failure.
    pub(crate) fn step(&mut self, name: &'static str, budget: u64, work: impl FnOnce() -> Done) {
        let budget = Duration::from_secs(budget);
        say::line(&format!("==> {name} (budget {} s)", budget.as_secs()));
        let begun = machine_now();
        let problem = work().err();
        let taken = Taken { name, budget, took: begun.elapsed(), problem };
        if let Some(problem) = &taken.problem {
            say::problem(&problem.to_string());
        }
        say::line(&format!("<== {}", taken.line()));
        self.taken.push(taken);
    }

    /// Prints all steps again and fails if one of them failed.
    pub(crate) fn finish(self) -> Done {
        say::line("\nSteps:");
        for taken in &self.taken {
            say::line(&format!("  {}", taken.line()));
        }
        let failed: Vec<_> = self.taken.iter().filter(|t| t.problem.is_some()).map(|t| t.name).collect();
        if failed.is_empty() { Ok(()) } else { Err(Problem::new(format!("failed: {}", failed.join(", ")))) }
    }
}

impl Taken {
    fn line(&self) -> String {
        let ended = if self.problem.is_some() { "FAILED" } else { "ok" };
        let judged = if self.took > self.budget { "OVER" } else { "under" };
        format!(
            "{ended:<6} {:<18} {:>7.1} s, {judged} its budget of {} s",
            self.name,
            self.took.as_secs_f64(),
            self.budget.as_secs()
        )
    }
}

#[expect(clippy::disallowed_methods, reason = "measures how long steps take on this machine")]
fn machine_now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_does_not_stop_the_next_and_fails_the_whole() {
        let mut steps = Steps::new();
        let mut ran = false;
        steps.step("first", 1, || Err(Problem::new("meant")));
        steps.step("second", 1, || {
            ran = true;
            Ok(())
        });
        assert!(ran);
        assert_eq!(steps.finish(), Err(Problem::new("failed: first")));
    }

    #[test]
    fn over_and_under_are_said() {
        let taken = |took| Taken {
            name: "docs",
            budget: Duration::from_secs(10),
            took: Duration::from_secs(took),
            problem: None,
        };
        assert!(taken(11).line().contains("OVER its budget of 10 s"));
        assert!(taken(9).line().contains("under its budget of 10 s"));
    }
}
