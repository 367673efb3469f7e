//! What the suite found, as text that says what to repair.

use std::fmt;

/// How one behaviour went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It was not checked, and why.
    Skipped(String),
    /// It does not hold, and what was seen instead.
    Failed(String),
}

/// One behaviour of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BehaviourResult {
    /// The sentence.
    pub behaviour: &'static str,
    /// How it went.
    pub outcome: Outcome,
}

/// All behaviours of one run, in the order of the suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// One for each behaviour.
    pub entries: Vec<BehaviourResult>,
}

/// The behaviours that do not hold. `Debug` prints the text, so that `report.verdict().unwrap()` reads well.
#[derive(Clone, PartialEq, Eq)]
pub struct Failures(String);

impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failures {}

impl Report {
    /// Whether everything that was checked holds.
    ///
    /// # Errors
    /// The whole report as text, failed behaviours first.
    pub fn verdict(&self) -> Result<(), Failures> {
        let (_, _, failed) = self.counts();
        if failed == 0 { Ok(()) } else { Err(Failures(format!("\n{self}"))) }
    }

    /// How many passed, were skipped, failed.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |f: fn(&Outcome) -> bool| self.entries.iter().filter(|e| f(&e.outcome)).count();
        (
            count(|o| *o == Outcome::Passed),
            count(|o| matches!(o, Outcome::Skipped(_))),
            count(|o| matches!(o, Outcome::Failed(_))),
        )
    }

    /// The behaviours that were skipped, with the reason: what a test may assert, so that nothing is skipped unseen.
    #[must_use]
    pub fn skipped<'a>(&'a self) -> Vec<(&'static str, &'a str)> {
        let reason = |e: &'a BehaviourResult| match &e.outcome {
            Outcome::Skipped(why) => Some((e.behaviour, why.as_str())),
            Outcome::Passed | Outcome::Failed(_) => None,
        };
        self.entries.iter().filter_map(reason).collect()
    }

    /// The behaviours that failed.
    #[must_use]
    pub fn failed(&self) -> Vec<&'static str> {
        let failed = self.entries.iter().filter(|e| matches!(e.outcome, Outcome::Failed(_)));
        failed.map(|e| e.behaviour).collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (passed, skipped, failed) = self.counts();
        writeln!(f, "behaviour suite: {passed} passed, {skipped} skipped, {failed} failed")?;
        for entry in &self.entries {
            if let Outcome::Failed(what) = &entry.outcome {
                writeln!(f, "FAILED   {}\n         {what}", entry.behaviour)?;
            }
        }
        for entry in &self.entries {
            match &entry.outcome {
                Outcome::Skipped(why) => writeln!(f, "skipped  {} ({why})", entry.behaviour)?,
                Outcome::Passed => writeln!(f, "passed   {}", entry.behaviour)?,
                Outcome::Failed(_) => {}
            }
        }
        Ok(())
    }
}
