//! The table of pairs for the page of scenarios: what shows each pair, or why the two cannot meet.

use super::mechanism::Mechanism;
use super::run::pairs;
use crate::book::Book;
use std::fmt::Write as _;

/// Seeds that the test command runs.
pub const SEEDS: u64 = 500;

/// Pairs that cannot meet, and why.
const NEVER: &[(Mechanism, Mechanism, &str)] = &[];

/// The table, as Markdown.
pub(crate) fn table(book: &Book) -> String {
    let mut text = String::from(
        "\n## By pair of mechanisms\n\nHow many scenarios show that two mechanisms meet, or the first generated organisation in which \
         they meet on one person (`tenure-sim pairs`, checked by the invariants after every step).\n\n| |",
    );
    for mechanism in Mechanism::ALL {
        write!(text, " {} |", mechanism.as_str()).unwrap();
    }
    text.push_str("\n| --- |");
    text.push_str(&" --- |".repeat(Mechanism::ALL.len()));
    text.push('\n');
    let seeds: Vec<Vec<Mechanism>> = (0..SEEDS).map(pairs).collect();
    for (place, a) in Mechanism::ALL.iter().enumerate() {
        write!(text, "| {} |", a.as_str()).unwrap();
        for (other, b) in Mechanism::ALL.iter().enumerate() {
            let cell = if other > place { cell(book, &seeds, *a, *b) } else { String::new() };
            write!(text, " {cell} |").unwrap();
        }
        text.push('\n');
    }
    for (a, b, why) in NEVER {
        write!(text, "\n{} and {} cannot meet: {why}\n", a.as_str(), b.as_str()).unwrap();
    }
    text
}

fn cell(book: &Book, seeds: &[Vec<Mechanism>], a: Mechanism, b: Mechanism) -> String {
    let both = |all: &[Mechanism]| all.contains(&a) && all.contains(&b);
    let scenarios = book.scenarios.iter().filter(|s| both(&s.mechanisms())).count();
    if scenarios > 0 {
        return scenarios.to_string();
    }
    if NEVER.iter().any(|(x, y, _)| both(&[*x, *y])) {
        return "never".to_owned();
    }
    seeds.iter().position(|s| both(s)).map_or_else(|| "**none**".to_owned(), |seed| format!("seed {seed}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_is_shown_or_cannot_meet() {
        let page = table(&Book { scenarios: Vec::new() });
        assert!(!page.contains("none"), "{page}");
        assert_eq!(Mechanism::pairs().len(), 171);
    }
}
