//! Lives through one scenario in one stage, and says in words what was not as expected.

use crate::application::Application;
use crate::book::Scenario;
use crate::compare::differences;
use crate::expect::expectation;
use crate::files::{base, change};
use crate::place::Place;
use std::fmt::Write as _;
use std::path::Path;

/// Lives through a scenario of the book in `folder` over these systems.
///
/// # Errors
/// What was not as expected, step by step, as text for a person.
pub async fn live(scenario: &Scenario, folder: &Path, place: Place) -> Result<(), String> {
    let mut files = base(&folder.join("base").join(&scenario.base));
    change(&mut files, &scenario.set_up);
    let Some(at) = scenario.steps.first().and_then(|s| s.at) else {
        return Err("the first step says when it is: `at`".to_owned());
    };
    let mut application = Application::begin(files, place, at).await?;
    let mut wrong = String::new();
    for (number, step) in scenario.steps.iter().enumerate() {
        let head = || format!("step {}: {}", number + 1, step.say);
        let expected = expectation(&step.expect).map_err(|e| format!("{}\n  {e}", head()))?;
        application.step(step).await.map_err(|e| format!("{}\n  {e}", head()))?;
        let seen = application.see().await.map_err(|e| e.to_string())?;
        let lines = differences(&expected, &seen, &[]);
        if !lines.is_empty() {
            write!(wrong, "{}\n{}\n", head(), lines.join("\n")).unwrap();
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("- expected, + found\n{wrong}")) }
}
