//! The mechanisms that a scenario uses, as far as its steps and its configuration show them.

use super::mechanism::Mechanism;
use crate::book::{Scenario, Step};
use crate::verbs::Act;
use std::collections::BTreeSet;

/// What a part of a configuration declares.
const DECLARED: [(&str, Mechanism); 7] = [
    ("[[approval]]", Mechanism::Approval),
    ("[[handover]]", Mechanism::Handover),
    ("[[separation]]", Mechanism::Separation),
    ("[[bundle]]", Mechanism::Bundle),
    ("[[exception]]", Mechanism::Exception),
    ("[absence]", Mechanism::Absence),
    ("\"manual\"", Mechanism::ManualSystem),
];

/// What the label of a change says that happened.
const LABELLED: [(&str, Mechanism); 4] = [
    ("absence", Mechanism::Absence),
    ("conversion", Mechanism::Conversion),
    ("rehire", Mechanism::Rehire),
    ("cut-off", Mechanism::CutOff),
];

/// What a scenario uses; it may name more.
pub(crate) fn derived(scenario: &Scenario) -> BTreeSet<Mechanism> {
    let mut found = BTreeSet::new();
    let own = scenario.set_up.values();
    let changed = scenario.steps.iter().flat_map(|s| s.set_up.values());
    for text in own.chain(changed) {
        found.extend(DECLARED.iter().filter(|(part, _)| text.contains(part)).map(|(_, m)| *m));
    }
    for (number, step) in scenario.steps.iter().enumerate() {
        by_step(step, number, &mut found);
        step.acts.iter().for_each(|act| by_act(act, &mut found));
    }
    found
}

fn by_step(step: &Step, number: usize, found: &mut BTreeSet<Mechanism>) {
    if number > 0 && !step.set_up.is_empty() {
        found.insert(Mechanism::PolicyChange);
    }
    if !step.adopt.is_empty() {
        found.insert(Mechanism::Adoption);
    }
    let is_held = step.expect.get("held").and_then(toml::Value::as_array).is_some_and(|h| !h.is_empty());
    if is_held {
        found.insert(Mechanism::Brake);
    }
    let labels = step.expect.get("labels").and_then(toml::Value::as_table);
    let has = |label: &str| labels.is_some_and(|l| l.contains_key(label));
    found.extend(LABELLED.iter().filter(|(label, _)| has(label)).map(|(_, m)| *m));
}

fn by_act(act: &Act, found: &mut BTreeSet<Mechanism>) {
    use Mechanism::{
        Adoption, Approval, Brake, Bundle, CutOff, Delegation, Emergency, Exception, Hold, ManualSystem,
        Rename, Request,
    };
    let verbs = [
        (&act.approve, Approval),
        (&act.deny, Approval),
        (&act.request, Request),
        (&act.extend, Request),
        (&act.emergency, Emergency),
        (&act.seen, Emergency),
        (&act.exception, Exception),
        (&act.claim, Adoption),
        (&act.cut_off, CutOff),
        (&act.cut_off_account, CutOff),
        (&act.cut_off_key, CutOff),
        (&act.hold, Hold),
        (&act.lift_hold, Hold),
        (&act.delegate, Delegation),
        (&act.release, Brake),
        (&act.rename, Rename),
        (&act.attest, ManualSystem),
    ];
    found.extend(verbs.iter().filter(|(verb, _)| verb.is_some()).map(|(_, m)| *m));
    if act.request.as_deref().is_some_and(|what| what.starts_with("bundle:")) {
        found.insert(Bundle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::Book;
    use std::path::Path;

    /// A scenario says which mechanisms meet in it, if any; what it uses is among them.
    #[test]
    fn each_scenario_names_the_mechanisms_that_it_uses() {
        let book = Book::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios"));
        let mut lacking = Vec::new();
        for scenario in &book.scenarios {
            let used: Vec<&str> = derived(scenario).iter().map(|m| m.as_str()).collect();
            match &scenario.named {
                None => lacking.push(format!("{}: no `mechanisms`, and it uses {used:?}", scenario.name)),
                Some(named) => {
                    let more = used.iter().filter(|m| !named.iter().any(|n| n == *m));
                    lacking.extend(more.map(|m| format!("{}: `{m}` is used and not named", scenario.name)));
                }
            }
        }
        assert!(lacking.is_empty(), "{}", lacking.join("\n"));
    }
}
