//! A measured command with its goal, and what the host could do at best.

use crate::measure::Used;

/// One row of the table.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    /// People of the organisation.
    pub(crate) people: u32,
    /// The command, and in which state of the organisation.
    pub(crate) name: &'static str,
    /// What it used.
    pub(crate) used: Used,
    /// At most so many seconds on the clock, where there is a goal.
    pub(crate) goal: Option<f64>,
    /// Seconds that the host needs for the least of this work, measured in the same run without us.
    pub(crate) limit: f64,
    /// What was counted, and what the limit is.
    pub(crate) note: String,
}

impl Figure {
    /// Ours over the host's.
    pub(crate) fn ratio(&self) -> f64 {
        self.used.wall / self.limit.max(1e-9)
    }
    /// Whether the goal is met; `None` without one.
    pub(crate) fn met(&self) -> Option<bool> {
        self.goal.map(|most| self.used.wall <= most)
    }
}
