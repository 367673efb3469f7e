//! A generated scenario before it is one: parts that can be left out one by one, written as the text of a file.

use super::mechanism::Mechanism;
use crate::book::Scenario;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// One thing that happens.
#[derive(Debug, Clone)]
pub(super) struct Beat {
    /// Hours after the first step.
    pub(super) hour: i64,
    /// Lines of the step beside `at`, `say` and `run`.
    pub(super) body: String,
    /// Whether a person does something, which may be refused.
    pub(super) act: bool,
    /// Whether a pass runs.
    pub(super) run: bool,
    /// What becomes of a file of the configuration.
    pub(super) edit: Option<Edit>,
}

/// What becomes of a file of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    /// It is written.
    Writes(&'static str),
    /// It is taken away: it must be there.
    TakesAway(&'static str),
}

impl Beat {
    /// Something after which a pass runs.
    pub(super) fn pass(hour: i64, body: String) -> Self {
        Self { hour, body, act: false, run: true, edit: None }
    }

    /// Something that a person does.
    pub(super) fn act(hour: i64, body: String) -> Self {
        Self { hour, body, act: true, run: false, edit: None }
    }
}

/// What happens in a small organisation.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) seed: u64,
    pub(super) mechanisms: Vec<Mechanism>,
    /// Files of the configuration.
    pub(super) files: BTreeMap<&'static str, String>,
    /// The first step is the beginning and always there.
    pub(super) beats: Vec<Beat>,
}

/// When everything begins.
const BEGIN: &str = "2026-03-02T08:00:00Z";

impl Draft {
    /// The same without one beat, and without those that take away a file that is not there then.
    pub(super) fn without(&self, place: usize) -> Self {
        let mut less = self.clone();
        less.beats.remove(place);
        let mut files: BTreeSet<&str> = less.files.keys().copied().collect();
        less.beats.retain(|beat| match beat.edit {
            Some(Edit::Writes(file)) => {
                files.insert(file);
                true
            }
            Some(Edit::TakesAway(file)) => files.remove(file),
            None => true,
        });
        less
    }

    /// The text of the scenario file.
    pub(super) fn text(&self) -> String {
        let names: Vec<String> = self.mechanisms.iter().map(|m| format!("{:?}", m.as_str())).collect();
        let mut text = format!(
            "title = \"Generated: seed {}\"\ntext = \"Written by `tenure-sim pairs`: what meets on Bo Berg.\"\n\
             mechanisms = [{}]\nbase = \"office\"\n\n[set_up]\n",
            self.seed,
            names.join(", ")
        );
        for (path, content) in &self.files {
            writeln!(text, "\"{path}\" = '''\n{content}'''").unwrap();
        }
        let begin: Timestamp = BEGIN.parse().unwrap();
        for beat in &self.beats {
            let at = begin + SignedDuration::from_hours(beat.hour);
            let what = beat.body.lines().next().unwrap_or("time passes").replace(['"', '\\'], "'");
            write!(text, "\n[[step]]\nat = \"{at}\"\nsay = \"{what}\"\n{}", beat.body).unwrap();
            if !beat.run {
                text.push_str("run = false\n");
            }
        }
        text
    }

    /// The scenario.
    pub(super) fn scenario(&self) -> Result<Scenario, String> {
        let mut scenario: Scenario =
            toml::from_str(&self.text()).map_err(|e| format!("{e}\n{}", self.text()))?;
        scenario.name = format!("seed-{}", self.seed);
        Ok(scenario)
    }
}
