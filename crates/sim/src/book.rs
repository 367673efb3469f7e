//! What a scenario is: an organisation, steps in time, and what must be so after each.

use crate::rows::Row;
use crate::verbs::Act;
use crate::vocabulary::check;
use jiff::{SignedDuration, Timestamp};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// One way to execute a scenario. Every scenario is executed in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The pure engine: no store, no queue, no system.
    Engine,
    /// The whole application, with systems that are fake and can misbehave.
    Fake,
    /// The whole application, with a slapd as the system `directory`.
    Slapd,
}

impl Stage {
    /// All stages.
    pub const ALL: [Self; 3] = [Self::Engine, Self::Fake, Self::Slapd];

    /// As written in scenarios and names of tests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Fake => "fake",
            Self::Slapd => "slapd",
        }
    }

    /// The stage of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == name)
    }
}

/// All scenarios, in the order of their file names.
#[derive(Debug)]
pub struct Book {
    /// The scenarios.
    pub scenarios: Vec<Scenario>,
}

/// One scenario.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The file's name without its ending.
    #[serde(skip)]
    pub name: String,
    /// One line.
    pub title: String,
    /// One paragraph for readers: what happens, and what is right.
    pub text: String,
    /// Rows of the table of hard cases that it shows.
    #[serde(default)]
    pub rows: Vec<String>,
    /// Promises that fail with it when they are broken.
    #[serde(default)]
    pub promises: Vec<u8>,
    /// Mechanisms that meet in it; each scenario of the book names them.
    #[serde(default, rename = "mechanisms")]
    pub named: Option<Vec<String>>,
    /// Stages that cannot show it, each with the reason.
    #[serde(default)]
    pub not_in: BTreeMap<String, String>,
    /// The organisation: a folder in `scenarios/base`.
    pub base: String,
    /// Files of the configuration that differ from the base's from the beginning: path and whole text; an empty text takes the
    /// file away.
    #[serde(default)]
    pub set_up: BTreeMap<String, String>,
    /// What happens.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// One step: time moves, the world changes, people act, one pass runs, and something must be so.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// When: both clocks are set to it first. Without it, the last step's instant.
    #[serde(default, deserialize_with = "instant")]
    pub at: Option<Timestamp>,
    /// What happens, for readers.
    pub say: String,
    /// What sources report from now on, whole files.
    #[serde(default)]
    pub feed: BTreeMap<String, String>,
    /// Rows that change in what sources reported last, by source and key: cells by column, or `"gone"`.
    #[serde(default)]
    pub rows: BTreeMap<String, BTreeMap<String, Row>>,
    /// Files of the configuration that change now; it becomes the active one and all identities are settled.
    #[serde(default)]
    pub set_up: BTreeMap<String, String>,
    /// Who makes it active: their login (`[actors]` of the configuration).
    pub set_up_by: Option<String>,
    /// It must be refused, with this code (or a part of the text, see `codes.toml`); what was active stays so.
    pub set_up_refused: Option<String>,
    /// It widens control and waits for a second person: what it widens contains this. Only that of a named author waits.
    pub set_up_waits: Option<String>,
    /// Who confirms the configuration that waits, by worker number, before anything else of the step …
    pub set_up_confirmed_by: Option<String>,
    /// … which must be refused, with a text that contains this.
    pub set_up_confirm_refused: Option<String>,
    /// What happens to systems, outside Tenure.
    #[serde(default)]
    pub system: Vec<Event>,
    /// What people do in Tenure, before the pass.
    #[serde(default, rename = "do")]
    pub acts: Vec<Act>,
    /// Whether a pass runs (feeds, what is due, the queue).
    #[serde(default = "yes")]
    pub run: bool,
    /// Systems that are scanned after the pass; then the queue is worked again.
    #[serde(default)]
    pub scan: Vec<String>,
    /// Systems that are scanned in the same way, and whose accounts are adopted.
    #[serde(default)]
    pub adopt: Vec<String>,
    /// Who adopts, by worker number; without it, the owner of the system.
    pub adopt_by: Option<String>,
    /// The scans must be refused, with this code (or a part of the text, see `codes.toml`).
    pub scan_refused: Option<String>,
    /// Whether the step is planned first, on a copy: what then happens must be what the plan said, for each person.
    /// `expect.plan` says what it said.
    #[serde(default)]
    pub plan: bool,
    /// The period whose population is exported and checked with the public key alone: begin and end; `expect.population` says
    /// what it shows.
    pub population: Option<(String, String)>,
    /// What must be so afterwards. What is not named is not compared; lists are exact.
    #[serde(default)]
    pub expect: toml::Table,
}

impl Step {
    /// Whether no person acts in it: only feeds, systems and time change something.
    pub(crate) fn is_quiet(&self) -> bool {
        self.acts.is_empty() && self.set_up.is_empty() && self.scan.is_empty() && self.adopt.is_empty()
    }

    /// Whether people only answer questions in it.
    pub(crate) fn is_answered(&self) -> bool {
        let answers = |act: &Act| act.approve.is_some() || act.deny.is_some();
        let changes = !(self.set_up.is_empty() && self.feed.is_empty() && self.rows.is_empty());
        !changes && !self.acts.is_empty() && self.acts.iter().all(answers)
    }
}

fn yes() -> bool {
    true
}

pub(crate) fn instant<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    String::deserialize(from)?.parse().map(Some).map_err(D::Error::custom)
}

/// Something that happens to a system: one of the verbs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Which system.
    pub system: String,
    /// It cannot be reached (or can be reached again).
    pub down: Option<bool>,
    /// Its answers to this operation are false: it reports success and does nothing.
    pub lie: Option<String>,
    /// It refuses this operation. A directory does so by its access rules.
    pub fail: Option<String>,
    /// It behaves correctly again.
    #[serde(default)]
    pub mend: bool,
    /// It shows a write only after this many seconds.
    pub lag_seconds: Option<u64>,
    /// It stops a scan after this many accounts: that is its limit.
    pub limit_scan: Option<usize>,
    /// Its scans show this many accounts, and count all of them.
    pub truncate_scan: Option<usize>,
    /// Its scans show this many accounts, and say that these are all.
    pub hide_scan: Option<usize>,
    /// An administrator makes an account by hand.
    pub add: Option<String>,
    /// An administrator deletes an account by hand.
    pub remove: Option<String>,
    /// An administrator edits an account by hand.
    pub edit: Option<String>,
    /// An administrator sets a new password of an account by hand.
    pub rotate: Option<String>,
    /// An administrator nests this entitlement in the one of `into`: who holds this one inherits that one too.
    pub nest: Option<String>,
    /// Where `nest` goes.
    pub into: Option<String>,
    /// Where `nest` is taken out again.
    pub out_of: Option<String>,
    /// An administrator makes a container for accounts (`ou=sales`), in which `set` puts one by `container`. A fake system has all.
    pub container: Option<String>,
    /// With `edit`: its new name.
    pub call: Option<String>,
    /// With `edit` or `add`: whether it can be used.
    pub enabled: Option<bool>,
    /// With `edit` or `add`: what it holds besides.
    #[serde(default)]
    pub hold: Vec<String>,
    /// With `edit`: what it no longer holds.
    #[serde(default)]
    pub drop: Vec<String>,
    /// With `edit` or `add`: so many sessions are open now (fake systems).
    pub sessions: Option<usize>,
    /// With `edit` or `add`: these sorts of credential work besides (fake systems).
    #[serde(default)]
    pub credentials: Vec<String>,
    /// With `edit` or `add`: an additional token works that cannot be revoked and that expires then (fake systems).
    #[serde(default, deserialize_with = "instant")]
    pub token_until: Option<Timestamp>,
    /// With `edit` or `add`: attributes.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// With `edit`: attributes that are emptied.
    #[serde(default)]
    pub unset: Vec<String>,
}

/// What a clock with nanoseconds shows beyond the whole second: what is rounded on its way into the store shows.
const BEYOND: SignedDuration = SignedDuration::from_nanos(123_456_789);
/// The same as it is stored and shown. Scenarios expect whole seconds.
pub(crate) const SHOWN: &str = ".123456Z";

impl Scenario {
    /// The same on clocks (business and machine) that have nanoseconds.
    #[must_use]
    pub fn with_nanoseconds(mut self) -> Self {
        for at in self.steps.iter_mut().filter_map(|step| step.at.as_mut()) {
            *at = at.checked_add(BEYOND).unwrap_or(*at);
        }
        self
    }

    /// Reads one file; its name is that of the scenario.
    ///
    /// # Errors
    /// What in it is no scenario, with its place.
    pub fn read(path: &Path) -> Result<Self, String> {
        let told = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        let text = fs::read_to_string(path).map_err(|e| told(&e))?;
        let mut scenario: Self = toml::from_str(&text).map_err(|e| told(&e))?;
        scenario.name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        check(&scenario).map_err(|e| told(&e))?;
        Ok(scenario)
    }
}

impl Book {
    /// Reads every `*.toml` of a folder.
    ///
    /// # Panics
    /// When a file cannot be read as a scenario, with its place.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
        paths.retain(|p| p.extension().is_some_and(|e| e == "toml"));
        paths.sort();
        let read = |path: &std::path::PathBuf| Scenario::read(path).unwrap_or_else(|e| panic!("{e}"));
        Self { scenarios: paths.iter().map(read).collect() }
    }
}
