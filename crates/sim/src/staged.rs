//! Runs one scenario in one stage of its own, for the tests of the book and for files from anywhere.

use crate::book::{Scenario, Stage};
use crate::place::TargetSystems;
use crate::run::{live, live_in_engine};
use std::path::Path;
use tenure_testkit::peer::{or_skip, slapd};

/// How a run ended that found nothing wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staged {
    /// Everything was as expected.
    Right,
    /// This host has no slapd.
    Skipped,
}

/// Runs a scenario in a stage; `folder` is that of the book, whose bases it uses.
///
/// # Errors
/// What was not as expected, step by step, as text for a person.
pub fn in_stage(scenario: &Scenario, stage: Stage, folder: &Path) -> Result<Staged, String> {
    let place = match stage {
        Stage::Engine => return live_in_engine(scenario, folder).map(|()| Staged::Right),
        Stage::Fake => TargetSystems::new(None),
        Stage::Slapd => match or_skip(slapd()) {
            Some(slapd) => TargetSystems::new(Some(slapd)),
            None => return Ok(Staged::Skipped),
        },
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|e| format!("no runtime for it: {e}"))?;
    runtime.block_on(live(scenario, folder, place)).map(|()| Staged::Right)
}
