//! Use cases in an actor's name must ask for a permit: this reads the sources of the crate and finds those that do not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Public use cases that take a moment and ask for no permit, each with the reason. One that asks by now is removed from the list.
const WITHOUT: &[(&str, &str)] = &[
    (
        "attended",
        "wraps work of which each use case asks; what it carries out beside is checked in the orderer's name",
    ),
    ("decide", "computes: it commits nothing, and each caller has its permit"),
    ("found_damaged", "notes what start-up found damaged, before there is an actor"),
    ("note_met", "notes what reads met damaged; `doctor` and a pass end with it"),
    ("order_again", "carries out lines of the outside file, each checked in the name of who ordered it"),
    ("resolve_by", "answers each question through `resolve`, which asks"),
    ("settle_due", "a part of a pass, public for the tests of the scheduler"),
    (
        "settle_everybody",
        "follows an `apply`, a reopening or a plan whose permit was asked, in Tenure's evidence",
    ),
    ("take_feed", "a part of a pass, public for the tests of feeds"),
    ("work", "drains the queue as Tenure: what is in it was permitted when it was decided"),
    ("work_for", "drains one identity's tasks as Tenure"),
];

/// A function of a file: whether it is a public use case that takes a moment, and its text.
struct Function {
    is_use_case: bool,
    text: String,
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        if entry.is_dir() {
            sources(&entry, found);
        } else if entry.extension().is_some_and(|e| e == "rs") {
            found.push(entry);
        }
    }
}

/// The methods of a file's `impl` blocks, by name; they are indented once.
fn functions(text: &str) -> BTreeMap<String, Function> {
    let mut found = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let head = line.strip_prefix("    ").filter(|l| !l.starts_with(' ')).unwrap_or_default();
        let Some((before, rest)) = head.split_once("fn ") else { continue };
        if head.starts_with("//") {
            continue;
        }
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let is_pub_async = before == "pub async ";
        let mut text = head.to_owned();
        if !line.ends_with('}') {
            for line in lines.by_ref().take_while(|l| *l != "    }") {
                text.push('\n');
                text.push_str(line);
            }
        }
        let takes_moment =
            text.split_once('{').is_some_and(|(head, _)| head.contains("moment: &DecisionContext"));
        found.insert(name, Function { is_use_case: is_pub_async && takes_moment, text });
    }
    found
}

/// Whether a function asks for a permit, takes one, or calls one of its file that does.
fn asks(name: &str, all: &BTreeMap<String, Function>, seen: &mut BTreeSet<String>) -> bool {
    let Some(function) = all.get(name).filter(|_| seen.insert(name.to_owned())) else { return false };
    let text: String = function.text.split_whitespace().collect();
    let asked = [".permit(", ".permit_for(", ".may(", ":&Permit"].iter().any(|call| text.contains(call));
    let called = text.split("self.").skip(1).filter_map(|rest| rest.split_once('(').map(|(name, _)| name));
    asked || called.collect::<BTreeSet<_>>().into_iter().any(|name| asks(name, all, seen))
}

/// Public use cases of these texts that ask for no permit.
fn without<'t>(texts: impl IntoIterator<Item = &'t str>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for text in texts {
        let all = functions(text);
        let use_cases = all.iter().filter(|(_, f)| f.is_use_case).map(|(name, _)| name);
        found.extend(use_cases.filter(|name| !asks(name, &all, &mut BTreeSet::new())).cloned());
    }
    found
}

#[test]
fn each_use_case_in_an_actors_name_asks_for_a_permit_or_says_why_not() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let texts: Vec<String> = files.iter().map(|f| fs::read_to_string(f).unwrap()).collect();
    let listed: BTreeSet<String> = WITHOUT.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(without(texts.iter().map(String::as_str)), listed);
}

#[test]
fn a_use_case_without_a_permit_is_found() {
    let file = |body: &str| {
        format!(
            "impl App {{\n    pub async fn give(&self, what: &str, moment: &DecisionContext) -> Result<(), AppError> {{\n        {body}\n    }}\n\n    \
             async fn checked(&self, moment: &DecisionContext) -> Result<(), AppError> {{\n        self.permit(Operation::Request, &all, moment).await\n    }}\n}}\n"
        )
    };
    let found = |body: &str| without([&*file(body)]).contains("give");
    assert!(found("self.store.commit(units).await"));
    assert!(!found("self.permit(Operation::Request, &all, moment).await"));
    assert!(!found("self.checked(moment).await"));
    assert!(found("self.unchecked(moment).await"));
}
