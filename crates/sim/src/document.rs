//! The scenario book as a page for people: what happens, what must be so, and which row or promise each scenario shows.

use crate::book::{Book, Scenario, Step};
use crate::vocabulary::{PROMISES, ROWS};
use crate::words::{happens, must_be_so};
use jiff::Timestamp;
use std::fmt::Write as _;

const HEAD: &str = "\
<!-- Written by `cargo xtask gen`. Change the scenarios, not this page. -->

# The scenario book

Whole organisations as data: each file of `scenarios/` tells what happens to some people on some days, and what must be so
after each step. Every scenario is a test, lived through by the engine alone, by the whole application over fake systems,
and by the whole application over a real directory. What a step does not name is not looked at; lists are exact.
";

/// The page.
#[must_use]
pub fn page(book: &Book) -> String {
    let mut text = HEAD.to_owned();
    contents(book, &mut text);
    index(book, &mut text);
    for scenario in &book.scenarios {
        chapter(scenario, &mut text);
    }
    text
}

fn contents(book: &Book, text: &mut String) {
    write!(text, "\n## Contents\n\n{} scenarios:\n\n", book.scenarios.len()).unwrap();
    for scenario in &book.scenarios {
        writeln!(text, "- {}", link(scenario)).unwrap();
    }
}

fn index(book: &Book, text: &mut String) {
    let row = |text: &mut String, what: &str, shown: &[&Scenario]| {
        let links: Vec<String> = shown.iter().map(|s| link(s)).collect();
        let links = if links.is_empty() { "none".to_owned() } else { links.join("<br>") };
        writeln!(text, "| {what} | {} | {links} |", shown.len()).unwrap();
    };
    text.push_str("\n## By hard case\n\n| case | scenarios | which |\n| --- | --- | --- |\n");
    for case in ROWS {
        row(text, case, &book.of_row(case));
    }
    text.push_str(
        "\n## By promise\n\nScenarios that fail when the promise is broken. Some promises are about the program and not \
         about organisations: properties and the conformance suites hold it to them.\n\n\
         | promise | scenarios | which |\n| --- | --- | --- |\n",
    );
    for (number, promise) in (1..).zip(PROMISES) {
        row(text, &format!("{number} {promise}"), &book.of_promise(number));
    }
    text.push_str(&crate::pairs::table(book));
}

fn link(scenario: &Scenario) -> String {
    format!("[{}](#{})", cell(&scenario.title), scenario.name)
}

fn chapter(scenario: &Scenario, text: &mut String) {
    let paragraph = scenario.text.split_whitespace().collect::<Vec<_>>().join(" ");
    write!(text, "\n## <a id=\"{}\"></a>{}\n\n{paragraph}\n\n", scenario.name, scenario.title).unwrap();
    let mut shows: Vec<String> = scenario.rows.clone();
    shows.extend(scenario.promises.iter().map(|p| format!("promise {p}")));
    if !shows.is_empty() {
        write!(text, "Shows: {}. ", shows.join("; ")).unwrap();
    }
    write!(text, "File: `scenarios/{}.toml`.", scenario.name).unwrap();
    if !scenario.set_up.is_empty() {
        let files: Vec<String> = scenario.set_up.keys().map(|f| format!("`{f}`")).collect();
        write!(text, " The configuration is that of `{}`, with its own {}.", scenario.base, files.join(", "))
            .unwrap();
    }
    text.push_str("\n\n| step | when | what happens | what must be so |\n| --- | --- | --- | --- |\n");
    let mut last = None;
    for (number, step) in (1..).zip(&scenario.steps) {
        let when = step.at.filter(|at| last != Some(*at)).map(instant).unwrap_or_default();
        last = step.at.or(last);
        let line = |parts: Vec<String>| parts.iter().map(|p| cell(p)).collect::<Vec<_>>().join("<br>");
        let (does, must) = (line(story(step)), line(must_be_so(&step.expect)));
        writeln!(text, "| {number} | {when} | {does} | {must} |").unwrap();
    }
}

fn story(step: &Step) -> Vec<String> {
    std::iter::once(step.say.clone()).chain(happens(step)).collect()
}

/// UTC, to the minute, or to the second where that matters.
fn instant(at: Timestamp) -> String {
    let time = at.strftime("%Y-%m-%d %H:%M:%S").to_string();
    time.strip_suffix(":00").unwrap_or(&time).to_owned()
}

/// Text within a cell of a table.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_a_paragraph_and_a_table() {
        let mut scenario: Scenario = toml::from_str(
            r#"
            title = "She | stays"
            text = "A paragraph\nof two lines."
            rows = ["zones"]
            promises = [5]
            base = "office"
            [[step]]
            at = "2026-03-02T08:00:00Z"
            say = "She is cut off."
            do = [{ by = "W1", cut_off = "W7", reason = "a theft" }]
            [step.expect]
            held = []
            people.W7 = { phase = "active", cut_off = true, accounts = [] }
            [[step]]
            at = "2026-03-02T08:00:30Z"
            say = "Later."
            "#,
        )
        .unwrap();
        scenario.name = "she-stays".to_owned();
        let text = page(&Book { scenarios: vec![scenario] });
        for part in [
            "- [She \\| stays](#she-stays)\n",
            "| zones | 1 | [She \\| stays](#she-stays) |\n",
            "| deletion | 0 | none |\n",
            "| 5 late is still due | 1 | [She \\| stays](#she-stays) |\n",
            "A paragraph of two lines.\n\nShows: zones; promise 5. File: `scenarios/she-stays.toml`.\n",
            "| 1 | 2026-03-02 08:00 | She is cut off.<br>W1 cuts W7 off: a theft. | no brake holds anything<br>\
             W7 is active; is cut off; has no account |\n",
            "| 2 | 2026-03-02 08:00:30 | Later. |  |\n",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
    }
}
