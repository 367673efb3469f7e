//! Random edits of the policies of organisations of the book: what a plan says of each is what then happens, for each person,
//! and what the engine alone makes of it.

use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use tenure_sim::{Book, Scenario, Step, TargetSystems, live_twice};
use toml::{Table, Value};

/// Scenarios whose organisations are edited, with how many of their steps come first: several kinds of engagement, approvals,
/// handover, bundles with separation, non-human identities, and sixty people.
const ORGANISATIONS: [(&str, usize); 6] = [
    ("approval-answers-bind", 1),
    ("three-engagements", 2),
    ("handover-limits", 2),
    ("sod-through-bundles-and-containment", 1),
    ("shared-secret-a-leaver-knew", 1),
    ("forty-days", 2),
];
/// Edits of one organisation, one a day.
const EDITS: usize = 12;
/// A failure names the organisation and the edit; the same seed makes the same edits.
const SEED: u64 = 20_261_127;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(n).unwrap()).unwrap()
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// The policy of an organisation that is edited: its files, and the words of which edits are made.
struct Policy {
    files: BTreeMap<String, Table>,
    conditions: Vec<String>,
    entitlements: Vec<String>,
    systems: Vec<String>,
    made: usize,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

impl Policy {
    fn of(scenario: &Scenario) -> Self {
        let base = folder().join("base").join(&scenario.base);
        let mut texts = BTreeMap::new();
        for part in ["policy", "systems"] {
            for entry in fs::read_dir(base.join(part)).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                texts.insert(format!("{part}/{name}"), fs::read_to_string(&path).unwrap());
            }
        }
        texts.extend(scenario.set_up.clone());
        let tables = |part: &str| -> BTreeMap<String, Table> {
            let all = texts.iter().filter(|(name, text)| name.starts_with(part) && !text.trim().is_empty());
            all.map(|(name, text)| (name.clone(), text.parse().unwrap())).collect()
        };
        let (files, systems) = (tables("policy/"), tables("systems/"));
        let local = |name: &str| name.trim_start_matches("systems/").trim_end_matches(".toml").to_owned();
        let entitlements = systems.iter().flat_map(|(name, system)| {
            let all = system.get("entitlement").and_then(Value::as_array).into_iter().flatten();
            let plain = all.map(|e| e["name"].as_str().unwrap()).filter(|e| !e.contains('{'));
            plain.map(move |e| format!("{}:{e}", local(name))).collect::<Vec<_>>()
        });
        let entitlements = entitlements.collect();
        let mut it = Self {
            files,
            conditions: vec!["engagement.type == \"employee\"".to_owned(), "role == \"lead\"".to_owned()],
            entitlements,
            systems: systems.keys().map(|name| local(name)).collect(),
            made: 0,
        };
        for (file, place) in it.all("baseline") {
            let when = it.rule("baseline", &file, place)["when"].as_str().unwrap().to_owned();
            it.conditions.push(when);
        }
        it
    }

    /// Where all rules of a sort stand.
    fn all(&self, sort: &str) -> Vec<(String, usize)> {
        let rules = |table: &Table| table.get(sort).and_then(Value::as_array).map_or(0, Vec::len);
        self.files.iter().flat_map(|(file, t)| (0..rules(t)).map(|i| (file.clone(), i))).collect()
    }

    fn rule(&mut self, sort: &str, file: &str, place: usize) -> &mut Table {
        self.rules(sort, file)[place].as_table_mut().unwrap()
    }

    fn rules(&mut self, sort: &str, file: &str) -> &mut Vec<Value> {
        let table = self.files.get_mut(file).unwrap();
        table.entry(sort).or_insert_with(|| Value::Array(Vec::new())).as_array_mut().unwrap()
    }

    fn add(&mut self, sort: &str, rule: Table) -> String {
        let file = self.all("baseline").first().unwrap().0.clone();
        self.rules(sort, &file).push(Value::Table(rule));
        file
    }

    fn named(&mut self, what: &str) -> Table {
        self.made += 1;
        Table::from_iter([("name".to_owned(), Value::from(format!("{what} {}", self.made)))])
    }

    /// One edit: the file that changed, and the edit in words.
    fn edit(&mut self, dice: &mut Dice) -> (String, String) {
        let baselines = self.all("baseline");
        let (file, place) = dice.one(&baselines).clone();
        let other = dice.one(&self.conditions.clone()).clone();
        let kind = dice.below(10);
        let old = self.rule("baseline", &file, place).clone();
        let (name, when) =
            (old["name"].as_str().unwrap().to_owned(), old["when"].as_str().unwrap().to_owned());
        let set = |policy: &mut Self, key: &str, value: Value| {
            policy.rule("baseline", &file, place).insert(key.to_owned(), value);
        };
        match kind {
            0 if baselines.len() > 1 => {
                self.rules("baseline", &file).remove(place);
                (file, format!("the rule `{name}` is removed"))
            }
            1 => {
                self.made += 1;
                let new = format!("renamed {}", self.made);
                set(self, "name", Value::from(new.clone()));
                (file, format!("the rule `{name}` is called `{new}`"))
            }
            2 => {
                set(self, "when", Value::from(format!("({when}) && ({other})")));
                (file, format!("the rule `{name}` is narrowed to those of whom {other}"))
            }
            3 => {
                set(self, "when", Value::from(format!("({when}) && !({other})")));
                (file, format!("the rule `{name}` is narrowed to those of whom not {other}"))
            }
            4 => {
                set(self, "when", Value::from(format!("({when}) || ({other})")));
                (file, format!("the rule `{name}` is for those as well of whom {other}"))
            }
            5 => {
                let given = dice.one(&self.entitlements).clone();
                set(self, "grant", Value::from(vec![given.clone()]));
                (file, format!("the rule `{name}` gives {given} from now on"))
            }
            6 => {
                let (mut rule, given) = (self.named("added"), dice.one(&self.entitlements).clone());
                rule.insert("when".to_owned(), Value::from(other.clone()));
                rule.insert("grant".to_owned(), Value::from(vec![given.clone()]));
                (self.add("baseline", rule), format!("a new rule gives {given} to those of whom {other}"))
            }
            7 => {
                let (mut rule, all) = (self.named("apart"), self.entitlements.clone());
                let (one, two) = (dice.one(&all).clone(), dice.one(&all).clone());
                if one == two {
                    return self.edit(dice);
                }
                rule.insert("not_both".to_owned(), Value::from(vec![one.clone(), two.clone()]));
                rule.insert("owner".to_owned(), Value::from("group:security"));
                (self.add("separation", rule), format!("{one} and {two} are kept apart"))
            }
            8 => {
                let (mut rule, system) = (self.named("asked"), dice.one(&self.systems).clone());
                rule.insert("when".to_owned(), Value::from(format!("grant.system == \"{system}\"")));
                rule.insert("by".to_owned(), Value::from(vec!["manager"]));
                rule.insert("within".to_owned(), Value::from("2 days"));
                (self.add("approval", rule), format!("managers are asked about what is new in {system}"))
            }
            _ => {
                let sorts: Vec<&str> = ["approval", "separation", "handover", "exception"]
                    .into_iter()
                    .filter(|s| !self.all(s).is_empty())
                    .collect();
                if sorts.is_empty() {
                    return self.edit(dice);
                }
                let sort = *dice.one(&sorts);
                let (file, place) = dice.one(&self.all(sort)).clone();
                self.rules(sort, &file).remove(place);
                (file, format!("a rule of {sort} is removed"))
            }
        }
    }

    fn text(&self, file: &str) -> String {
        toml_of(&self.files[file])
    }
}

/// A file of policy: its edition comes first.
fn toml_of(table: &Table) -> String {
    let mut rest = table.clone();
    let edition = rest.remove("edition").unwrap();
    format!("edition = {edition}\n{}", toml::to_string(&rest).unwrap())
}

/// A step in which a file of the configuration changes.
fn step(at: Timestamp, say: String, file: String, text: String) -> Step {
    let mut step: Step = toml::from_str("say = \"\"").unwrap();
    (step.at, step.say, step.plan) = (Some(at), say, true);
    step.set_up.insert(file, text);
    step
}

fn edited(mut scenario: Scenario, first: usize, dice: &mut Dice) -> Scenario {
    let mut policy = Policy::of(&scenario);
    scenario.steps.truncate(first);
    let mut at = scenario.steps.iter().filter_map(|s| s.at).max().unwrap();
    for step in &mut scenario.steps {
        step.expect = Table::new();
        for (file, text) in step.set_up.iter().filter(|(file, _)| file.starts_with("policy/")) {
            policy.files.insert(file.clone(), text.parse().unwrap());
        }
    }
    for _ in 0..EDITS {
        at = at.checked_add(SignedDuration::from_hours(24)).unwrap();
        let (file, say) = policy.edit(dice);
        let text = policy.text(&file);
        scenario.steps.push(step(at, say, file, text));
    }
    // Once with a misspelt word: nothing of it counts.
    let (mut broken, file) = (Table::new(), "policy/broken.toml".to_owned());
    broken.insert("edition".to_owned(), Value::from(1));
    let rule = r#"[{ name = "broken", when = 'departmnt == "Sales"', grant = ["directory:staff"] }]"#;
    broken
        .insert("baseline".to_owned(), format!("x = {rule}").parse::<Table>().unwrap().remove("x").unwrap());
    let mut last = step(at, "a configuration that does not load".to_owned(), file, toml_of(&broken));
    (last.plan, last.set_up_refused) = (false, Some("departmnt".to_owned()));
    scenario.steps.push(last);
    scenario
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_plan_says_of_random_edits_is_what_then_happens() {
    let book = Book::read(&folder());
    let mut scenarios: BTreeMap<String, Scenario> =
        book.scenarios.into_iter().map(|s| (s.name.clone(), s)).collect();
    let mut dice = Dice(SEED);
    let mut changed = BTreeSet::new();
    for (name, first) in ORGANISATIONS {
        let scenario = edited(scenarios.remove(name).unwrap(), first, &mut dice);
        match live_twice(&scenario, &folder(), TargetSystems::new(None)).await {
            Ok(changes) => drop(changed.insert((name, changes))),
            Err(wrong) => panic!("{name}\n{wrong}"),
        }
    }
    assert!(changed.iter().all(|(_, changes)| *changes > 0), "edits change identities: {changed:?}");
}
