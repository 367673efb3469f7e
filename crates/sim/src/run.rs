//! Executes one scenario in one stage, and says in words what was not as expected.

use crate::application::Application;
use crate::book::{SHOWN, Scenario, Stage, Step};
use crate::compare::differences;
use crate::engine::{BLIND, World, visible};
use crate::expect::expectation;
use crate::files::{Files, base, change};
use crate::invariant::{Checker, Snapshot, Touched, Violation, sorted_out};
use crate::place::TargetSystems;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::path::Path;

/// Executes a scenario of the book in `folder` over these systems, with the whole application.
///
/// # Errors
/// What was not as expected, step by step, as text for a person.
pub async fn live(scenario: &Scenario, folder: &Path, place: TargetSystems) -> Result<(), String> {
    let (files, at) = beginning(scenario, folder)?;
    let stage = if place.is_real() { Stage::Slapd } else { Stage::Fake };
    let mut application = Application::begin(files, place, at).await?;
    let (mut wrong, mut watch, mut touched) = (Mismatches::default(), Watch::default(), Touched::default());
    for (number, step) in scenario.steps.iter().enumerate() {
        let expected = expectation(&step.expect).map_err(|e| under(number, step, &e))?;
        application.step(step).await.map_err(|e| under(number, step, &e))?;
        let expected = application.place.visible(expected);
        let seen = application.see(&expected).await.map_err(|e| e.to_string())?;
        let mut seen = in_whole_seconds(seen);
        if let Some(foreseen) = application.foreseen.take() {
            let (differ, plan) = application.compared(&foreseen, &seen);
            wrong.differ(number, step, "what happened is not what the plan said", &differ);
            if step.run {
                let left = application.left_to_plan().await.map_err(|e| under(number, step, &e))?;
                wrong.differ(number, step, "the pass did not do all that a plan shows", &left);
            }
            seen["plan"] = Value::from(plan);
        }
        if let Some((from, before)) = &step.population {
            let shown = application
                .population(from, before)
                .await
                .map_err(|e| under(number, step, &e.to_string()))?;
            seen["population"] = in_whole_seconds(Value::from(shown));
        }
        wrong.compare(number, step, &expected, &seen, &[]);
        touched.follow(step);
        let after = application.snapshot(step, &touched).await.map_err(|e| under(number, step, &e))?;
        watch.look(number, &after);
    }
    watch.done(scenario, stage, &mut wrong);
    // It reads every entry, so that once, when all has happened, is enough; a step that expects it has it looked at there.
    if let Some((number, step)) = scenario.steps.iter().enumerate().next_back() {
        let ledger = application.examined().await.map_err(|e| e.to_string())?;
        wrong.compare(number, step, &json!({ "ledger": "verifies" }), &json!({ "ledger": ledger }), &[]);
    }
    wrong.done()
}

/// Executes a scenario of the book in `folder` with the engine alone.
///
/// # Errors
/// What was not as expected, step by step, as text for a person.
pub fn live_in_engine(scenario: &Scenario, folder: &Path) -> Result<(), String> {
    let (files, at) = beginning(scenario, folder)?;
    let mut world = World::begin(files, at)?;
    let (mut wrong, mut watch) = (Mismatches::default(), Watch::default());
    for (number, step) in scenario.steps.iter().enumerate() {
        let expected = expectation(&step.expect).map_err(|e| under(number, step, &e))?;
        world.step(step).map_err(|e| under(number, step, &e))?;
        wrong.compare(number, step, &visible(expected), &world.see(), BLIND);
        watch.look(number, &world.snapshot(step));
    }
    watch.done(scenario, Stage::Engine, &mut wrong);
    wrong.done()
}

/// What both stages see of a person, and a plan foresees.
const OF_BOTH: [&str; 5] = ["phase", "cut_off", "accounts", "names", "grants"];

/// Executes a scenario twice, side by side: with the whole application over these systems, and with the engine alone. What a planned
/// step did must be what its plan said, and what the engine alone makes of it, for each person. Returns how many changes of
/// people were foreseen.
///
/// # Errors
/// What was not the same, step by step, as text for a person.
pub async fn live_twice(scenario: &Scenario, folder: &Path, place: TargetSystems) -> Result<usize, String> {
    let (files, at) = beginning(scenario, folder)?;
    let mut world = World::begin(files.clone(), at)?;
    let mut application = Application::begin(files, place, at).await?;
    let (mut wrong, mut changes) = (Mismatches::default(), 0);
    for (number, step) in scenario.steps.iter().enumerate() {
        application.step(step).await.map_err(|e| under(number, step, &e))?;
        world.step(step).map_err(|e| under(number, step, &e))?;
        let seen = application.see(&Value::Null).await.map_err(|e| e.to_string())?;
        if let Some(foreseen) = application.foreseen.take() {
            let (differ, plan) = application.compared(&foreseen, &seen);
            wrong.differ(number, step, "what happened is not what the plan said", &differ);
            if step.run {
                let left = application.left_to_plan().await.map_err(|e| under(number, step, &e))?;
                wrong.differ(number, step, "the pass did not do all that a plan shows", &left);
            }
            changes += plan.len();
        }
        let both = visible(picked(&seen, &OF_BOTH));
        wrong.compare(number, step, &both, &world.see(), &[]);
    }
    wrong.done().map(|()| changes)
}

/// All identities, with some of what is seen of them.
pub(crate) fn picked(seen: &Value, keys: &[&str]) -> Value {
    let people = seen["people"].as_object().into_iter().flatten();
    let pick = |of: &Value| keys.iter().map(|k| ((*k).to_owned(), of[*k].clone())).collect::<Map<_, _>>();
    let people: Map<_, _> = people.map(|(name, person)| (name.clone(), pick(person).into())).collect();
    json!({ "people": people })
}

pub(crate) fn beginning(scenario: &Scenario, folder: &Path) -> Result<(Files, Timestamp), String> {
    let mut files = base(&folder.join("base").join(&scenario.base));
    change(&mut files, &scenario.set_up);
    match scenario.steps.first().and_then(|s| s.at) {
        Some(at) => Ok((files, at)),
        None => Err("the first step says when it is: `at`".to_owned()),
    }
}

/// What is seen where clocks have nanoseconds, as a scenario says it.
fn in_whole_seconds(seen: Value) -> Value {
    match seen {
        Value::String(text) => Value::from(text.replace(SHOWN, "Z")),
        Value::Array(all) => all.into_iter().map(in_whole_seconds).collect(),
        Value::Object(all) => {
            Value::Object(all.into_iter().map(|(key, value)| (key, in_whole_seconds(value))).collect())
        }
        other => other,
    }
}

fn head(number: usize, step: &Step) -> String {
    format!("step {}: {}", number + 1, step.say)
}

fn under(number: usize, step: &Step, what: &str) -> String {
    format!("{}\n  {what}", head(number, step))
}

/// What of every step was not as it must be, whatever is expected.
#[derive(Default)]
struct Watch {
    checker: Checker,
    found: Vec<(usize, Violation)>,
}

impl Watch {
    fn look(&mut self, number: usize, after: &Snapshot<'_>) {
        self.found.extend(self.checker.check(after).into_iter().map(|v| (number, v)));
    }

    /// Reports violations that no table knows, and known violations that no longer occur.
    fn done(self, scenario: &Scenario, stage: Stage, wrong: &mut Mismatches) {
        let (new, mended) = sorted_out(&scenario.name, stage.as_str(), &self.found);
        for (number, violation) in new {
            wrong.broken(number, &scenario.steps[number], &violation);
        }
        for property in mended {
            wrong.mended(property.as_str());
        }
    }
}

/// What was not as expected, so far.
#[derive(Default)]
struct Mismatches(String);

impl Mismatches {
    fn compare(&mut self, number: usize, step: &Step, expected: &Value, seen: &Value, blind: &[&str]) {
        let lines = differences(expected, seen, blind);
        if !lines.is_empty() {
            write!(self.0, "{}\n{}\n", head(number, step), lines.join("\n")).unwrap();
        }
    }

    fn differ(&mut self, number: usize, step: &Step, what: &str, lines: &[String]) {
        if !lines.is_empty() {
            write!(self.0, "{}\n  {what}:\n{}\n", head(number, step), lines.join("\n")).unwrap();
        }
    }

    fn broken(&mut self, number: usize, step: &Step, violation: &Violation) {
        writeln!(self.0, "{}\n  must never be so: {violation}", head(number, step)).unwrap();
    }

    fn mended(&mut self, property: &str) {
        writeln!(self.0, "`{property}` holds now: take its row out of crates/sim/src/invariant/known.toml")
            .unwrap();
    }

    fn done(self) -> Result<(), String> {
        if self.0.is_empty() { Ok(()) } else { Err(format!("- expected, + found\n{}", self.0)) }
    }
}
