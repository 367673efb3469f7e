//! The table of pairs for the page of scenarios: what shows each pair, or why the two cannot meet.

use super::mechanism::Mechanism;
use super::run::pairs;
use crate::book::Book;
use std::fmt::Write as _;

/// Seeds that the test command runs.
pub const SEEDS: u64 = 500;

/// In a scenario with more mechanisms they go on side by side, and do not all meet on one person.
const MEET_MAX: usize = 4;

/// The table, as Markdown.
pub(crate) fn table(book: &Book) -> String {
    let mut text = format!(
        "\n## By pair of mechanisms\n\nWhich scenario shows that two mechanisms meet, and how many do so (a scenario with more than {MEET_MAX} \
         mechanisms counts for none); where none was written, how many of the {SEEDS} generated organisations of the test command \
         make them meet on one person (`tenure-sim pairs`, checked by the invariants after every step). There is no pair that \
         cannot meet.\n\n| |"
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
    text
}

fn cell(book: &Book, seeds: &[Vec<Mechanism>], a: Mechanism, b: Mechanism) -> String {
    let both = |all: &[Mechanism]| all.contains(&a) && all.contains(&b);
    let meet = |all: &[Mechanism]| all.len() <= MEET_MAX && both(all);
    let shown: Vec<_> = book.scenarios.iter().filter(|s| meet(&s.mechanisms())).collect();
    let generated = seeds.iter().filter(|s| both(s)).count();
    match (shown.first(), generated) {
        (Some(first), _) => format!("[{}](#{})", shown.len(), first.name),
        (None, 0) => NONE.to_owned(),
        (None, generated) => format!("{generated} seeds"),
    }
}

/// A pair that nothing shows: it fails a test.
const NONE: &str = "**none**";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_is_shown() {
        let page = table(&Book { scenarios: Vec::new() });
        assert!(!page.contains(NONE), "{page}");
        assert_eq!(Mechanism::pairs().len(), 171);
        assert_eq!(page.matches(" seeds |").count(), 171);
    }
}
