//! What baseline rules give to a class.

use super::class::{ClassKey, ClassView};
use crate::{Baseline, Given, Inputs, Policy, Problem};
use std::sync::Arc;
use tenure_model::{EntitlementName, Value};

/// What a class is given, independent of time, zones and individual decisions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClassAnswer {
    /// The index of the rule in [`Policy::baselines`] and what it gives, sorted, without duplicates.
    pub grants: Vec<(u32, EntitlementName)>,
    /// Rules that could not be evaluated, and values that make no valid name: they give nothing.
    pub problems: Vec<Problem>,
}

impl Policy {
    /// The class of one engagement on one local day.
    #[must_use]
    pub fn class_of(&self, inputs: &Inputs<'_>) -> ClassKey {
        ClassKey::of(&self.index, inputs)
    }

    /// What a class of this policy is given.
    #[must_use]
    pub fn answer(&self, key: &ClassKey) -> ClassAnswer {
        let view = ClassView { index: &self.index, key };
        let mut answer = ClassAnswer::default();
        for number in self.index.candidates(key.values()) {
            let rule = usize::try_from(number).ok().and_then(|n| self.baselines.get(n));
            let Some(rule) = rule else { continue };
            let holds = if self.index.is_decided(number) { Ok(true) } else { rule.when.holds_over(&view) };
            match holds {
                Ok(true) => give(rule, number, &view, &mut answer),
                Ok(false) => {}
                Err(problem) => answer.problems.push(problem),
            }
        }
        answer.grants.sort();
        answer.grants.dedup();
        answer
    }
}

fn give(rule: &Baseline, number: u32, view: &ClassView<'_>, answer: &mut ClassAnswer) {
    use crate::condition::Read;
    for given in &rule.grant {
        match given {
            Given::One(name) => answer.grants.push((number, name.clone())),
            Given::Each { system, prefix, attribute, suffix } => {
                let value = view.attribute(attribute);
                for text in value.map(Value::each_text).unwrap_or_default() {
                    match EntitlementName::of(system, &format!("{prefix}{text}{suffix}")) {
                        Ok(name) => answer.grants.push((number, name)),
                        Err(error) => answer.problems.push(Problem {
                            at: rule.at.clone(),
                            text: Arc::from(format!("{system}:{prefix}{{{attribute}}}{suffix}")),
                            what: Arc::from(format!("the value `{text}` makes no entitlement: {error}")),
                        }),
                    }
                }
            }
        }
    }
}
