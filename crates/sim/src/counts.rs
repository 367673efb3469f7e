//! How many scenarios show each row of the table of hard cases, and each promise; none is hidden.

use crate::book::{Book, Scenario, Stage};
use crate::vocabulary::{PROMISES, ROWS};
use std::fmt::Write as _;

impl Book {
    /// The scenarios that show a row.
    pub(crate) fn of_row(&self, row: &str) -> Vec<&Scenario> {
        self.scenarios.iter().filter(|s| s.rows.iter().any(|r| r == row)).collect()
    }

    /// The scenarios that fail when a promise is broken.
    pub(crate) fn of_promise(&self, promise: usize) -> Vec<&Scenario> {
        self.scenarios.iter().filter(|s| s.promises.iter().any(|p| usize::from(*p) == promise)).collect()
    }
}

/// The counts as a table for a terminal.
#[must_use]
pub fn counts(book: &Book) -> String {
    let stages = Stage::ALL.map(Stage::as_str);
    let mut text =
        format!("{} scenarios × {} stages: {}\n", book.scenarios.len(), stages.len(), stages.join(", "));
    text.push_str("Scenarios for each row of the table of hard cases:\n");
    for row in ROWS {
        line(&mut text, row, book.of_row(row).len());
    }
    text.push_str("Scenarios for each promise:\n");
    for (number, promise) in (1..).zip(PROMISES) {
        line(&mut text, &format!("{number} {promise}"), book.of_promise(number).len());
    }
    text
}

fn line(text: &mut String, what: &str, count: usize) {
    let count = if count == 0 { "none".to_owned() } else { count.to_string() };
    writeln!(text, "  {count:>4}  {what}").unwrap();
}

/// Whether every row has the scenario that it should have, and every promise a scenario or a test that `page` (the page of
/// promises) names.
///
/// # Errors
/// Names those that have none.
pub fn none_is_missing(book: &Book, page: &str) -> Result<(), String> {
    let rows: Vec<&str> = ROWS.into_iter().filter(|row| book.of_row(row).is_empty()).collect();
    let kept = |number: usize| !book.of_promise(number).is_empty() || is_named(page, number);
    let promises: Vec<String> = (1..=PROMISES.len()).filter(|n| !kept(*n)).map(|n| n.to_string()).collect();
    match (rows.is_empty(), promises.is_empty()) {
        (true, true) => Ok(()),
        (false, _) => Err(format!("no scenario shows {}", rows.join(", "))),
        (true, false) => Err(format!("neither a scenario nor a test shows promise {}", promises.join(", "))),
    }
}

/// Whether the page has a row for a promise that names a test.
fn is_named(page: &str, number: usize) -> bool {
    let begins = format!("| {number} ");
    page.lines()
        .any(|line| line.starts_with(&begins) && line.split('|').nth(3).is_some_and(|c| c.contains('`')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_none_says_so() {
        let text = counts(&Book { scenarios: Vec::new() });
        assert!(text.starts_with("0 scenarios × 3 stages: engine, fake, slapd\n"));
        assert!(text.contains("\n  none  zones\n") && text.contains("\n  none  17 onboarding removes"));
        assert_eq!(text.lines().count(), 3 + ROWS.len() + PROMISES.len());
        let missing = none_is_missing(&Book { scenarios: Vec::new() }, "").unwrap_err();
        assert!(missing.starts_with("no scenario shows which engagement a rule sees, "));
        assert!(is_named("| 13 pure | a clock in it | `purity` | x |", 13));
        assert!(!is_named("| 13 pure | a `clock` in it | | x |", 13) && !is_named("| 1 a | b | `c` |", 13));
    }
}
