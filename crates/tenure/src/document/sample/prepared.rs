//! The sample organisation on the evening of its last day, with something of every kind left to do.

use crate::command::World;
use crate::exit::Failure;
use std::fs;
use std::path::{Path, PathBuf};
use tenure_demo::{Action, HR_FEED, VENDORS_FEED};

/// The seed of the organisation that the documents show.
const SEED: u64 = 1;

/// People who vanish from procurement's list at once: more than the brake lets pass.
const VANISHED: usize = 20;

/// Lines at the end of procurement's list that stay: the newest.
const NEWEST: usize = 6;

pub(super) struct Prepared {
    home: tempfile::TempDir,
    services: crate::command::Services,
    /// When the examples are run.
    pub(super) now: String,
}

impl Prepared {
    pub(super) async fn new() -> Result<Self, Failure> {
        let home = tempfile::tempdir().map_err(|e| Failure::internal(format!("no temporary folder: {e}")))?;
        let folder = home.path().join("tidewater");
        let world = World::begin(&folder, SEED).await?;
        // The question whose record it is stays unanswered.
        let is_done = |action: &Action| !matches!(action, Action::SamePerson { .. });
        for day in &world.days {
            world.morning(day)?;
            for run in &day.runs {
                drop(world.pass(run, is_done).await?);
            }
        }
        crate::command::publish_to(&folder, &world.app).await?;
        let last = world.days.last().and_then(|d| d.runs.last()).map(|r| r.now).unwrap_or_default();
        let services = world.close();
        disturb(&folder)?;
        Ok(Self { home, services, now: last.to_string() })
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.home.path().join("tidewater")
    }

    pub(super) async fn end(self) {
        self.services.stop().await;
    }
}

/// What the next pass finds: a row that cannot be read, many people missing at once, a configuration that widens control.
fn disturb(folder: &Path) -> Result<(), Failure> {
    edit(folder, HR_FEED, HR_FEED, |text| text.replacen(";30.09.2026;", ";31.09.2026;", 1))?;
    edit(folder, HR_FEED, "hr-tomorrow.csv", |text| text.replacen(";Berlin;DE;", ";Oslo;NO;", 1))?;
    edit(folder, VENDORS_FEED, VENDORS_FEED, |text| {
        let all: Vec<&str> = text.lines().collect();
        let (until, from) = (all.len().saturating_sub(NEWEST), all.len().saturating_sub(NEWEST + VANISHED));
        let kept = all.iter().enumerate().filter(|(n, _)| !(from..until).contains(n));
        kept.map(|(_, line)| format!("{line}\n")).collect()
    })?;
    edit(folder, "tenure.toml", "tenure.toml", |text| {
        text.replacen("security    = [", "security    = [\"10006\", ", 1)
    })
}

/// Writes a changed file; one that is as it was is an error, for the documents would not show what they say.
fn edit(folder: &Path, from: &str, to: &str, change: impl Fn(&str) -> String) -> Result<(), Failure> {
    let failed = |e: std::io::Error| Failure::internal(format!("{from} of the sample organisation: {e}"));
    let text = fs::read_to_string(folder.join(from)).map_err(failed)?;
    let changed = change(&text);
    if changed == text {
        return Err(Failure::internal(format!(
            "{from} of the sample organisation has not what is to be changed in it"
        )));
    }
    fs::write(folder.join(to), changed).map_err(failed)
}
