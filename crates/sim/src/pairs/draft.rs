//! A generated scenario before it is one: parts that can be left out one by one, written as the text of a file.

use super::mechanism::Mechanism;
use crate::book::Scenario;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
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
