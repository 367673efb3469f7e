//! Pronouns without a role: a sentence names the identity, holder, requester, approver, reviewer, owner or operator instead. How many
//! there are is counted, and the count may only fall.

use super::finding::Finding;
use super::project::{TextFile, is_rust};

/// In pieces, so that this file does not contain them.
const VAGUE: [&str; 8] = [
    concat!("some", "body"),
    concat!("no", "body"),
    concat!("who", "ever"),
    concat!("every", "body"),
    concat!("any", "body"),
    concat!("every", "one"),
    concat!("some", "one"),
    concat!("no ", "one"),
];

/// Old texts, which only the scenario runner reads.
const OLD_TEXTS: &str = "crates/sim/src/codes.toml";
/// The first line of a generated document: its source is counted.
const GENERATED: &str = "<!-- Written by `cargo xtask gen`";
const ENDINGS: [&str; 3] = [".rs", ".md", ".toml"];

/// How often they occur in Rust code, and in all of code, documents and scenarios.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    rust: usize,
    all: usize,
}

pub(crate) fn count(files: &[TextFile]) -> Counts {
    let mut counts = Counts { rust: 0, all: 0 };
    for file in files {
        let counted = ENDINGS.iter().any(|ending| file.path.ends_with(ending));
        if !counted || file.path == OLD_TEXTS || file.text.starts_with(GENERATED) {
            continue;
        }
        let found = occurrences(&file.text);
        counts.all += found;
        counts.rust += if is_rust(&file.path) { found } else { 0 };
    }
    counts
}

fn occurrences(text: &str) -> usize {
    let text = text.to_ascii_lowercase();
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let whole = |(at, word): &(usize, &str)| {
        let before = text.get(..*at).and_then(|t| t.chars().next_back());
        !is_part(before) && !is_part(text.get(at + word.len()..).and_then(|t| t.chars().next()))
    };
    VAGUE.iter().map(|word| text.match_indices(word).filter(whole).count()).sum()
}

/// Compares the counts with the listed ones, `rust N` and `all N`.
pub(crate) fn check(counts: Counts, listed: &str, ratchet: &str) -> Vec<Finding> {
    let lines = listed.lines().enumerate();
    let listed = |name: &str| {
        let mut lines = lines.clone();
        lines.find_map(|(index, line)| {
            Some((line.strip_prefix(name)?.trim().parse::<usize>().ok()?, index + 1))
        })
    };
    let one = |name: &str, count: usize| {
        let (message, line) = match listed(name) {
            Some((most, line)) if count > most => (
                format!("{} in {name} grew from {most} to {count}: name the role instead", VAGUE.join(", ")),
                line,
            ),
            Some((most, line)) if count < most => {
                (format!("{name} fell from {most} to {count}: run `cargo xtask tidy --accept-sizes`"), line)
            }
            Some(_) => return None,
            None => (format!("expected a line `{name} {count}`"), 1),
        };
        Some(Finding::new(ratchet, line, message))
    };
    [one("rust", counts.rust), one("all", counts.all)].into_iter().flatten().collect()
}

/// The list for the present state.
pub(crate) fn ratchet_of(counts: Counts) -> String {
    format!(
        "# How often a pronoun stands where a role has a name (xtask/src/tidy/vague.rs). `cargo xtask tidy` fails when a count grows, and\n\
         # when one fell and this list did not.\nrust {}\nall {}\n",
        counts.rust, counts.all
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> TextFile {
        TextFile { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn whole_words_are_counted_apart_for_code_and_all() {
        let (word, two) = (VAGUE[0], VAGUE[7]);
        let files = [
            file("a.rs", &format!("{word} and {}, not {word}_x or x{word}", word.to_uppercase())),
            file("b.md", &format!("{two}.")),
            file("c.txt", word),
            file(OLD_TEXTS, word),
            file("docs/d.md", &format!("{GENERATED}. -->\n{word}")),
        ];
        assert_eq!(count(&files), Counts { rust: 2, all: 3 });
    }

    #[test]
    fn a_count_may_only_fall_and_the_list_with_it() {
        let counts = Counts { rust: 2, all: 3 };
        let found =
            |listed: &str| check(counts, listed, "r.txt").iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(found(&ratchet_of(counts)), Vec::<String>::new());
        assert!(found("rust 1\nall 3\n")[0].contains("in rust grew from 1 to 2"));
        assert!(found("rust 2\nall 4\n")[0].starts_with("r.txt:2: all fell from 4 to 3"));
        assert_eq!(found("").len(), 2);
    }
}
