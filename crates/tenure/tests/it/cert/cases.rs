//! Cases and facts, as `tenure case --json` tells them.

use super::site::Site;
use serde_json::Value;
use std::collections::BTreeSet;

/// One case, ids aside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Case {
    pub(super) user_id: String,
    pub(super) label: String,
    pub(super) state: String,
    /// Effective, known, decided, confirmed.
    pub(super) clocks: [String; 4],
    pub(super) facts: BTreeSet<Fact>,
}

/// What is known about one obligation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fact {
    pub(super) account: String,
    pub(super) obligation: String,
    pub(super) state: String,
}

/// Every case that there ever was.
pub(super) fn cases(site: &Site) -> BTreeSet<Case> {
    let (mut all, mut after): (Vec<Case>, Option<String>) = (Vec::new(), None);
    loop {
        let mut arguments = vec!["case", "--all", "--limit", "1000", "--json"];
        arguments.extend(after.iter().flat_map(|place| ["--after", place]));
        let ran = site.tenure(&arguments);
        let json = ran.json();
        all.extend(json["cases"].as_array().unwrap().iter().map(case));
        after = json["next"].as_str().map(str::to_owned);
        if after.is_none() {
            break;
        }
    }
    let number = all.len();
    let cases: BTreeSet<Case> = all.into_iter().collect();
    assert_eq!(cases.len(), number, "two cases of one person are alike");
    cases
}

/// The cases that were decided at an instant.
pub(super) fn decided_at<'a>(cases: &'a BTreeSet<Case>, instant: &str, label: &str) -> Vec<&'a Case> {
    cases.iter().filter(|case| case.clocks[2] == instant && case.label == label).collect()
}

fn case(json: &Value) -> Case {
    let clock = |name: &str| json[name].as_str().unwrap_or("never").to_owned();
    let facts = json["facts"].as_array().unwrap().iter().map(|fact| Fact {
        account: text(&fact["account"]),
        obligation: text(&fact["obligation"]),
        state: text(&fact["state"]),
    });
    let person = text(&json["person"]);
    Case {
        // `Full Name (ABC0123)`
        user_id: person
            .rsplit_once('(')
            .map_or(person.clone(), |(_, id)| id.trim_end_matches(')').to_owned()),
        label: text(&json["label"]),
        state: text(&json["state"]),
        clocks: [clock("effective_at"), clock("known_at"), clock("decided_at"), clock("confirmed_at")],
        facts: facts.collect(),
    }
}

fn text(json: &Value) -> String {
    json.as_str().unwrap().to_owned()
}
