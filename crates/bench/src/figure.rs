//! A measured figure with its unit, its goal, and what the host could do at best.

use serde::{Deserialize, Serialize};

/// One figure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Figure {
    /// What was measured, in which part.
    pub(crate) part: String,
    /// What it is.
    pub(crate) name: String,
    /// The value.
    pub(crate) value: f64,
    /// Its unit.
    pub(crate) unit: String,
    /// The goal, where there is one.
    pub(crate) goal: Option<Goal>,
    /// What the host did in the same run, without us; same unit unless `note` says otherwise.
    pub(crate) limit: Option<f64>,
    /// What was counted, or how the limit was measured.
    pub(crate) note: String,
}

/// A goal for a value.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Goal {
    /// As much as this, or more.
    AtLeast(f64),
    /// As much as this, or less.
    AtMost(f64),
}

impl Figure {
    pub(crate) fn new(part: &str, name: &str, value: f64, unit: &str) -> Self {
        Self {
            part: part.to_owned(),
            name: name.to_owned(),
            value,
            unit: unit.to_owned(),
            goal: None,
            limit: None,
            note: String::new(),
        }
    }
    pub(crate) fn goal(mut self, goal: Goal) -> Self {
        self.goal = Some(goal);
        self
    }
    pub(crate) fn limit(mut self, limit: f64) -> Self {
        self.limit = Some(limit);
        self
    }
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
    /// Ours over the host's.
    pub(crate) fn ratio(&self) -> Option<f64> {
        self.limit.filter(|l| *l != 0.0).map(|l| self.value / l)
    }
    /// Whether the goal is met; `None` without one.
    pub(crate) fn met(&self) -> Option<bool> {
        self.goal.map(|goal| match goal {
            Goal::AtLeast(least) => self.value >= least,
            Goal::AtMost(most) => self.value <= most,
        })
    }
}
