//! Runs generated organisations in the engine stage under the invariants, and makes what failed as small as it can be.

use super::draft::{Beat, Draft};
use super::generate::generate;
use super::mechanism::Mechanism;
use crate::application::Application;
use crate::book::{Scenario, Stage};
use crate::engine::World;
use crate::invariant::{Checker, Touched, Violation};
use crate::place::TargetSystems;
use crate::run::beginning;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Most runs that are spent on making one failure smaller.
const RUNS_MAX: u32 = 300;

/// A seed whose organisation broke a property.
#[derive(Debug)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// What was not so, and for which identity.
    pub what: String,
    /// The smallest scenario that shows the same, as the text of a file.
    pub scenario: String,
}

/// How a failed run ended.
#[derive(Debug, Clone, PartialEq)]
enum Broken {
    /// This must never be so; in which beat.
    Invariant(usize, Violation),
    /// It could not continue.
    Stopped(String),
}

impl Broken {
    /// Whether another run broke in the same way.
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Invariant(_, a), Self::Invariant(_, b)) => a.property == b.property,
            (Self::Stopped(_), Self::Stopped(_)) => true,
            _ => false,
        }
    }
}

/// Which mechanisms meet in the organisation of a seed.
#[must_use]
pub fn pairs(seed: u64) -> Vec<Mechanism> {
    generate(seed).mechanisms
}

/// How the organisation of a seed fails in a stage (the engine alone, or the whole application over fake systems); `folder` is that of
/// the book.
#[must_use]
pub fn fails(seed: u64, folder: &Path, stage: Stage) -> Option<Failure> {
    let draft = generate(seed);
    let broken = broken(&draft, folder, stage)?;
    let draft = smaller(draft, &broken, folder, stage);
    let what = match self::broken(&draft, folder, stage).unwrap_or(broken) {
        Broken::Invariant(beat, violation) => format!("step {}: {violation}", beat + 1),
        Broken::Stopped(why) => why,
    };
    Some(Failure { seed, what, scenario: draft.text() })
}

/// Leaves out one beat after the other, as long as it breaks in the same way.
fn smaller(mut draft: Draft, broken: &Broken, folder: &Path, stage: Stage) -> Draft {
    let mut runs = 0;
    let mut place = draft.beats.len();
    while place > 1 && runs < RUNS_MAX {
        place = draft.beats.len().min(place) - 1;
        if place == 0 {
            break;
        }
        let less = draft.without(place);
        runs += 1;
        if self::broken(&less, folder, stage).is_some_and(|b| b.is_like(broken)) {
            draft = less;
        }
    }
    draft
}

fn broken(draft: &Draft, folder: &Path, stage: Stage) -> Option<Broken> {
    let scenario = match draft.scenario() {
        // A third of them meet clocks with nanoseconds.
        Ok(scenario) if draft.seed.is_multiple_of(3) => scenario.with_nanoseconds(),
        Ok(scenario) => scenario,
        Err(why) => return Some(Broken::Stopped(why)),
    };
    let ended = catch_unwind(AssertUnwindSafe(|| match stage {
        Stage::Engine => lived(&scenario, &draft.beats, folder),
        Stage::Fake | Stage::Slapd => {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
            let runtime = runtime.map_err(|e| Broken::Stopped(format!("no runtime for it: {e}")))?;
            runtime.block_on(lived_whole(&scenario, &draft.beats, folder))
        }
    }));
    match ended {
        Ok(ended) => ended.err(),
        Err(why) => {
            let text = why.downcast_ref::<String>().cloned();
            let text = text.or_else(|| why.downcast_ref::<&str>().map(|t| (*t).to_owned()));
            Some(Broken::Stopped(format!("it panicked: {}", text.unwrap_or_default())))
        }
    }
}

fn lived(scenario: &Scenario, beats: &[Beat], folder: &Path) -> Result<(), Broken> {
    let (files, at) = beginning(scenario, folder).map_err(Broken::Stopped)?;
    let mut world = World::begin(files, at).map_err(Broken::Stopped)?;
    let mut checker = Checker::default();
    for (number, (step, beat)) in scenario.steps.iter().zip(beats).enumerate() {
        match world.step(step) {
            Ok(()) => {}
            // An act may be refused: that is an answer, not a fault.
            Err(_) if beat.act => {}
            Err(why) => return Err(Broken::Stopped(format!("step {}: {why}", number + 1))),
        }
        if let Some(first) = checker.check(&world.snapshot(step)).into_iter().next() {
            return Err(Broken::Invariant(number, first));
        }
    }
    Ok(())
}

/// The same with the whole application: its store, its queue, its brakes of systems and its plans.
async fn lived_whole(scenario: &Scenario, beats: &[Beat], folder: &Path) -> Result<(), Broken> {
    let (files, at) = beginning(scenario, folder).map_err(Broken::Stopped)?;
    let begun = Application::begin(files, TargetSystems::new(None), at).await;
    let mut application = begun.map_err(Broken::Stopped)?;
    let (mut checker, mut touched) = (Checker::default(), Touched::default());
    for (number, (step, beat)) in scenario.steps.iter().zip(beats).enumerate() {
        match application.step(step).await {
            Ok(()) => {}
            Err(_) if beat.act => {}
            Err(why) => return Err(Broken::Stopped(format!("step {}: {why}", number + 1))),
        }
        touched.follow(step);
        let after = application.snapshot(step, &touched).await;
        let after = after.map_err(|why| Broken::Stopped(format!("step {}: {why}", number + 1)))?;
        if let Some(first) = checker.check(&after).into_iter().next() {
            return Err(Broken::Invariant(number, first));
        }
    }
    Ok(())
}
